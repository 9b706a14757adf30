"""What flows use of AWS: with the proxy as it is, and as it would be without it."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, NamedTuple, assert_never

from proxy.cost.flow import LAMBDA_LOG_BYTES, Flow, Workload
from proxy.cost.metering import GB, HOURS, KB, capacity_hours, gb_seconds, read_units, websocket_units, write_units
from proxy.cost.meters import Meter, Quantities, add
from proxy.cost.ready import Architecture, ColdStart, SnapStart, kept, served, table_reads

FrontDoor = Literal["http-api", "rest-api", "function-url", "alb"]
# Where legacy is, seen from the function: what goes to the internet is data out; within the region it costs nothing
# here (within a VPC between two zones it would: a cent for a GB).
Place = Literal["internet", "aws"]

# A line of the access log that the template has an HTTP API write for each request; a test fills its format.
ACCESS_LOG_BYTES = 274

_FROM_A_SNAPSHOT = SnapStart()
_COMPUTE = {"x86_64": Meter.LAMBDA_X86_64, "arm64": Meter.LAMBDA_ARM64}
_SERVED = {"x86_64": Meter.SERVED_X86_64, "arm64": Meter.SERVED_ARM64}


@dataclass(frozen=True, slots=True)
class Besides:
    """What a month uses that no request can be found for. Sizes are those of one item and of one message."""

    dynamodb_reads: Fraction = Fraction()
    dynamodb_writes: Fraction = Fraction()
    item_kb: Fraction = Fraction(1)
    websocket_messages: Fraction = Fraction()
    message_kb: Fraction = Fraction(1)
    connection_minutes: Fraction = Fraction()
    metrics: Fraction | None = None  # None: those of the proxy's own records


@dataclass(frozen=True, slots=True)
class Setup:
    """How it is all put together, by default as the template does. `had_door`: legacy was behind such a front door.

    `environments` is how many read the routing table; None: as many as are busy on average.
    """

    front_door: FrontDoor = "http-api"
    architecture: Architecture = "arm64"
    legacy_at: Place = "internet"
    had_door: bool = False
    besides: Besides = Besides()
    cold_start: ColdStart = _FROM_A_SNAPSHOT
    access_log_bytes: Fraction = Fraction(ACCESS_LOG_BYTES)
    environments: Fraction | None = None


class Used(NamedTuple):
    """What a month uses: a part for each flow, and what belongs to none."""

    by_flow: list[Quantities]
    apart: Quantities

    @property
    def all(self) -> list[Quantities]:
        """Every part."""
        return [*self.by_flow, self.apart]


def used(workload: Workload, setup: Setup) -> Used:
    """Return what the month uses with the proxy as it is."""
    share = served(setup.cold_start, workload.memory_mb, workload.flows)
    return Used(
        [_of_flow(flow, setup, share) for flow in workload.flows],
        add(
            (
                _besides(workload, setup),
                kept(setup.cold_start, setup.architecture, workload),
                {Meter.DYNAMODB_READS: table_reads(workload, setup.environments)},
            )
        ),
    )


def used_without_proxy(workload: Workload, setup: Setup) -> Used:
    """Return what would be left: clients ask legacy directly, and migrated handlers have functions of their own.

    There are no metrics of the proxy then, no table to read, and nothing that only the proxy needs.
    """
    migrated = [flow for flow in workload.flows if flow.side == "migrated"]
    moved = [_alone(flow) for flow in migrated if not flow.apart_mb]
    share = served(setup.cold_start, workload.memory_mb, moved)
    needs_door = setup.had_door or bool(migrated)
    gone = {Meter.METRICS, *(() if needs_door else (Meter.LOAD_BALANCER_HOURS,))}
    return Used(
        [_of_flow_without_proxy(flow, setup, share) for flow in workload.flows],
        add(
            (
                {meter: quantity for meter, quantity in _besides(workload, setup).items() if meter not in gone},
                kept(setup.cold_start, setup.architecture, workload, has_proxy=bool(moved)),
            )
        ),
    )


def _of_flow(flow: Flow, setup: Setup, share: Fraction) -> Quantities:
    """Return what a flow uses. A shadow runs in the same invocation: more of its time, no further request.

    `share` of the proxy's time is served by provisioned environments.
    """
    here = gb_seconds(flow.billed_ms + flow.shadow_ms, flow.memory_mb)
    there = gb_seconds(flow.apart_ms, flow.apart_mb)
    log_bytes = flow.log_bytes + flow.apart_requests * _lambdas_own(flow)
    return add(
        (
            _door(flow, setup),
            {
                Meter.LAMBDA_REQUESTS: flow.requests + flow.apart_requests,
                _COMPUTE[setup.architecture]: here * (1 - share) + there,
                _SERVED[setup.architecture]: here * share,
                Meter.DATA_OUT: (flow.bytes_out + _to_legacy(flow, setup)) / GB,
                Meter.LOGS: log_bytes / GB,
            },
        )
    )


def _of_flow_without_proxy(flow: Flow, setup: Setup, share: Fraction) -> Quantities:
    if flow.side == "migrated":
        return _of_flow(_alone(flow), setup, Fraction() if flow.apart_mb else share)
    if setup.had_door:
        alone = flow.shadowing(Fraction())
        return add((_door(alone, setup), {Meter.DATA_OUT: (alone.bytes_out + _to_legacy(alone, setup)) / GB}))
    # What legacy sends to clients from within AWS is data out already.
    return {Meter.DATA_OUT: flow.bytes_out / GB} if setup.legacy_at == "aws" else {}


def _alone(flow: Flow) -> Flow:
    """Return what a migrated flow is without the proxy: the side's own time, in a function of its own."""
    return replace(
        flow.shadowing(Fraction()),
        memory_mb=flow.apart_mb or flow.memory_mb,
        billed_ms=flow.work_ms,
        overhead_ms=Fraction(),
        log_bytes=flow.requests * _lambdas_own(flow),
        apart_mb=0,
        apart_requests=Fraction(),
        apart_ms=Fraction(),
    )


