"""What flows use of AWS: with the proxy as it is, and as it would be without it."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, assert_never

from proxy.cost.flow import LAMBDA_LOG_BYTES, Flow, Workload
from proxy.cost.metering import GB, HOURS, KB, capacity_hours, gb_seconds, read_units, websocket_units, write_units
from proxy.cost.meters import Meter, Quantities

FrontDoor = Literal["http-api", "rest-api", "function-url", "alb"]
Architecture = Literal["x86_64", "arm64"]
# Where legacy is, seen from the function: what goes to the internet is data out; within the region it costs nothing
# here (within a VPC between two zones it would: a cent for a GB).
Place = Literal["internet", "aws"]

_COMPUTE = {"x86_64": Meter.LAMBDA_X86_64, "arm64": Meter.LAMBDA_ARM64}


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
    """How it is all put together. `had_door`: legacy was behind such a front door before the proxy came."""

    front_door: FrontDoor = "http-api"
    architecture: Architecture = "x86_64"
    legacy_at: Place = "internet"
    had_door: bool = False
    besides: Besides = Besides()


def of_flow(flow: Flow, setup: Setup) -> Quantities:
    """Return what a flow uses. A shadow runs in the same invocation: more of its time, no further request."""
    return {
        **_door(flow, setup),
        Meter.LAMBDA_REQUESTS: flow.requests,
        _COMPUTE[setup.architecture]: gb_seconds(flow.billed_ms + flow.shadow_ms, flow.memory_mb),
        Meter.DATA_OUT: (flow.bytes_out + _to_legacy(flow, setup)) / GB,
        Meter.LOGS: flow.log_bytes / GB,
    }


def of_flow_without_proxy(flow: Flow, setup: Setup) -> Quantities:
    """Return what would be left of it: clients ask legacy directly, and a migrated handler is a function of its own."""
    if flow.side == "migrated":
        log_bytes = min(flow.log_bytes, flow.requests * LAMBDA_LOG_BYTES)
        alone = replace(flow.shadowing(Fraction()), billed_ms=flow.work_ms, overhead_ms=Fraction(), log_bytes=log_bytes)
        return of_flow(alone, setup)
    if setup.had_door:
        alone = flow.shadowing(Fraction())
        return {**_door(alone, setup), Meter.DATA_OUT: (alone.bytes_out + _to_legacy(alone, setup)) / GB}
    # What legacy sends to clients from within AWS is data out already.
    return {Meter.DATA_OUT: flow.bytes_out / GB} if setup.legacy_at == "aws" else {}


def apart(workload: Workload, setup: Setup) -> Quantities:
    """Return what belongs to no flow."""
    besides = setup.besides
    return {
        Meter.LOAD_BALANCER_HOURS: Fraction(HOURS if setup.front_door == "alb" else 0),
        Meter.METRICS: besides.metrics if besides.metrics is not None else Fraction(workload.series),
        Meter.DYNAMODB_READS: besides.dynamodb_reads * read_units(besides.item_kb * KB),
        Meter.DYNAMODB_WRITES: besides.dynamodb_writes * write_units(besides.item_kb * KB),
        Meter.WEBSOCKET_MESSAGES: besides.websocket_messages * websocket_units(besides.message_kb * KB),
        Meter.WEBSOCKET_MINUTES: besides.connection_minutes,
    }


def apart_without_proxy(workload: Workload, setup: Setup) -> Quantities:
    """Return what of that would be left: no metrics of the proxy, and no load balancer that only the proxy needs."""
    needs_door = setup.had_door or any(flow.side == "migrated" for flow in workload.flows)
    gone = {Meter.METRICS, *(() if needs_door else (Meter.LOAD_BALANCER_HOURS,))}
    return {meter: quantity for meter, quantity in apart(workload, setup).items() if meter not in gone}


def _to_legacy(flow: Flow, setup: Setup) -> Fraction:
    """Return the bytes that leave AWS towards legacy: requests that it answers, or gets as a shadow."""
    forwarded = {"legacy": flow.bytes_in, "migrated": flow.shadow_bytes_in, "proxy": Fraction()}
    return forwarded[flow.side] if setup.legacy_at == "internet" else Fraction()


def _door(flow: Flow, setup: Setup) -> Quantities:
    match setup.front_door:
        case "http-api":
            return {Meter.HTTP_API: flow.gateway_units}
        case "rest-api":
            return {Meter.REST_API: flow.requests}
        case "alb":
            return {Meter.LOAD_BALANCER_CAPACITY: capacity_hours(flow.bytes_in + flow.bytes_out)}
        case "function-url":
            return {}
        case _:
            assert_never(setup.front_door)
