"""`fig rollback`: what it puts in force, and what it does to the file."""

import json

import pytest

from tests.cli.person import DOCUMENT, Person, run


@pytest.fixture
def flipped(ada: Person) -> Person:
    """Ada, after she has published and flipped a route."""
    ada.done("publish", "--why", "first", "--force")
    ada.done("flip", "orders.list", "live", "--why", "now", "--force")
    return ada


def test_rollback_is_told_with_what_it_changes_and_the_file_follows(flipped: Person) -> None:
    """Every change of a route is a versioned, conditional write with who and why, and prints its own undo."""
    *lines, undo = flipped.done("rollback", "--why", "errors").splitlines()

    assert lines == [
        "version 3 is in force, in place of version 2",
        "  back to version 1",
        "  orders.list: live → shadow",
        f"{flipped.routes} says so, too",
    ]
    assert undo.startswith("undo: fig rollback 2 --why 'undo rollback of version 3'")
    assert flipped.routes.read_text() == DOCUMENT


def test_rollback_of_a_route_keeps_comments_that_were_added_since(flipped: Person) -> None:
    flipped.rewrite("# the big one", "# the biggest one")

    flipped.done("rollback", "--route", "orders.list", "--why", "errors")

    assert flipped.routes.read_text() == DOCUMENT.replace("# the big one", "# the biggest one")


@pytest.mark.parametrize("arguments", [(), ("--route", "orders.list")])
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (DOCUMENT, "it did not say what version 2 said; fig diff shows the difference"),
        ("version: [", "it cannot be read; fig check tells why, fig pull --force overwrites it"),
        (None, "it is not there; fig pull writes it"),
    ],
)
def test_rollback_works_whatever_the_file_says_and_leaves_it_alone(
    flipped: Person, text: str | None, reason: str, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    flipped.routes.unlink()
    if text is not None:
        flipped.routes.write_text(text)
    monkeypatch.chdir(flipped.routes.parent)

    result = run(["rollback", *arguments, "--why", "errors", "--store", flipped.store])

    assert result.exit_code == 0, result.output
    assert f"\nroutes.yaml was left alone: {reason}\n" in result.stdout
    assert (flipped.history.head().version, flipped.history.document(3)) == (3, DOCUMENT)
    assert (flipped.routes.read_text() if flipped.routes.exists() else None) == text


def test_rollback_to_nothing_leaves_the_file_that_says_something(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")

    said = ada.done("rollback", "--why", "errors")

    assert "was left alone: version 0 has no document; fig publish puts this one in force again" in said
    assert ada.routes.read_text() == DOCUMENT


def test_rollback_tells_programs_that_the_file_was_left_alone(flipped: Person) -> None:
    flipped.routes.write_text(DOCUMENT)

    fields = json.loads(flipped.done("rollback", "--why", "errors", "--json"))

    reason = "it did not say what version 2 said; fig diff shows the difference"
    assert fields["file"] == {
        "path": str(flipped.routes),
        "written": False,
        "says": f"{flipped.routes} was left alone: {reason}",
    }
    assert (fields["kind"], fields["version"], fields["parent"]) == ("rollback", 3, 2)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("2", "--route", "orders.list"), 2, "got version 2, expected one from 0 to 1; fig history lists them\n"),
        (("2",), 2, "got version 2, expected one from 0 to 1; fig history lists them\n"),
        (
            ("--route", "orders.lisst"),
            2,
            "got the route 'orders.lisst', which is not there; fig routes lists them – did",
        ),
        (("--route", "orders.read"), 1, "orders.read: got legacy, and nothing else is left before; fig flip ch"),
    ],
)
def test_rollback_that_cannot_be_done_changes_nothing(
    flipped: Person, arguments: tuple[str, ...], code: int, says: str
) -> None:
    before = flipped.state()

    assert flipped.refused("rollback", *arguments, "--why", "errors", code=code).startswith(says)
    assert flipped.state() == before


def test_rollback_during_a_freeze_says_when_it_takes_effect(flipped: Person) -> None:
    flipped.done("flip", "customers.read", "migrated", "--why", "now", "--force")
    flipped.done("freeze", "--why", "errors", "--include-migrated", "--force")

    said = flipped.done("rollback", "--why", "errors")

    assert "\na freeze of everything is in force: this takes effect after fig thaw\n" in said
