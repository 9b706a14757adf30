"""ECharts options, as JSON. Colours are CSS variables, so that a chart follows light and dark without being told.

What is drawn is never told by its colour alone: every series has a name in the legend, and legacy's lines are dashed.
An update sends the series only, for functions (the names that begin with a colon) live in the first options.
"""

import math
from collections.abc import Sequence
from typing import Any

from proxy.dashboard.standing import Moment
from proxy.dashboard.totals import migrated_share
from proxy.metrics.source import Flow, Point, Side

Options = dict[str, Any]  # Any: JSON

_COLOURS = {"legacy": "var(--legacy)", "migrated": "var(--migrated)", "proxy": "var(--proxy)"}
_LINES = {"legacy": "dashed", "migrated": "solid", "proxy": "dotted"}
_SHOWN_SIDES: tuple[Side, ...] = ("migrated", "legacy", "proxy")
# Bounds of the bars of a distribution, in ms: four in each doubling are too fine for a phone, one hides two humps.
_BOUNDS_MS = [0.25 * 2 ** (step / 2) for step in range(40)]
_SPARSE = 12  # points that are drawn as such
_TALL = 80  # percent
_TEXT = {"color": "var(--dim)", "fontFamily": "system-ui, sans-serif", "fontSize": 11}


def shares(series: Sequence[Point]) -> Options:
    """Return the share of the traffic that each side answers, which together are all of it."""
    counted = [(point.at, point.requests["migrated"], point.requests["legacy"]) for point in _whole(series)]
    points = [(at, migrated_share(migrated, legacy)) for at, migrated, legacy in counted]
    percents = [(at, None if share is None else round(share * 100, 2)) for at, share in points]
    options = _over_time("%", "fig.percent")
    options["yAxis"] |= {"max": 100, "interval": 25}
    return options | {
        "series": [
            _area("migrated", percents),
            _area("legacy", [(at, None if percent is None else round(100 - percent, 2)) for at, percent in percents]),
        ]
    }


def rates(series: Sequence[Point]) -> Options:
    """Return how many requests a second each side answers."""
    return _over_time("requests/s", "fig.rate") | {
        "series": [_area(side, [(point.at, _rate(point, side)) for point in _whole(series)]) for side in _SHOWN_SIDES]
    }


def errors(series: Sequence[Point]) -> Options:
    """Return how many errors there were in each moment."""
    return _over_time("errors", "fig.count") | {
        "series": [
            {
                **_series("bar", side, [(point.at, point.errors[side]) for point in series]),
                "stack": "errors",
                "barMaxWidth": 8,
            }
            for side in _SHOWN_SIDES
        ]
    }


def latencies(series: Sequence[Point]) -> Options:
    """Return how long 95 % of the answers took at most, by side."""
    return _over_time("p95", "fig.ms") | {
        "series": [_line(side, [(point.at, point.p95_ms.get(side)) for point in series]) for side in _SHOWN_SIDES[:2]]
    }


def legacy_rates(series: Sequence[Point]) -> Options:
    """Return what legacy still answers: the traffic that is left."""
    points = [(point.at, _rate(point, "legacy")) for point in _whole(series)]
    return _over_time("requests/s", "fig.rate") | {"series": [_area("legacy", points)]}


def burn_down(moments: Sequence[Moment], until: float) -> Options:
    """Return how many routes were how far, from the first version to now."""
    groups = {
        "arrived": (("migrated", "retired"), "var(--migrated)"),
        "on the way": (("shadow", "canary", "live"), "var(--moving)"),
        "on legacy": (("legacy",), "var(--legacy)"),
    }
    steps = [*moments, *([moments[-1]._replace(at=max(until, moments[-1].at))] if moments else [])]
    options = _over_time("routes", "fig.count")
    return options | {
        "series": [
            {
                **_area(name, [(moment.at, sum(moment.stages.get(one, 0) for one in stages)) for moment in steps]),
                "step": "end",
                "itemStyle": {"color": colour},
                "lineStyle": {"color": colour, "width": 1.5},
                "areaStyle": {"color": colour, "opacity": 0.3},
            }
            for name, (stages, colour) in groups.items()
        ]
    }


def distribution(legacy: Flow, migrated: Flow, promised_ms: float | None = None) -> Options:
    """Return how the answers of both sides are distributed, each as a share of its own: sides differ in traffic."""
    bars = {side: _bars(flow) for side, flow in (("legacy", legacy), ("migrated", migrated))}
    used = [at for found in bars.values() for at, share in enumerate(found) if share]
    first, last = (min(used), max(used)) if used else (0, 0)
    # Left to itself, the axis would go beyond all answers.
    most = 100 if any(share > _TALL for found in bars.values() for share in found) else None
    # A bar or two to both sides, so that one that is alone does not fill the picture.
    first, last = max(0, first - 2), min(len(_BOUNDS_MS) - 1, last + 2)
    labels = [_bound(bound) for bound in _BOUNDS_MS[first : last + 1]]
    series: list[Options] = [
        {**_series("bar", side, []), "data": found[first : last + 1], "barGap": "10%", "barCategoryGap": "20%"}
        for side, found in bars.items()
    ]
    at = next((at for at, bound in enumerate(_BOUNDS_MS) if promised_ms is not None and bound >= promised_ms), None)
    is_marked = at is not None and first <= at <= last
    mark = [{"xAxis": at - first, "name": "p95 promised"}] if at is not None and is_marked else []
    series[0]["markLine"] = {
        "silent": True,
        "symbol": "none",
        "lineStyle": {"color": "var(--error)", "type": "dotted"},
        "label": {**_TEXT, "formatter": "p95 promised"},
        "data": mark,
    }
    return {
        **_common("fig.percent"),
        "title": {
            "show": not used,
            "text": "only percentiles are told" if legacy.requests + migrated.requests else "no answers in this time",
            "left": "center",
            "top": "middle",
            "textStyle": {**_TEXT, "fontSize": 13, "fontWeight": "normal"},
        },
        "xAxis": {
            "type": "category",
            "data": labels,
            "name": "up to",
            "nameTextStyle": _TEXT,
            "axisLabel": _TEXT,
            "axisLine": {"lineStyle": {"color": "var(--line)"}},
            "axisTick": {"show": False},
        },
        "yAxis": {**_value_axis("% of the side's answers", "fig.percent"), "show": bool(used), "max": most},
        "series": series,
    }


