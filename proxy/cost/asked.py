"""From what a person typed to what is to be estimated; options are called by their names."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import TypeVar

from proxy.cost import amounts
from proxy.cost.flow import Workload
from proxy.cost.given import LOG_BYTES, Answering, Given, part
from proxy.cost.metering import HOURS, KB, LARGEST_MESSAGE_KB, MEMORY_MB
from proxy.cost.ready import ColdStart, Provisioned, SnapStart
from proxy.cost.records import Measured
from proxy.cost.usage import ACCESS_LOG_BYTES, Besides

_Got = TypeVar("_Got")
_Read = TypeVar("_Read")

# Records of a shorter time than that say nothing about a month.
_SHORTEST_S = 60


class Unusable(ValueError):
    """An option's value stands for nothing. The message is one line that names the option and what it wants."""


def value(option: str, got: _Got, read: Callable[[_Got], _Read]) -> _Read:
    """Return what an option's value stands for. Raises Unusable where `read` raises ValueError."""
    try:
        return read(got)
    except ValueError as exc:
        raise Unusable(f"{option}: {exc}") from exc


def besides(typed: Mapping[str, str | None]) -> Besides:
    """Return what a month uses besides requests."""
    return Besides(
        dynamodb_reads=_count(typed, "--dynamodb-reads", "0"),
        dynamodb_writes=_count(typed, "--dynamodb-writes", "0"),
        item_kb=_count(typed, "--item-kb", "1"),
        websocket_messages=_count(typed, "--websocket-messages", "0"),
        message_kb=value("--message-kb", typed["--message-kb"] or "1", _message_kb),
        connection_minutes=_count(typed, "--connection-minutes", "0"),
        metrics=None if typed["--metrics"] is None else _count(typed, "--metrics", "0"),
    )


def given(
    requests: str | None, typed: Mapping[str, str | None], memory_mb: int, side: Answering, routes: Iterable[str]
) -> Workload:
    """Return a month of given numbers; sizes and time that are not typed are as in the worked example."""
    if requests is None:
        raise Unusable("--requests: got none, expected the requests of a month; or take --traffic FILE, or --example")
    month = Given(
        requests=value("--requests", requests, amounts.count),
        request_bytes=_count(typed, "--request-kb", "12") * KB,
        response_bytes=_count(typed, "--response-kb", "46") * KB,
        duration_ms=value("--duration", typed["--duration"] or "120ms", amounts.duration_ms),
        memory_mb=memory_mb,
        side=side,
        parts=tuple(value("--route", text, part) for text in routes),
        log_bytes=_count(typed, "--log-bytes", str(LOG_BYTES)),
    )
    return value("--route", month, Given.workload)


def measured(traffic: Measured, requests: str | None, period: str | None) -> Workload:
    """Return a month of measured traffic: as many requests as given, or as many as come in a month at that pace."""
    if requests is not None and period is not None:
        raise Unusable("--requests: got --period with it, expected one of the two")
    if requests is not None:
        return traffic.workload(value("--requests", requests, amounts.count) / traffic.requests, "to the number given")
    span_s = value("--period", period, amounts.duration_ms) / 1000 if period is not None else traffic.span_s
    if period is None and span_s < _SHORTEST_S:
        raise Unusable(
            f"--traffic: got records of {float(span_s):g} seconds, expected a minute or more; "
            "say --period TIME if they stand for more, or --requests N of a month"
        )
    return traffic.workload(HOURS * 3600 / span_s, f"from {float(span_s / 3600):,.2f} hours to the {HOURS} of a month")


def shadowed(workload: Workload, share: str | None) -> Workload:
    """Return the workload with shadows of that share of its requests, or with those that it has."""
    if share is None:
        return workload
    part_of_all = value("--shadow", share, amounts.share)
    flows = tuple(flow.shadowing(part_of_all) for flow in workload.flows)
    return replace(workload, flows=flows, shadows="assumed")


def running_apart(workload: Workload, listed: Iterable[str]) -> Workload:
    """Return the workload with functions of their own for those routes, each ROUTE-OR-GLOB[=MB]; the first that fits.

    Without MB, a function has the proxy's memory: the template gives the same to all.
    """
    functions = [value("--apart", text, _function) for text in listed]
    for pattern, _ in functions:
        if not any(fnmatchcase(flow.route, pattern) for flow in workload.flows):
            raise Unusable(f"--apart: got {pattern!r}, which fits no route of the month, expected one such as orders.*")
    flows = []
    for flow in workload.flows:
        sizes = [memory_mb for pattern, memory_mb in functions if fnmatchcase(flow.route, pattern)]
        flows.append(flow.running_apart(sizes[0] or flow.memory_mb) if sizes else flow)
    functions_mb = tuple(memory_mb or workload.memory_mb for _, memory_mb in functions)
    return replace(workload, flows=tuple(flows), functions_mb=functions_mb)


def cold_start(kind: str, typed: Mapping[str, str | None]) -> ColdStart:
    """Return how environments start: snap-start, provisioned[:N] or plain."""
    name, colon, count = kind.partition(":")
    if name == "snap-start" and not colon:
        restores = None if typed["--restores"] is None else _count(typed, "--restores", "0")
        return SnapStart(_count(typed, "--versions", "1"), restores)
    for option in ("--versions", "--restores"):
        if typed[option] is not None:
            raise Unusable(f"{option}: got it with --cold-start {kind}, expected it with snap-start alone")
    if name == "provisioned":
        return Provisioned(value("--cold-start", count, amounts.count)) if colon else Provisioned()
    if kind != "plain":
        raise Unusable(f"--cold-start: got {kind!r}, expected snap-start, provisioned[:N] or plain")
    return "plain"


def access_log_bytes(typed: Mapping[str, str | None]) -> Fraction:
    """Return how long a line of the front door's access log is."""
    return _count(typed, "--access-log-bytes", str(ACCESS_LOG_BYTES))


def environments(typed: Mapping[str, str | None]) -> Fraction | None:
    """Return how many environments read the routing table; None: as many as are busy on average."""
    return None if typed["--environments"] is None else _count(typed, "--environments", "0")


def _function(text: str) -> tuple[str, int]:
    """Return a pattern of routes, and the memory of their function; 0 if it is not told."""
    pattern, equals, memory = text.partition("=")
    is_size = memory.isascii() and memory.isdecimal() and MEMORY_MB[0] <= int(memory) <= MEMORY_MB[1]
    if not pattern or (equals and not is_size):
        raise ValueError(
            f"got {text!r}, expected ROUTE[=MB] with {MEMORY_MB[0]} to {MEMORY_MB[1]} MB, such as orders.*=512"
        )
    return pattern, int(memory) if equals else 0


def _count(typed: Mapping[str, str | None], option: str, otherwise: str) -> Fraction:
    got = typed[option]
    return value(option, otherwise if got is None else got, amounts.count)


def _message_kb(text: str) -> Fraction:
    size = amounts.count(text)
    if size > LARGEST_MESSAGE_KB:
        raise ValueError(f"got {text!r}, expected at most {LARGEST_MESSAGE_KB}, for no WebSocket message is larger")
    return size
