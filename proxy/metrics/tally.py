"""What is counted of exchanges and comparisons, so that any number of counts can be added up."""

from typing import TypeVar

from proxy.metrics.histogram import Histogram, buckets, percentiles
from proxy.metrics.source import Flow, RouteNumbers, Side, Usage

K = TypeVar("K")


class Counted:
    """Answers: how many, how many of them errors, and how long they took."""

    __slots__ = ("errors", "latency", "requests")

    def __init__(self) -> None:
        self.requests = self.errors = 0
        self.latency: Histogram = {}

    def count(self, bucket: int, *, is_error: bool) -> None:
        """Count one answer."""
        self.requests += 1
        self.errors += is_error
        self.latency[bucket] = self.latency.get(bucket, 0) + 1

    def add(self, more: "Counted") -> None:
        """Add other answers."""
        self.requests += more.requests
        self.errors += more.errors
        _add(self.latency, more.latency)

    def flow(self) -> Flow:
        """Return what dashboards show."""
        p50, p95, p99 = percentiles(self.latency, 50, 95, 99)
        return Flow(self.requests, self.errors, p50, p95, p99, buckets(self.latency))


class Curve:
    """Answers of all routes in one moment, by side."""

    __slots__ = ("sides",)

    def __init__(self) -> None:
        self.sides: dict[Side, Counted] = {}

    def count(self, side: Side, bucket: int, *, is_error: bool) -> None:
        """Count one answer."""
        _of(self.sides, side).count(bucket, is_error=is_error)

    def add(self, more: "Curve") -> None:
        """Add another moment."""
        for side, counted in more.sides.items():
            _of(self.sides, side).add(counted)


class Tally:
    """All that is counted by route, caller and path."""

    def __init__(self) -> None:
        self.flows: dict[tuple[str, Side], Counted] = {}
        self.fallbacks: dict[str, int] = {}
        self.comparisons: dict[str, int] = {}
        self.differences: dict[str, int] = {}
        self.usage: dict[tuple[str, str], int] = {}  # by what legacy was asked for, and the caller
        self.paths: dict[str, int] = {}

    def count(self, route: str, side: Side, bucket: int, *, is_error: bool) -> None:
        """Count one answer of a side for a route."""
        _of(self.flows, (route, side)).count(bucket, is_error=is_error)

    def add(self, more: "Tally") -> None:
        """Add what was counted elsewhere."""
        for key, counted in more.flows.items():
            _of(self.flows, key).add(counted)
        _add(self.fallbacks, more.fallbacks)
        _add(self.comparisons, more.comparisons)
        _add(self.differences, more.differences)
        _add(self.usage, more.usage)
        _add(self.paths, more.paths)

    def routes(self, breakers: dict[str, str]) -> dict[str, RouteNumbers]:
        """Return what dashboards show of each route; `breakers` has those that are not closed."""
        flows: dict[str, dict[Side, Flow]] = {}
        for (route, side), counted in self.flows.items():
            flows.setdefault(route, {})[side] = counted.flow()
        # A comparison may be told in the slice after that of its exchange.
        routes = {**flows, **dict.fromkeys((*self.fallbacks, *self.comparisons, *breakers))}
        return {
            route: RouteNumbers(
                flows.get(route, {}),
                self.fallbacks.get(route, 0),
                self.comparisons.get(route, 0),
                self.differences.get(route, 0),
                breakers.get(route, ""),
            )
            for route in sorted(routes)
        }

    def legacy_usage(self) -> list[Usage]:
        """Return who asked legacy for what, the most first."""
        rows = (Usage(what, client, requests) for (what, client), requests in self.usage.items())
        return sorted(rows, key=lambda row: (-row.requests, row.what, row.client))


def increase(counts: dict[K, int], name: K) -> None:
    """Count one more."""
    counts[name] = counts.get(name, 0) + 1


def _add(to: dict[K, int], more: dict[K, int]) -> None:
    for name, number in more.items():
        to[name] = to.get(name, 0) + number


def _of(counts: dict[K, Counted], key: K) -> Counted:
    found = counts.get(key)
    if found is None:
        found = counts[key] = Counted()
    return found
