"""The heart: who is asked, what the client gets, and what is noted once it has it."""

import gc
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from proxy.after_response import MAX_JOBS, AfterResponse
from proxy.app import App
from proxy.build import build
from proxy.errors import (
    BadRequest,
    FigError,
    LegacyBroken,
    LegacyTimeout,
    LegacyUnreachable,
    MethodRefused,
    MigratedBadResult,
    MigratedFailed,
    NotAnHttpEvent,
    ResponseTooLarge,
)
from proxy.message import Headers, Request, Response
from proxy.notes import Notes
from proxy.observe import Observer
from proxy.routing.decide import Decision
from proxy.routing.table import NO_ROUTES, Table
from proxy.settings import Settings
from proxy.stores.cached import CachedTable
from tests.fakes import NothingBroken
from tests.samples import Context, function_url, request, table

ROUTES = table(
    """
    kept: GET /kept/{id} legacy
    moved: GET /moved/{id} migrated some.module:handler
    """,
    version=7,
)
OK = Response(200, Headers(((b"Content-Type", b"text/plain"),)), b"answer")


class Answers(NothingBroken):
    """Backends that note what they are asked, and answer or raise as the test says."""

    def __init__(self, answer: Response | Exception) -> None:
        self.answer = answer
        self.asked: list[tuple[Decision, Table, Request]] = []

    def ask(self, decision: Decision, table: Table, request: Request) -> Response:
        self.asked.append((decision, table, request))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Heart:
    """An App with a clock that ticks 10 ms at every look."""

    def __init__(self, answer: Response | Exception = OK, routes: Table = ROUTES) -> None:
        self.ticks: Iterator[int] = iter(range(10**6))
        self.backends = Answers(answer)
        self.after = AfterResponse(now=lambda: 0.0)
        self.after.begin(60.0)
        self.lines: list[str] = []
        self.tables = CachedTable(None, routes, 5.0, lambda: 0.0, self.after)
        observer = Observer(Settings(), self.lines.append, lambda: 0.0)
        notes = Notes(
            observer,
            counts=lambda: {
                "table_failures": self.tables.failures,
                "after_failed": self.after.failed,
                "after_dropped": self.after.dropped,
            },
        )
        self.app = App(self.tables, self.backends, notes, self.after, lambda: next(self.ticks) / 100)

    def records(self) -> list[dict[str, Any]]:
        """What is logged once the client has its answers. Any: JSON."""
        self.after.work()
        return [json.loads(line) for line in self.lines]


@pytest.mark.parametrize(
    ("method", "path", "route", "side"),
    [
        ("GET", "/kept/7", "kept", "legacy"),
        ("GET", "/moved/7", "moved", "migrated"),
        ("GET", "/other", None, "legacy"),
        ("POST", "/moved/7", None, "legacy"),
        ("GET", "/moved%2F7", None, "legacy"),
    ],
)
def test_answer_of_the_side_that_was_decided_comes_back(method: str, path: str, route: str | None, side: str) -> None:
    """Unlisted: legacy answers."""
    heart, asked = Heart(), request(method, path)

    answer = heart.app.handle(asked, 1000)

    [(decision, routes, forwarded)] = heart.backends.asked
    assert answer is OK
    assert (decision.route and decision.route.id, decision.primary) == (route, side)
    assert routes is ROUTES
    assert forwarded is asked


def test_without_any_table_legacy_is_asked() -> None:
    """No readable table: the last good one, then the one in the artifact, then legacy."""
    heart = Heart(routes=NO_ROUTES)

    answer = heart.app.handle(request(path="/moved/7"), 1000)

    assert answer is OK
    assert [(decision.primary, routes) for decision, routes, _ in heart.backends.asked] == [("legacy", NO_ROUTES)]


ERRORS: list[tuple[Callable[[str], FigError], int, str, str]] = [
    (LegacyUnreachable, 502, "legacy_unreachable", "the backend could not be reached"),
    (LegacyBroken, 502, "legacy_broken", "the backend's answer was incomplete or malformed"),
    (LegacyTimeout, 504, "legacy_timeout", "the backend did not answer in time"),
    (MigratedFailed, 502, "migrated_failed", "the handler failed"),
    (MigratedBadResult, 502, "migrated_bad_result", "the handler gave no usable answer"),
    (ResponseTooLarge, 502, "response_too_large", "the answer is too large to be carried"),
    (MethodRefused, 405, "method_refused", "this method is not forwarded"),
    (lambda says: BadRequest("bad_request", "the request cannot be written"), 400, "bad_request",
     "the request cannot be written"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "status", "code", "says"), ERRORS)
