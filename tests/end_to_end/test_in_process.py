"""`fig dev --in-process`: both sides in one process, for a debugger."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from .client import Ask, directly, proxied
from .house import DYNAMODB, LEGACY, ROUTES, House, until


@pytest.fixture(scope="module")
def in_process_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house whose function runs in its own process."""
    with House(tmp_path_factory.mktemp("in-process"), "--in-process", "--log-format", "json") as house:
        yield house


@pytest.mark.parametrize(
    "ask",
    [
        Ask("GET", "/"),
        Ask("GET", "/orders/O-1"),
        Ask("POST", "/uploads", (("Content-Type", "application/octet-stream"),), bytes(range(256)) * 1000),
        Ask("GET", "/reports/sales.csv"),
    ],
    ids=str,
)
def test_legacy_answers_through_a_function_in_process(in_process_house: House, ask: Ask) -> None:
    assert proxied(in_process_house, ask) == directly(in_process_house, ask)


def test_migrated_handler_answers_in_process(in_process_house: House) -> None:
    through = proxied(in_process_house, Ask("GET", "/customers/C-1001"))

    assert through.body == directly(in_process_house, Ask("GET", "/customers/C-1001")).body
    assert through.values("server") == []


def test_function_in_process_has_no_worker(in_process_house: House) -> None:
    assert len(in_process_house.parts()) == len(in_process_house.parts(LEGACY) | in_process_house.parts(DYNAMODB)) == 2


def test_record_is_written_in_process_too(in_process_house: House) -> None:
    since = in_process_house.here

    proxied(in_process_house, Ask("GET", "/customers/C-1001"))

    record = json.loads(in_process_house.wait_for_line(lambda line: '"route":"customers.read"' in line, since))
    assert (record["side"], record["status"]) == ("migrated", 200)


def test_endpoint_moves_and_the_house_ends_in_process(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    with House(tmp_path, "--in-process", *frugal) as house:
        before = proxied(house, Ask("GET", "/orders?customer=C-1001"))
        house.edit(ROUTES.replace("stage: legacy", "stage: migrated"))
        until(lambda: proxied(house, Ask("GET", "/orders?customer=C-1001")).values("server") == [])
        after = proxied(house, Ask("GET", "/orders?customer=C-1001"))
        code = house.stop(signal.SIGTERM)

    assert (after.status, after.body) == (before.status, before.body)
    assert code == 0
