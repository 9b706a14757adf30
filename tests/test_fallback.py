"""Who answers when the primary fails: a table of methods, failures and what the primary says of its writes."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from proxy.backends.breaker import MINIMUM
from proxy.backends.sides import Sides
from proxy.backends.transport import LegacyTransport
from proxy.errors import (
    BadRequest,
    BreakerOpen,
    FigError,
    Gone,
    LegacyTimeout,
    LegacyUnreachable,
    MigratedBadResult,
    MigratedFailed,
    MigratedTimeout,
    ResponseTooLarge,
)
from proxy.fallback import Answered, ask_with_fallback
from proxy.message import Headers, Request, Response
from proxy.routing.decide import Decision, Side, decide
from proxy.routing.table import NO_ROUTES, Route, Table
from proxy.settings import Settings, resolve
from tests.fakes import NothingBroken
from tests.raw_legacy import OK, RawLegacy, say
from tests.routing.tables import table
from tests.samples import request

READS = ("GET", "HEAD", "OPTIONS")
WRITES = ("POST", "PUT", "PATCH", "DELETE", "PURGE", "get")
ROUTE = Route("orders", "/orders", "live", "some.module:handler", fallback_statuses=(500, 503))
LIVE = Decision("migrated", None, "legacy", "stage", ROUTE)
LEGACY = Response(200, Headers(), b"legacy")

Outcome = Response | FigError


class Counted(NothingBroken):
    """Both sides, answering as the test says, and noting who was asked, for what, until when."""

    def __init__(self, migrated: Outcome, legacy: Outcome = LEGACY) -> None:
        self.outcomes: dict[str, Outcome] = {"migrated": migrated, "legacy": legacy}
        self.asked: list[str] = []
        self.instead: list[str] = []
        self.requests: list[Request] = []
        self.decisions: list[Decision] = []

    def ask(self, decision: Decision, table: Table, request: Request) -> Response:
        self.asked.append(decision.primary)
        self.requests.append(request)
        self.decisions.append(decision)
        outcome = self.outcomes[decision.primary]
        if isinstance(outcome, FigError):
            raise outcome
        return outcome

    def ask_instead(self, decision: Decision, table: Table, request: Request) -> Response:
        self.instead.append(decision.primary)
        return self.ask(decision, table, request)


def answered(status: int, *, declared: bool = False) -> Response:
    return Response(status, Headers(), b"", result={"statusCode": status}, nothing_committed=declared)


def failing_by(kind: type[MigratedFailed], *, declared: bool) -> MigratedFailed:
    error = kind("x")
    error.nothing_committed = declared
    return error


# How the primary fails, and what the record says of it; `declared`: with its word that nothing was committed.
FAILURES: dict[str, tuple[Callable[..., Outcome], str]] = {
    "raises": (partial(failing_by, MigratedFailed), "migrated_failed"),
    "is too late": (partial(failing_by, MigratedTimeout), "migrated_timeout"),
    "returns what is no result": (partial(failing_by, MigratedBadResult), "migrated_bad_result"),
    "answers a listed 500": (partial(answered, 500), "migrated_unwanted"),
    "answers a listed 503": (partial(answered, 503), "migrated_unwanted"),
}


@pytest.mark.parametrize("how", FAILURES)
@pytest.mark.parametrize("method", READS)
@pytest.mark.parametrize("declared", [False, True])
def test_read_that_fails_is_answered_by_legacy(how: str, method: str, declared: bool) -> None:
    fails, code = FAILURES[how]
    sides = Counted(fails(declared=declared))

    found = ask_with_fallback(sides, LIVE, NO_ROUTES, request(method))

    assert (found.response, found.failure and found.failure.code) == (LEGACY, code)
    assert (sides.asked, sides.instead) == (["migrated", "legacy"], ["legacy"])


@pytest.mark.parametrize("how", FAILURES)
@pytest.mark.parametrize("method", WRITES)
def test_write_that_fails_is_not_executed_again(how: str, method: str) -> None:
    """A write is never executed twice by fallback."""
    fails, _ = FAILURES[how]
    outcome = fails(declared=False)
    sides = Counted(outcome)

    found: object = None
    try:
        found = ask_with_fallback(sides, LIVE, NO_ROUTES, request(method)).response
    except FigError as exc:
        found = exc

    assert found is outcome
    assert (sides.asked, sides.instead) == (["migrated"], [])


@pytest.mark.parametrize("how", FAILURES)
@pytest.mark.parametrize("method", WRITES)
def test_write_of_which_nothing_was_committed_is_executed_by_legacy_once(how: str, method: str) -> None:
    fails, code = FAILURES[how]
    sides = Counted(fails(declared=True))

    found = ask_with_fallback(sides, LIVE, NO_ROUTES, request(method))

    assert (found.response, found.failure and found.failure.code) == (LEGACY, code)
    assert (sides.asked, sides.instead) == (["migrated", "legacy"], ["legacy"])


@pytest.mark.parametrize("method", READS + WRITES)
def test_side_behind_an_open_breaker_was_not_asked_so_legacy_answers_whatever_the_method(method: str) -> None:
    sides = Counted(BreakerOpen("x"))

    found = ask_with_fallback(sides, LIVE, NO_ROUTES, request(method))

    assert (found.response, found.failure and found.failure.code) == (LEGACY, "breaker_open")


@pytest.mark.parametrize(("method", "asked"), [("GET", ["migrated", "legacy"]), ("POST", ["migrated"])])
def test_answer_that_is_too_large_falls_back_where_nothing_can_be_written_twice(method: str, asked: list[str]) -> None:
    """A write is never executed twice: it was executed, only its answer cannot be carried."""
    outcome = ResponseTooLarge("x")
    sides = Counted(outcome)

    if method == "GET":
        assert ask_with_fallback(sides, LIVE, NO_ROUTES, request(method)) == Answered(LEGACY, outcome)
    else:
        with pytest.raises(ResponseTooLarge):
            ask_with_fallback(sides, LIVE, NO_ROUTES, request(method))

    assert sides.asked == asked


@pytest.mark.parametrize("method", READS + WRITES)
@pytest.mark.parametrize(
    "outcome",
    [
        answered(200),
        answered(404),
        answered(409, declared=True),
        # What the route does not list is an answer like any other, and whoever gave it says no more by the header.
        answered(501),
        answered(502, declared=True),
    ],
)
def test_answer_that_the_route_does_not_list_is_the_answer(method: str, outcome: Response) -> None:
    sides = Counted(outcome)

    found = ask_with_fallback(sides, LIVE, NO_ROUTES, request(method))

    assert (found, sides.asked) == (Answered(outcome), ["migrated"])


@pytest.mark.parametrize("error", [BadRequest("bad_request", "x"), Gone("x"), FigError("x")])
def test_what_is_no_failure_of_the_primary_is_not_asked_of_another(error: FigError) -> None:
    sides = Counted(error)

    with pytest.raises(FigError) as failed:
        ask_with_fallback(sides, LIVE, NO_ROUTES, request())

    assert (failed.value, sides.asked) == (error, ["migrated"])


# Legacy fails, too.


@pytest.mark.parametrize("legacy", [LegacyUnreachable("y"), LegacyTimeout("y"), BreakerOpen("y"), BadRequest("b", "y")])
@pytest.mark.parametrize(
    "migrated", [MigratedFailed("x"), MigratedTimeout("x"), BreakerOpen("x"), ResponseTooLarge("x")]
)
def test_failure_of_both_is_the_primarys(migrated: FigError, legacy: FigError) -> None:
    sides = Counted(migrated, legacy)

    with pytest.raises(FigError) as failed:
        ask_with_fallback(sides, LIVE, NO_ROUTES, request())

    assert (failed.value, sides.asked) == (migrated, ["migrated", "legacy"])


def test_answer_that_the_route_lists_is_still_better_than_none() -> None:
    unwanted = answered(503)
    sides = Counted(unwanted, LegacyUnreachable("y"))

    found = ask_with_fallback(sides, LIVE, NO_ROUTES, request())

    assert (found.response, sides.asked) == (unwanted, ["migrated", "legacy"])


@pytest.mark.parametrize("legacy", [LegacyUnreachable("y"), LegacyTimeout("y"), BreakerOpen("y")])
@pytest.mark.parametrize("status", [404, 500])
def test_fallback_that_was_asked_in_vain_is_told_of_the_answer(status: int, legacy: FigError) -> None:
    """A write is never executed twice: whoever asks legacy after the answer has to know that it was asked before."""
    unwanted = answered(status, declared=True)
    decision = LIVE._replace(route=ROUTE._replace(fallback_statuses=(404, 500)))

    found = ask_with_fallback(Counted(unwanted, legacy), decision, NO_ROUTES, request("PUT"))

    assert (found.response, found.failure and found.failure.code) == (unwanted, "migrated_unwanted")
    assert found.in_vain == legacy.code


def test_legacys_own_error_is_its_answer() -> None:
    broken = Response(500, Headers(), b"legacy's own page")
    sides = Counted(MigratedFailed("x"), broken)

    found = ask_with_fallback(sides, LIVE, NO_ROUTES, request())

    assert found.response is broken


# Time.


@pytest.mark.parametrize(
    ("after_s", "left_s", "primarys_s"),
    [
        (None, 20.0, 10.0),
        (None, 0.5, 0.25),
        (3.0, 20.0, 3.0),
        (30.0, 20.0, 20.0),  # no longer than the client can wait
        (0.0, 20.0, 0.0),
        (None, -1.0, -0.5),
    ],
)
def test_primary_has_a_part_of_the_time_and_the_fallback_all_that_is_left(
    after_s: float | None, left_s: float, primarys_s: float
) -> None:
    """`fallback.after` of the route; half without it. The fallback is asked with the client's own deadline."""
    now = 1000.0
    asked = replace(request(), deadline=now + left_s)
    sides = Counted(MigratedTimeout("x"))
    decision = LIVE._replace(route=ROUTE._replace(fallback_after_s=after_s))

    ask_with_fallback(sides, decision, NO_ROUTES, asked, lambda: now)

    assert [one.deadline - now for one in sides.requests] == [pytest.approx(primarys_s), left_s]


