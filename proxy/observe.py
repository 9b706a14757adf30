"""One record per exchange, written after the answer: a structured log line that is at once a CloudWatch EMF record.

Field names are those of Powertools' Logger, so one query finds the proxy's lines and the handlers'. Written by hand:
Powertools' Logger and Metrics cost 60 µs a line, this 10. A test compares it with theirs and with the specification.

Never in a record: a header value, a query, a body, a raw path. Sources:
docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
docs.powertools.aws.dev/lambda/python/latest/core/logger/
"""

import time
from collections.abc import Callable
from json.encoder import encode_basestring_ascii as quoted
from traceback import walk_tb
from typing import NamedTuple

from proxy.settings import Settings

UNGROUPED = "ungrouped"  # the group dimension of routes without one, where metrics are folded
UNLISTED = "unlisted"  # the route dimension of everything that no route lists: dimensions are bounded by the table


class Failure(NamedTuple):
    """What is noted of an error; no reference to anything that was under way."""

    name: str
    stack: str
    text: str
    in_vain: str = ""  # why the fallback that was asked then could not answer either, as a reason code


class Record(NamedTuple):
    """What is known of one exchange once it is over."""

    request_id: str
    status: int
    code: str
    # What was refused before it became a request has no more than the three above.
    method: str = ""
    route: str = UNLISTED
    stage: str = UNLISTED
    side: str = "proxy"
    reason: str = "refused"
    table_version: int = 0
    total_ms: float = 0.0
    table_ms: float = 0.0
    side_ms: float = 0.0
    bytes_in: int = 0
    bytes_out: int = 0
    failure: Failure | None = None
    fallback: str = ""  # why the fallback has answered, as a reason code; "" if it has not
    client: str = ""  # under which name the caller is counted; see proxy/usage/caller.py
    path: str = ""  # of what no route lists: its name, see proxy/usage/unlisted.py
    group: str = ""  # of the route, where metrics are folded
    breaker: str = ""  # the state of the breaker of a migrated side that has failed


class Compared(NamedTuple):
    """What is known of one comparison once it is over."""

    request_id: str
    route: str
    stage: str
    shadow: str  # the side that was asked after the answer
    what: str  # equal, different, candidate_failed, comparator_failed or skipped
    why: str
    paths: tuple[str, ...]  # the first few that differ: names of members, never a value
    shadow_ms: float
    group: str = ""  # of the route, where metrics are folded
    failure: Failure | None = None  # what the handler has failed with