def _lambdas_own(flow: Flow) -> Fraction:
    """Return the bytes that Lambda itself logs for an invocation; none where nothing is logged."""
    return min(Fraction(LAMBDA_LOG_BYTES), flow.log_bytes / flow.requests) if flow.requests else Fraction()


def _besides(workload: Workload, setup: Setup) -> Quantities:
    besides = setup.besides
    return {
        Meter.LOAD_BALANCER_HOURS: Fraction(HOURS if setup.front_door == "alb" else 0),
        Meter.METRICS: besides.metrics if besides.metrics is not None else Fraction(workload.series),
        Meter.DYNAMODB_READS: besides.dynamodb_reads * read_units(besides.item_kb * KB),
        Meter.DYNAMODB_WRITES: besides.dynamodb_writes * write_units(besides.item_kb * KB),
        Meter.WEBSOCKET_MESSAGES: besides.websocket_messages * websocket_units(besides.message_kb * KB),
        Meter.WEBSOCKET_MINUTES: besides.connection_minutes,
    }


def _to_legacy(flow: Flow, setup: Setup) -> Fraction:
    """Return the bytes that leave AWS towards legacy: requests that it answers, or gets as a shadow."""
    forwarded = {"legacy": flow.bytes_in, "migrated": flow.shadow_bytes_in, "proxy": Fraction()}
    return forwarded[flow.side] if setup.legacy_at == "internet" else Fraction()


def _door(flow: Flow, setup: Setup) -> Quantities:
    match setup.front_door:
        case "http-api":
            log_bytes = flow.requests * setup.access_log_bytes
            return {Meter.HTTP_API: flow.gateway_units, Meter.LOGS: log_bytes / GB}
        case "rest-api":
            return {Meter.REST_API: flow.requests}
        case "alb":
            return {Meter.LOAD_BALANCER_CAPACITY: capacity_hours(flow.bytes_in + flow.bytes_out)}
        case "function-url":
            return {}
        case _:
            assert_never(setup.front_door)