@pytest.mark.parametrize("after_s", [None, 0.3])
@pytest.mark.parametrize("method", WRITES)
def test_write_that_nobody_could_run_again_keeps_all_of_its_time(method: str, after_s: float | None) -> None:
    """One that is cut off may be committed, so legacy is not asked, and the time set aside for it would be lost."""
    asked = replace(request(method), deadline=1020.0)
    sides = Counted(MigratedTimeout("x"))
    decision = LIVE._replace(route=ROUTE._replace(fallback_after_s=after_s))

    with pytest.raises(MigratedTimeout):
        ask_with_fallback(sides, decision, NO_ROUTES, asked, lambda: 1000.0)

    assert sides.requests == [asked]


def test_fallback_gets_the_request_as_it_came_and_a_decision_that_names_it() -> None:
    asked = request("GET", "/orders", "a=1", ((b"X", b"1"),), b"body")
    sides = Counted(MigratedFailed("x"))

    ask_with_fallback(sides, LIVE, NO_ROUTES, asked)

    assert sides.requests[1] is asked
    assert sides.decisions == [LIVE, LIVE._replace(primary="legacy")]


# With the real sides, over a socket.

MakeTransport = Callable[..., LegacyTransport]
ROUTES = table(
    {"id": "orders", "match": "ANY /orders", "stage": "live", "handler": "tests.backends.handlers:returns"},
    {"id": "gone", "match": "ANY /gone", "stage": "live", "handler": "no.such.module:handler"},
)


