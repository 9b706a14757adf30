"""`fig routes` and `fig schema`."""

import json
import os
import pty
import subprocess
import sys

from tests.cli.person import DOCUMENT, Person, run

MORE = (
    DOCUMENT
    + """\
  - id: reports
    match: ANY /reports/{path+}
    when: {header: {x-team: "*"}}
    function: reports-prod
    stage: retired
    legacy: billing
    owner: team-reports
    sunset: 2027-03-31
backends:
  billing: {url: 'https://billing.example.com'}
"""
)


def test_routes_of_the_document_are_a_table_without_empty_columns(ada: Person) -> None:
    result = ada.fig("routes")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "route           match                stage       answered by\n"
        "orders.read     GET /orders/{id}     legacy      legacy\n"
        "orders.list     GET /orders          shadow      legacy\n"
        "customers.read  GET /customers/{id}  canary 5 %  legacy and migrated.customers.api:handler\n"
    )


def test_routes_show_what_only_some_of_them_have(ada: Person) -> None:
    ada.routes.write_text(MORE)

    heading, *_, last = ada.fig("routes").stdout.splitlines()

    assert heading.split() == ["route", "match", "stage", "answered", "by", "when", "legacy", "owner", "sunset"]
    assert last.split("  ")[0] == "reports"
    assert [cell.strip() for cell in last.split("  ") if cell] == [
        "reports",
        "ANY /reports/{path+}",
        "retired",
        "410 Gone",
        "any header x-team",
        "billing",
        "team-reports",
        "2027-03-31",
    ]


def test_routes_in_force_show_who_froze_them(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")
    ada.done("freeze", "--why", "errors")

    first, _, *rows = ada.done("routes", "--published").splitlines()

    who = ada.history.entries(1)[0].who
    assert first == f"version 1, frozen by {who}: errors"
    assert [row.split("  ")[0] for row in rows if "(frozen)" in row] == ["orders.list", "customers.read"]


def test_routes_tell_programs_all_that_a_document_says(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")
    ada.done("freeze", "--why", "errors")

    file = json.loads(ada.fig("routes", "--json").stdout)
    published = json.loads(ada.done("routes", "--published", "--json"))

    assert {name: file[name] for name in ("file", "frozen")} == {"file": str(ada.routes), "frozen": ""}
    assert {name: published[name] for name in ("store", "version", "frozen")} == {
        "store": ada.store,
        "version": 1,
        "frozen": "moving",
    }
    shown = [
        {name: route[name] for name in ("id", "match", "stage", "percent", "handler", "sticky", "frozen")}
        for route in published["routes"]
    ]
    assert shown[2] == {
        "id": "customers.read",
        "match": "GET /customers/{id}",
        "stage": "canary",
        "percent": 5.0,
        "handler": "migrated.customers.api:handler",
        "sticky": "ip",
        "frozen": True,
    }
    assert [(route["id"], route["frozen"]) for route in file["routes"]] == [
        ("orders.read", False),
        ("orders.list", False),
        ("customers.read", False),
    ]


def test_document_without_routes_says_what_that_means(ada: Person) -> None:
    ada.routes.write_text("version: 1\n")

    assert ada.fig("routes").stdout == "no route is listed: legacy answers everything\n"
    assert ada.done("routes", "--published") == "version 0\nno route is listed: legacy answers everything\n"


def test_routes_of_a_bad_document_tell_everything_that_is_wrong(ada: Person) -> None:
    """A bad document never replaces a good table, and says everything that is wrong with it at once."""
    ada.rewrite("stage: legacy", "stage: legcy")
    ada.rewrite("percent: 5", "percent: 500")

    result = ada.fig("routes")

    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (1, "", 2)


def test_table_is_as_wide_as_the_terminal(ada: Person) -> None:
    """What few routes have goes below who answers, so that nothing is broken where nobody would read it."""
    ada.routes.write_text(MORE)

    shown = in_a_terminal("routes", "--routes", str(ada.routes))

    assert shown == (
        "route           match                 stage       answered by\n"
        "orders.read     GET /orders/{id}      legacy      legacy\n"
        "orders.list     GET /orders           shadow      legacy\n"
        "customers.read  GET /customers/{id}   canary 5 %  legacy and\n"
        "                                                  migrated.customers.api:handler\n"
        "reports         ANY /reports/{path+}  retired     410 Gone\n"
        "                                                  when: any header x-team\n"
        "                                                  legacy: billing\n"
        "                                                  owner: team-reports\n"
        "                                                  sunset: 2027-03-31\n"
    )


def in_a_terminal(*arguments: str) -> str:
    """Return what a command shows in a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "proxy.cli", *arguments]
    subprocess.run(command, stdout=theirs, check=True, env={**os.environ, "COLUMNS": "80", "TERM": "xterm"})
    os.close(theirs)
    shown = b""
    while chunk := read(ours):
        shown += chunk
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def read(descriptor: int) -> bytes:
    """Return what a terminal shows; nothing once nobody writes to it any more, which Linux says with an error."""
    try:
        return os.read(descriptor, 4096)
    except OSError:
        return b""


def test_schema_is_json_that_editors_know() -> None:
    result = run(["schema"])

    schema = json.loads(result.stdout)
    assert (result.exit_code, schema["title"], sorted(schema["properties"])) == (
        0,
        "routes.yaml",
        ["backends", "legacy", "routes", "version"],
    )
