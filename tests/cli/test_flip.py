"""`fig flip`: what it publishes, writes, says and refuses."""

import json
from pathlib import Path

import pytest

from proxy.publishing.author import local_user
from tests.cli.person import DOCUMENT, UNKEPT, Person, pasted, run


def test_flip_is_told_with_the_version_and_the_undo(ada: Person) -> None:
    """Every change of a route is a versioned, conditional write with who and why, and prints its own undo."""
    ada.done("publish", "--why", "first", "--force")

    said = ada.done("flip", "orders.read", "canary", "--percent", "5", "--why", "it looks right", "--force")

    assert said == (
        "version 2 is in force, in place of version 1\n"
        "  orders.read: legacy → canary 5 %\n"
        "forced:\n"
        f"  orders.read: {UNKEPT}\n"
        f"{ada.routes} says so, too\n"
        "undo: fig rollback 1 --route orders.read --why 'undo flip of version 2' "
        f"--store 'file:{ada.store.removeprefix('file:')}' --routes '{ada.routes}'\n"
    ).replace(f"'{ada.routes}'\n", f"{quoted(str(ada.routes))}\n")
    assert ada.routes.read_text() == DOCUMENT.replace("stage: legacy\n", "stage: canary\n    percent: 5\n")
    assert ada.history.document(2) == ada.routes.read_text()


def quoted(path: str) -> str:
    """As a shell reads a path with an apostrophe."""
    return "'" + path.replace("'", "'\"'\"'") + "'"


