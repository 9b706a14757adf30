"""What all routes come to: sides added up, percentiles of all answers, and what happens just now."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from proxy.metrics.source import SIDES, Bucket, Flow, Point, RouteNumbers, Side

NOTHING = Flow()
_RECENT_S = 9.0


class Now(NamedTuple):
    """The last few seconds: how long they are, and by side how many a second and which share of them failed."""

    seconds: float
    requests: dict[Side, int]
    errors: dict[Side, int]

    def rate(self, side: Side) -> float | None:
        """Return how many requests a second a side answers; None if nobody knows."""
        return self.requests[side] / self.seconds if self.seconds else None


def added(flows: Iterable[Flow]) -> Flow:
    """Return several flows as one. Percentiles come from the distributions, for averages of percentiles are none."""
    answered = [flow for flow in flows if flow.requests]
    if len(answered) == 1:
        return answered[0]
    requests, errors = sum(flow.requests for flow in answered), sum(flow.errors for flow in answered)
    if not answered or not all(flow.latency for flow in answered):
        return Flow(requests, errors)
    counts: dict[float, int] = {}
    for flow in answered:
        for up_to_ms, answers in flow.latency:
            counts[up_to_ms] = counts.get(up_to_ms, 0) + answers
    latency = tuple(Bucket(*pair) for pair in sorted(counts.items()))
    p50, p95, p99 = (percentile(latency, wanted) for wanted in (50, 95, 99))
    return Flow(requests, errors, p50, p95, p99, latency)


def percentile(latency: Sequence[Bucket], wanted: int) -> float | None:
    """Return a time that so many percent of the answers at most took: the bound of the bucket with that rank."""
    rank = max(1, -(-sum(bucket.answers for bucket in latency) * wanted // 100))
    seen = 0
    for up_to_ms, answers in latency:
        seen += answers
        if seen >= rank:
            return up_to_ms
    return None


def by_side(routes: Iterable[RouteNumbers], series: Sequence[Point]) -> dict[Side, Flow]:
    """Return what each side has answered of all routes. Where no distribution is known, p95 is the curve's newest.

    A source may not tell all of too many routes, and never tells one that is not there: the curve counts if it is more.
    """
    found: dict[Side, list[Flow]] = {side: [] for side in SIDES}
    for numbers in routes:
        for side, flow in numbers.flows.items():
            found[side].append(flow)
    totals = {side: added(flows) for side, flows in found.items()}
    for side, flow in totals.items():
        on_curve = sum(point.requests.get(side, 0) for point in series)
        if on_curve > flow.requests and not flow.latency:
            totals[side] = flow = Flow(on_curve, sum(point.errors.get(side, 0) for point in series))
        if flow.requests and flow.p95_ms is None:
            newest = next((ms for point in reversed(series) if (ms := point.p95_ms.get(side)) is not None), None)
            totals[side] = Flow(flow.requests, flow.errors, None, newest)
    return totals


def migrated_share(migrated: int, legacy: int) -> float | None:
    """Return which share of what the two sides answered the migrated one did; None if there was nothing."""
    return migrated / (migrated + legacy) if migrated + legacy else None


def error_share(flow: Flow) -> float | None:
    """Return which share of the answers was an error; None if there was none."""
    return flow.errors / flow.requests if flow.requests else None


def now(series: Sequence[Point]) -> Now:
    """Return the last seconds of a curve, whose last point is still under way."""
    seconds, requests, errors = 0.0, dict.fromkeys(SIDES, 0), dict.fromkeys(SIDES, 0)
    for point in reversed(series[:-1]):
        seconds += point.seconds
        for side in SIDES:
            requests[side] += point.requests.get(side, 0)
            errors[side] += point.errors.get(side, 0)
        if seconds >= _RECENT_S:
            break
    return Now(seconds, requests, errors)


def failing(series: Sequence[Point], side: Side) -> tuple[int, int] | None:
    """Return how many of how many requests failed just now, the moment under way among them; None if none did."""
    recent = now(series)
    last = series[-1] if series else None
    errors = recent.errors[side] + (last.errors.get(side, 0) if last is not None else 0)
    requests = recent.requests[side] + (last.requests.get(side, 0) if last is not None else 0)
    return (errors, requests) if errors else None
