"""What has to be known of an estimate to trust it: what it assumes, what is not in it, which prices are unsure."""

from collections.abc import Iterator
from fractions import Fraction

from proxy.cost.estimate import Estimate
from proxy.cost.flow import Workload
from proxy.cost.meters import LABELS, Meter
from proxy.cost.money import dollars, quantity
from proxy.cost.prices import Rates
from proxy.cost.ready import Provisioned, SnapStart, environments
from proxy.cost.usage import Setup


def of(estimate: Estimate, workload: Workload, setup: Setup, rates: Rates) -> Iterator[str]:
    """Yield a line for each thing to know, the workload's own first."""
    yield from workload.notes
    yield from _unsure(estimate, rates)
    yield from _sides(workload, setup)
    yield from _standing(workload, setup)
    yield from _evidence(workload, rates)
    moved = {charge.meter for charge in estimate.charges}
    if Meter.LOAD_BALANCER_CAPACITY in moved:
        yield "a load balancer's capacity is taken from the bytes alone; many new connections take more"
    if Meter.WEBSOCKET_MESSAGES in moved:
        yield "a message that reaches a function is a Lambda request, too: count those in --requests"
    if rates.free_tier != "none":
        yield "free units are an account's, once: whatever else runs in it uses them, too"
    if rates.free_tier != "none" and isinstance(setup.cold_start, Provisioned):
        yield "AWS gives no free Lambda units to a function with provisioned concurrency; they are counted here"
    if rates.free_tier == "first-year":
        yield "the first year's free tier is for accounts made before 15 July 2025; later ones get credits"
    yield "not in it: the time of cold starts, work after the answer, headers, storage of logs and data, NAT, WAF"
    yield "nor support, tax, the stack's alarms and dashboard, and the metrics that it counts from the log"


def _unsure(estimate: Estimate, rates: Rates) -> Iterator[str]:
    for charge in estimate.charges:
        price = rates.prices[charge.meter]
        if not price.is_sure(charge.quantity - charge.free):
            beyond = f" beyond {quantity(price.known_to)}" if price.verified and price.known_to is not None else ""
            what = f"{LABELS[charge.meter]}{beyond} in {rates.region}"
            yield f"the price of {what} is not verified: {price.note or price.source}"


def _sides(workload: Workload, setup: Setup) -> Iterator[str]:
    shadowed = [flow for flow in workload.flows if flow.shadowed]
    if shadowed or any(flow.requests and flow.side == "legacy" for flow in workload.flows):
        yield (
            "legacy is on the internet: what is forwarded to it is data out (--legacy-at aws if it is in this region)"
            if setup.legacy_at == "internet"
            else "legacy is in this region of AWS: what is forwarded to it costs nothing"
        )
    if workload.shadows == "assumed" and shadowed:
        yield "a shadow takes as long here as the answer did: the other side's own time is not known"
    if any(flow.apart_requests for flow in workload.flows):
        yield "functions that run apart are billed for the side's time, and the proxy for waiting for them"
    if any(flow.requests and flow.side == "migrated" and not flow.apart_mb for flow in workload.flows):
        yield "migrated handlers run in the proxy's own function (--apart ROUTE for those that have another)"


def _standing(workload: Workload, setup: Setup) -> Iterator[str]:
    match setup.cold_start:
        case SnapStart(versions, restores) if workload.requests:
            known = workload.cold_starts if restores is None else restores
            told = quantity(known) if known is not None else "0, though each cold start is one (--restores)"
            yield f"versions kept with SnapStart: {quantity(versions)}; restores: {told}"
            yield "an older version costs, too, until it is deleted or 14 days went by without a request (--versions)"
        case Provisioned():
            yield "provisioned: all time that the environments could serve, if it came evenly, has the lower price"
    if workload.requests and setup.environments is None:
        yield (
            f"environments that read the routing table: {environments(workload):,}, as many as are busy on average "
            "(--environments if there are more)"
        )
    if setup.front_door == "http-api" and workload.requests and setup.access_log_bytes:
        yield f"the HTTP API's access log: {quantity(setup.access_log_bytes)} bytes for each request"


def _evidence(workload: Workload, rates: Rates) -> Iterator[str]:
    if any(flow.shadowed for flow in workload.flows):
        yield "what comparisons write to the table of evidence is not in it: count it in --dynamodb-writes"
    answered = sum((flow.requests for flow in workload.flows if flow.side == "legacy"), Fraction())
    if answered and (price := rates.prices.get(Meter.DYNAMODB_WRITES)):
        yield (
            "not in it: the daily counts of who asks legacy: at most a write to that table for each request, "
            f"{dollars(price.cost(answered))} USD"
        )
