"""The `fig` commands against a running `fig dev`: they find it by themselves, and clients see what they do."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator

import pytest

from .client import Ask, proxied
from .house import DEADLINE_S, ROUTES, House, until

ORDER = "/orders/O-5001"


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory, frugal: tuple[str, ...]) -> Iterator[House]:
    """A house of its own: its history is empty but for what it published itself."""
    with House(tmp_path_factory.mktemp("commands"), *frugal) as house:
        yield house


def fig(house: House, command: str, exit_code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run `fig …` in the house's folder, as a person would in a second terminal."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FIG_", "AWS_"))}
    done = subprocess.run(
        [sys.executable, "-m", "proxy.cli", *shlex.split(command)],
        cwd=house.routes.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (exit_code, False), done.stdout + done.stderr
    return done


def side(house: House, path: str = ORDER) -> str:
    """Return who answers; only legacy names its server."""
    answer = proxied(house, Ask("GET", path))
    assert answer.status == 200
    return "legacy" if answer.values("server") else "migrated"


def undo_in(done: subprocess.CompletedProcess[str]) -> str:
    """Return the command that a change printed for taking it back, from its own name on."""
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("undo: ")]
    return line[line.index(" rollback ") :]


def test_flip_is_seen_by_clients_and_its_printed_undo_takes_it_back(house: House) -> None:
    """Every change of a route is a versioned, conditional write with who and why, and prints its own undo."""
    since = house.here

    flipped = fig(house, "flip orders.read canary --percent 100 --force --why 'all of them, for a moment'")

    until(lambda: side(house) == "migrated")
    assert "orders.read: legacy → canary 100 %" in flipped.stdout
    assert "(fig dev)" in flipped.stderr
    # The file has the word, and nothing else of it has changed.
    text = house.routes.read_text("utf-8")
    assert text != ROUTES
    assert text.replace("    stage: canary\n    percent: 100\n", "    stage: legacy\n") == ROUTES
    # Whoever watches the house is told.
    house.wait_for_line(lambda line: "orders.read: legacy → canary 100 %" in line, since)

    fig(house, undo_in(flipped))

    until(lambda: side(house) == "legacy")
    assert "stage: canary" not in house.routes.read_text("utf-8")


def test_freeze_sends_routes_to_legacy_although_the_file_is_broken_and_thaw_lifts_it(house: House) -> None:
    fig(house, "flip orders.read canary --percent 100 --force --why 'before the freeze'")
    until(lambda: side(house) == "migrated")
    house.edit("routes: [")

    frozen = fig(house, "freeze --why 'something is wrong'")

    until(lambda: side(house) == "legacy")
    # What has arrived stays: its legacy may be gone.
    assert "customers.read" in frozen.stdout
    assert side(house, "/customers/C-1001") == "migrated"

    fig(house, "thaw --why 'all is well'")

    until(lambda: side(house) == "migrated")


def test_history_tells_who_did_what_when_and_why(house: House) -> None:
    fig(house, "flip orders.read shadow --why 'first step'")
    fig(house, "rollback --why 'second thoughts'")

    entries = json.loads(fig(house, "history --json").stdout)["entries"]

    assert [(entry["version"], entry["kind"], entry["why"]) for entry in entries[:2]] == [
        (3, "rollback", "second thoughts"),
        (2, "flip", "first step"),
    ]
    assert all(entry["who"] and entry["when"] for entry in entries)
    # The sample has a route that is migrated from the start: a jump, which is recorded as such.
    assert entries[-1]["forced"] == ["customers.read: unlisted → migrated without shadow or canary before"]


def test_jump_is_refused_and_nothing_changes(house: House) -> None:
    refused = fig(house, "flip orders.read migrated --why 'in a hurry'", exit_code=1)

    assert "without shadow or canary" in refused.stderr
    assert house.routes.read_text("utf-8") == ROUTES
    assert side(house) == "legacy"


def test_explain_of_what_is_in_force_agrees_with_who_answers(house: House) -> None:
    for path, expected in ((ORDER, "legacy"), ("/customers/C-1001", "migrated"), ("/reports/sales.csv", "legacy")):
        explained = json.loads(fig(house, f"explain GET {path} --published --json").stdout)

        assert (explained["primary"], side(house, path) if path.startswith("/c") else expected) == (expected, expected)


def test_house_that_has_ended_is_told_from_one_that_runs(house: House) -> None:
    note = house.routes.parent / ".fig/dev.json"
    left_behind = note.read_text()
    house.stop()
    assert not note.exists()
    note.write_text(left_behind.replace(house.dynamodb_url, "http://127.0.0.1:9"))

    refused = fig(house, "flip orders.read shadow --why 'nobody is there'", exit_code=1)

    assert "does not answer any more" in refused.stderr
