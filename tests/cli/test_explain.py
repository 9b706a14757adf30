"""`fig explain`: what it says of a request."""

import json

import pytest

from proxy.routing.canary import bucket_of
from tests.cli.person import DOCUMENT, Person

MORE = (
    DOCUMENT
    + """\
  - id: orders.beta
    match: GET /orders/{id}
    when: {host: beta.example.com, query: {v: "2"}}
    handler: migrated.orders.api:handler
    stage: live
  - id: orders.gone
    match: POST /orders/{id}
    stage: retired
"""
)


def explained(person: Person, *arguments: str) -> str:
    result = person.fig("explain", *arguments)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


def test_caller_in_a_canary_is_told_with_bucket_and_sides(ada: Person) -> None:
    ada.routes.write_text(MORE.replace("stage: legacy", "stage: canary\n    percent: 12.34"))
    bucket = bucket_of("orders.read", "abc")

    said = explained(ada, "GET", "/orders/7", "--as", "abc")

    assert (
        said
        == f"""\
GET /orders/7, by {ada.routes}; --published tells what is in force

route     orders.read  GET /orders/{{id}}
stage     canary 12.34 %
caller    cookie:sid = abc
bucket    {bucket}: 12.34 % takes buckets 0 to 1233; this one from {(bucket + 1) / 100:g} % on
primary   legacy
shadow    none
fallback  none

not taken    match              because
orders.beta  GET /orders/{{id}}   host beta.example.com not met: got none; query v=2 not met: got none
orders.gone  POST /orders/{{id}}  answers POST, not GET
"""
    )


@pytest.mark.parametrize(
    ("percent", "taken", "primary"),
    [
        ("5", "buckets 0 to 499", "migrated for 5 % of such requests, else legacy; --as KEY asks as one caller"),
        ("0", "none", "legacy"),
        ("100", "buckets 0 to 9999", "migrated (migrated.orders.api:handler)"),
    ],
)
def test_caller_without_a_key_is_left_to_chance_if_there_is_one(
    ada: Person, percent: str, taken: str, primary: str
) -> None:
    ada.routes.write_text(MORE.replace("stage: legacy", f"stage: canary\n    percent: {percent}"))

    lines = explained(ada, "GET", "/orders/7").splitlines()

    assert lines[4:7] == [
        "caller    has no cookie:sid in this request: each such one is placed anew",
        f"bucket    {percent} % takes {taken}",
        f"primary   {primary}",
    ]


def test_whole_url_and_headers_are_what_conditions_are_asked_of(ada: Person) -> None:
    ada.routes.write_text(MORE)

    by_url = explained(ada, "GET", "https://Beta.Example.com:8443/orders/7?v=2#top")
    by_header = explained(ada, "GET", "/orders/7?v=2", "-H", "Host: beta.example.com")

    assert by_url == by_header
    assert by_url.splitlines()[2:] == [
        "route     orders.beta  GET /orders/{id} when host beta.example.com, query v=2",
        "stage     live",
        "primary   migrated (migrated.orders.api:handler)",
        "shadow    legacy",
        "fallback  legacy",
        "",
        "not taken    match              because",
        "orders.read  GET /orders/{id}   asks less of a request than orders.beta",
        "orders.gone  POST /orders/{id}  answers POST, not GET",
    ]


@pytest.mark.parametrize(
    ("method", "path", "says"),
    [
        ("POST", "/orders/7", "primary   nobody: 410 Gone, the route is retired"),
        (
            "PUT",
            "/orders/7",
            "note      this path is listed, but not for PUT: legacy answers, and says whether it knows",
        ),
        ("GET", "/x", "note      no route lists this path: legacy answers"),
        (
            "GET",
            "/x/..%2Forders",
            "note      servers read this path in two ways: /x/..%2Forders leads to no route, /ord",
        ),
    ],
)
def test_request_that_no_side_of_a_route_answers_is_told(ada: Person, method: str, path: str, says: str) -> None:
    ada.routes.write_text(MORE)

    assert [line for line in explained(ada, method, path).splitlines() if line.startswith(says)]


def test_what_is_in_force_is_explained_with_its_freeze(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")
    ada.done("freeze", "--why", "errors")
    ada.routes.write_text("no document")

    said = ada.done("explain", "GET", "/customers/7", "--published")

    assert said.splitlines() == [
        "GET /customers/7, by version 1, which is in force",
        "",
        "route     customers.read  GET /customers/{id}",
        "stage     canary 5 %, frozen",
        "primary   legacy",
        "shadow    none",
        "fallback  none",
        f"note      a freeze is in force: without it, {without_freeze()} would answer",
    ]


def without_freeze() -> str:
    """Who answers a request without an address: its bucket is that of nobody."""
    return "migrated" if bucket_of("customers.read", "") < 500 else "legacy"


def test_nothing_in_force_is_explained_as_legacys(ada: Person) -> None:
    said = ada.done("explain", "GET", "/orders/7", "--published")

    assert said.splitlines()[0] == "GET /orders/7, by version 0, which is in force"
    assert said.splitlines()[-1] == "note      no route lists this path: legacy answers"


def test_explanation_tells_programs_the_same(ada: Person) -> None:
    result = ada.fig("explain", "GET", "/orders/7?a=b", "--as", "abc", "--json")

    assert json.loads(result.stdout) == {
        "published": False,
        "version": None,
        "request": {"method": "GET", "path": "/orders/7", "query": "a=b", "host": ""},
        "route": "orders.read",
        "stage": "legacy",
        "percent": None,
        "reason": "stage",
        "by_chance": False,
        "primary": "legacy",
        "shadow": None,
        "fallback": None,
        "params": {"id": "7"},
        "caller": {"sticky": "cookie:sid", "key": "abc", "bucket": bucket_of("orders.read", "abc"), "taken": 0},
        "notes": [],
        "candidates": [
            {
                "route": "orders.read",
                "template": "/orders/{id}",
                "methods": ["GET"],
                "when": [],
                "rejected": None,
            }
        ],
    }


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ("GET", "orders"),
            "got the URL 'orders', expected /path or http(s)://host/path in visible ASCII; %-encode the",
        ),
        (("GET", "/caf\u00e9"), "got the URL '/caf\u00e9', expected /path or http(s)://host/path in visible ASCII"),
        (("GET", "ftp://host/path"), "got the URL 'ftp://host/path', expected /path or http(s)://host/path"),
        (("GET", ""), "got the URL '', expected /path or http(s)://host/path in visible ASCII; %-encode the rest"),
        (("GET", "/orders", "-H", "x-beta"), "--header: got 'x-beta', expected 'Name: value'"),
        (("GET", "/orders", "-H", ": 1"), "--header: got ': 1', expected 'Name: value'"),
        (("GET", "/nowhere", "--as", "abc"), "--as: no route was found for this request, so there is no sticky key to"),
        (("GET", "/orders/7", "--as", "a;b"), "--as: got 'a;b', expected visible ASCII without ;, as it stands in a"),
    ],
)
def test_request_that_cannot_be_one_is_misuse(ada: Person, arguments: tuple[str, ...], says: str) -> None:
    result = ada.fig("explain", *arguments)

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert result.stderr.startswith(says)


def test_document_that_is_bad_is_not_explained(ada: Person) -> None:
    ada.rewrite("stage: legacy", "stage: legcy")

    result = ada.fig("explain", "GET", "/orders/7")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"{ada.routes}:6:12 orders.read stage: got 'legcy'")
