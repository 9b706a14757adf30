"""Flows from given numbers, for who has no measurements: so many requests of that size and that time."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, cast, get_args

from proxy.cost import amounts
from proxy.cost.flow import LAMBDA_LOG_BYTES, Flow, Workload
from proxy.cost.metering import KB, billed_ms, http_api_units
from proxy.cost.money import quantity
from proxy.observe import UNLISTED

# One record of the proxy takes about 730 bytes (a test measures it), and Lambda adds its own lines.
LOG_BYTES = 730 + LAMBDA_LOG_BYTES
SERIES_PER_FLOW = 3  # requests, errors and latency, by route, side and stage; see proxy/observe.py

Answering = Literal["legacy", "migrated"]

_WANTED = "expected ID=SHARE%[,legacy|migrated][,TIME], such as orders.read=40%,migrated,60ms"


@dataclass(frozen=True, slots=True)
class Part:
    """The share (0 to 1) of the requests that one route takes; what is None is as for all."""

    route: str
    share: Fraction
    side: Answering | None = None
    duration_ms: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A month in averages. `side` answers what no part names; `duration_ms` is the function's time for one request."""

    requests: Fraction
    request_bytes: Fraction
    response_bytes: Fraction
    duration_ms: Fraction
    memory_mb: int
    side: Answering = "legacy"
    parts: tuple[Part, ...] = ()
    log_bytes: Fraction = Fraction(LOG_BYTES)

    def workload(self) -> Workload:
        """Return its flows. Raises ValueError if the parts take more than everything, or one route twice."""
        rest = 1 - sum((part.share for part in self.parts), Fraction())
        if rest < 0:
            raise ValueError(f"got routes that take {float((1 - rest) * 100):g}%, expected at most 100%")
        routes = [part.route for part in self.parts]
        if len(set(routes)) < len(routes):
            raise ValueError(f"got {max(routes, key=routes.count)} twice, expected each route once")
        parts = self.parts
        if rest or not parts:
            parts += (Part(UNLISTED if parts else "all", rest),)
        flows = tuple(self._flow(part) for part in parts)
        series = SERIES_PER_FLOW * len(flows) if self.requests else 0  # no record, no metric
        return Workload(flows, series, tuple(self._notes(flows)))

    def _notes(self, flows: tuple[Flow, ...]) -> Iterator[str]:
        if not self.requests:
            return
        sizes = f"{quantity(self.request_bytes / KB)} KB, answers of {quantity(self.response_bytes / KB)} KB"
        time = f"{quantity(self.duration_ms)} ms at {self.memory_mb} MB"
        yield f"given: requests of {sizes}, {time}, {quantity(self.log_bytes)} bytes logged for each"
        if any(flow.side == "migrated" for flow in flows):
            yield "given: what the proxy itself takes of a migrated request's time is not known; --traffic measures it"

    def _flow(self, part: Part) -> Flow:
        requests = self.requests * part.share
        return Flow(
            route=part.route,
            side=part.side or self.side,
            memory_mb=self.memory_mb,
            requests=requests,
            gateway_units=requests * http_api_units(self.request_bytes),
            billed_ms=requests * billed_ms(part.duration_ms or self.duration_ms),
            overhead_ms=Fraction(),  # nobody can tell it from one number
            bytes_in=requests * self.request_bytes,
            bytes_out=requests * self.response_bytes,
            log_bytes=requests * self.log_bytes,
        )


def part(text: str) -> Part:
    """Return a part as people write it: ID=SHARE%[,SIDE][,TIME]. Raises ValueError."""
    route, equals, rest = text.partition("=")
    first, *others = rest.split(",")
    if not route or not equals:
        raise ValueError(f"got {text!r}, {_WANTED}")
    side: Answering | None = None
    duration_ms: Fraction | None = None
    for other in others:
        if other in get_args(Answering) and side is None:
            side = cast("Answering", other)  # one of its names, as just seen
        elif duration_ms is None and other[:1].isdigit():
            duration_ms = amounts.duration_ms(other)
        else:
            raise ValueError(f"got {text!r}, {_WANTED}")
    return Part(route, amounts.share(first), side, duration_ms)
