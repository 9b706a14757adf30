"""The same records at one grain: slices of time by route, and finer ones for the curve of all routes."""

from proxy.metrics.histogram import bucket_of, percentiles
from proxy.metrics.line import Exchange
from proxy.metrics.slices import Slices
from proxy.metrics.source import SIDES, Point
from proxy.metrics.tally import Counted, Curve, Tally, increase

_MOST_POINTS = 120


class Grain:
    """What is kept for windows of at most `window_s`."""

    def __init__(self, window_s: int, *, by_route_s: int, curve_s: int) -> None:
        # A window begins with a slice, and the slice that is under way comes on top.
        self.by_route = Slices(by_route_s, window_s // by_route_s + 1, Tally)
        self.curve = Slices(curve_s, (window_s + by_route_s) // curve_s + 1, Curve)

    def count(self, told: Exchange, at: float, now: float, pair: tuple[str, str] | None, path: str) -> None:
        """Count an exchange, unless its time has been forgotten."""
        bucket = bucket_of(told.took_ms)
        if curve := self.curve.of(at, now):
            curve.count(told.side, bucket, is_error=told.is_error)
        tally = self.by_route.of(at, now)
        if tally is None:
            return
        tally.count(told.route, told.side, bucket, is_error=told.is_error)
        if told.fell_back:
            increase(tally.fallbacks, told.route)
        if pair is not None:
            increase(tally.usage, pair)
        if path:
            increase(tally.paths, path)

    def series(self, start: int, now: float) -> list[Point]:
        """Return the curve in at most 120 points, those without any answer among them. The last is still under way."""
        grain_s = self.curve.seconds
        end = self.curve.start(now) + grain_s
        width_s = grain_s * -(-(end - start) // (grain_s * (_MOST_POINTS - 1)))
        # Points lie on multiples of their width: a curve moves, and does not flicker.
        moments = {at: Curve() for at in range(start // width_s * width_s, end, width_s)}
        for at, curve in self.curve.within(start, now):
            moments[at // width_s * width_s].add(curve)
        return [_point(curve, max(at, start), min(at + width_s, end)) for at, curve in moments.items()]


def _point(curve: Curve, start: int, end: int) -> Point:
    sides = {side: curve.sides.get(side, Counted()) for side in SIDES}
    return Point(
        float(start),
        float(end - start),
        {side: counted.requests for side, counted in sides.items()},
        {side: counted.errors for side, counted in sides.items()},
        {side: percentiles(counted.latency, 95)[0] for side, counted in sides.items()},
    )
