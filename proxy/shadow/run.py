"""Ask the other side what the client has an answer to already, compare the two, and note what was found.

It runs after the answer, and whatever happens in it is a line in the evidence: nothing here can reach a client. A
shadow that kills the process loses its own comparison alone, of which the start marker tells.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Protocol

from proxy.errors import BreakerOpen, FigError, LegacyTimeout, MigratedTimeout
from proxy.evidence.outcome import Evidence, Outcome
from proxy.message import SAFE_METHODS, Request, Response
from proxy.routing.canary import falls_below
from proxy.routing.decide import Decision, Side, is_owed_to_legacy
from proxy.routing.revision import revision_of
from proxy.routing.table import Route, Table
from proxy.shadow.answered import answer_of
from proxy.shadow.compare import Answer, compare
from proxy.shadow.exchange import Exchange
from proxy.shadow.in_time import InTime, StillBusy, TookTooLong
from proxy.shadow.masked import masked_target
from proxy.shadow.redact import redacted
from proxy.shadow.rules import Rules

LEAST_S = 0.1  # with less time left, nothing is begun
EVIDENCE_S = 1.0  # for each call to the evidence, and set aside for what is noted at the end
_MAX_RULES = 256  # parsed rules that are kept

Tell = Callable[[Exchange, Outcome, float], object]  # what was found, and the milliseconds that it took


class Asking(Protocol):
    """The sides, as far as they are asked here."""

    def ask_to_compare(self, decision: Decision, table: Table, request: Request, *, is_hurried: bool) -> Response:
        """Return the answer of the decision's primary. Raises FigError."""

    def is_open_to_compare(self, route: Route) -> bool:
        """Tell whether the breaker is open of a route's migrated side as it is asked for comparing."""


class _Skipped(Exception):
    """No comparison, and why."""


class _CandidateFailed(Exception):
    """The migrated side gave no answer, and why."""


