"""A chart as SVG: a bar for each estimate, in the colours of what it consists of. Needs the extra `chart`."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

from proxy.cost.estimate import Charge
from proxy.cost.example import REQUESTS, Cell
from proxy.cost.meters import LABELS, Meter, add
from proxy.cost.money import dollars, quantity
from proxy.cost.report import Report
from proxy.errors import Refused

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Paul Tol's "bright", "muted", "vibrant" and "high-contrast", told apart with any colour vision
# (personal.sron.nl/~pault); what never stands in one chart shares a colour.
_COLOURS: Mapping[Meter, str] = {
    Meter.HTTP_API: "#4477aa",
    Meter.REST_API: "#4477aa",
    Meter.LOAD_BALANCER_HOURS: "#332288",
    Meter.LOAD_BALANCER_CAPACITY: "#4477aa",
    Meter.LAMBDA_REQUESTS: "#ccbb44",
    Meter.LAMBDA_X86_64: "#ee6677",
    Meter.LAMBDA_ARM64: "#ee6677",
    Meter.SERVED_X86_64: "#cc3311",
    Meter.SERVED_ARM64: "#cc3311",
    Meter.PROVISIONED_X86_64: "#ee7733",
    Meter.PROVISIONED_ARM64: "#ee7733",
    Meter.SNAPSHOTS: "#ee7733",
    Meter.RESTORES: "#ddaa33",
    Meter.DATA_OUT: "#228833",
    Meter.LOGS: "#aa3377",
    Meter.METRICS: "#bbbbbb",
    Meter.DYNAMODB_READS: "#66ccee",
    Meter.DYNAMODB_WRITES: "#882255",
    Meter.WEBSOCKET_MESSAGES: "#999933",
    Meter.WEBSOCKET_MINUTES: "#cc6677",
}
_LEGEND_COLUMNS = 2
_LONGEST = 40
_MOST_ROUTES = 12  # of that many each can still be read
_LAYOUT: Mapping[str, object] = {
    "width": 960,
    "margin": 20,
    "margin_bottom": 45,  # without it, the last line of the legend is cut off
    "legend_at_bottom": True,
    "legend_at_bottom_columns": _LEGEND_COLUMNS,
    "legend_box_size": 12,
    "truncate_label": -1,
    "truncate_legend": -1,
    "value_formatter": lambda usd: f"{usd:,.2f}",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: dollars by what they are for."""

    label: str
    usd: Mapping[Meter, Fraction]


def bars(report: Report) -> tuple[Bar, ...]:
    """Return a bar for each memory size if there are any, else for each route: the dearest, and all others in one."""
    estimate = report.estimate
    if report.comparisons:
        return (
            _bar("now", estimate.charges),
            *(
                _bar(f"{each.memory_mb:,} MB, {quantity(each.average_ms)} ms", each.charges)
                for each in report.comparisons
            ),
        )
    rows = sorted(estimate.rows, key=lambda row: (-row.usd, row.route, row.side))
    named = [Bar(f"{row.route} ({row.side})", row.by_meter) for row in rows[:_MOST_ROUTES]]
    others = add(row.by_meter for row in rows[_MOST_ROUTES:])
    named += [Bar("other routes", others)] if others else []
    return (*named, Bar("of no route", estimate.apart)) if estimate.apart_usd else tuple(named)


def example_bars(cells: Iterable[Cell]) -> tuple[Bar, ...]:
    """Return a bar for each function of the worked example, at its largest volume and without free tier."""
    return tuple(
        _bar(f"{cell.duration_ms} ms at {cell.memory_mb} MB", cell.estimate.charges)
        for cell in cells
        if cell.requests == max(REQUESTS) and cell.free_tier == "none"
    )


def svg(title: str, bars: Sequence[Bar]) -> str:
    """Return the chart as one SVG document, which holds no script and asks nobody for anything.

    Raises Refused if the library that draws it is not installed.
    """
    pygal, style = _pygal()
    meters = [meter for meter in LABELS if any(each.usd.get(meter) for each in bars)]
    look = style.Style(
        colors=tuple(_COLOURS[meter] for meter in meters),
        background="white",
        plot_background="white",
        font_family="sans-serif",
        opacity="1",
        guide_stroke_color="#dddddd",
        major_guide_stroke_color="#dddddd",
        guide_stroke_dasharray="1,0",
        major_guide_stroke_dasharray="1,0",
        label_font_size=13,
        major_label_font_size=13,
        legend_font_size=13,
        title_font_size=16,
    )
    chart = pygal.HorizontalStackedBar(style=look, js=[], title=title, x_title="USD a month", **_LAYOUT)
    chart.height = 170 + 40 * len(bars) + 22 * ceil(len(meters) / _LEGEND_COLUMNS)
    chart.uuid = "fig-cost"  # a name drawn by chance would change the file each time
    # pygal draws the first label at the bottom.
    shown = list(reversed(bars))
    chart.x_labels = [f"{_short(each.label)}: {dollars(sum(each.usd.values(), Fraction()))}" for each in shown]
    for meter in meters:
        chart.add(LABELS[meter], [float(each.usd.get(meter, 0)) for each in shown])
    chart.add_xml_filter(_still)
    return str(chart.render(is_unicode=True))


def _bar(label: str, charges: Iterable[Charge]) -> Bar:
    return Bar(label, {charge.meter: charge.usd for charge in charges})


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"


def _pygal() -> tuple[Any, Any]:  # Any: modules that ship no types
    # Imported here: only who wants a chart needs to install it.
    try:
        import pygal  # type: ignore[import-untyped]  # it ships no types
        from pygal import style
    except ImportError as exc:
        raise Refused("--svg: got no pygal to draw with; install it with pip install 'fig-proxy[chart]'") from exc
    # It leaves a finder of modules behind, of a form that Python 3.12 has dropped, and Python 3.11 would warn of it
    # whenever something is imported that is not there.
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]
    return pygal, style


def _still(root: "Element") -> "Element":
    """Take out what a picture has no use for: the script, and comments with the day it was drawn on."""
    for parent in list(root.iter()):
        for child in list(parent):
            if callable(child.tag) or child.tag == "script":
                parent.remove(child)
    return root
