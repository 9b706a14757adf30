"""A worked example: an HTTP API in us-east-1 before one function, at three speeds, three volumes, and each free tier.

Requests of 12 KB, answers of 46 KB; the function answers by itself (120 ms at 1536 MB; then 60 ms; then 512 MB), on
x86_64, without logs, metrics, and anything that is kept ready.

The example is our own. Its first function is that of AWS's example of a mobile app's backend
(aws.amazon.com/lambda/pricing/); no publication was found that has these sizes and volumes with their results.
tests/cost/test_example.py works every number out by hand, and tests/cost/test_published.py finds the results of AWS's
own examples again.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import get_args

from proxy.cost.estimate import Estimate, estimate
from proxy.cost.given import Given
from proxy.cost.metering import KB
from proxy.cost.prices import FreeTier, Prices
from proxy.cost.usage import Besides, Setup

REGION = "us-east-1"
FUNCTIONS = ((120, 1536), (60, 1536), (60, 512))  # milliseconds, MB
REQUESTS = (10**6, 10**7, 10**8)
FREE_TIERS: tuple[FreeTier, ...] = get_args(FreeTier)


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of the table, with what is behind it."""

    duration_ms: int
    memory_mb: int
    requests: int
    free_tier: FreeTier
    estimate: Estimate


def cells(prices: Prices) -> tuple[Cell, ...]:
    """Return the table: by function, then by volume, then by free tier."""
    setup = Setup(
        architecture="x86_64",
        besides=Besides(metrics=Fraction()),
        cold_start="plain",
        access_log_bytes=Fraction(),
        environments=Fraction(),
    )
    return tuple(
        Cell(
            duration_ms,
            memory_mb,
            requests,
            tier,
            estimate(_month(duration_ms, memory_mb, requests).workload(), setup, prices.rates(REGION, tier)),
        )
        for duration_ms, memory_mb in FUNCTIONS
        for requests in REQUESTS
        for tier in FREE_TIERS
    )


def _month(duration_ms: int, memory_mb: int, requests: int) -> Given:
    return Given(
        requests=Fraction(requests),
        request_bytes=Fraction(12 * KB),
        response_bytes=Fraction(46 * KB),
        duration_ms=Fraction(duration_ms),
        memory_mb=memory_mb,
        side="migrated",
        log_bytes=Fraction(),
    )