def test_flip_tells_programs_the_same(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")

    fields = json.loads(ada.done("flip", "orders.list", "live", "--why", "it looks right", "--force", "--json"))

    entry = ada.history.entries(1)[0]
    undo = fields.pop("undo")
    assert fields == {
        "store": ada.store,
        "kind": "flip",
        "version": 2,
        "parent": 1,
        "digest": entry.digest,
        "who": local_user(),
        "when": entry.when,
        "why": "it looks right",
        "changes": ["orders.list: shadow → live"],
        "forced": [f"orders.list: {UNKEPT}"],
        "back_to": None,
        "route": "",
        "frozen": "",
        "passed": [],
        "lost": [],
        "file": {"path": str(ada.routes), "written": True, "says": f"{ada.routes} says so, too"},
    }
    assert pasted(undo)[:4] == ["rollback", "1", "--route", "orders.list"]


def test_flip_that_skips_stages_needs_force_and_is_recorded(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")

    refused = ada.refused("flip", "orders.read", "migrated", "--why", "now")
    forced = ada.done("flip", "orders.read", "migrated", "--why", "now", "--force")

    assert refused == (
        "orders.read: legacy → migrated without shadow or canary before\n"
        "take it through shadow or canary first, or use --force, which is recorded\n"
    )
    assert "forced:\n  orders.read: legacy → migrated without shadow or canary before\n" in forced
    assert ada.history.entries(1)[0].forced == ("orders.read: legacy → migrated without shadow or canary before",)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("orders.raed", "shadow"), "got the route 'orders.raed', which is not there; fig routes lists them – did you"),
        (("orders.read", "canary"), "orders.read: got canary without a percentage, expected one, such as --percent 5"),
        (
            ("orders.read", "live", "--percent", "5"),
            "orders.read: got --percent 5 for stage live, expected none; leave",
        ),
        (
            ("orders.list", "live", "--percent", "5"),
            "orders.list: got --percent 5 for stage live, expected none; leave",
        ),
    ],
)
def test_flip_that_cannot_be_meant_is_misuse_and_changes_nothing(
    ada: Person, arguments: tuple[str, ...], says: str
) -> None:
    ada.done("publish", "--why", "first", "--force")
    before = ada.state()

    said = ada.refused("flip", *arguments, "--why", "now", code=2)

    assert said.startswith(says)
    assert said.count("\n") == 1
    assert ada.state() == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("flip", "orders.read", "cannery", "--why", "now"), "cannery"),
        (("flip", "orders.read", "canary", "--percent", "101", "--why", "now"), "--percent"),
        (("flip", "orders.read", "shadow"), "--why"),
        (("publish",), "--why"),
        (("rollback",), "--why"),
        (("freeze",), "--why"),
        (("thaw",), "--why"),
    ],
)
def test_argument_that_is_wrong_or_missing_is_misuse(ada: Person, arguments: tuple[str, ...], says: str) -> None:
    result = ada.on_store(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


@pytest.mark.parametrize("command", [("flip", "orders.read", "shadow"), ("publish",), ("rollback",), ("freeze",)])
def test_reason_that_is_blank_is_misuse(ada: Person, command: tuple[str, ...]) -> None:
    """Every change of a route is a versioned, conditional write with who and why, and prints its own undo."""
    said = ada.refused(*command, "--why", "  ", code=2)

    assert said == "--why: got '  ', expected the reason; the history shows it to whoever asks later\n"
    assert ada.history.head().version == 0


def test_flip_to_where_it_is_already_is_refused(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")

    said = ada.refused("flip", "customers.read", "canary", "--percent", "5", "--why", "again")

    assert said == "customers.read: got canary 5 %, where it is already; nothing was published\n"


def test_flip_of_a_document_with_problems_tells_all_of_them(ada: Person) -> None:
    """A bad document never replaces a good table, and says everything that is wrong with it at once."""
    ada.done("publish", "--why", "first", "--force")
    ada.rewrite("stage: legacy", "stage: legcy")
    ada.rewrite("percent: 5", "percent: 500")

    said = ada.refused("flip", "orders.list", "live", "--why", "now", "--force")

    assert [line.split(": ")[0] for line in said.splitlines()] == [
        f"{ada.routes}:6:12 orders.read stage",
        f"{ada.routes}:16:14 customers.read percent",
    ]
    assert ada.history.head().version == 1


def test_flip_during_a_freeze_says_when_it_takes_effect(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")
    ada.done("freeze", "--why", "errors")

    said = ada.done("flip", "orders.list", "live", "--why", "now", "--force")

    assert "\na freeze is in force: shadow, canary and live show their effect after fig thaw\n" in said


def test_flip_that_cannot_write_the_file_says_so_and_how_to_mend_it(tmp_path: Path) -> None:
    """The store is the truth: what is published stays so, and its undo is printed."""
    ada = Person(tmp_path / "folder", tmp_path / "store")
    # The name of the file itself still fits, that of the one beside it does not.
    ada.routes = ada.routes.rename(ada.routes.with_name(f"{'r' * 245}.yaml"))
    ada.done("publish", "--why", "first", "--force")

    result = ada.on_store("flip", "orders.list", "live", "--why", "now", "--force")

    assert (result.exit_code, result.stderr.splitlines()[1:]) == (
        1,
        [f"version 2 is in force, but {ada.routes} cannot be written (File name too long): fig pull mends that"],
    )
    assert "version 2 is in force" in result.stdout
    assert "undo: fig rollback 1 --route orders.list" in result.stdout
    assert (ada.history.head().version, ada.routes.read_text()) == (2, DOCUMENT)
    # With room for its name again, pulling loses nothing, so nothing is asked.
    ada.routes = ada.routes.rename(ada.routes.with_name("routes.yaml"))
    ada.done("pull")
    assert ada.routes.read_text() == ada.history.document(2)


def test_flip_of_a_file_that_is_not_there_is_misuse(ada: Person) -> None:
    ada.routes.unlink()

    said = ada.refused("flip", "orders.read", "shadow", "--why", "now", code=2)

    assert said == (f"--routes: got {ada.routes}, which is not a file; name a routes.yaml, or leave --routes out\n")


def test_command_without_a_store_is_misuse(ada: Person) -> None:
    result = run(["flip", "orders.read", "shadow", "--why", "now", "--routes", str(ada.routes)])

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("got no store, expected --store dynamodb:TABLE or file:DIRECTORY, or FIG_TABLE")
