"""From a workload to dollars: the bill, its parts by route and side, and what the proxy and its shadows add to it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from proxy.cost.flow import Flow, Workload
from proxy.cost.meters import Meter, Quantities, add
from proxy.cost.prices import Rates
from proxy.cost.usage import Setup, used, used_without_proxy
from proxy.routing.decide import Side


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of the bill: `free` of the `quantity` cost nothing. `prices` are those of the tiers that it reaches."""

    meter: Meter
    quantity: Fraction
    free: Fraction
    usd: Fraction
    prices: tuple[Fraction, ...]
    per: int


@dataclass(frozen=True, slots=True)
class Row:
    """The part of the bill that a route brings about where one side answers it."""

    route: str
    side: Side
    requests: Fraction
    shadowed: Fraction
    apart: Fraction  # requests to a function of its own
    by_meter: Quantities  # of dollars

    @property
    def usd(self) -> Fraction:
        """The dollars of all meters."""
        return sum(self.by_meter.values(), Fraction())


@dataclass(frozen=True, slots=True)
class Difference:
    """What something adds to the bill: the bill less the bill without it."""

    usd: Fraction
    by_meter: Mapping[Meter, Fraction]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A month. `usd` is the sum of the charges, and just as well of the rows and what is `apart` from all routes."""

    requests: Fraction
    charges: tuple[Charge, ...]
    usd: Fraction
    rows: tuple[Row, ...]
    apart: Quantities  # of dollars
    proxy: Difference
    shadows: Difference

    @property
    def apart_usd(self) -> Fraction:
        """The dollars that belong to no route."""
        return sum(self.apart.values(), Fraction())

    @property
    def sides(self) -> dict[Side, Fraction]:
        """The dollars of the rows by the side that answered."""
        sums: dict[Side, Fraction] = {}
        for row in self.rows:
            sums[row.side] = sums.get(row.side, Fraction()) + row.usd
        return sums


def estimate(workload: Workload, setup: Setup, rates: Rates) -> Estimate:
    """Return what a month of the workload costs. Raises Refusal for a price that is missing."""
    month = used(workload, setup)
    charges = bill(month.all, rates)
    without_shadows = replace(workload, flows=tuple(flow.shadowing(Fraction()) for flow in workload.flows))
    return Estimate(
        requests=workload.requests,
        charges=charges,
        usd=total(charges),
        rows=tuple(_rows(workload.flows, month.by_flow, charges)),
        apart=_part(month.apart, charges),
        proxy=_difference(charges, bill(used_without_proxy(workload, setup).all, rates)),
        shadows=_difference(charges, bill(used(without_shadows, setup).all, rates)),
    )


def bill(used: Iterable[Quantities], rates: Rates) -> tuple[Charge, ...]:
    """Return a charge for every meter that moved; free units come off first, then the tiers count from zero.

    Raises Refusal for prices that are missing.
    """
    charges = []
    quantities = add(used)
    rates.require(quantities)
    for meter, quantity in quantities.items():
        price = rates.prices[meter]
        free = min(quantity, rates.free.get(meter, Fraction()))
        paid = quantity - free
        charges.append(Charge(meter, quantity, free, price.cost(paid), price.used(paid), price.per))
    return tuple(charges)


def total(charges: Iterable[Charge]) -> Fraction:
    """Return the dollars of a bill."""
    return sum((charge.usd for charge in charges), Fraction())


def _rows(flows: Sequence[Flow], used: Sequence[Quantities], charges: tuple[Charge, ...]) -> Iterator[Row]:
    """Yield a row for each route and side: a function whose memory was changed meanwhile has flows for each size."""
    together: dict[tuple[str, Side], list[tuple[Flow, Quantities]]] = {}
    for flow, quantities in zip(flows, used, strict=True):
        together.setdefault((flow.route, flow.side), []).append((flow, quantities))
    for (route, side), parts in together.items():
        yield Row(
            route,
            side,
            sum((flow.requests for flow, _ in parts), Fraction()),
            sum((flow.shadowed for flow, _ in parts), Fraction()),
            sum((flow.apart_requests for flow, _ in parts), Fraction()),
            _part(add(quantities for _, quantities in parts), charges),
        )


def _part(used: Quantities, charges: tuple[Charge, ...]) -> Quantities:
    """Return the dollars of a part of the bill by meter: its share of a quantity is its share of that charge."""
    shares = {charge.meter: charge.usd * used.get(charge.meter, Fraction()) / charge.quantity for charge in charges}
    return {meter: usd for meter, usd in shares.items() if usd}


def _difference(charges: tuple[Charge, ...], without: tuple[Charge, ...]) -> Difference:
    before = {charge.meter: charge.usd for charge in without}
    by_meter = {charge.meter: charge.usd - before.get(charge.meter, Fraction()) for charge in charges}
    return Difference(total(charges) - total(without), {meter: usd for meter, usd in by_meter.items() if usd})
