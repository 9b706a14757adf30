"""`fig freeze` and `fig thaw`: what they do without a document, and what they say."""

import json
import signal
import subprocess
import sys

import pytest

from tests.cli.person import Person, run


@pytest.fixture
def moving(ada: Person) -> Person:
    """Ada, with a route in each kind of stage."""
    ada.rewrite("stage: legacy", "stage: migrated")
    ada.done("publish", "--why", "first", "--force", "--force")
    return ada


def test_freeze_is_told_with_what_goes_to_legacy_and_what_is_left(moving: Person) -> None:
    """Every change of a route is a versioned, conditional write with who and why, and prints its own undo."""
    *lines, undo = moving.done("freeze", "--why", "errors").splitlines()

    assert lines == [
        "frozen: these routes go to legacy until fig thaw",
        "  orders.list (shadow)",
        "  customers.read (canary)",
        "left where they have arrived, where legacy may be gone; --include-migrated --force takes them, too",
        "  orders.read (migrated)",
    ]
    assert undo.startswith("undo: fig thaw --why 'undo freeze of version 1' --store ")


def test_freeze_tells_programs_the_same(moving: Person) -> None:
    fields = json.loads(moving.done("freeze", "--why", "errors", "--json"))

    assert {name: fields[name] for name in ("store", "kind", "version", "new", "frozen", "left", "why")} == {
        "store": moving.store,
        "kind": "freeze",
        "version": 1,
        "new": True,
        "frozen": {"orders.list": "shadow", "customers.read": "canary"},
        "left": {"orders.read": "migrated"},
        "why": "errors",
    }


def test_freeze_of_what_has_arrived_needs_force(moving: Person) -> None:
    assert moving.refused("freeze", "--include-migrated", "--why", "errors") == (
        "orders.read is migrated: its legacy may be gone\n--force sends them to legacy all the same\n"
    )
    said = moving.done("freeze", "--include-migrated", "--force", "--why", "errors")
    assert said.splitlines()[1] == "  orders.read (migrated)"


def test_freeze_that_is_in_force_already_is_done(moving: Person) -> None:
    moving.done("freeze", "--why", "errors")

    said = moving.done("freeze", "--why", "more errors")

    (entry, _) = moving.history.entries(10)
    assert said.splitlines()[:3] == [
        f"frozen already, by {entry.who} at {entry.when}: errors",
        "these routes go to legacy until fig thaw",
        "  orders.list (shadow)",
    ]
    assert "undo" not in said


@pytest.mark.parametrize("text", [None, "version: ["])
def test_freeze_and_thaw_work_whatever_the_file_says(
    moving: Person, text: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    moving.routes.unlink()
    if text is not None:
        moving.routes.write_text(text)
    monkeypatch.chdir(moving.routes.parent)

    run(["freeze", "--why", "errors", "--store", moving.store])
    frozen = moving.history.head().frozen
    thawed = run(["thaw", "--why", "all is well", "--store", moving.store])

    assert frozen == "moving"
    assert thawed.stdout.splitlines()[0] == "every route goes by its own stage again"
    assert moving.history.head().frozen == ""


def test_freeze_before_anything_is_published_is_told_in_one_line(ada: Person) -> None:
    assert ada.done("freeze", "--why", "errors").splitlines()[0] == "frozen until fig thaw"


def test_freeze_is_tried_again_until_ctrl_c_gives_up(moving: Person) -> None:
    head = moving.directory / "head.json"
    head.write_text("{")
    command = [sys.executable, "-m", "proxy.cli", "freeze", "--why", "errors", "--store", moving.store]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        told = [process.stderr.readline() for _ in range(3)]

        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=30)

    assert told[0] == f"store: {moving.store}\n"
    assert told[1].startswith(f"not frozen yet: {head}: got 1 bytes that are no head")
    assert told[2] == "trying again every second; Ctrl-C gives up\n"
    assert (process.returncode, stdout, stderr) == (
        130,
        "",
        "given up: no answer said that it is frozen; fig routes --published tells\n",
    )


def test_freeze_is_written_once_the_store_is_whole_again(moving: Person) -> None:
    head = moving.directory / "head.json"
    whole = head.read_text()
    head.write_text("{")
    command = [sys.executable, "-m", "proxy.cli", "freeze", "--why", "errors", "--store", moving.store]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while "trying again" not in process.stderr.readline():
            pass

        restored = head.with_name("restored")
        restored.write_text(whole)
        restored.replace(head)
        stdout, _ = process.communicate(timeout=30)

    assert (process.returncode, moving.history.head().frozen) == (0, "moving")
    assert stdout.startswith("frozen: these routes go to legacy until fig thaw\n")
