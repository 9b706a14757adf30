"""Requests that would go to another route than now, for the one that they have goes away or asks for other ones.

Nothing of that other route need change: a wildcard that is live takes what a route in legacy has kept from it. Found by
requests made up for each pair of routes (see proxy/routing/witness.py), and looked up in both tables.
"""

from collections.abc import Iterator

from proxy.message import Request
from proxy.publishing.raised import in_words, reach
from proxy.routing.compile import unpublished
from proxy.routing.document import Document, RouteDocument
from proxy.routing.listed import Listed, listed
from proxy.routing.table import Table
from proxy.routing.witness import fresh_text, path_of, request_for, words


def moved(before: Document, after: Document) -> Iterator[str]:
    """Yield in words which requests would come, with no change of its own, to a route that answers more clients."""
    kept = {route.id: route for route in after.routes}
    may_move = [_is_otherwise(route, kept.get(route.id)) for route in before.routes]
    if any(may_move):  # hardly ever, and tables of ten thousand routes take a while
        search = _Search(before, after)
        for position, is_wanted in enumerate(may_move):
            if is_wanted:
                yield from search.requests_of(position)


def _is_otherwise(route: RouteDocument, after: RouteDocument | None) -> bool:
    return after is None or (route.match, route.when) != (after.match, after.when)


class _Search:
    """Both documents, their tables, and a text that none of them mentions."""

    def __init__(self, before: Document, after: Document) -> None:
        self._before, self._after = before.routes, after.routes
        self._listed, self._listed_after = listed(before.routes), listed(after.routes)
        self._was, self._would_be = unpublished(before.routes), unpublished(after.routes)
        self._fresh = fresh_text([*self._listed, *self._listed_after])

    def requests_of(self, position: int) -> Iterator[str]:
        """Yield one request that a route loses to each route that answers more clients."""
        route, told = self._before[position], set[str]()
        for other in self._listed_after:
            taker = self._after[other.position]
            if taker.id == route.id or taker.id in told or not _answers_more(route, taker):
                continue
            for request, request_words in self._of_both(self._listed[position], other):
                if _is_at(self._was, request, position) and _is_at(self._would_be, request, other.position):
                    told.add(taker.id)
                    yield _in_words(route, request_words, taker)
                    break

    def _of_both(self, one: Listed, other: Listed) -> Iterator[tuple[Request, str]]:
        """Yield requests, and the words for them, that both routes match; fresh text is as general as can be."""
        segments = _in_common(one.segments, other.segments)
        if segments is None:
            return
        path, asked = path_of(segments, self._fresh), one.asked + other.asked
        for method in one.methods:
            request = request_for(method, path, asked, self._fresh) if method in other.methods else None
            if request is not None:
                yield request, words(method, path, asked, self._fresh)


def _is_at(table: Table, request: Request, position: int) -> bool:
    return table.match(request.method, request.path, request) is table.routes[position]


def _answers_more(route: RouteDocument, taker: RouteDocument) -> bool:
    if taker.stage == "retired":  # as with a route of its own: what has arrived may be retired
        return route.stage not in ("live", "migrated", "retired")
    return reach(taker) > reach(route)


def _in_common(one: tuple[str, ...], other: tuple[str, ...]) -> list[str] | None:
    """Return the segments of a path that both templates match, the shortest; None if there is none."""
    longest = max(len(one), len(other))
    first, second = _as_long(one, longest), _as_long(other, longest)
    found = []
    for mine, theirs in zip(first, second, strict=False):
        if not mine.startswith("{") and not theirs.startswith("{") and mine != theirs:
            return None
        found.append(theirs if mine.startswith("{") else mine)
    return found if len(first) == len(second) else None


def _as_long(segments: tuple[str, ...], longest: int) -> tuple[str, ...]:
    """Return the segments with a rest drawn out to as many."""
    is_rest = segments[-1].endswith("+}")
    return (*segments, *(["{more}"] * (longest - len(segments)))) if is_rest else segments


def _in_words(route: RouteDocument, request: str, taker: RouteDocument) -> str:
    now, then = in_words(route), in_words(taker)
    return (
        f"{route.id}: {request}, which is in stage {now}, would go to {taker.id} in stage {then}: keep {route.id}, or "
        f"set {taker.id} to shadow first"
    )
