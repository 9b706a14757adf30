"""What costs by the hour and not by the request: snapshots, environments kept ready, and the table that each reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Literal

from proxy.cost.flow import Flow, Workload
from proxy.cost.metering import HOURS, gb_seconds
from proxy.cost.meters import Meter, Quantities

Architecture = Literal["x86_64", "arm64"]

MONTH_S = HOURS * 3600
# Under steady traffic an environment reads the table again when half of this is over; see proxy/stores/cached.py. The
# template's own default, as a test holds.
TABLE_TTL_S = 5

_PROVISIONED = {"x86_64": Meter.PROVISIONED_X86_64, "arm64": Meter.PROVISIONED_ARM64}


@dataclass(frozen=True, slots=True)
class SnapStart:
    """From snapshots: one for each published version, as long as it is active, of every function.

    `restores` is how many environments are started from them; None: as many cold starts as the records tell.
    """

    versions: Fraction = Fraction(1)
    restores: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Provisioned:
    """So many environments of the proxy are always ready; functions that run apart have none."""

    environments: Fraction = Fraction(2)


ColdStart = SnapStart | Provisioned | Literal["plain"]


def kept(cold_start: ColdStart, architecture: Architecture, workload: Workload, has_proxy: bool = True) -> Quantities:
    """Return what is kept ready in a month, with or without the proxy's own function.

    Without requests there is no snapshot: Lambda drops that of a version which nobody asks for 14 days. Source:
    docs.aws.amazon.com/lambda/latest/dg/snapstart.html
    """
    memory_mb = workload.memory_mb if has_proxy else 0
    match cold_start:
        case SnapStart(versions, restores) if workload.requests:
            starts = workload.cold_starts if restores is None else restores
            return {
                Meter.SNAPSHOTS: versions * _month(memory_mb + sum(workload.functions_mb)),
                Meter.RESTORES: (starts or 0) * Fraction(memory_mb, 1024),
            }
        case Provisioned(environments):
            return {_PROVISIONED[architecture]: environments * _month(memory_mb)}
        case _:
            return {}


def served(cold_start: ColdStart, memory_mb: int, flows: Iterable[Flow]) -> Fraction:
    """Return the share (0 to 1) of the flows' time that provisioned environments serve, if it comes evenly."""
    if not isinstance(cold_start, Provisioned):
        return Fraction()
    wanted = sum((gb_seconds(flow.billed_ms + flow.shadow_ms, flow.memory_mb) for flow in flows), Fraction())
    return min(Fraction(1), cold_start.environments * _month(memory_mb) / wanted) if wanted else Fraction()


def environments(workload: Workload) -> int:
    """Return how many environments of the proxy are busy on average: the least that can serve its requests."""
    busy_ms = sum((flow.billed_ms + flow.shadow_ms for flow in workload.flows), Fraction())
    return ceil(busy_ms / 1000 / MONTH_S)


def table_reads(workload: Workload, running: Fraction | None) -> Fraction:
    """Return how often the routing table is read by `running` environments; None: by as many as are busy on average.

    The upper bound: whoever reads it has a request, and nobody reads more often than every half TTL. A read takes one
    unit of DynamoDB, for what is read while nothing changes is small.
    """
    count = environments(workload) if running is None else running
    return min(workload.requests, count * Fraction(2 * MONTH_S, TABLE_TTL_S))


def _month(memory_mb: int) -> Fraction:
    return gb_seconds(Fraction(MONTH_S * 1000), memory_mb)
