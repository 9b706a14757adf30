"""A document's routes as the checks of a whole table look at them, and what these find."""

from collections.abc import Sequence
from typing import NamedTuple

from proxy.routing import pattern
from proxy.routing.compile import conditions
from proxy.routing.document import RouteDocument
from proxy.routing.source import Condition
from proxy.routing.words import shown

MOST_NAMES = 5


class Problem(NamedTuple):
    """Something wrong with routes that are each right by themselves."""

    position: int  # of the route in the document
    field: str  # of that route: "match", "when" or "sticky"
    message: str


class Listed(NamedTuple):
    """One route of a document, parsed."""

    position: int
    id: str
    match: str
    methods: tuple[str, ...]
    segments: tuple[str, ...]
    asked: tuple[Condition, ...]

    @property
    def shown(self) -> str:
        """What it matches, as messages show it: "'GET /orders/{id}'"."""
        return shown(self.match)

    @property
    def words(self) -> str:
        """The route as people know it: "orders.read ('GET /orders/{id}')"."""
        return f"{self.id} ({self.shown})"


def listed(routes: Sequence[RouteDocument]) -> list[Listed]:
    """Return the routes of a document by their positions."""
    found = []
    for position, route in enumerate(routes):
        parsed = pattern.parse(route.match)
        found.append(Listed(position, route.id, route.match, parsed.methods, parsed.segments, conditions(route.when)))
    return found


def names(some: Sequence[Listed]) -> str:
    """Return the words for some routes, and the number of those that are left out."""
    first = ", ".join(route.words for route in some[:MOST_NAMES])
    return f"{first} and {len(some) - MOST_NAMES} more" if len(some) > MOST_NAMES else first
