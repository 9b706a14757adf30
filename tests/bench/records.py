"""What counting the records of `fig dev` costs, and what it keeps. `python -m tests.bench.records`.

The yardstick is a core: 200 records in a second are to take a small part of it. Memory is that of a large house, with
2000 routes that answer on both sides, after ten minutes; each further slice of five minutes adds the same again.
"""

import gc
import json
import random
import time
import tracemalloc

from proxy.metrics.as_json import to_json
from proxy.metrics.records import RecordMetrics
from proxy.observe import Observer, Record
from proxy.settings import Settings
from tests.bench.figures import cpu_us, show

ROUTES = 2000
PER_SECOND = 200
_TEN_MINUTES_S = 600
_START = 1_796_212_800.0


class _House:
    """Writes as the proxy does, at a time that moves."""

    def __init__(self, routes: int) -> None:
        self.now = _START
        self.metrics = RecordMetrics(lambda: self.now)
        self._random = random.Random(7)
        self._routes = routes
        self._line = ""
        self._observer = Observer(Settings(), self._keep, lambda: self.now)

    def line(self) -> str:
        chance = self._random
        self._observer.record(
            Record(
                request_id="8bdc28d2-0b3e-4d4c-9f0c-1f5a5c3b2f10",
                status=200 if chance.random() < 0.99 else 502,
                code="",
                method="GET",
                route=f"team{chance.randrange(self._routes)}.read",
                stage="canary",
                side=chance.choice(("legacy", "migrated")),
                reason="stage",
                table_version=7,
                total_ms=chance.lognormvariate(3, 1),
                client=f"agent:client{chance.randrange(5000)}",
            )
        )
        return self._line

    def run(self, seconds: float) -> None:
        for _ in range(int(seconds * PER_SECOND)):
            self.now += 1 / PER_SECOND
            self.metrics.add(self.line())

    def _keep(self, line: str) -> None:
        self._line = line


def main() -> None:
    """Measure a line, a line that is none of ours, a snapshot, and the memory of two hours."""
    house = _House(50)
    lines = iter([house.line() for _ in range(40_000)])
    add_us = min(cpu_us(lambda: house.metrics.add(next(lines)), 5_000) for _ in range(7))
    other = 'legacy | 127.0.0.1 - - [27/Nov/2026 05:59:22] "GET /orders/O-5001 HTTP/1.1" 200 -' * 4
    other_us = min(cpu_us(lambda: house.metrics.add(other), 5_000) for _ in range(7))
    few_ms, _ = _snapshot(house, 300)

    gc.collect()
    tracemalloc.start()
    large = _House(ROUTES)
    large.run(_TEN_MINUTES_S)
    gc.collect()
    first_mb = tracemalloc.get_traced_memory()[0] / 1e6
    large.run(_TEN_MINUTES_S)
    gc.collect()
    kept_mb = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    many_ms, many_bytes = _snapshot(large, 300)
    hours_ms, _ = _snapshot(large, 7200)
    show(
        f"records: {PER_SECOND} a second, {ROUTES} routes with two sides each",
        [
            ("a record counted", add_us, "µs", 50.0),
            (f"{PER_SECOND} of them in a second, of a core", add_us * PER_SECOND / 1e4, "%", 5.0),
            ("a line that is no record", other_us, "µs", 2.0),
            ("memory after ten minutes", first_mb, "MB", 50.0),
            ("memory of two hours, at this rate", first_mb + (kept_mb - first_mb) * 11, "MB", 200.0),
            ("snapshot of 5 minutes, 50 routes", few_ms, "ms", None),
            (f"snapshot of 5 minutes, {ROUTES} routes", many_ms, "ms", None),
            (f"snapshot of 2 hours, {ROUTES} routes", hours_ms, "ms", None),
            (f"JSON of 5 minutes, {ROUTES} routes", many_bytes / 1e6, "MB", None),
        ],
    )


def _snapshot(house: _House, window_s: float) -> tuple[float, int]:
    times = []
    for _ in range(3):
        began = time.perf_counter()
        snapshot = house.metrics.snapshot(window_s)
        times.append(time.perf_counter() - began)
    return min(times) * 1000, len(json.dumps(to_json(snapshot)))


if __name__ == "__main__":
    main()
