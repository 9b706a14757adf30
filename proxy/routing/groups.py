"""Routes of one group that tell callers apart in different ways: they would take different callers into their canaries.

A path parameter may have another name in each template. A route that is in no canary yet is refused, too: the way into
one is no time to find out.
"""

from collections.abc import Iterator, Sequence

from proxy.routing.document import RouteDocument
from proxy.routing.listed import Problem
from proxy.routing.words import shown


def split_groups(routes: Sequence[RouteDocument]) -> Iterator[Problem]:
    """Yield a problem for each route whose `sticky` is not that of the first route of its group."""
    first: dict[str, RouteDocument] = {}
    for position, route in enumerate(routes):
        if route.group is None or route.stage == "retired":
            continue
        other = first.setdefault(route.group, route)
        if _key(other.sticky) != _key(route.sticky):
            yield Problem(
                position,
                "sticky",
                f"got {shown(route.sticky)}, expected {shown(other.sticky)}, as {other.id} of its group {route.group} "
                "has, or no group: one that tells callers apart otherwise takes other callers",
            )


def _key(sticky: str) -> str:
    kind, _, name = sticky.partition(":")
    return kind if kind == "path" else f"{kind}:{name.lower() if kind == 'header' else name}"
