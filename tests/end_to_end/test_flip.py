"""Changing one word in routes.yaml moves an endpoint, and back, while clients go on calling it."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Set
from pathlib import Path

import pytest

from .callers import calling
from .client import Ask, proxied
from .house import ROUTES, House, until

ORDER = "/orders/O-5001"
READ = "match: GET /orders/{id}\n    handler: migrated.orders.api:handler\n    stage: "
MOVED = ROUTES.replace(f"{READ}legacy", f"{READ}migrated")

# The requirement: from two seconds after the change on, nobody gets the side of before.
FLIP_S = 2.0
# For a machine that does much else at the same time: its clocks go on while the processes wait for their turn.
SLACK_S = 3.0


@pytest.fixture(scope="module")
def changing_house(tmp_path_factory: pytest.TempPathFactory, frugal: tuple[str, ...]) -> Iterator[House]:
    """A house whose routes.yaml these tests change."""
    folder = tmp_path_factory.mktemp("changing")
    with House(folder, *frugal, "--workers", "2", "--log-format", "json") as house:
        yield house


@pytest.fixture
def house(changing_house: House) -> House:
    """The same with the repository's routes in force, whatever the test before left."""
    if changing_house.routes.is_dir():
        changing_house.routes.rmdir()
    since = changing_house.here
    changing_house.edit(ROUTES)
    changing_house.wait_for_line(lambda line: line.endswith(" published"), since)
    # Of another order: its lines may still be on their way when the test begins.
    until(lambda: side_of(changing_house, "/orders/O-5002") == "legacy")
    return changing_house


def test_endpoint_moves_and_comes_back_under_the_eyes_of_its_callers(house: House) -> None:
    """No error, no lost request, and within two seconds of the change the new side answers everyone."""
    since = house.here
    with calling(house, ORDER) as callers:
        until(lambda: callers.are_on("legacy", 0.0))

        there = time.monotonic()
        house.edit(MOVED)
        until(lambda: callers.are_on("migrated", there))
        back = time.monotonic()
        there_for_all = callers.latest_of("legacy")
        house.edit(ROUTES)
        until(lambda: callers.are_on("legacy", back))
        back_for_all = callers.latest_of("migrated")

    calls = callers.all
    records = exchanges(house, since, {call.request_id for call in calls})
    assert callers.failures == []
    assert there_for_all - there < FLIP_S + SLACK_S
    assert back_for_all - back < FLIP_S + SLACK_S
    assert {call.status for call in calls} == {200}
    assert len({json.dumps(call.document) for call in calls}) == 1
    # Each answer has its one record, and the record names the side that the client saw.
    assert Counter((record["correlation_id"], record["side"]) for record in records) == Counter(
        (call.request_id, call.side) for call in calls
    )
    # Legacy saw what it answered and nothing else: no request was sent to both.
    assert len(legacy_log(house, since, ORDER)) == sum(call.side == "legacy" for call in calls)


def test_terminal_tells_which_route_moved(house: House) -> None:
    since = house.here

    house.edit(MOVED)

    published = house.wait_for_line(lambda line: line.startswith("fig | table version "), since)
    assert published == f"fig | table version {version(house, since) + 1} published"
    house.wait_for_line(lambda line: line == "fig |   orders.read: legacy → migrated", since)


def test_broken_document_leaves_the_table_in_force_until_it_is_mended(house: House) -> None:
    """Law 3: a bad document never replaces a good table, and says everything that is wrong with it at once."""
    house.edit(MOVED)
    until(lambda: side_of(house, ORDER) == "migrated")
    since = house.here
    in_force = version(house, since)

    house.edit(MOVED.replace("stage: migrated", "stage: migratd").replace("GET /customers\n", "GTE /customers\n"))
    house.wait_for_line(lambda line: line == f"fig | table version {in_force} stays in force", since)
    told = [line for line in house.lines[since:] if line.startswith("fig | ")]
    meanwhile = side_of(house, ORDER)
    house.edit(ROUTES)
    house.wait_for_line(lambda line: line == f"fig | table version {in_force + 1} published", since)

    assert [line.removeprefix("fig | ").partition(": got ")[0] for line in told] == [
        f"routes.yaml:{position('stage: migrated', 0)} customers.read stage",
        f"routes.yaml:{position('match: GET /customers', 1)} customers.list match",
        f"routes.yaml:{position('stage: migrated', 1)} orders.read stage",
        f"table version {in_force} stays in force",
    ]
    assert meanwhile == "migrated"
    until(lambda: side_of(house, ORDER) == "legacy")


def become_a_folder(path: Path) -> None:
    """Put a folder in a file's place."""
    path.unlink()
    path.mkdir()


