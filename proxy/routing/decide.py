"""Which side answers. The only place that knows what a stage means."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from proxy.routing.pattern import canonical
from proxy.routing.table import Match, Route, Stage, Table

Side = Literal["legacy", "migrated"]
Reason = Literal["unlisted", "stage", "ambiguous_path"]


class Decision(NamedTuple):
    """Who answers, who is asked afterwards for comparing, and who answers if the first one fails."""

    primary: Side
    shadow: Side | None
    fallback: Side | None
    reason: Reason
    route: Route | None = None
    params: Mapping[str, str] = MappingProxyType({})


_UNLISTED = Decision("legacy", None, None, "unlisted")
_AMBIGUOUS = Decision("legacy", None, None, "ambiguous_path")
_SIDES: Mapping[Stage, tuple[Side, Side | None, Side | None]] = {
    #            primary     shadow  fallback
    "legacy": ("legacy", None, None),
    "migrated": ("migrated", None, None),
}


def decide(table: Table, method: str, path: str) -> Decision:
    """Return the decision for a method and a raw path. What no route lists, legacy answers.

    The path is matched as its bytes are, and as a lenient server may read them; if the two disagree, legacy answers,
    so that no spelling of a path can reach a handler that the forwarded path would not.
    """
    match = table.match(method, path)
    lenient = canonical(path)
    if lenient is not path and _route_of(table.match(method, lenient)) != _route_of(match):
        return _AMBIGUOUS
    if match is None:
        return _UNLISTED
    primary, shadow, fallback = _SIDES[match.route.stage]
    return Decision(primary, shadow, fallback, "stage", match.route, match.params)


def _route_of(match: Match | None) -> str | None:
    return match.route.id if match else None
