"""However it ends, no process is left behind."""

import json
import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.raw_legacy import OK, RawLegacy, say, stall

from .client import Ask, proxied
from .house import DYNAMODB, LEGACY, WORKER, House, until
from .wire import Wire

GET = b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"
ENDINGS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda each: each.name)


@ENDINGS
def test_signal_ends_every_part_and_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with House(tmp_path, environment={"TMPDIR": str(temporary)}) as house:
        since = house.here
        urls = (house.url, house.legacy_url, house.dynamodb_url)

        code = house.stop(number)

    assert (code, house.lines[since:]) == (0, ["fig | ending"])
    assert [url for url in urls if is_open(url)] == []
    assert list(temporary.iterdir()) == []


def test_closing_of_the_terminal_is_ignored_if_it_was_told_so(tmp_path: Path) -> None:
    """As with nohup."""
    with House(tmp_path, under=("sh", "-c", 'trap "" HUP; exec "$@"', "sh")) as house:
        house.tell(signal.SIGHUP)

        assert proxied(house, Ask("GET", "/")).status == 200
        assert house.stop(signal.SIGTERM) == 0


STAGES: dict[str, Callable[[House], object]] = {
    "the first part": lambda house: house.parts(LEGACY),
    "a worker": lambda house: house.parts(WORKER),
    "the workers were ready": lambda house: house.here > 0,
}


@pytest.mark.parametrize("has_come", STAGES.values(), ids=STAGES)
def test_ctrl_c_while_it_starts_ends_what_has_started(tmp_path: Path, has_come: Callable[[House], object]) -> None:
    house = House(tmp_path).start()
    try:
        until(lambda: has_come(house))
        code = house.stop()
        house.check()
    finally:
        house.kill()

    assert code == 0


def test_request_under_way_does_not_hold_the_ending_up(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    with (
        RawLegacy(stall()) as legacy,
        House(tmp_path, "--legacy", legacy.origin, *frugal) as house,
        Wire(house.url) as wire,
    ):
        since = house.here
        wire.send(GET)
        until(lambda: legacy.requests)

        assert house.stop() == 0

    assert house.lines[since:] == ["fig | ending"]


def test_house_without_its_sample_shop_serves_what_has_moved(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        os.kill(house.part(LEGACY), signal.SIGKILL)
        house.wait_for_line(lambda line: line.startswith("fig | legacy ended with exit code -9; "))

        legacy, migrated = (proxied(house, Ask("GET", target)) for target in ("/", "/customers/C-1001"))

        assert (legacy.status, json.loads(legacy.body)["code"]) == (502, "legacy_unreachable")
        assert migrated.status == 200
        assert house.stop() == 0


def test_house_without_its_database_serves_what_has_not_moved(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        os.kill(house.part(DYNAMODB), signal.SIGKILL)
        house.wait_for_line(lambda line: line.startswith("fig | dynamodb ended with exit code -9; "))

        legacy, migrated = (proxied(house, Ask("GET", target)) for target in ("/", "/customers/C-1001"))

        assert legacy.status == 200
        assert (migrated.status, json.loads(migrated.body)["code"]) == (502, "migrated_failed")
        assert house.stop() == 0


def test_worker_that_was_killed_is_replaced(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        before = house.parts(WORKER)
        for worker in before:
            os.kill(worker.pid, signal.SIGKILL)
        house.wait_for_line(lambda line: line.startswith("fig | worker-1 ended and is replaced: "))
        house.wait_for_line(lambda line: line.startswith("fig | worker-2 ended and is replaced: "))

        answers = [proxied(house, Ask("GET", target)).status for target in ("/", "/customers/C-1001") * 4]
        until(lambda: len(house.parts(WORKER)) == 2)

        assert answers == [200] * 8
        assert house.parts(WORKER).isdisjoint(before)
        assert house.stop() == 0


def test_client_of_a_worker_that_is_killed_gets_502_and_the_next_one_is_served(
    tmp_path: Path, frugal: tuple[str, ...]
) -> None:
    with (
        RawLegacy(stall(), say(OK)) as legacy,
        House(tmp_path, "--legacy", legacy.origin, *frugal) as house,
        Wire(house.url) as wire,
    ):
        wire.send(GET)
        until(lambda: legacy.requests)

        os.kill(house.part(WORKER), signal.SIGKILL)
        answer = wire.answer()

        assert (answer.status, json.loads(answer.body)) == (502, {"message": "Internal Server Error"})
        assert proxied(house, Ask("GET", "/")).status == 200


def test_nothing_outlives_a_house_that_was_killed(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        proxied(house, Ask("GET", "/customers/C-1001"))

        house.tell(signal.SIGKILL)

        assert house.wait() == -signal.SIGKILL
        until(lambda: house.left_behind() == frozenset())


def test_nothing_outlives_a_house_that_was_killed_while_it_starts(tmp_path: Path) -> None:
    house = House(tmp_path).start()
    try:
        until(lambda: len(house.parts(WORKER)) == 2)
        house.tell(signal.SIGKILL)
        house.wait()

        until(lambda: house.left_behind() == frozenset())
    finally:
        house.kill()


def test_clients_get_an_answer_or_a_closed_connection_from_a_house_that_ends(
    tmp_path: Path, frugal: tuple[str, ...]
) -> None:
    outcomes: set[object] = set()
    has_begun = threading.Event()

    def call(house: House) -> None:
        with house.client() as client:
            try:
                while True:
                    outcomes.add(client.get("/").status_code)
                    has_begun.set()
            except httpx.TransportError:
                outcomes.add("closed")

    with House(tmp_path, *frugal) as house:
        threads = [threading.Thread(target=call, args=(house,), daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        has_begun.wait()
        house.tell(signal.SIGINT)
        house.tell(signal.SIGINT)  # a second Ctrl-C changes nothing
        code = house.wait()
        for thread in threads:
            thread.join()

    assert code == 0
    assert outcomes <= {200, 500, 502, "closed"}
    assert outcomes >= {200, "closed"}


def is_open(url: str) -> bool:
    """Tell whether somebody listens there."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) == 0