def failing() -> None:
    raise ValueError


def asked_of(sides: Sides, asked: Request) -> Answered:
    return ask_with_fallback(sides, decide(ROUTES, asked), ROUTES, asked)


def sides_before(server: RawLegacy, make_transport: MakeTransport) -> Sides:
    return Sides(Settings(), partial(resolve, environ={"LEGACY_URL": server.origin}), make_transport)


@pytest.mark.parametrize(("method", "answers", "count"), [("GET", "legacy", 1), ("POST", "nobody", 0)])
def test_handler_that_raises_is_replaced_by_legacy_where_that_is_safe(
    make_transport: MakeTransport, method: str, answers: Side, count: int
) -> None:
    """A write is never executed twice by fallback."""
    asked = request(method, "/orders", event={"returns": failing})
    with RawLegacy() as server:
        sides = sides_before(server, make_transport)

        if answers == "legacy":
            assert asked_of(sides, asked).response.body == b"ok"
        else:
            with pytest.raises(MigratedFailed):
                asked_of(sides, asked)

        assert len(server.requests) == count


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_handler_that_cannot_be_loaded_was_never_asked_so_legacy_executes_the_write(
    make_transport: MakeTransport, method: str
) -> None:
    with RawLegacy() as server:
        found = asked_of(sides_before(server, make_transport), request(method, "/gone", event={}))

        assert found.response.body == b"ok"
        assert len(server.requests) == 1


