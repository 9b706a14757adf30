"""What a route's methods do: read, write, or both. Each kind is proved in its own way."""

from typing import NamedTuple

from proxy.message import SAFE_METHODS
from proxy.routing import pattern
from proxy.routing.document import RouteDocument


class Kinds(NamedTuple):
    """Whether a route reads, and the methods by which it writes, sorted."""

    reads: bool
    writes: tuple[str, ...]


def kinds_of(route: RouteDocument) -> Kinds:
    """Return what a route's methods do."""
    methods = set(pattern.parse(route.match).methods)
    return Kinds(bool(methods & SAFE_METHODS), tuple(sorted(methods - SAFE_METHODS)))


def is_compared(route: RouteDocument) -> bool:
    """Tell whether a shadow may run for any of a route's methods."""
    return route.writes or kinds_of(route).reads