def test_failure_of_a_side_becomes_our_own_answer_with_a_reason_code(
    make: Callable[[str], FigError], status: int, code: str, says: str
) -> None:
    """The client gets our 502 or 504 with a reason code, never the gateway's."""
    heart = Heart(make("legacy: 10.0.0.7 SECRET"))

    answer = heart.app.handle(request(path="/kept/7"), 1000)

    assert (answer.status, answer.code) == (status, code)
    assert json.loads(answer.body) == {"code": code, "message": says, "requestId": "request-1"}
    [record] = heart.records()
    assert (record["status"], record["code"], record["route"], record["side"]) == (status, code, "kept", "legacy")
    assert ("exception_name" in record) == (status >= 500)
    assert "SECRET" not in json.dumps(record)


def test_defect_of_a_side_is_not_swallowed_here() -> None:
    with pytest.raises(ZeroDivisionError):
        Heart(ZeroDivisionError()).app.handle(request(), 1000)


@pytest.mark.parametrize(("size", "status"), [(1000, 200), (1001, 502)])
def test_body_that_the_front_door_cannot_carry_is_our_502(size: int, status: int) -> None:
    """The client gets our 502 with a reason code, never the gateway's."""
    heart = Heart(Response(200, Headers(), b"x" * size))

    assert heart.app.handle(request(), 1000).status == status


def test_exchange_is_noted_after_its_answer_and_not_before() -> None:
    heart = Heart()

    heart.app.handle(request("GET", "/moved/7", body=b"12345"), 1000)

    assert heart.lines == []
    [record] = heart.records()
    assert {name: value for name, value in record.items() if name not in ("_aws", "timestamp", "cold_start")} == {
        "level": "INFO",
        "location": "proxy.observe",
        "service": "fig-proxy",
        "function_name": "local",
        "function_memory_size": "0",
        "function_version": "$LATEST",
        "message": "exchange",
        "correlation_id": "request-1",
        "method": "GET",
        "route": "moved",
        "stage": "migrated",
        "side": "migrated",
        "reason": "stage",
        "status": 200,
        "code": "",
        "table_version": 7,
        "table_ms": 10.0,
        "side_ms": 10.0,
        "latency": 20.0,
        "bytes_in": 5,
        "bytes_out": 6,
        "requests": 1,
        "errors": 0,
    }


@pytest.mark.parametrize(
    ("path", "reason"), [("/other/7", "unlisted"), ("/kept/7", "stage"), ("//kept/7", "ambiguous_path")]
)
def test_record_says_why_a_side_was_asked_and_knows_no_path(path: str, reason: str) -> None:
    heart = Heart()

    heart.app.handle(request(path=path), 1000)

    [record] = heart.records()
    assert record["reason"] == reason
    assert record["route"] == record["route"].strip("/")
    assert path not in json.dumps(record)
    assert record.get("path") == {"/other/7": "/other/{id}", "//kept/7": "//kept/{id}"}.get(path)


def test_what_never_became_a_request_is_answered_and_noted() -> None:
    heart = Heart()

    answer = heart.app.refuse(NotAnHttpEvent("got SECRET"), "invocation-1")

    assert (answer.status, answer.code) == (400, "unsupported_event")
    [record] = heart.records()
    assert (record["route"], record["side"], record["reason"]) == ("unlisted", "proxy", "refused")
    assert (record["status"], record["correlation_id"]) == (400, "invocation-1")


def test_record_counts_what_went_wrong_beside_the_exchanges() -> None:
    heart = Heart()
    heart.tables.failures = 2
    heart.after(lambda _: [][0])
    for _ in range(MAX_JOBS + 2):
        heart.app.handle(request(), 1000)

    records = heart.records()
    heart.app.handle(request(), 1000)

    counters = {"table_failures": 2, "after_failed": 1, "after_dropped": 3}
    assert len(records) == MAX_JOBS - 1
    assert {name: heart.records()[-1][name] for name in counters} == counters


@pytest.mark.parametrize("event", [function_url(), {"no": "event"}])
def test_failed_request_does_not_hold_up_the_next_one(event: dict[str, Any]) -> None:
    """An error that waits to be noted must not keep the answer: its dropping is what starts the noting."""
    after, lines = AfterResponse(), list[str]()
    handler = build(Settings(), after, lines.append)

    def runtime() -> None:
        response = handler(event, Context())  # the runtime holds it in a local variable, as this does
        assert isinstance(response, dict)
        assert response["statusCode"] >= 400

    gc.disable()  # the collector would free it some time later; a client's next request does not wait for that
    try:
        runtime()

        assert (after._answered.qsize(), lines) == (1, [])
    finally:
        gc.enable()
