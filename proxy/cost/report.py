"""An estimate for people (a table) and for programs (JSON)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO

from rich.console import Console
from rich.table import Table

from proxy.cost.compare import Comparison
from proxy.cost.estimate import Charge, Difference, Estimate, Row
from proxy.cost.example import Cell
from proxy.cost.meters import LABELS
from proxy.cost.money import dollars, number, price, quantity
from proxy.cost.prices import FreeTier, Rates
from proxy.cost.ready import ColdStart, Provisioned, SnapStart
from proxy.cost.usage import Setup

# Numbers stay whole on any terminal; a table that wraps its numbers could not be read.
_WIDTH = 160
_TIERS: dict[FreeTier, str] = {
    "none": "without free tier",
    "always": "with what is always free",
    "first-year": "with the free tier of the first year",
}


@dataclass(frozen=True, slots=True)
class Report:
    """All that `fig cost` has to say."""

    estimate: Estimate
    comparisons: tuple[Comparison, ...]
    setup: Setup
    rates: Rates
    notes: tuple[str, ...]


def text(report: Report) -> str:
    """Return the report for a terminal, a pipe or a mail."""
    setup, rates, estimate = report.setup, report.rates, report.estimate
    parts = [
        f"a month in {rates.region}: {quantity(estimate.requests)} requests through {setup.front_door}, function on "
        f"{setup.architecture}, {_cold_start(setup.cold_start)}, {_TIERS[rates.free_tier]}, prices of {rates.date}",
        _drawn(_charges(estimate)),
    ]
    if len(estimate.rows) > 1 or any(row.shadowed for row in estimate.rows):
        parts.append(_drawn(_rows(estimate)))
    parts.append(_difference("the proxy adds", estimate.proxy, estimate))
    if any(row.shadowed for row in estimate.rows):
        parts.append(_difference("of which shadows add", estimate.shadows, estimate))
    if report.comparisons:
        kept = (
            "\ndearer by its time alone: what is kept ready costs by its memory" if setup.cold_start != "plain" else ""
        )
        parts.append(_drawn(_memory(report.comparisons)) + kept)
    parts.append("\n".join(f"note: {note}" for note in report.notes))
    return "\n\n".join(part for part in parts if part)


def as_data(report: Report) -> dict[str, object]:
    """Return the report as data for JSON: dollars and quantities as numbers, to the millionth."""
    setup, rates, estimate = report.setup, report.rates, report.estimate
    return {
        "region": rates.region,
        "prices_of": rates.date.isoformat(),
        "free_tier": rates.free_tier,
        "front_door": setup.front_door,
        "architecture": setup.architecture,
        "cold_start": _cold_start(setup.cold_start),
        "legacy_at": setup.legacy_at,
        "requests": number(estimate.requests),
        "usd": number(estimate.usd),
        "charges": [_charge_data(charge) for charge in estimate.charges],
        "routes": [_row_data(row) for row in estimate.rows],
        "sides": {side: number(usd) for side, usd in estimate.sides.items()},
        "apart_usd": number(estimate.apart_usd),
        "proxy": _difference_data(estimate.proxy),
        "shadows": _difference_data(estimate.shadows),
        "memory": [_comparison_data(comparison) for comparison in report.comparisons],
        "notes": list(report.notes),
    }


def example_text(cells: Sequence[Cell]) -> str:
    """Return the worked example as a table: a row for each function and volume, a column for each free tier."""
    tiers = list(dict.fromkeys(cell.free_tier for cell in cells))
    table = _table("function", "requests a month", *(f"{_TIERS[tier]}, USD" for tier in tiers), left=1)
    rows: dict[tuple[int, int, int], list[str]] = {}
    for cell in cells:
        key = (cell.duration_ms, cell.memory_mb, cell.requests)
        rows.setdefault(key, []).append(dollars(cell.estimate.usd))
    for (duration_ms, memory_mb, requests), usd in rows.items():
        table.add_row(f"{duration_ms} ms at {memory_mb} MB", f"{requests:,}", *usd)
    return _drawn(table)


def example_data(cells: Iterable[Cell]) -> list[dict[str, object]]:
    """Return the worked example as data for JSON."""
    return [
        {
            "duration_ms": cell.duration_ms,
            "memory_mb": cell.memory_mb,
            "requests": cell.requests,
            "free_tier": cell.free_tier,
            "usd": number(cell.estimate.usd),
        }
        for cell in cells
    ]


def _charges(estimate: Estimate) -> Table:
    table = _table("what", "quantity", "of it free", "price", "USD", left=1)
    for charge in estimate.charges:
        free = quantity(charge.free) if charge.free else ""
        table.add_row(LABELS[charge.meter], quantity(charge.quantity), free, _tier_prices(charge), dollars(charge.usd))
    table.add_row("total", "", "", "", dollars(estimate.usd))
    return table


def _tier_prices(charge: Charge) -> str:
    per = {1: "each", 10**6: "per million"}.get(charge.per, f"per {charge.per:,}")
    return f"{' to '.join(price(usd) for usd in dict.fromkeys((charge.prices[0], charge.prices[-1])))} {per}"


def _rows(estimate: Estimate) -> Table:
    table = _table("route", "side", "requests", "shadowed", "apart", "USD", left=2)
    for row in sorted(estimate.rows, key=lambda row: (-row.usd, row.route, row.side)):
        shadowed = quantity(row.shadowed) if row.shadowed else ""
        apart = quantity(row.apart) if row.apart else ""
        table.add_row(row.route, row.side, quantity(row.requests), shadowed, apart, dollars(row.usd))
    for side, usd in sorted(estimate.sides.items()):
        table.add_row("all routes", side, "", "", "", dollars(usd))
    if estimate.apart_usd:
        table.add_row("of no route", "", "", "", "", dollars(estimate.apart_usd))
    return table


def _memory(comparisons: Iterable[Comparison]) -> Table:
    table = _table("memory", "time a request", "USD", "change", "dearer than now from", left=0)
    for each in comparisons:
        table.add_row(
            f"{each.memory_mb:,} MB",
            f"{quantity(each.average_ms)} ms",
            dollars(each.usd),
            dollars(each.change_usd),
            f"{quantity(each.break_even_ms)} ms",
        )
    return table


def _difference(what: str, difference: Difference, estimate: Estimate) -> str:
    if not difference.usd:
        return f"{what} nothing"
    million = (
        f", {dollars(difference.usd / estimate.requests * 10**6)} per million requests" if estimate.requests else ""
    )
    largest = sorted(difference.by_meter.items(), key=lambda item: -item[1])
    parts = ", ".join(f"{LABELS[meter]} {dollars(usd)}" for meter, usd in largest)
    return f"{what} {dollars(difference.usd)} USD{million}: {parts}"


def _cold_start(cold_start: ColdStart) -> str:
    match cold_start:
        case SnapStart():
            return "snap-start"
        case Provisioned(environments):
            return f"provisioned:{number(environments)}"
        case _:
            return "plain"


def _charge_data(charge: Charge) -> dict[str, object]:
    return {
        "meter": charge.meter.value,
        "quantity": number(charge.quantity),
        "free": number(charge.free),
        "usd": number(charge.usd),
    }


def _row_data(row: Row) -> dict[str, object]:
    return {
        "route": row.route,
        "side": row.side,
        "requests": number(row.requests),
        "shadowed": number(row.shadowed),
        "apart": number(row.apart),
        "usd": number(row.usd),
    }


def _comparison_data(comparison: Comparison) -> dict[str, object]:
    return {
        "memory_mb": comparison.memory_mb,
        "average_ms": number(comparison.average_ms),
        "usd": number(comparison.usd),
        "change_usd": number(comparison.change_usd),
        "break_even_ms": number(comparison.break_even_ms),
    }


def _difference_data(difference: Difference) -> dict[str, object]:
    by_meter = {meter.value: number(usd) for meter, usd in difference.by_meter.items()}
    return {"usd": number(difference.usd), "by_meter": by_meter}


def _table(*headings: str, left: int) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="left" if place < left else "right", no_wrap=True)
    return table


def _drawn(table: Table) -> str:
    # Without markup and emoji: a route's id is only text.
    console = Console(file=StringIO(), width=_WIDTH, highlight=False, markup=False, emoji=False, color_system=None)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())
