"""How long answers took, in buckets of logarithmic width: they add up, and a percentile is at most 5 % off."""

import math
from collections.abc import Mapping
from typing import Final

from proxy.metrics.source import Bucket

Histogram = dict[int, int]  # how many answers by number of the bucket; those without any are left out

FIRST_MS: Final = 0.1  # what took less is in bucket 0
GROWTH: Final = 1.05  # from the bound of one bucket to that of the next
_LOG_GROWTH = math.log(GROWTH)
_LAST = math.ceil(math.log(3_600_000 / FIRST_MS) / _LOG_GROWTH)  # an hour: nothing behind Lambda takes longer
_BOUNDS_MS = [FIRST_MS * GROWTH**number for number in range(_LAST + 1)]


def bucket_of(took_ms: float) -> int:
    """Return the number of the bucket whose bound is the least that is not below a time."""
    if took_ms <= FIRST_MS:
        return 0
    number = min(math.ceil(math.log(took_ms / FIRST_MS) / _LOG_GROWTH), _LAST)
    # A logarithm is rounded: a time that is a bound itself belongs below it.
    if took_ms <= _BOUNDS_MS[number - 1]:
        return number - 1
    return number if took_ms <= _BOUNDS_MS[number] else min(number + 1, _LAST)


def percentiles(histogram: Mapping[int, int], *wanted: int) -> list[float | None]:
    """Return for each percentage, in ascending order, a time that as many answers at most took, in ms.

    It is the bound of the bucket that holds the answer of that rank: never below the exact one, and at most 5 % above.
    None without any answer.
    """
    total = sum(histogram.values())
    if not total:
        return [None] * len(wanted)
    found: list[float | None] = []
    buckets = iter(sorted(histogram.items()))
    number, seen = next(buckets)
    for percent in wanted:
        rank = max(1, -(-total * percent // 100))
        while seen < rank:
            number, more = next(buckets)
            seen += more
        found.append(round(_BOUNDS_MS[number], 3))
    return found


def buckets(histogram: Mapping[int, int]) -> tuple[Bucket, ...]:
    """Return the distribution in ascending order, without empty buckets."""
    return tuple(Bucket(round(_BOUNDS_MS[number], 3), answers) for number, answers in sorted(histogram.items()))
