"""Numbers from the log lines of local workers, as they are written: exact counts, bounded memory.

By route, a window of five minutes or less is made of slices of 10 s, a longer one of slices of 5 minutes: a window
begins with a slice, and so may be longer than it was asked for, by less than a slice. What it says is exact for what
it tells as its length. A record counts at the time that it tells itself; one from the future counts now.
"""

import time
from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Final

from proxy.metrics import line as lines
from proxy.metrics.grain import Grain
from proxy.metrics.known import Known
from proxy.metrics.source import Snapshot
from proxy.metrics.tally import Tally, increase

SHORT_S: Final = 300
LONG_S: Final = 7200
MOST_PAIRS: Final = 2000  # of what is asked of legacy and who asks
MOST_PATHS: Final = 200
OTHERS: Final = "*"
_LONG_SLICE_S = 300
_STALE_PROBLEM_S = 30.0  # so long nobody has told of it any more, though others have told something


class RecordMetrics:
    """The numbers of one `fig dev`. Lines and questions may come from any threads; a line never waits for an answer."""

    name = "records of the local workers"

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = Lock()
        self._waiting: deque[str] = deque()
        self._short = Grain(SHORT_S, by_route_s=10, curve_s=1)
        self._long = Grain(LONG_S, by_route_s=_LONG_SLICE_S, curve_s=10)
        self._pairs = Known(MOST_PAIRS, LONG_S + _LONG_SLICE_S)
        self._paths = Known(MOST_PATHS, LONG_S + _LONG_SLICE_S)
        self._breakers: dict[str, tuple[float, str]] = {}  # of each route, when which state was told last
        self._told_at = 0.0
        self._table_version = 0
        self._table_problem = (0.0, "")

    def add(self, line: str) -> None:
        """Count a line if it is a record of an exchange or of a comparison."""
        if not lines.is_record(line):
            return
        self._waiting.append(line)
        # Whoever holds the lock now is asked for the numbers; then this line is counted with the next, or when
        # somebody asks again.
        if self._lock.acquire(blocking=False):
            try:
                self._count_waiting()
            finally:
                self._lock.release()

    def snapshot(self, window_s: float) -> Snapshot:
        """Return the numbers of the last seconds, of two hours at most."""
        with self._lock:
            self._count_waiting()
            now = self._clock()
            kept_s = min(max(window_s, 1.0), LONG_S)
            grain = self._short if kept_s <= SHORT_S else self._long
            start = grain.by_route.start(now - kept_s)
            tally = Tally()
            for _, slice_ in grain.by_route.within(start, now):
                tally.add(slice_)
            series = grain.series(start, now)
            breakers = {
                route: state for route, (at, state) in self._breakers.items() if at >= start and state != "closed"
            }
            problem_at, table_problem = self._table_problem
            is_told = self._told_at - problem_at <= _STALE_PROBLEM_S
            return Snapshot(
                at=now,
                window_s=now - start,
                routes=tally.routes(breakers),
                series=series,
                legacy_usage=tally.legacy_usage(),
                unlisted_paths=dict(sorted(tally.paths.items(), key=lambda one: (-one[1], one[0]))),
                table_version=self._table_version,
                table_problem=table_problem if is_told else "",
                problem="" if window_s <= LONG_S else "records are kept for two hours",
            )

    def _count_waiting(self) -> None:
        while self._waiting:
            told = lines.read(self._waiting.popleft())
            if told is None:
                continue
            now = self._clock()
            at = min(told.at, now)
            if isinstance(told, lines.Exchange):
                self._count(told, at, now)
                continue
            for grain in (self._short, self._long):
                if tally := grain.by_route.of(at, now):
                    increase(tally.comparisons, told.route)
                    if told.differs:
                        increase(tally.differences, told.route)

    def _count(self, told: lines.Exchange, at: float, now: float) -> None:
        self._note(told, at)
        path = told.path if not told.path or self._paths.admits(told.path, at) else OTHERS
        pair: tuple[str, str] | None = None
        if told.side == "legacy":
            what = lines.what_of(told._replace(path=path))
            pair = (what, told.client)
            if not self._pairs.admits(pair, at):
                pair = (what, OTHERS)
        for grain in (self._short, self._long):
            grain.count(told, at, now, pair, path)

    def _note(self, told: lines.Exchange, at: float) -> None:
        """Note what has a newest state rather than a sum."""
        self._told_at = max(self._told_at, at)
        self._table_version = max(self._table_version, told.table_version)
        if told.table_problem and at >= self._table_problem[0]:
            self._table_problem = (at, told.table_problem)
        if told.breaker is not None and at >= self._breakers.get(told.route, (0.0, ""))[0]:
            self._breakers[told.route] = (at, told.breaker)
