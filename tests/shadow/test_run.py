"""What runs after the answer: who is asked, what is noted, and that nothing gets out of it."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from proxy.errors import (
    BreakerOpen,
    EvidenceFailed,
    LegacyTimeout,
    LegacyUnreachable,
    MigratedBadResult,
    MigratedFailed,
    MigratedTimeout,
    ResponseTooLarge,
)
from proxy.evidence.outcome import Outcome
from proxy.message import Headers, Request, Response
from proxy.routing.decide import Decision, decide
from proxy.routing.pattern import METHODS
from proxy.routing.revision import revision_of
from proxy.routing.table import Route, Table
from proxy.shadow.exchange import Exchange
from proxy.shadow.run import EVIDENCE_S, Shadows
from tests.routing.tables import table
from tests.samples import request

BEGAN_AT = 1_796_212_800.0
JSON = Headers(((b"Content-Type", b"application/json"),))
Answer = Response | BaseException | Callable[[], Response]


def json_response(body: object, status: int = 200) -> Response:
    return Response(status, JSON, json.dumps(body).encode())


def result(body: object, status: int = 200) -> Response:
    """What a migrated handler gives."""
    return Response(status, Headers(), b"", result={"statusCode": status, "body": json.dumps(body)})


@dataclass
class Sides:
    """Answers by side, in order; the last one goes on. Notes who was asked for what."""

    legacy: list[Answer] = field(default_factory=lambda: [json_response({"a": 1})])
    migrated: list[Answer] = field(default_factory=lambda: [result({"a": 1})])
    open_breaker: bool = False
    asked: list[tuple[str, Request]] = field(default_factory=list)
    takes: Callable[[Request], object] = lambda _: None
    hurried: list[bool] = field(default_factory=list)  # of each, whether it had less time than the route gives it

    def ask_to_compare(self, decision: Decision, table: Table, request: Request, *, is_hurried: bool) -> Response:
        self.hurried.append(is_hurried)
        self.takes(request)
        answers = self.legacy if decision.primary == "legacy" else self.migrated
        position = sum(side == decision.primary for side, _ in self.asked)
        self.asked.append((decision.primary, request))
        answer = answers[min(position, len(answers) - 1)]
        if isinstance(answer, BaseException):
            raise answer
        return answer if isinstance(answer, Response) else answer()

    def is_open_to_compare(self, route: Route) -> bool:
        return self.open_breaker


@dataclass
class Noted:
    """Evidence that is kept in lists; `broken` makes every call fail."""

    broken: bool = False
    takes: Callable[[float], object] = lambda _: None  # given the time limit of a call
    lines: list[object] = field(default_factory=list)

    def start(self, route_id: str, revision: str, timeout_s: float, *, is_write: bool = False) -> float:
        self._add(("start", route_id, revision, is_write), timeout_s)
        return BEGAN_AT

    def finish(self, outcome: Outcome, timeout_s: float) -> None:
        self._add(outcome, timeout_s)

    def count(self, route_id: str, revision: str, counts: Mapping[str, int], timeout_s: float) -> None:
        self._add(dict(counts), timeout_s)

    def _add(self, line: object, timeout_s: float) -> None:
        self.takes(timeout_s)
        if self.broken:
            raise EvidenceFailed("evidence: got no answer")
        self.lines.append(line)

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        return [(line.what, line.why) for line in self.lines if isinstance(line, Outcome)]


@dataclass
class Lab:
    """Shadows with everything around them in the test's hands."""

    sides: Sides = field(default_factory=Sides)
    noted: Noted = field(default_factory=Noted)
    told: list[tuple[Exchange, Outcome, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.now = 100.0
        self.shadows = Shadows(self.sides, self.noted, lambda *what: self.told.append(what), now=lambda: self.now)

    def after(
        self,
        route: dict[str, Any],  # Any: what a file holds
        response: Response,
        failure: str = "",
        method: str = "GET",
        left_s: float = 10.0,
        request_id: str = "request-1",
        query: str = "",
    ) -> None:
        routes = table({"id": "a", "match": "ANY /a/{b}", **route})
        asked = request(method, "/a/7", query, event={"headers": {}})
        asked = Request(**{**{name: getattr(asked, name) for name in asked.__dataclass_fields__}, "id": request_id})
        self.shadows.after(asked, decide(routes, asked), routes, response, failure, self.now + left_s)


@pytest.fixture
def lab() -> Lab:
    return Lab()


SHADOW: dict[str, Any] = {"stage": "shadow"}
LIVE: dict[str, Any] = {"stage": "live"}
REVISION = revision_of(table({"id": "a", "match": "ANY /a/{b}", **SHADOW}).routes[0], METHODS)


def test_other_side_is_asked_the_same_and_told_that_it_is_a_shadow(lab: Lab) -> None:
    lab.after(SHADOW, json_response({"a": 1}))

    [(side, asked)] = lab.sides.asked
    assert (side, asked.method, asked.path, asked.is_shadow) == ("migrated", "GET", "/a/7", True)
    assert asked.deadline == 105.0, "the route's own limit, of 5 s by default"
    assert lab.noted.lines == [("start", "a", REVISION, False), Outcome("a", REVISION, "equal", began_at=BEGAN_AT)]


def test_comparison_of_a_write_is_noted_as_one(lab: Lab) -> None:
    """The reads of a route say nothing of what it writes."""
    lab.after({**SHADOW, "writes": True}, json_response({"a": 1}), method="POST")

    [(_, outcome, _)] = lab.told
    assert lab.noted.lines == [("start", "a", outcome.revision, True), outcome]
    assert outcome.is_write


def test_comparison_whose_beginning_was_not_noted_takes_nothing_back(lab: Lab) -> None:
    def mended() -> Response:
        lab.noted.broken = False
        return result({"a": 1})

    lab.noted.broken = True
    lab.sides.migrated = [mended]

    lab.after(SHADOW, json_response({"a": 1}))

    assert lab.noted.lines == [Outcome("a", REVISION, "equal")]


def test_legacy_that_is_left_alone_as_the_shadow_is_told_apart(lab: Lab) -> None:
    """The gate holds an open breaker of the migrated side against it."""
    lab.sides.legacy = [BreakerOpen("x")]

    lab.after(LIVE, result({"a": 1}))

    assert lab.noted.outcomes == [("skipped", "legacy_breaker_open")]


@pytest.mark.parametrize(
    ("route", "response", "legacy", "migrated"),
    [
        (SHADOW, json_response({"a": 1}), None, result({"a": 2})),
        (LIVE, result({"a": 2}), json_response({"a": 1}), None),
    ],
)
def test_control_is_always_what_legacy_has_answered(
    lab: Lab, route: dict[str, Any], response: Response, legacy: Response | None, migrated: Response | None
) -> None:
    lab.sides.legacy, lab.sides.migrated = [legacy or response], [migrated or response]

    lab.after({**route, "compare": {"values": "shown"}}, response)

    [(_, outcome, _)] = lab.told
    assert outcome.what == "different"
    [found] = outcome.differences
    assert (found["kind"], found["path"], found["control"], found["candidate"]) == ("value", "$.a", 1, 2)
    assert dict(outcome.request) == {"method": "GET", "target": "/a/7"}


def test_example_shows_no_value_unless_the_route_allows_that(lab: Lab) -> None:
    """No value reaches a mismatch sample unredacted."""
    lab.sides.migrated = [result({"a": "hidden-new"})]

    lab.after(SHADOW, json_response({"a": "hidden-old"}))

    [(_, outcome, _)] = lab.told
    assert "hidden" not in json.dumps([outcome.differences, dict(outcome.request)])
    assert dict(outcome.request) == {"method": "GET"}


def test_example_of_a_route_that_shows_values_has_the_secrets_of_its_query_masked(lab: Lab) -> None:
    """No token reaches a mismatch sample unredacted."""
    lab.sides.migrated = [result({"a": 2})]

    lab.after({**SHADOW, "compare": {"values": "shown"}}, json_response({"a": 1}), query="token=s3cr3t&page=2")

    [(_, outcome, _)] = lab.told
    assert dict(outcome.request) == {"method": "GET", "target": "/a/7?token=***&page=2", "is_masked": True}


@pytest.mark.parametrize(
    ("migrated", "outcome"),
    [
        (MigratedFailed("x"), ("candidate_failed", "migrated_failed")),
        (MigratedTimeout("x"), ("candidate_failed", "migrated_timeout")),
        (MigratedBadResult("x"), ("candidate_failed", "migrated_bad_result")),
        (ResponseTooLarge("x"), ("candidate_failed", "response_too_large")),
        (BreakerOpen("x"), ("skipped", "breaker_open")),
        (ZeroDivisionError("x"), ("candidate_failed", "ZeroDivisionError")),
        (SystemExit(), ("candidate_failed", "SystemExit")),
        (KeyboardInterrupt(), ("candidate_failed", "KeyboardInterrupt")),
        (Response(200, Headers(), b"", result={"statusCode": 200, "body": "x", "isBase64Encoded": True}),
         ("comparator_failed", "Error")),
        (Response(200, Headers(), b"", result=object()), ("comparator_failed", "TypeError")),
    ],
)  # fmt: skip
def test_whatever_the_shadow_does_is_only_an_outcome(
    lab: Lab, migrated: Response | BaseException, outcome: tuple[str, str]
) -> None:
    """The shadow never changes the answer."""
    lab.sides.migrated = [migrated]

    lab.after(SHADOW, json_response({"a": 1}))

    assert lab.noted.outcomes == [outcome]


@pytest.mark.parametrize(
    ("route", "method", "response", "failure", "outcome", "asked"),
    [
        # Legacy gave no answer, so there is nothing to compare with.
        (SHADOW, "GET", json_response({}, 502), "legacy_timeout", ("skipped", "legacy_timeout"), []),
        # Legacy's own errors are answers: the migrated side has to give them, too.
        (SHADOW, "GET", json_response({}, 500), "", ("different", ""), ["migrated"]),
        # A write that failed on the side that counts is not to be found on the other.
        ({**SHADOW, "writes": True}, "POST", json_response({}, 500), "", ("skipped", "primary_5xx"), []),
        ({**SHADOW, "writes": True}, "POST", json_response({"a": 1}, 201), "", ("different", ""), ["migrated"]),
        ({**LIVE, "writes": True}, "POST", result({"a": 1}), "", ("equal", ""), ["legacy"]),
        ({**LIVE, "writes": True}, "POST", result({}, 500), "", ("skipped", "primary_5xx"), []),
        # Whoever fell back was answered by legacy already: asking it again would run a write twice.
        ({**LIVE, "writes": True}, "POST", json_response({"a": 1}), "migrated_failed",
         ("candidate_failed", "migrated_failed"), []),
        (LIVE, "GET", json_response({"a": 1}), "migrated_timeout", ("candidate_failed", "migrated_timeout"), []),
        (LIVE, "GET", result({}, 500), "", ("different", ""), ["legacy"]),
    ],
)  # fmt: skip
def test_what_became_of_the_primary_decides_whether_the_other_side_is_asked(
    lab: Lab,
    route: dict[str, Any],
    method: str,
    response: Response,
    failure: str,
    outcome: tuple[str, str],
    asked: list[str],
) -> None:
    """A write is never executed twice by fallback or shadow unless the route allows it explicitly."""
    lab.after(route, response, failure, method)

    assert lab.noted.outcomes == [outcome]
    assert [side for side, _ in lab.sides.asked] == asked


def test_legacy_that_gives_no_answer_as_the_shadow_is_no_difference(lab: Lab) -> None:
    lab.sides.legacy = [LegacyTimeout("x")]

    lab.after(LIVE, result({"a": 1}))

    assert lab.noted.outcomes == [("skipped", "legacy_timeout")]


def test_open_breaker_is_not_asked(lab: Lab) -> None:
    lab.sides.open_breaker = True

    lab.after(SHADOW, json_response({"a": 1}))

    assert (lab.noted.outcomes, lab.sides.asked) == ([("skipped", "breaker_open")], [])
    assert [line for line in lab.noted.lines if isinstance(line, tuple) and line[0] == "start"] == []


@pytest.mark.parametrize("left_s", [-1.0, 0.05, 0.5, 1.09])
def test_nothing_is_begun_that_could_not_end(lab: Lab, left_s: float) -> None:
    """Nor what would leave no time to note what came of it."""
    lab.after(SHADOW, json_response({"a": 1}), left_s=left_s)

    assert (lab.noted.outcomes, lab.sides.asked) == ([("skipped", "no_time")], [])


@pytest.mark.parametrize("too_late", [MigratedTimeout("x"), None], ids=["says so itself", "hangs"])
@pytest.mark.parametrize(
    ("timeout", "outcome", "is_hurried"),
    [("400ms", ("skipped", "no_time"), True), ("50ms", ("candidate_failed", "migrated_timeout"), False)],
)
def test_shadow_that_is_too_late_has_failed_only_if_it_had_all_of_the_time_that_the_route_gives_it(
    lab: Lab, timeout: str, outcome: tuple[str, str], is_hurried: bool, too_late: MigratedTimeout | None
) -> None:
    may_go_on = threading.Event()

    def hang() -> Response:
        may_go_on.wait(30)
        return result({"a": 1})

    lab.sides.migrated = [too_late or hang]

    lab.after({**SHADOW, "shadow": {"timeout": timeout}}, json_response({"a": 1}), left_s=EVIDENCE_S + 0.2)
    may_go_on.set()

    assert (lab.noted.outcomes, lab.sides.hurried) == ([outcome], [is_hurried])


@pytest.mark.parametrize("left_s", [0.3, 0.9, 1.2, 3.0, 10.0])
@pytest.mark.parametrize(
    ("route", "method"), [(SHADOW, "GET"), ({"stage": "canary", "percent": 100, "compare": True}, "GET"),
                          ({**LIVE, "writes": True}, "POST")],
)  # fmt: skip
def test_what_comes_after_the_answer_is_over_by_its_deadline_however_long_everybody_takes(
    left_s: float, route: dict[str, Any], method: str
) -> None:
    lab = Lab()
    deadline = lab.now + left_s

    def takes_all(limit_s: float) -> None:
        lab.now += max(limit_s, 0.0)

    lab.noted.takes = takes_all
    lab.sides.takes = lambda asked: takes_all(asked.deadline - lab.now)

    lab.after({**route, "shadow": {"timeout": "1s"}}, result({"a": 1}), method=method, left_s=left_s)

    assert lab.now <= deadline + 1e-6


@pytest.mark.parametrize(
    ("left_s", "legacy", "untaken"),
    [
        (10.0, json_response({"a": 1}), ""),
        (10.0, json_response({"a": 1}, 409), ""),
        (0.05, json_response({"a": 1}), "no_time"),
        # What is noted at the end has no time set aside, if that is all there is for the write.
        (0.5, json_response({"a": 1}), ""),
        (10.0, json_response({"a": 1}, 503), "legacy_5xx"),
        (10.0, LegacyTimeout("x"), "legacy_timeout"),
        (0.5, LegacyTimeout("x"), "no_time"),
        (10.0, LegacyUnreachable("x"), "legacy_unreachable"),
    ],
)
def test_write_of_a_live_route_that_legacy_has_not_taken_is_counted(
    lab: Lab, left_s: float, legacy: Answer, untaken: str
) -> None:
    """Going back would lose it, and whoever goes back is told."""
    lab.sides.legacy = [legacy]

    lab.after({**LIVE, "writes": True}, result({"a": 1}), method="POST", left_s=left_s)

    [(_, outcome, _)] = lab.told
    assert outcome.untaken == untaken


@pytest.mark.parametrize(
    ("route", "method", "response", "failure"),
    [
        (LIVE, "GET", result({"a": 1}), ""),
        # The client knows that these have failed; or legacy has answered them as the fallback.
        ({**LIVE, "writes": True}, "POST", result({}, 500), ""),
        ({**LIVE, "writes": True}, "POST", json_response({}), "migrated_failed"),
        ({"stage": "canary", "percent": 100, "compare": True, "writes": True}, "POST", result({"a": 1}), ""),
        ({**SHADOW, "writes": True}, "POST", json_response({"a": 1}), ""),
    ],
)
def test_what_legacy_is_not_owed_is_not_counted_as_lost_to_it(
    lab: Lab, route: dict[str, Any], method: str, response: Response, failure: str
) -> None:
    lab.sides.legacy, lab.sides.migrated = [LegacyTimeout("x")], [MigratedTimeout("x")]

    lab.after(route, response, failure, method)

    [(_, outcome, _)] = lab.told
    assert outcome.untaken == ""


def test_handler_that_hangs_as_a_shadow_does_not_keep_writes_from_legacy(lab: Lab) -> None:
    may_go_on = threading.Event()

    def hang() -> Response:
        may_go_on.wait(30)
        return result({"a": 1})

    lab.sides.migrated = [hang]
    lab.after({**SHADOW, "shadow": {"timeout": "50ms"}}, json_response({"a": 1}))

    lab.after({**LIVE, "writes": True}, result({"a": 1}), method="POST")
    may_go_on.set()

    assert lab.noted.outcomes == [("candidate_failed", "migrated_timeout"), ("equal", "")]


def test_shadow_that_hangs_is_left_alone_and_its_target_not_asked_again_before_it_is_back(lab: Lab) -> None:
    may_go_on = threading.Event()
    came_back = threading.Event()

    def hang() -> Response:
        may_go_on.wait(30)
        came_back.set()
        return result({"a": 1})

    lab.sides.migrated = [hang, result({"a": 1})]
    route = {**SHADOW, "shadow": {"timeout": "50ms"}}

    lab.after(route, json_response({"a": 1}))
    lab.after(route, json_response({"a": 1}))
    may_go_on.set()
    assert came_back.wait(30)
    for thread in threading.enumerate():
        if thread.name == "shadow":
            thread.join(30)
    lab.after(route, json_response({"a": 1}))

    assert lab.noted.outcomes == [("candidate_failed", "migrated_timeout"), ("skipped", "still_busy"), ("equal", "")]


def test_evidence_that_cannot_be_kept_is_counted_and_nothing_else(lab: Lab) -> None:
    lab.noted.broken = True

    lab.after(SHADOW, json_response({"a": 1}))

    assert (lab.shadows.failures, lab.shadows.problem) == (2, "evidence: got no answer")
    assert [outcome.what for _, outcome, _ in lab.told] == ["equal"]


def test_trouble_with_the_evidence_that_is_over_is_told_no_longer(lab: Lab) -> None:
    lab.noted.broken = True
    lab.after(SHADOW, json_response({"a": 1}))

    lab.noted.broken = False
    lab.after(SHADOW, json_response({"a": 1}))

    assert (lab.shadows.failures, lab.shadows.problem) == (2, "")


def test_comparisons_are_told_even_where_no_evidence_is_kept() -> None:
    told: list[str] = []
    shadows = Shadows(Sides(), None, lambda _, outcome, __: told.append(outcome.what))
    routes = table({"id": "a", "match": "GET /a", **SHADOW})
    asked = request("GET", "/a")

    shadows.after(asked, decide(routes, asked), routes, json_response({"a": 1}), "", asked.deadline)

    assert told == ["equal"]


NOISY: dict[str, Any] = {**SHADOW, "compare": {"noise": {"percent": 100}}}


def test_noise_is_what_differs_between_two_answers_of_legacy(lab: Lab) -> None:
    lab.sides.legacy = [json_response({"a": 1, "at": "later"})]
    lab.sides.migrated = [result({"a": 2, "at": "even later"})]

    lab.after(NOISY, json_response({"a": 1, "at": "now"}))

    [(_, outcome, _)] = lab.told
    assert [side for side, _ in lab.sides.asked] == ["migrated", "legacy"]
    assert [found["path"] for found in outcome.differences] == ["$.a", "$.at"]
    assert outcome.noise == ("$.at",)


@pytest.mark.parametrize(("method", "legacy"), [("POST", json_response({"a": 1})), ("GET", LegacyTimeout("x"))])
def test_noise_is_learned_of_answers_to_safe_requests_alone(lab: Lab, method: str, legacy: Answer) -> None:
    lab.sides.legacy = [legacy]

    lab.after({**NOISY, "writes": True}, json_response({"a": 1}), method=method)

    [(_, outcome, _)] = lab.told
    assert (outcome.what, outcome.noise) == ("equal", None)
    assert ("legacy" in [side for side, _ in lab.sides.asked]) == (method == "GET")


def test_legacy_is_asked_once_more_only_if_there_is_time_left(lab: Lab) -> None:
    """With a time limit that is over already, legacy would seem to have failed."""
    lab.sides.takes = lambda asked: setattr(lab, "now", asked.deadline)

    lab.after(NOISY, json_response({"a": 1}), left_s=EVIDENCE_S + 0.2)

    assert ([side for side, _ in lab.sides.asked], lab.noted.outcomes) == (["migrated"], [("equal", "")])


def test_noise_is_learned_of_a_sample(lab: Lab) -> None:
    for number in range(2000):
        lab.after({**SHADOW, "compare": {"noise": "learn"}}, json_response({"a": 1}), request_id=f"request-{number}")

    twice = sum(outcome.noise is not None for _, outcome, _ in lab.told)
    assert 140 <= twice <= 260, "10 % of 2 000, four standard deviations (54) and a little"


@pytest.mark.parametrize(
    ("method", "percent", "status", "failure", "counts"),
    [
        ("GET", 100, 200, "", {"migrated_reads": 1}),
        ("GET", 0, 404, "", {"legacy_reads": 1}),
        ("GET", 100, 200, "migrated_failed", {"migrated_reads": 1, "migrated_read_errors": 1}),
        ("POST", 100, 201, "", {"migrated_writes": 1}),
        ("POST", 100, 500, "", {"migrated_writes": 1, "migrated_write_errors": 1}),
        ("POST", 100, 422, "", {"migrated_writes": 1, "migrated_write_refusals": 1}),
        ("DELETE", 0, 404, "", {"legacy_writes": 1, "legacy_write_refusals": 1}),
        ("POST", 100, 409, "migrated_unwanted", {"migrated_writes": 1, "migrated_write_errors": 1}),
        ("PUT", 0, 502, "legacy_timeout", {"legacy_writes": 1, "legacy_write_errors": 1}),
    ],
)
def test_canary_counts_by_the_side_that_was_chosen(
    lab: Lab, method: str, percent: int, status: int, failure: str, counts: dict[str, int]
) -> None:
    route = {"stage": "canary", "percent": percent}

    lab.after(route, json_response({}, status), failure, method)

    assert (lab.noted.lines, lab.sides.asked) == ([counts], [])


@pytest.fixture(autouse=True)
def no_thread_is_left_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(30)
        assert not thread.is_alive()


def test_handler_that_fails_in_the_shadow_is_told_with_its_error(lab: Lab) -> None:
    """Else nobody knows why; no evidence keeps it."""
    error = MigratedFailed("x")
    lab.sides.migrated = [error]

    lab.after(SHADOW, json_response({"a": 1}))

    [(_, outcome, _)] = lab.told
    assert (outcome.what, outcome.error) == ("candidate_failed", error)
