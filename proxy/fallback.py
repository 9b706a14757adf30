"""The primary's answer or, if that fails and it is safe, the fallback's in its place. Nobody is asked twice."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, Protocol

from proxy.errors import BreakerOpen, FigError, MigratedFailed, MigratedUnwanted, ResponseTooLarge
from proxy.message import SAFE_METHODS, Request, Response
from proxy.routing.decide import Decision
from proxy.routing.table import Route, Table


class Backends(Protocol):
    """Whoever can answer, by side."""

    def ask(self, decision: Decision, table: Table, request: Request) -> Response:
        """Return the answer of the decision's primary. Raises FigError."""

    def ask_instead(self, decision: Decision, table: Table, request: Request) -> Response:
        """Return the answer of the decision's primary where it stands in for another. Raises FigError."""

    def is_open(self, route: Route) -> bool:
        """Tell whether the breaker of a route's migrated side is open."""

    def state_of(self, route: Route) -> str:
        """Return the state of that breaker."""


class Answered(NamedTuple):
    """What the client gets; and of a primary that has failed, why, and whether the fallback has answered in its place.

    `in_vain` is the reason code of why it has not: it was asked, and must not be asked again for the same exchange. The
    client then has the primary's answer, although its status counts as a failure.
    """

    response: Response
    failure: FigError | None = None
    in_vain: str = ""


def ask_with_fallback(
    backends: Backends,
    decision: Decision,
    table: Table,
    request: Request,
    now: Callable[[], float] = time.monotonic,
) -> Answered:
    """Return the answer of a decision that has a fallback. Raises FigError, the primary's, if neither can answer.

    A request that may write goes to the fallback only if the primary has said that nothing was committed, or was never
    asked: a write is never executed twice.
    """
    route = decision.route
    assert route is not None, "only a route has a fallback"
    answer: Response | None = None
    try:
        answer = backends.ask(decision, table, _limited(route, request, now()))
        if answer.status not in route.fallback_statuses:
            return Answered(answer)
        failure: FigError = MigratedUnwanted(
            f"{route.id}: got status {answer.status}, which the route lists as a failure"
        )
        nothing_committed = answer.nothing_committed
    except (MigratedFailed, ResponseTooLarge, BreakerOpen) as exc:
        failure = exc
        nothing_committed = getattr(exc, "nothing_committed", isinstance(exc, BreakerOpen))
    in_vain = ""
    if request.method in SAFE_METHODS or nothing_committed:
        try:
            return Answered(backends.ask_instead(_instead(decision), table, request), failure)
        except FigError as exc:
            in_vain = exc.code  # then the client gets what it would have got without a fallback
    if answer is None:
        raise failure
    return Answered(answer, failure, in_vain) if in_vain else Answered(answer)


def _instead(decision: Decision) -> Decision:
    assert decision.fallback is not None, "asked only where there is one"
    return decision._replace(primary=decision.fallback)


def _limited(route: Route, request: Request, now: float) -> Request:
    """Return the request with a deadline that leaves the fallback time to answer; a write keeps all of its time.

    One that is cut off may be committed, so that nobody else would be asked in the time that it was refused.
    """
    if request.method not in SAFE_METHODS:
        return request
    left_s = request.deadline - now
    limit_s = left_s / 2 if route.fallback_after_s is None else min(route.fallback_after_s, left_s)
    return replace(request, deadline=now + limit_s)