def of_update(options: Options) -> Options:
    """Return what an update sends of options: no function, and nothing that stays the same."""
    axes = {
        "xAxis": {"data": options["xAxis"]["data"]} if "data" in options["xAxis"] else {},
        "yAxis": {name: options["yAxis"][name] for name in ("show", "max") if name in options["yAxis"]},
    }
    return {"series": options["series"], "title": options["title"], **axes}


def _bars(flow: Flow) -> list[float]:
    counts = [0] * len(_BOUNDS_MS)
    for up_to_ms, answers in flow.latency:
        at = math.ceil(2 * math.log2(max(up_to_ms, _BOUNDS_MS[0]) / _BOUNDS_MS[0]) - 1e-9)
        counts[min(at, len(counts) - 1)] += answers
    total = sum(counts)
    return [round(100 * number / total, 2) if total else 0.0 for number in counts]


def _bound(ms: float) -> str:
    return f"{ms:.2g} ms" if ms < 100 else f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.2g} s"


def _rate(point: Point, side: Side) -> float | None:
    # The proxy answers next to nothing itself, and a line of nothing would lie on that of the others.
    requests = point.requests[side]
    return None if side == "proxy" and not requests else round(requests / point.seconds, 2)


def _whole(series: Sequence[Point]) -> Sequence[Point]:
    return series[:-1]  # the last point is still under way: as a rate it would always seem to fall


def _over_time(unit: str, formatter: str) -> Options:
    return {
        **_common(formatter),
        "xAxis": {
            "type": "time",
            "axisLabel": {**_TEXT, "hideOverlap": True},
            "axisLine": {"lineStyle": {"color": "var(--line)"}},
            "axisTick": {"show": False},
            "splitLine": {"show": False},
            "minInterval": 1000,
        },
        "yAxis": _value_axis(unit, formatter),
    }


def _common(formatter: str) -> Options:
    return {
        "animation": False,
        "title": {"show": False},
        "useUTC": True,
        "textStyle": _TEXT,
        "grid": {"left": 8, "right": 16, "top": 34, "bottom": 4, "containLabel": True},
        "legend": {
            "top": 0,
            "right": 0,
            "itemWidth": 18,
            "itemHeight": 8,
            "icon": "roundRect",
            "textStyle": {**_TEXT, "fontSize": 12},
            "inactiveColor": "var(--line)",
        },
        "tooltip": {
            "trigger": "axis",
            "confine": True,
            "backgroundColor": "var(--raised)",
            "borderColor": "var(--line)",
            "textStyle": {"color": "var(--ink)", "fontSize": 12},
            "axisPointer": {"lineStyle": {"color": "var(--dim)"}, "shadowStyle": {"opacity": 0.15}},
            ":valueFormatter": formatter,
        },
    }


def _value_axis(unit: str, formatter: str) -> Options:
    return {
        "type": "value",
        "min": 0,
        "name": unit,
        "nameLocation": "end",
        "nameTextStyle": {**_TEXT, "align": "left"},
        "axisLabel": {**_TEXT, ":formatter": formatter},
        "splitLine": {"lineStyle": {"color": "var(--line)", "opacity": 0.6}},
        "splitNumber": 4,
        "minInterval": 1 if formatter == "fig.count" else 0,
    }


def _series(kind: str, name: str, points: Sequence[tuple[float, float | None]]) -> Options:
    colour = _COLOURS.get(name, "var(--proxy)")
    return {
        "type": kind,
        "name": name,
        "data": [[round(at * 1000), value] for at, value in points],
        "itemStyle": {"color": colour},
        "emphasis": {"disabled": True},
    }


def _line(name: str, points: Sequence[tuple[float, float | None]]) -> Options:
    line = {"color": _COLOURS.get(name, "var(--proxy)"), "width": 2, "type": _LINES.get(name, "solid")}
    # A point that stands alone makes no line.
    is_sparse = sum(value is not None for _, value in points) <= _SPARSE
    return {**_series("line", name, points), "showSymbol": is_sparse, "symbolSize": 4, "lineStyle": line}


def _area(name: str, points: Sequence[tuple[float, float | None]]) -> Options:
    area = {"color": _COLOURS.get(name, "var(--proxy)"), "opacity": 0.3}
    return {**_line(name, points), "stack": "all", "areaStyle": area}