class Observer:
    """Writes records. `write` takes one line with its end; `clock` gives seconds since 1970."""

    def __init__(
        self,
        settings: Settings,
        write: Callable[[str], object],
        clock: Callable[[], float] = time.time,
        tells_error_text: bool = False,
    ) -> None:
        self._write = write
        self._clock = clock
        self._tells_error_text = tells_error_text
        self._cold_start = True
        self._second = -1
        self._timestamp = ""
        self._constant = (
            f'"location":"proxy.observe","service":{quoted(settings.service)},'
            f'"function_name":{quoted(settings.function_name)},"function_memory_size":{quoted(settings.memory_mb)},'
            # The template counts by it, so that the failures of a new version do not hide in the traffic of the old.
            f'"function_version":{quoted(settings.function_version)}'
        )
        # One directive for nearly all records: a handful of metrics over route, side and stage. Each metric costs
        # money, so what is rare has a directive of its own.
        namespace = quoted(settings.metrics_namespace)
        # Folded, a group counts as one; the route still stands in the line, where it costs nothing.
        self._folds = settings.folds_groups
        of = "group" if settings.folds_groups else "route"
        by_side = f'["{of}","side","stage"]'
        usual = '{"Name":"requests","Unit":"Count"},{"Name":"errors","Unit":"Count"},' + _LATENCY
        self._directive = _directive(namespace, by_side, usual)
        self._directive_of_fallback = _directive(namespace, by_side, usual + ',{"Name":"fallbacks","Unit":"Count"}')
        self._directive_of_breaker = _directive(namespace, by_side, usual + ',{"Name":"breaker_open","Unit":"Count"}')
        self._directive_of_comparison = _directive(
            namespace, f'["{of}"]', '{"Name":"comparisons","Unit":"Count"},{"Name":"differences","Unit":"Count"}'
        )
        self._directive_of_skip = _directive(namespace, f'["{of}"]', '{"Name":"comparisons_failed","Unit":"Count"}')

    def record(self, record: Record, counters: str = "") -> None:
        """Write one exchange; `counters` is JSON text of further fields, with a leading comma."""
        now = self._clock()
        is_error = record.status >= 500
        line = (
            f'{{"level":"{"ERROR" if is_error else "INFO"}",{self._constant},'
            f'"message":"exchange","timestamp":"{self._time(now)}",'
            f'"cold_start":{"true" if self._cold_start else "false"},'
            f'"correlation_id":{quoted(record.request_id)},"method":{quoted(record.method)},'
            f'"route":{quoted(record.route)},"stage":"{record.stage}","side":"{record.side}",'
            f'"reason":"{record.reason}","status":{record.status},"code":"{record.code}",'
            f'"table_version":{record.table_version},"table_ms":{record.table_ms:.3f},'
            f'"side_ms":{record.side_ms:.3f},"latency":{record.total_ms:.3f},'
            f'"bytes_in":{record.bytes_in},"bytes_out":{record.bytes_out},'
            f'"requests":1,"errors":{1 if is_error else 0}{_whose(record)}{self._group(record.group)}{counters}'
            f"{self._troubled(record) if is_error or record.fallback or _in_vain(record) else ''},"
            f'"_aws":{{"Timestamp":{int(now * 1000)},'
            f"{self._directive_of(record)}}}\n"
        )
        self._cold_start = False
        self._write(line)

    def _directive_of(self, record: Record) -> str:
        if record.fallback:
            return self._directive_of_fallback
        return self._directive_of_breaker if _is_broken(record) else self._directive

    def compared(self, compared: Compared) -> None:
        """Write one comparison."""
        now = self._clock()
        is_told = compared.what in ("equal", "different", "candidate_failed")
        differs = 1 if compared.what in ("different", "candidate_failed") else 0
        counts = f'"comparisons":1,"differences":{differs}' if is_told else '"comparisons_failed":1'
        self._write(
            f'{{"level":"INFO",{self._constant},"message":"comparison","timestamp":"{self._time(now)}",'
            f'"correlation_id":{quoted(compared.request_id)},"route":{quoted(compared.route)},'
            f'"stage":"{compared.stage}","shadow":"{compared.shadow}","outcome":"{compared.what}",'
            f'"why":{quoted(compared.why)},"paths":[{",".join(map(quoted, compared.paths))}],'
            f'"shadow_ms":{compared.shadow_ms:.3f},{counts}{self._group(compared.group)}'
            f"{self._exception(compared.failure)},"
            f'"_aws":{{"Timestamp":{int(now * 1000)},'
            f"{self._directive_of_comparison if is_told else self._directive_of_skip}}}\n"
        )

    def _group(self, group: str) -> str:
        return f',"group":{quoted(group or UNGROUPED)}' if self._folds else ""

    def _troubled(self, record: Record) -> str:
        """Return what a record tells beside the usual, when the primary has failed."""
        fallback = f',"fallback":{quoted(record.fallback)},"fallbacks":1' if record.fallback else ""
        # Once the breaker of a side is not closed any more, its failures are fewer than its requests.
        breaker = f',"breaker":{quoted(record.breaker)}' if record.breaker not in ("", "closed") else ""
        in_vain = f',"fallback_failed":{quoted(_in_vain(record))}' if _in_vain(record) else ""
        return f"{fallback}{in_vain}{breaker}{self._exception(record.failure)}"

    def _time(self, now: float) -> str:
        # The form of Powertools' Logger, in UTC. strftime costs 2 µs: the seconds are kept from line to line.
        second = int(now)
        if second != self._second:
            self._second = second
            self._timestamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(second))
        return f"{self._timestamp},{int(now * 1000) % 1000:03d}+0000"

    def _exception(self, failure: Failure | None) -> str:
        """Return what a log may know of a failure: its kind and where it happened, not its text.

        The text of somebody else's exception may hold what the client sent (pydantic quotes its input). A developer's
        own machine may show it.
        """
        if failure is None:
            return ""  # a migrated handler may answer 500 by itself
        text = f',"exception":{quoted(failure.text)}' if self._tells_error_text else ""
        return f',"exception_name":{quoted(failure.name)},"stack_trace":{quoted(failure.stack)}{text}'


_BROKEN = ',"breaker_open":1'


def _is_broken(record: Record) -> bool:
    """Tell whether the migrated side was not asked because its breaker is open, whoever has answered then."""
    return record.reason == "breaker_open" or record.code == "breaker_open"


def _in_vain(record: Record) -> str:
    return record.failure.in_vain if record.failure is not None else ""


def _whose(record: Record) -> str:
    broken = _BROKEN if _is_broken(record) else ""
    client = f',"client":{quoted(record.client)}' if record.client else ""
    path = f',"path":{quoted(record.path)}' if record.path else ""
    return f"{broken}{client}{path}"


_LATENCY = '{"Name":"latency","Unit":"Milliseconds"}'


def _directive(namespace: str, dimensions: str, metrics: str) -> str:
    return f'"CloudWatchMetrics":[{{"Namespace":{namespace},"Dimensions":[{dimensions}],"Metrics":[{metrics}]}}]}}'


def failure_of(error: BaseException) -> Failure:
    """Return what is worth noting of an error, and take its tracebacks from it.

    A traceback holds every frame up to the runtime's own, and that one holds the answer: an error that waits to be
    noted would keep the answer, whose dropping starts the noting, and each failed request would hold up the next.
    """
    inner = error.__cause__ or error
    stack = [
        f"{frame.f_code.co_filename}:{line} {frame.f_code.co_name}" for frame, line in walk_tb(inner.__traceback__)
    ]
    failure = Failure(type(inner).__name__, " < ".join(stack[::-1]), str(inner))
    chained: BaseException | None = error
    while chained is not None:
        chained.__traceback__ = None
        chained = chained.__cause__ or chained.__context__
    return failure