class Shadows:
    """Runs shadows. `evidence` may be None: then comparisons are only told. `now` is time.monotonic."""

    def __init__(
        self,
        sides: Asking,
        evidence: Evidence | None,
        tell: Tell,
        on_thread: Callable[[], object] = lambda: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sides = sides
        self._evidence = evidence
        self._tell = tell
        self._now = now
        self._in_time: InTime[Response] = InTime(on_thread)
        self._rules: dict[str, Rules] = {}
        self.failures = 0  # calls to the evidence that failed; told in the next record
        self.problem = ""  # why the newest call failed; "" once one has not

    def after(
        self, request: Request, decision: Decision, table: Table, response: Response, failure: str, deadline: float
    ) -> None:
        """Do all that an exchange asks for after its answer, by a deadline of time.monotonic(). Never raises."""
        self._after(Exchange(request, decision, table, response, failure), deadline)

    def _after(self, exchange: Exchange, deadline: float) -> None:
        route = exchange.decision.route
        assert route is not None, "only a route is compared"
        revision = revision_of(route, exchange.table.methods_of(route))
        if exchange.decision.bucket is not None:
            limit_s = self._limit_s(deadline)
            self._note(lambda evidence: evidence.count(route.id, revision, _counts(exchange), limit_s))
        if exchange.decision.shadow is None:
            return
        began = self._now()
        so_far = Outcome(route.id, revision, "equal", is_write=exchange.request.method not in SAFE_METHODS)
        outcome = self._outcome(exchange, exchange.decision.shadow, so_far, deadline)
        self._note(lambda evidence: evidence.finish(outcome, self._limit_s(deadline)))
        self._tell(exchange, outcome, (self._now() - began) * 1000)

    def _outcome(self, exchange: Exchange, shadow: Side, so_far: Outcome, deadline: float) -> Outcome:
        is_owed = is_owed_to_legacy(exchange.decision, exchange.request) and not _failed(exchange)
        # What is noted at the end has its time set aside, unless that would keep a write from legacy.
        ends = deadline if is_owed or self._evidence is None else deadline - EVIDENCE_S
        try:
            self._check(exchange, shadow, ends)
            so_far = so_far._replace(began_at=self._begun(so_far, ends))
            other = self._ask(exchange, shadow, ends)
            if is_owed and other.status >= 500:
                so_far = so_far._replace(untaken="legacy_5xx")
            return self._compared(exchange, shadow, other, so_far, ends)
        except _Skipped as exc:
            return so_far._replace(what="skipped", why=str(exc), untaken=str(exc) if is_owed else "")
        except _CandidateFailed as exc:
            return so_far._replace(what="candidate_failed", why=str(exc), error=exc.__cause__)
        except Exception as exc:  # a comparator that fails is told apart, and touches nothing
            return so_far._replace(what="comparator_failed", why=type(exc).__name__)

    def _begun(self, so_far: Outcome, ends: float) -> float | None:
        """Note that a comparison begins; return when, or None if that was not noted."""
        noted: list[float] = []
        limit_s = min(EVIDENCE_S, (ends - self._now()) / 2)  # the rest is for whoever is asked
        self._note(
            lambda evidence: noted.append(
                evidence.start(so_far.route_id, so_far.revision, limit_s, is_write=so_far.is_write)
            )
        )
        return noted[0] if noted else None

    def _limit_s(self, ends: float) -> float:
        """Return how long a call to the evidence may take that must be over by a time."""
        return min(EVIDENCE_S, ends - self._now())

    def _check(self, exchange: Exchange, shadow: Side, ends: float) -> None:
        """Raise _Skipped or _CandidateFailed for what needs no other answer, or can have none."""
        failed = _failed(exchange)
        if shadow == "legacy" and exchange.failure:
            # If legacy has stood in, it was asked already; and a write of which the client was told that it had failed
            # is not to be found anywhere.
            raise _CandidateFailed(exchange.failure)
        if failed and (exchange.failure or exchange.request.method not in SAFE_METHODS):
            raise _Skipped(failed)
        if ends - self._now() < LEAST_S:
            raise _Skipped("no_time")
        route = exchange.decision.route
        assert route is not None
        if shadow == "migrated" and self._sides.is_open_to_compare(route):
            raise _Skipped("breaker_open")
        if self._in_time.is_busy((route.id, shadow)):
            raise _Skipped("still_busy")

    def _ask(self, exchange: Exchange, side: Side, ends: float) -> Response:
        """Return a side's own answer to the request. Raises _Skipped or _CandidateFailed."""
        route = exchange.decision.route
        assert route is not None
        left_s = ends - self._now()
        if left_s < LEAST_S:
            raise _Skipped("no_time")
        limit_s = min(route.shadow_timeout_s, left_s - LEAST_S / 2)
        is_hurried = limit_s < route.shadow_timeout_s
        request = replace(exchange.request, deadline=self._now() + limit_s, is_shadow=True)
        asked = exchange.decision._replace(primary=side)
        ask = partial(self._sides.ask_to_compare, asked, exchange.table, request, is_hurried=is_hurried)
        failed = _CandidateFailed if side == "migrated" else _Skipped
        try:
            return self._in_time((route.id, side), ask, limit_s + LEAST_S / 2)
        except (BreakerOpen, StillBusy) as exc:
            raise _Skipped(_why_not_asked(exc, side)) from None
        except (TookTooLong, LegacyTimeout, MigratedTimeout):
            # What had less time than the route gives it was not too slow.
            raise _Skipped("no_time") if is_hurried else failed(f"{side}_timeout") from None
        except FigError as exc:
            raise failed(exc.code) from exc
        except BaseException as exc:  # a handler of somebody else's may raise anything; here nobody is to end by it
            raise failed(type(exc).__name__) from exc

    def _compared(self, exchange: Exchange, shadow: Side, other: Response, so_far: Outcome, ends: float) -> Outcome:
        route, request = exchange.decision.route, exchange.request
        assert route is not None
        rules = self._rules_of(route, so_far.revision)
        first, second = answer_of(exchange.response, request), answer_of(other, request)
        control, candidate = (first, second) if shadow == "migrated" else (second, first)
        key = os.urandom(16)  # new for each: hashes tell whether two values of one example are the same, and no more
        found = tuple(
            redacted(difference, shows_values=rules.values, key=key)
            for difference in compare(rules, control, candidate)
        )
        return so_far._replace(
            what="different" if found else "equal",
            differences=found,
            request=_shown(request, route, rules) if found else {},
            noise=self._noise(exchange, control, rules, ends),
        )

    def _noise(self, exchange: Exchange, control: Answer, rules: Rules, ends: float) -> tuple[str, ...] | None:
        """Return where two answers of legacy to one request differ; None if it was not asked twice."""
        request, route = exchange.request, exchange.decision.route
        assert route is not None
        if request.method not in SAFE_METHODS or not falls_below(route.noise_percent, f"{route.id} noise", request.id):
            return None
        try:
            again = self._ask(exchange, "legacy", ends)
        except (_Skipped, _CandidateFailed):
            return None
        return tuple(
            dict.fromkeys(found.path for found in compare(rules.of_one_side, control, answer_of(again, request)))
        )

    def _rules_of(self, route: Route, revision: str) -> Rules:
        rules = self._rules.get(revision)
        if rules is None:
            if len(self._rules) >= _MAX_RULES:
                self._rules.clear()
            rules = self._rules[revision] = Rules.of(route.compare)
        return rules

    def _note(self, what: Callable[[Evidence], object]) -> None:
        if self._evidence is None:
            return
        try:
            what(self._evidence)
            self.problem = ""
        except FigError as exc:
            self.failures += 1
            self.problem = str(exc)


def _failed(exchange: Exchange) -> str:
    """Return why the client was told that its request has failed, as a code; "" if it was not."""
    return exchange.failure or ("primary_5xx" if exchange.response.status >= 500 else "")


def _why_not_asked(exc: Exception, side: Side) -> str:
    if isinstance(exc, StillBusy):
        return "still_busy"
    return "breaker_open" if side == "migrated" else "legacy_breaker_open"  # legacy's trouble speaks against nobody


def _counts(exchange: Exchange) -> Mapping[str, int]:
    """Return what a canary counts of an exchange: by the side that was chosen, and by whether it may write."""
    kind = "read" if exchange.request.method in SAFE_METHODS else "write"
    name = f"{exchange.decision.primary}_{kind}"
    if _failed(exchange):
        return {f"{name}s": 1, f"{name}_errors": 1}
    is_refusal = kind == "write" and exchange.response.status >= 400
    return {f"{name}s": 1, f"{name}_refusals": 1} if is_refusal else {f"{name}s": 1}


def _shown(request: Request, route: Route, rules: Rules) -> Mapping[str, str | bool]:
    # The target holds ids and what was searched for; it is a value like any other.
    if not rules.values:
        return {"method": request.method}
    target = masked_target(request.target, route)
    shown = {"method": request.method, "target": target}
    return shown if target == request.target else {**shown, "is_masked": True}
