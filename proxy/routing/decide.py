"""Which side answers. The only place that knows what a stage means."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from proxy.message import SAFE_METHODS, Request
from proxy.routing import canary
from proxy.routing.pattern import canonical
from proxy.routing.table import Route, Stage, Table

Side = Literal["legacy", "migrated", "proxy"]  # the proxy itself answers for what is gone
Reason = Literal["unlisted", "stage", "ambiguous_path", "frozen"]


class Decision(NamedTuple):
    """Who answers, who is asked afterwards for comparing, and who answers if the first one fails."""

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


def decide(table: Table, request: Request) -> Decision:
    """Return the decision for a request. What no route lists, legacy answers.

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
    bucket = None
    if route.stage == "canary":
        bucket = canary.bucket(route, request)
        primary, shadow, fallback = _canary(route, bucket)
    else:
        primary, shadow, fallback = _SIDES[route.stage]
    if request.method not in SAFE_METHODS:
        shadow = fallback = None  # neither may run a write a second time
    elif not route.falls_back:
        fallback = None
    return Decision(primary, shadow, fallback, "stage", route, bucket)


def _canary(route: Route, bucket: int) -> _Sides:
    # Half-open: at p % the buckets below p take part, so a higher p only ever adds callers.
    if bucket < round(route.percent * canary.BUCKETS / 100):
        return "migrated", "legacy" if route.compares else None, "legacy"
    return "legacy", "migrated" if route.compares else None, None


def _id_of(route: Route | None) -> str | None:
    return route.id if route else None
