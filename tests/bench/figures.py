"""Ratios that hold on a noisy machine: the two sides in turn, in short rounds, and the median of the rounds' ratios."""

import statistics
import sys
import time
from collections.abc import Callable, Sequence

Work = Callable[[], object]


def cpu_us(work: Work, times: int) -> float:
    """Return the CPU time of this process, all threads, for one run of the work, in µs."""
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times * 1e6


def compare(subject: Work, other: Work, *, rounds: int = 31, times: int = 200) -> tuple[float, float, float]:
    """Return (median µs of the subject, median µs of the other, median of the ratios round by round)."""
    cpu_us(subject, times)
    cpu_us(other, times)
    pairs = [(cpu_us(subject, times), cpu_us(other, times)) for _ in range(rounds)]
    return (
        statistics.median(mine for mine, _ in pairs),
        statistics.median(theirs for _, theirs in pairs),
        statistics.median(mine / theirs for mine, theirs in pairs),
    )


def show(title: str, rows: Sequence[tuple[str, float, str, float | None]]) -> None:
    """Print figures as rows of (name, value, unit, limit); one above its limit is marked."""
    sys.stdout.write(f"\n{title}\n")
    for name, value, unit, limit in rows:
        bound = "" if limit is None else f"  (at most {limit:g}{' MISSED' if value > limit else ''})"
        sys.stdout.write(f"  {name:<64} {value:8.2f} {unit}{bound}\n")
    sys.stdout.flush()