# Law 3 once more: whatever becomes of the file, the table stays, and the next good document is taken.
SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "deleted": (Path.unlink, "fig | routes.yaml: cannot be read: No such file or directory"),
    "empty": (lambda path: path.write_text(""), "fig | routes.yaml:1:1 "),
    "no YAML": (lambda path: path.write_text("version: 1\nroutes: [\n"), "fig | routes.yaml:3:1 "),
    "no text": (lambda path: path.write_bytes(b"version: 1 # \xff"), "fig | routes.yaml: byte 13 is not UTF-8"),
    "a NUL": (lambda path: path.write_bytes(b"version: 1\x00"), "fig | routes.yaml:1:11 "),
    "nested without end": (lambda path: path.write_text("[" * 100_000), "fig | routes.yaml:1:"),
    "an alias of itself": (lambda path: path.write_text("routes: &a [*a]\n"), "fig | routes.yaml:1:13 "),
    "a folder": (become_a_folder, "fig | routes.yaml: cannot be read: Is a directory"),
}


@pytest.mark.parametrize(("spoil", "told"), SPOILT.values(), ids=SPOILT)
def test_table_outlives_a_file_that_is(house: House, spoil: Callable[[Path], object], told: str) -> None:
    """Law 3: a bad document never replaces a good table."""
    house.edit(MOVED)
    until(lambda: side_of(house, ORDER) == "migrated")
    since = house.here

    spoil(house.routes)
    house.wait_for_line(lambda line: line.startswith(told), since)
    house.wait_for_line(lambda line: line.endswith(" stays in force"), since)
    meanwhile = side_of(house, ORDER)
    if house.routes.is_dir():
        house.routes.rmdir()
    house.edit(MOVED)
    house.wait_for_line(lambda line: line.endswith(" published"), since)

    assert (meanwhile, side_of(house, ORDER)) == ("migrated", "migrated")


def test_route_that_is_removed_goes_to_legacy(house: House) -> None:
    """Law 2: what no route lists, legacy answers."""
    since = house.here

    house.edit("version: 1\n")

    house.wait_for_line(lambda line: line == "fig |   customers.read: removed, legacy answers", since)
    until(lambda: side_of(house, "/customers/C-1001") == "legacy")


def test_handler_that_is_not_there_is_told_before_any_client_meets_it(house: House) -> None:
    since = house.here

    house.edit(MOVED.replace("migrated.orders.api:handler", "migrated.orders.api:handle"))

    told = house.wait_for_line(lambda line: "orders.read handler" in line, since)
    assert told.endswith("but api.py defines no 'handle', did you mean 'handler'?")
    assert side_of(house, ORDER) == "legacy"


def test_two_changes_at_once_end_with_the_later_one(house: House) -> None:
    since = house.here

    for _ in range(20):
        house.edit(MOVED)
        house.edit(ROUTES)
    house.edit(MOVED)

    house.wait_for_line(lambda line: line == "fig |   orders.read: legacy → migrated", since)
    until(lambda: side_of(house, ORDER) == "migrated")


def side_of(house: House, path: str) -> str:
    """Return the side that answers a path now; only legacy names its server."""
    answer = proxied(house, Ask("GET", path))
    assert answer.status == 200
    return "legacy" if answer.values("server") else "migrated"


def version(house: House, before: int) -> int:
    """Return the version of the table that was in force at a line of the terminal."""
    told = re.findall(r"^fig \| table version (\d+) (?:published|says)", "\n".join(house.lines[:before]), re.MULTILINE)
    return int(told[-1])


def position(text: str, nth: int) -> str:
    """Return line and column in MOVED of the value in the nth line that is a key and a value."""
    start = -1
    for _ in range(nth + 1):
        start = MOVED.index(text, start + 1)
    before = MOVED[: start + text.index(" ") + 1]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def exchanges(house: House, since: int, ids: Set[str]) -> list[dict[str, object]]:
    """Return the records of some requests once each has one: it is written after the client has its answer."""

    def read() -> list[dict[str, object]]:
        records = [json.loads(line) for line in house.lines[since:] if line.startswith("{")]
        mine = [record for record in records if record["correlation_id"] in ids]
        return [record for record in mine if record["message"] == "exchange"]  # and not a comparison's

    until(lambda: {record["correlation_id"] for record in read()} == ids)
    return read()


def legacy_log(house: House, since: int, path: str) -> list[str]:
    """Return the lines of legacy's log about a path."""
    return [line for line in house.lines[since:] if line.startswith("legacy | ") and f'"GET {path} HTTP/1.1"' in line]