def test_handler_that_takes_too_long_leaves_legacy_the_time_to_answer(make_transport: MakeTransport) -> None:
    asked = request("GET", "/orders", event={"returns": lambda: time.sleep(3600)}, left_s=0.4)
    with RawLegacy() as server:
        found = asked_of(sides_before(server, make_transport), asked)

        assert (found.response.body, found.failure and found.failure.code) == (b"ok", "migrated_timeout")


def test_legacy_that_fails_as_a_fallback_is_left_alone_there_and_asked_as_the_primary_all_the_same(
    make_transport: MakeTransport,
) -> None:
    """The proxy must never be the reason that a client is refused: as the primary, legacy is always asked."""
    asked = request("GET", "/orders", event={"returns": failing})
    primary = Decision("legacy", None, None, "frozen", ROUTES.routes[0])
    with RawLegacy(say(b"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n")) as server:
        sides = sides_before(server, make_transport)

        statuses = [asked_of(sides, asked).response.status for _ in range(MINIMUM)]
        server.script(say(OK))
        with pytest.raises(FigError) as failed:
            asked_of(sides, asked)
        as_primary = sides.ask(primary, ROUTES, asked)

        # The handler's own breaker is open by then, too, so its failure is that it was not asked.
        assert (statuses, failed.value.code) == ([503] * MINIMUM, "breaker_open")
        assert (as_primary.body, len(server.requests)) == (b"ok", MINIMUM + 1)


def test_breaker_of_a_handler_that_keeps_failing_sends_its_traffic_to_legacy_without_asking_it(
    make_transport: MakeTransport,
) -> None:
    calls: list[None] = []

    def counts() -> None:
        calls.append(None)
        raise ValueError

    with RawLegacy() as server:
        sides = sides_before(server, make_transport)

        for method in ["GET"] * MINIMUM + ["GET", "POST"]:
            asked = request(method, "/orders", event={"returns": counts})
            decision = decide(ROUTES, asked, is_open=sides.is_open)
            if decision.fallback is None:
                sides.ask(decision, ROUTES, asked)
            else:
                ask_with_fallback(sides, decision, ROUTES, asked)

        assert (decision.primary, decision.reason, sides.state_of(ROUTES.routes[0])) == (
            "legacy",
            "breaker_open",
            "open",
        )
        assert (len(calls), len(server.requests)) == (MINIMUM, MINIMUM + 2)
