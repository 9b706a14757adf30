"""Two people on one store: the second is told what changed meanwhile, and nothing is lost."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.person import DOCUMENT, Person

WHY = ("--why", "now")


def test_second_flip_of_a_stale_file_is_refused_and_done_after_a_pull(ada: Person, grace: Person) -> None:
    """Every change of a route is a versioned, conditional write with who and why, and prints its own undo."""
    ada.done("publish", "--why", "first", "--force")
    grace.done("pull")
    ada.done("flip", "orders.list", "live", *WHY, "--force")

    refused = grace.refused("flip", "orders.read", "shadow", *WHY)
    grace.done("pull")
    grace.done("flip", "orders.read", "shadow", *WHY)

    assert refused == (
        "version 2 changed this since version 1, and it would be undone: orders.list: shadow → live\n"
        "fig pull takes the published version; then flip again\n"
    )
    both = DOCUMENT.replace("stage: shadow", "stage: live").replace("stage: legacy", "stage: shadow")
    assert grace.routes.read_text() == grace.history.document(3) == both


def test_second_publish_of_a_stale_file_is_refused_with_what_it_would_undo(ada: Person, grace: Person) -> None:
    ada.done("publish", "--why", "first", "--force")
    grace.done("pull")
    ada.done("flip", "orders.list", "live", *WHY, "--force")
    grace.rewrite("percent: 5", "percent: 2")

    refused = grace.refused("publish", *WHY)

    assert refused == (
        "version 2 changed this since version 1, and it would be undone: orders.list: shadow → live\n"
        "fig diff shows the difference, fig pull takes the published version, --force undoes it all the same\n"
    )
    assert (grace.history.head().version, "percent: 2" in grace.routes.read_text()) == (2, True)


def test_undoing_what_others_did_by_force_is_recorded(ada: Person, grace: Person) -> None:
    ada.done("publish", "--why", "first", "--force")
    grace.done("pull")
    ada.done("flip", "orders.list", "live", *WHY, "--force")
    grace.rewrite("percent: 5", "percent: 2")

    said = grace.done("publish", *WHY, "--force")

    undone = "version 2 changed this since version 1, and it would be undone: orders.list: shadow → live"
    assert f"forced:\n  {undone}\n" in said
    assert grace.history.entries(1)[0].forced == (undone,)


def test_first_flip_after_a_clone_is_refused_if_the_file_is_not_what_is_in_force(ada: Person, grace: Person) -> None:
    ada.done("publish", "--why", "first", "--force")
    ada.done("flip", "orders.list", "live", *WHY, "--force")

    refused = grace.refused("flip", "orders.read", "shadow", *WHY)
    pulled = grace.done("pull")  # the file was in force once, so nothing in it is lost

    assert refused == (
        "version 2 is in force, and routes.yaml says something else:\n"
        "  orders.list: live → shadow\n"
        "fig publish makes that the next version, fig pull takes it back; then flip again\n"
    )
    assert pulled == f"{grace.routes} says what version 2 says now\n"


@pytest.mark.parametrize("command", [("publish", *WHY), ("diff",)])
def test_file_that_was_seen_to_be_what_is_in_force_is_known_to_be_stale_later(
    ada: Person, grace: Person, command: tuple[str, ...]
) -> None:
    ada.done("publish", "--why", "first", "--force")
    grace.done(*command)  # there is no difference
    ada.done("flip", "orders.list", "live", *WHY, "--force")
    grace.rewrite("percent: 5", "percent: 2")

    refused = grace.refused("publish", *WHY)

    assert refused.startswith("version 2 changed this since version 1, and it would be undone: orders.list: shadow → ")


def test_of_people_who_flip_at_once_one_wins_and_the_others_are_told(tmp_path: Path) -> None:
    """Every change of a route is a versioned, conditional write with who and why, and prints its own undo."""
    people = [Person(tmp_path / str(number), tmp_path / "store") for number in range(4)]
    people[0].done("publish", "--why", "first", "--force")
    for person in people:
        person.done("pull")
    wanted = [("orders.read", "shadow"), ("orders.list", "live"), ("customers.read", "live"), ("orders.list", "legacy")]

    processes = [start(person, *change) for person, change in zip(people, wanted, strict=True)]
    ended = [(*process.communicate(timeout=60), process.returncode) for process in processes]

    (winner,) = (number for number, (_, _, code) in enumerate(ended) if code == 0)
    told = [stderr for number, (_, stderr, _) in enumerate(ended) if number != winner]
    history = people[0].history
    assert history.head().version == 2
    assert history.document(2) == people[winner].routes.read_text()
    assert [person.routes.read_text() for number, person in enumerate(people) if number != winner] == [DOCUMENT] * 3
    assert all(history.entries(1)[0].changes[0] in stderr for stderr in told), told


def start(person: Person, *change: str) -> "subprocess.Popen[str]":
    """Begin a flip in a process of its own."""
    options = ["--store", person.store, "--routes", str(person.routes)]
    command = [sys.executable, "-m", "proxy.cli", "flip", *change, *WHY, "--force", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
