"""A month of traffic: flows, each the requests of one route that one side answered."""

from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Literal

from proxy.routing.decide import Side

# What Lambda itself writes to a function's log for each invocation, in its text format: START, END and REPORT with a
# request id of 36 characters. Source: docs.aws.amazon.com/lambda/latest/dg/python-logging.html
LAMBDA_LOG_BYTES = 267

Knowledge = Literal["measured", "assumed"]


@dataclass(frozen=True, slots=True)
class Flow:
    """Sums over the requests that one side answered for a route. Not averages: AWS rounds each request by itself.

    `billed_ms` is the time until the answer, `overhead_ms` what of it was the proxy's own; `shadow_ms` is what shadows
    added after the answer, which is billed too. `shadow_bytes_in` is what shadows sent to the other side again.
    `apart_requests` and `apart_ms` are what a function of its own was asked, and how long, while the proxy waited for
    it; `apart_mb` is its memory, and 0 where handlers run in the proxy.
    """

    route: str
    side: Side
    memory_mb: int
    requests: Fraction
    gateway_units: Fraction
    billed_ms: Fraction
    overhead_ms: Fraction
    bytes_in: Fraction
    bytes_out: Fraction
    log_bytes: Fraction
    shadowed: Fraction = Fraction()
    shadow_ms: Fraction = Fraction()
    shadow_bytes_in: Fraction = Fraction()
    apart_mb: int = 0
    apart_requests: Fraction = Fraction()
    apart_ms: Fraction = Fraction()

    @property
    def work_ms(self) -> Fraction:
        """The billed time of the side alone."""
        return self.billed_ms - self.overhead_ms

    def times(self, factor: Fraction) -> "Flow":
        """Return the same traffic, that many times as much of it."""
        sums = {field.name: getattr(self, field.name) * factor for field in fields(self) if field.name not in _NAMES}
        return replace(self, **sums)

    def shadowing(self, share: Fraction) -> "Flow":
        """Return the flow with shadows of that share (0 to 1) of its requests.

        The other side's time is not known, so that the answering side's stands for it: its work counts twice. What the
        proxy refused itself has no other side.
        """
        share = share if self.side != "proxy" else Fraction()
        shadowing = replace(
            self,
            shadowed=self.requests * share,
            shadow_ms=self.work_ms * share,
            shadow_bytes_in=self.bytes_in * share,
        )
        return shadowing.running_apart(self.apart_mb) if self.apart_mb else shadowing

    def running_apart(self, memory_mb: int) -> "Flow":
        """Return the flow with its migrated side in a function of its own, of that memory.

        The proxy waits for it, so that the side's time is billed twice: there, and here.
        """
        asked = {
            "migrated": (self.requests, self.work_ms),
            "legacy": (self.shadowed, self.shadow_ms),
            "proxy": (Fraction(), Fraction()),
        }
        requests, milliseconds = asked[self.side]
        return replace(self, apart_mb=memory_mb, apart_requests=requests, apart_ms=milliseconds)


_NAMES = ("route", "side", "memory_mb", "apart_mb")


@dataclass(frozen=True, slots=True)
class Workload:
    """What a month consists of. `series` are the metrics that the proxy's records make, `notes` what to know of it.

    `shadows` tells where their number and time come from. `functions_mb` is the memory of each function that runs
    apart, `cold_starts` how many environments were started; None: nobody knows.
    """

    flows: tuple[Flow, ...]
    series: int
    notes: tuple[str, ...] = ()
    shadows: Knowledge = "assumed"
    functions_mb: tuple[int, ...] = ()
    cold_starts: Fraction | None = None

    @property
    def memory_mb(self) -> int:
        """The proxy's memory; the largest, if it was changed meanwhile."""
        return max((flow.memory_mb for flow in self.flows), default=0)

    @property
    def requests(self) -> Fraction:
        """All requests of the month."""
        return sum((flow.requests for flow in self.flows), Fraction())
