"""Which side answers. The only place that knows what a stage means."""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from proxy.message import SAFE_METHODS, Request
from proxy.routing import canary
from proxy.routing.pattern import canonical
from proxy.routing.table import Route, Stage, Table

Side = Literal["legacy", "migrated", "proxy"]  # the proxy itself answers for what is gone
Reason = Literal["unlisted", "stage", "ambiguous_path", "frozen", "override", "breaker_open"]


class Decision(NamedTuple):
    """Who answers, who is asked afterwards for comparing, and who answers if the first one fails.

    For a request that may write, the fallback counts only if nothing was committed.
    """

    primary: Side
    shadow: Side | None
    fallback: Side | None
    reason: Reason
    route: Route | None = None
    bucket: int | None = None  # of the caller, where a percentage of callers decides


_UNLISTED = Decision("legacy", None, None, "unlisted")
_AMBIGUOUS = Decision("legacy", None, None, "ambiguous_path")
_Sides = tuple[Side, Side | None, Side | None]
_SIDES: Mapping[Stage, _Sides] = {
    #            primary     shadow      fallback
    "legacy": ("legacy", None, None),
    "shadow": ("legacy", "migrated", None),
    "live": ("migrated", "legacy", "legacy"),
    "migrated": ("migrated", None, None),
    "retired": ("proxy", None, None),
}
# A freeze sends back to legacy whatever still has a living one; the rest only if that was asked for.
_FROZEN: Mapping[str, frozenset[Stage]] = {
    "": frozenset(),
    "moving": frozenset(("shadow", "canary", "live")),
    "all": frozenset(("shadow", "canary", "live", "migrated", "retired")),
}


def nobody_chooses(_route: Route, _request: Request) -> Side | None:
    """Return no side: testers may choose one, but clients may not."""
    return None


def never_open(_route: Route) -> bool:
    """Tell that no breaker is open."""
    return False


def decide(
    table: Table,
    request: Request,
    chosen: Callable[[Route, Request], Side | None] = nobody_chooses,
    is_open: Callable[[Route], bool] = never_open,
) -> Decision:
    """Return the decision for a request. What no route lists, legacy answers.

    `chosen` gives the side that a tester may choose and has chosen, `is_open` tells whether the breaker of a route's
    migrated side is open.

    The path is matched as its bytes are, and as a lenient server may read them; if the two disagree, legacy answers,
    so that no spelling of a path can reach a handler that the forwarded path would not.
    """
    route = table.match(request.method, request.path, request)
    lenient = canonical(request.path)
    if lenient is not request.path and _id_of(table.match(request.method, lenient, request)) != _id_of(route):
        return _AMBIGUOUS
    if route is None:
        return _UNLISTED
    if table.frozen and route.stage in _FROZEN[table.frozen]:
        return Decision("legacy", None, None, "frozen", route)
    # While anything is frozen, testers choose nothing: a freeze is for when a side does harm.
    may_choose = chosen is not nobody_chooses and not table.frozen and route.stage != "retired"
    if may_choose and (side := chosen(route, request)) is not None:
        return Decision(side, None, None, "override", route)  # whoever tests a side wants to see it fail
    bucket = None
    if route.stage == "canary":
        bucket = canary.bucket(route, request)
        primary, shadow, fallback = _canary(route, bucket)
    else:
        primary, shadow, fallback = _SIDES[route.stage]
    if not route.falls_back:
        fallback = None
    if fallback is not None and is_open(route):
        return Decision(fallback, None, None, "breaker_open", route, bucket)
    if shadow is not None and not _is_shadowed(route, request):
        shadow = None
    return Decision(primary, shadow, fallback, "stage", route, bucket)


def is_owed_to_legacy(decision: Decision, request: Request) -> bool:
    """Tell whether legacy is to get a request after the answer come what may: a write of a live route with `writes`.

    Else going back would lose it.
    """
    route = decision.route
    is_live = route is not None and route.stage == "live"
    return is_live and decision.shadow == "legacy" and request.method not in SAFE_METHODS


def _is_shadowed(route: Route, request: Request) -> bool:
    if request.method not in SAFE_METHODS:
        # A write runs twice only where the route says so; and then each of a live route, or legacy would lack some.
        return route.writes and (route.stage == "live" or _is_sampled(route, request))
    return _is_sampled(route, request)


def _is_sampled(route: Route, request: Request) -> bool:
    return canary.falls_below(route.shadow_percent, f"{route.id} shadow", request.id)


def _canary(route: Route, bucket: int) -> _Sides:
    # Half-open: at p % the buckets below p take part, so a higher p only ever adds callers.
    if bucket < canary.taken(route.percent):
        return "migrated", "legacy" if route.compares else None, "legacy"
    return "legacy", "migrated" if route.compares else None, None


def _id_of(route: Route | None) -> str | None:
    return route.id if route else None
