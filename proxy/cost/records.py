"""Flows from measured traffic: the records that the proxy wrote, one JSON line for each exchange.

The lines may come as they are, or from `aws logs tail`, which puts the time and the log stream before each.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from proxy.cost.comparisons import SIGN, Comparisons
from proxy.cost.flow import LAMBDA_LOG_BYTES, Flow, Knowledge, Workload
from proxy.cost.given import SERIES_PER_FLOW
from proxy.cost.metering import billed_ms, http_api_units
from proxy.errors import Refused
from proxy.routing.decide import Side

# The stages that run the other side, too, once the client has its answer: what is assumed of records that hold no
# comparisons, as a filter for exchanges leaves them.
_SHADOWING = ("shadow", "live")
_OURS = '"location":"proxy.observe"'
# What is rare is a metric more, and a record declares one of them at most; see proxy/observe.py.
_RARE = ('"fallbacks":1', '"breaker_open":1')


@dataclass(frozen=True, slots=True)
class Measured:
    """What a file of records holds. `span_s` is the time from the first record to the last.

    `cold_starts` are the records that came first of their environments.
    """

    flows: tuple[Flow, ...]
    requests: int
    series: int
    span_s: Fraction
    notes: tuple[str, ...]
    shadows: Knowledge
    cold_starts: int = 0

    def workload(self, factor: Fraction, scaled: str) -> Workload:
        """Return that many times as much of it; `scaled` tells people from what to what."""
        note = f"{self.requests:,} measured requests, times {float(factor):,.6g}: {scaled}"
        flows = tuple(flow.times(factor) for flow in self.flows)
        cold_starts = self.cold_starts * factor
        return Workload(flows, self.series, (note, *self.notes), self.shadows, cold_starts=cold_starts)


def read(lines: Iterable[str], name: str, memory_mb: int | None = None) -> Measured:
    """Add up the records in the lines; other lines, such as those of handlers, are counted and left out.

    `memory_mb` stands in for what the records say of the function's memory. Raises Refused if no line is a record, or
    if neither tells the memory.
    """
    sums = _Sums()
    for number, line in enumerate(lines, 1):
        sums.take(line, number, memory_mb)
    damaged = f"{sums.damaged} damaged records, the first: {sums.first_damage}" if sums.damaged else ""
    if not sums.records:
        raise Refused(
            f"{name}: got no record of an exchange in {sums.lines} lines{' but ' + damaged if damaged else ''}, "
            "expected the JSON lines that the proxy logs"
        )
    others = sums.lines - sums.records - sums.damaged - sums.comparisons.lines
    return Measured(
        tuple(sums.flows()),
        sums.records,
        SERIES_PER_FLOW * len(sums.series) + len(sums.rare) + len(sums.comparisons.series),
        Fraction(sums.last_ms - sums.first_ms, 1000),
        (
            *([f"{name}: {others} lines were left out that are no records of exchanges"] if others else []),
            *([f"{name}: left out {damaged}"] if damaged else []),
        ),
        "measured" if sums.comparisons.lines else "assumed",
        sums.cold_starts,
    )


class _Moment(BaseModel):
    timestamp_ms: Annotated[int, Field(alias="Timestamp", ge=0)]


_Milliseconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Bytes = Annotated[int, Field(ge=0)]


class _Record(BaseModel):
    """The fields of a record that cost something; proxy/observe.py writes them."""

    model_config = ConfigDict(frozen=True)

    route: str
    side: Side
    stage: str
    latency: _Milliseconds
    side_ms: _Milliseconds
    bytes_in: _Bytes
    bytes_out: _Bytes
    memory_mb: Annotated[int, Field(alias="function_memory_size", ge=0)]
    moment: Annotated[_Moment, Field(alias="_aws")]
    cold_start: bool = False
    group: str = ""  # what metrics are over where they are folded


class _Sum:
    """A flow under way, in whole numbers: fractions would take most of the time of a large file."""

    def __init__(self) -> None:
        self.requests = self.gateway_units = self.billed_ms = self.overhead_ms = 0
        self.bytes_in = self.bytes_out = self.log_bytes = 0
        self.shadowed = self.shadow_ms = self.shadow_bytes_in = 0

    def add(self, record: _Record, log_bytes: int) -> None:
        billed = billed_ms(record.latency)
        self.requests += 1
        self.gateway_units += http_api_units(record.bytes_in)
        self.billed_ms += billed
        self.overhead_ms += billed - min(billed, billed_ms(record.side_ms))
        self.bytes_in += record.bytes_in
        self.bytes_out += record.bytes_out
        self.log_bytes += log_bytes + LAMBDA_LOG_BYTES
        if record.stage in _SHADOWING and record.side != "proxy":
            self.shadowed += 1
            # Rounded with the answer's time, for both are of one invocation.
            self.shadow_ms += billed_ms(record.latency + record.side_ms) - billed
            self.shadow_bytes_in += record.bytes_in

    def flow(self, route: str, side: Side, memory_mb: int) -> Flow:
        sums = {name: Fraction(total) for name, total in vars(self).items()}
        return Flow(route, side, memory_mb, **sums, apart_mb=0)  # records do not tell where a handler ran


class _Sums:
    def __init__(self) -> None:
        self.by_flow: dict[tuple[str, Side, int], _Sum] = {}
        self.series: set[tuple[str, str, str]] = set()
        self.rare: set[tuple[str, str, str, str]] = set()
        self.comparisons = Comparisons()
        self.lines = self.records = self.damaged = self.cold_starts = 0
        self.first_damage = ""
        self.first_ms = self.last_ms = 0

    def take(self, line: str, number: int, memory_mb: int | None) -> None:
        self.lines += 1
        if _OURS not in line:
            return
        text = line[max(line.find("{"), 0) :].rstrip("\n")
        try:
            if SIGN in text:
                self.comparisons.take(text, memory_mb)
                return
            record = _Record.model_validate_json(text)
        except ValidationError as exc:
            self.damaged += 1
            self.first_damage = self.first_damage or f"line {number}: {_problem(exc)}"
            return
        memory_mb = memory_mb or record.memory_mb
        if not memory_mb:
            raise Refused(f"line {number} does not tell the function's memory; say it with --memory")
        self.records += 1
        self.cold_starts += record.cold_start
        series = (record.group or record.route, record.side, record.stage)
        self.series.add(series)
        self.rare |= {(*series, rare) for rare in [rare for rare in _RARE if rare in text][:1]}
        self.by_flow.setdefault((record.route, record.side, memory_mb), _Sum()).add(record, len(text.encode()) + 1)
        moment = record.moment.timestamp_ms
        self.first_ms = min(self.first_ms or moment, moment)
        self.last_ms = max(self.last_ms, moment)

    def flows(self) -> Iterator[Flow]:
        """Yield the flows. What comparisons tell takes the place of what stages let one assume."""
        for key in sorted(self.by_flow):
            flow = self.by_flow[key].flow(*key)
            if self.comparisons.lines:
                shadow = self.comparisons.shadow(key)
                flow = replace(
                    flow,
                    shadowed=Fraction(shadow.ran),
                    shadow_ms=shadow.milliseconds,
                    shadow_bytes_in=flow.bytes_in * shadow.ran / flow.requests,
                    log_bytes=flow.log_bytes + self.comparisons.log_bytes(key),
                )
            yield flow


def _problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in problem["loc"])
    return f"{where}: {problem['msg'].lower()}" if where else problem["msg"].lower()
