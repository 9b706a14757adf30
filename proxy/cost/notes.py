"""What has to be known of an estimate to trust it: what it assumes, what is not in it, which prices are unsure."""

from collections.abc import Iterator

from proxy.cost.estimate import Estimate
from proxy.cost.flow import Workload
from proxy.cost.meters import LABELS, Meter
from proxy.cost.prices import Rates
from proxy.cost.usage import Setup


def of(estimate: Estimate, workload: Workload, setup: Setup, rates: Rates) -> Iterator[str]:
    """Yield a line for each thing to know, the workload's own first."""
    yield from workload.notes
    moved = {charge.meter for charge in estimate.charges}
    for charge in estimate.charges:
        price = rates.prices[charge.meter]
        if not price.verified:
            yield f"the price of {LABELS[charge.meter]} in {rates.region} is not verified: {price.note or price.source}"
    if any((flow.requests and flow.side == "legacy") or flow.shadowed for flow in workload.flows):
        yield (
            "legacy is on the internet: what is forwarded to it is data out (--legacy-at aws if it is in this region)"
            if setup.legacy_at == "internet"
            else "legacy is in this region of AWS: what is forwarded to it costs nothing"
        )
    if workload.shadows == "assumed" and any(flow.shadowed for flow in workload.flows):
        yield "a shadow takes as long here as the answer did: the other side's own time is not known"
    if any(flow.shadowed for flow in workload.flows):
        yield "what comparisons write to the table of evidence is not in it: count it in --dynamodb-writes"
    if Meter.LOAD_BALANCER_CAPACITY in moved:
        yield "a load balancer's capacity is taken from the bytes alone; many new connections take more"
    if Meter.WEBSOCKET_MESSAGES in moved:
        yield "a message that reaches a function is a Lambda request, too: count those in --requests"
    if rates.free_tier != "none":
        yield "free units are an account's, once: whatever else runs in it uses them, too"
    if rates.free_tier == "first-year":
        yield "the first year's free tier is for accounts made before 15 July 2025; later ones get credits"
    yield "not in it: cold starts, work after the answer, headers, storage of logs and data, NAT, WAF, support, tax"
    yield "nor the stack's alarms and dashboard, and the metrics that it counts from the log"
