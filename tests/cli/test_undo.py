"""Each change prints its undo, and that finds the state before when it is pasted."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from proxy.cli.command import program
from tests.cli.person import Person, pasted, run

MIGRATED = "stage: migrated"


@pytest.mark.parametrize(
    ("before", "change"),
    [
        ([], ["publish"]),
        ([["publish"]], ["flip", "orders.read", "shadow"]),
        ([["publish"]], ["flip", "orders.read", "canary", "--percent", "5"]),
        ([["publish"]], ["flip", "orders.read", "migrated"]),
        ([["publish"]], ["flip", "customers.read", "canary", "--percent", "0"]),
        ([["publish"]], ["flip", "customers.read", "canary", "--percent", "25"]),
        ([["publish"]], ["flip", "customers.read", "migrated"]),
        ([["publish"]], ["rollback"]),
        ([["publish"], ["flip", "orders.read", "shadow"]], ["rollback"]),
        ([["publish"], ["flip", "orders.read", "shadow"]], ["rollback", "0"]),
        ([["publish"], ["flip", "orders.read", "shadow"]], ["rollback", "--route", "orders.read"]),
        (
            [["publish"], ["flip", "orders.read", "shadow"], ["flip", "orders.read", "live"]],
            ["rollback", "--route", "orders.read"],
        ),
        ([["publish"], ["flip", "orders.list", "migrated"]], ["flip", "orders.list", "legacy"]),
        ([["publish"], ["flip", "orders.list", "legacy"]], ["rollback", "--route", "orders.list"]),
        ([["publish"], ["flip", "customers.read", "legacy"]], ["rollback", "--force"]),
        ([["publish"]], ["freeze"]),
        ([["publish"], ["flip", "orders.list", "migrated"]], ["freeze", "--include-migrated", "--force"]),
        ([["publish"], ["flip", "orders.list", "migrated"], ["freeze"]], ["freeze", "--include-migrated", "--force"]),
        (
            [["publish"], ["flip", "orders.list", "migrated"], ["freeze", "--include-migrated", "--force"]],
            ["freeze", "--force"],
        ),
        ([["publish"], ["freeze"]], ["thaw"]),
        (
            [["publish"], ["flip", "orders.list", "migrated"], ["freeze", "--include-migrated", "--force"]],
            ["thaw"],
        ),
        ([["publish"], ["freeze"]], ["flip", "orders.read", "shadow"]),
    ],
)
def test_undo_of_a_change_finds_the_state_before(ada: Person, before: list[list[str]], change: list[str]) -> None:
    """Every change of a route is a versioned, conditional write with who and why, and prints its own undo."""
    for arguments in before:
        ada.done(*without_gate(arguments), "--why", "before")
    state = ada.state()
    line = ada.done(*without_gate(change), "--why", "now").splitlines()[-1]
    changed = ada.state()

    undone = run(pasted(line.removeprefix("undo: ")))

    assert undone.exit_code == 0, undone.output
    assert changed != state
    assert ada.state() == state
    # And the undo prints an undo, which finds the change again.
    again = run(pasted(undone.stdout.splitlines()[-1].removeprefix("undo: ")))
    assert again.exit_code == 0, again.output
    assert ada.state() == changed


def without_gate(arguments: list[str]) -> list[str]:
    """A change that goes through without evidence."""
    return [*arguments, "--force"] if arguments[0] in ("publish", "flip") else arguments


def test_undo_says_why_it_was_done(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")
    fields = json.loads(ada.done("flip", "orders.read", "shadow", "--why", "now", "--json"))

    run(pasted(fields["undo"]))

    assert [(entry.kind, entry.why) for entry in ada.history.entries(1)] == [("rollback", "undo flip of version 2")]


def test_undo_works_in_a_shell(ada: Person) -> None:
    command = [sys.executable, "-m", "proxy.cli"]
    options = ["--routes", str(ada.routes), "--store", ada.store]
    ada.done("publish", "--why", "first", "--force")
    state = ada.state()
    flip = subprocess.run(
        [*command, "flip", "orders.read", "shadow", "--why", "now", *options],
        capture_output=True,
        text=True,
        check=True,
    )

    subprocess.run(flip.stdout.splitlines()[-1].removeprefix("undo: "), shell=True, capture_output=True, check=True)

    assert (ada.state(), ada.history.head().version) == (state, 3)


@pytest.mark.parametrize(
    ("called", "found", "expected"),
    [
        ("bin/fig", "bin", "fig"),
        ("bin/fig", "", "BIN/bin/fig"),
        ("bin/fig", "other", "BIN/bin/fig"),
        ("lib/proxy/cli/__main__.py", "bin", f"{sys.executable} -m proxy.cli"),
        ("bin/pytest", "bin", "fig"),
        ("lib/pytest/__main__.py", "bin", "fig"),
    ],
)
def test_undo_is_called_as_this_program_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, called: str, found: str, expected: str
) -> None:
    for folder in ("bin", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "fig").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / found) if found else "")

    assert program(str(tmp_path / called)) == expected.replace("BIN", str(tmp_path))
