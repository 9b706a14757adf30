"""What legacy gets of a live route's requests, and how often, with everything behind the app over real sockets."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from proxy.after_response import AfterResponse
from proxy.app import App
from proxy.backends.breaker import MINIMUM
from proxy.backends.sides import Sides
from proxy.message import Response
from proxy.notes import Notes
from proxy.observe import Observer
from proxy.settings import Settings
from proxy.shadow.run import Shadows
from proxy.stores.cached import CachedTable
from tests.raw_legacy import Act, Line, RawLegacy, reset, say, stall
from tests.routing.tables import table
from tests.samples import request

HANDLER = "tests.test_live_writes:handler"
JSON = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"


def handler(event: Mapping[str, Any], _context: object) -> object:
    """A handler that does what its event holds. Any: events are JSON."""
    return event["does"]()


def answers(status: int, *, declares: bool = False) -> Callable[[], object]:
    headers = {"content-type": "application/json", **({"x-fig-nothing-committed": "1"} if declares else {})}
    return lambda: {"statusCode": status, "headers": headers, "body": "{}"}


class House:
    """An App with one route, in front of a legacy system; what came of its shadows, in order."""

    def __init__(self, legacy: RawLegacy, route: dict[str, Any]) -> None:  # Any: what a file holds
        self.outcomes: list[tuple[str, str]] = []
        self._legacy = legacy
        self._after = AfterResponse()
        sides = Sides(Settings(), lambda _: legacy.origin)
        self._sides = sides
        shadows = Shadows(sides, None, lambda _, outcome, __: self.outcomes.append((outcome.what, outcome.why)))
        routes = table({"id": "orders", "match": "ANY /orders/{id}", "handler": HANDLER, **route})
        tables = CachedTable(None, routes, 5.0, lambda: 0.0, self._after)
        notes = Notes(Observer(Settings(), lambda _: None))
        self._app = App(tables, sides, notes, self._after, shadows=shadows)

    def ask(self, method: str, does: Callable[[], object], left_s: float = 20.0) -> Response:
        """Return what the client gets; all that comes after the answer is done then."""
        self._after.begin(time.monotonic() + left_s)
        asked = request(method, "/orders/7", event={"headers": {}, "does": does}, left_s=left_s)
        response = self._app.handle(asked, 10**6)
        self._after.work()
        return response

    def close(self) -> None:
        """Close every connection to legacy."""
        self._sides.renew()

    def ran_by_legacy(self, method: str) -> int:
        """Return how many requests of a method have come to legacy."""
        return sum(received.startswith(method.encode() + b" ") for received in self._legacy.requests)


@pytest.fixture
def legacy() -> Iterator[RawLegacy]:
    with RawLegacy(say(JSON % b"200 OK")) as server:
        yield server


MakeHouse = Callable[[dict[str, Any]], House]


@pytest.fixture
def make_house(legacy: RawLegacy) -> Iterator[MakeHouse]:
    """Make houses by what a file says of their route; their connections are closed afterwards."""
    made: list[House] = []

    def make(route: dict[str, Any]) -> House:
        made.append(House(legacy, route))
        return made[-1]

    yield make
    for house in made:
        house.close()


@pytest.mark.parametrize("act", [stall(), reset(HALF)], ids=["is too late", "breaks"])
@pytest.mark.parametrize("status", [404, 409, 503])
@pytest.mark.parametrize("stage", [{"stage": "live"}, {"stage": "canary", "percent": 100, "compare": True}])
def test_write_that_legacy_has_run_as_the_fallback_is_not_sent_to_it_once_more_as_the_shadow(
    make_house: MakeHouse, legacy: RawLegacy, stage: dict[str, Any], status: int, act: Act
) -> None:
    """A write is never executed twice by fallback or shadow unless the route allows it explicitly."""
    legacy.script(act)
    house = make_house({**stage, "writes": True, "timeout": "300ms", "fallback": {"statuses": [status]}})

    response = house.ask("PUT", answers(status, declares=True))

    assert (response.status, house.ran_by_legacy("PUT")) == (status, 1)
    assert house.outcomes == [("candidate_failed", "migrated_unwanted")]


def test_legacy_that_is_slower_than_shadows_may_be_still_answers_for_a_handler_that_fails(
    make_house: MakeHouse, legacy: RawLegacy
) -> None:
    """What only compares shares no breaker with what answers clients."""
    slow = threading.Event()

    def act(line: Line) -> bool:
        if not is_shadow(line):
            return say(JSON % b"200 OK")(line)
        slow.wait(10)
        return False

    def fails() -> object:
        raise ValueError

    legacy.script(act)
    house = make_house({"stage": "live", "shadow": {"timeout": "50ms"}})
    for _ in range(MINIMUM + 1):
        house.ask("GET", answers(200))

    response = house.ask("GET", fails)
    slow.set()

    assert (response.status, response.body) == (200, b"{}")
    assert house.outcomes[0] == ("skipped", "legacy_timeout")
    assert house.outcomes[-2:] == [("skipped", "legacy_breaker_open"), ("candidate_failed", "migrated_failed")]


def test_live_route_whose_reads_fail_at_legacy_still_sends_it_every_write(
    make_house: MakeHouse, legacy: RawLegacy
) -> None:
    """With writes: true, legacy keeps receiving writes, so that going back loses nothing."""
    legacy.script(lambda line: say(JSON % (b"500 X" if line.request.startswith(b"GET") else b"200 OK"))(line))
    house = make_house({"stage": "live", "writes": True})
    for _ in range(MINIMUM + 1):
        house.ask("GET", answers(200))

    for _ in range(5):
        house.ask("POST", answers(200))

    assert (house.ran_by_legacy("GET"), house.ran_by_legacy("POST")) == (MINIMUM, 5)
    assert house.outcomes[-6:] == [("skipped", "legacy_breaker_open")] + [("equal", "")] * 5


def is_shadow(line: Line) -> bool:
    return b"\r\nx-fig-shadow: 1\r\n" in line.request.lower()
