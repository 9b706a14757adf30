"""A dashboard of CloudWatch for a routing table: what each side serves, how well, and what is left.

Routes are found by their stage in what is measured, so that a flip moves a route to its new place by itself. From the
table come the numbers of routes, and the objectives that are drawn as lines; both are of the day it was made.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from proxy.metrics.cloudwatch_widgets import Grid, Metric, Widget, alarms, graph, in_percent, line, log, search, text
from proxy.metrics.source import SIDES
from proxy.observe import UNLISTED
from proxy.routing.document import Document, RouteDocument

# In the order in which a person looks: where something is under way first.
_SECTIONS: Final = (
    ("canary", "the handler answers some callers"),
    ("shadow", "legacy answers, the handler is compared"),
    ("live", "the handler answers, legacy is compared and at hand"),
    ("legacy", "not begun"),
    ("migrated", "done: legacy may be switched off"),
    (UNLISTED, "what no route lists; legacy answers"),
)
_SIDE: Final = "${PROP('Dim.side')}"
_TWO_SIDES: Final = ("legacy", "migrated")
_MOST_NAMED: Final = 12  # routes in a heading


@dataclass(frozen=True, slots=True)
class Stack:
    """Where it all runs. In a template, these are the names that it puts in, such as ${AWS::Region}."""

    namespace: str
    region: str
    log_group: str
    function: str
    alarms: Sequence[str] = ()  # their ARNs
    front_door: Sequence[Metric] | str = ()  # metrics, or the name of them that a template puts in
    is_folded: bool = False  # routes of a group count as one; see FIG_METRICS_ROUTES


def widgets(document: Document, stack: Stack) -> list[Widget]:
    """Return the widgets for a table; what there is no room for is said in the last."""
    grid = Grid()
    if stack.alarms:
        grid.row(alarms("Alarms", stack.alarms), height=2)
    for row in overview(document, stack):
        grid.row(*row, height=3 if row[0]["type"] == "text" else 6)
    for stage, meaning in _SECTIONS:
        grid.row(text(_heading(document, stage, meaning)), height=2)
        grid.row(*_section(stage, stack))
    drawn, left_out = _objectives(document, stack, grid.room - 2)
    if drawn:
        grid.row(text("## Objectives\nWhat is promised of a route (`slo`), and what it keeps."), height=2)
        grid.rows(drawn, of=3)
    if left_out:
        grid.row(text(f"There is no room for the objectives of: {_names(left_out)}"), height=2)
    return grid.widgets


def overview(document: Document, stack: Stack) -> Iterator[list[Widget]]:
    """Yield the rows that are about all routes together."""
    fig, region = stack.namespace, stack.region
    traffic = [[fig, "errors_by_side", "side", side] for side in SIDES]
    told = [
        [fig, "latency_by_side", "side", side, {"stat": stat, "label": f"{side} {stat}"}]
        for side in _TWO_SIDES
        for stat in ("p50", "p95", "p99")
    ]
    name = f"${{PROP('Dim.{_of(stack)}')}}"
    yield [text(_progress(document))]
    yield [
        graph("Traffic by side", region, traffic, "SampleCount"),
        graph("Migrated share of the traffic", region, _share(fig), "SampleCount", **in_percent(100)),
        graph("Errors by side", region, traffic),
        graph("Latency by side", region, told, "p95", yAxis={"left": {"min": 0}}),
    ]
    yield [
        graph(
            "Parity: comparisons that were equal",
            region,
            [[{"expression": _parity(stack), "label": "equal"}]],
            **in_percent(100),
        ),
        graph("Fallbacks: failures that no client saw", region, [[fig, "fallbacks_of_all"]]),
        graph("Requests decided by an old table", region, [[fig, "stale_tables"]]),
        graph(
            "Requests that found a breaker open", region, [[{"expression": _broken(stack), "label": f"{name} {_SIDE}"}]]
        ),
    ]
    yield [
        *([graph("Front door", region, stack.front_door)] if isinstance(stack.front_door, list) else []),
        *([_put_in("Front door", region, stack.front_door)] if isinstance(stack.front_door, str) else []),
        graph("Proxy function", region, _function(stack.function)),
        log(
            "Table versions in force",
            region,
            stack.log_group,
            'filter message = "exchange" | stats count(*) as requests by table_version, bin(5m)',
        ),
    ]


def _section(stage: str, stack: Stack) -> list[Widget]:
    """Return traffic, errors and latency of what is in a stage."""
    of = _of(stack)
    label = f"${{PROP('Dim.{of}')}} {_SIDE}"

    def found(metric: str, stat: str) -> list[Metric]:
        terms = f'MetricName="{metric}" stage="{stage}"'
        return [[{"expression": search(_flows(stack), terms, stat), "label": label}]]

    return [
        graph(f"{stage}: traffic by {of}", stack.region, found("requests", "Sum")),
        graph(f"{stage}: errors by {of}", stack.region, found("errors", "Sum")),
        graph(f"{stage}: latency by {of}, p95", stack.region, found("latency", "p95"), "p95"),
    ]


def _objectives(document: Document, stack: Stack, room: int) -> tuple[list[Widget], list[str]]:
    """Return a graph for each objective of a route, and the routes that there is no room for."""
    promising = [route for route in document.routes if route.slo.p95 is not None or route.slo.errors is not None]
    if stack.is_folded:  # nothing is measured of a route by itself
        return [], [route.id for route in promising]
    drawn: list[Widget] = []
    left_out: list[str] = []
    for route in promising:
        graphs = list(_promised(route, stack))
        if left_out or len(drawn) + len(graphs) > room:
            left_out.append(route.id)
        else:
            drawn += graphs
    return drawn, left_out


def _promised(route: RouteDocument, stack: Stack) -> Iterator[Widget]:
    flows, of_route = _flows(stack), f'route="{route.id}"'
    if route.slo.p95 is not None:
        p95_ms = route.slo.p95 * 1000
        curve = {
            "expression": search(flows, f'MetricName="latency" {of_route}', "p95"),
            "label": f"{_SIDE} in ${{PROP('Dim.stage')}}",
        }
        more = {**line(f"slo {p95_ms:g} ms", p95_ms), "yAxis": {"left": {"min": 0}}}
        yield graph(f"{route.id}: latency, p95", stack.region, [[curve]], "p95", **more)
    if route.slo.errors is not None:
        errors = _sum(flows, f'MetricName="errors" {of_route}')
        requests = _sum(flows, f'MetricName="requests" {of_route}')
        curve = {"expression": f"100 * {errors} / {requests}", "label": "errors"}
        more = {**line(f"slo {route.slo.errors:g} %", route.slo.errors), **in_percent()}
        yield graph(f"{route.id}: errors in percent", stack.region, [[curve]], **more)


def _share(fig: str) -> list[Metric]:
    counted = [
        [fig, "errors_by_side", "side", side, {"id": side, "stat": "SampleCount", "visible": False}]
        for side in _TWO_SIDES
    ]
    share = "100 * FILL(migrated, 0) / (FILL(migrated, 0) + FILL(legacy, 0))"
    return [[{"expression": share, "label": "migrated", "id": "share"}], *counted]


def _parity(stack: Stack) -> str:
    compared = f'"{stack.namespace}",{_of(stack)}'
    differences = _sum(compared, 'MetricName="differences"')
    comparisons = _sum(compared, 'MetricName="comparisons"')
    return f"100 * (1 - {differences} / {comparisons})"


def _broken(stack: Stack) -> str:
    return search(_flows(stack), 'MetricName="breaker_open"', "Sum")


def _sum(schema: str, terms: str) -> str:
    return f"SUM({search(schema, terms, 'Sum')})"


def _function(name: str) -> list[Metric]:
    return [
        ["AWS/Lambda", "Errors", "FunctionName", name],
        ["AWS/Lambda", "Throttles", "FunctionName", name],
        ["AWS/Lambda", "ConcurrentExecutions", "FunctionName", name, {"stat": "Maximum"}],
        ["AWS/Lambda", "Duration", "FunctionName", name, {"stat": "p95", "yAxis": "right"}],
    ]


def _put_in(title: str, region: str, name: str) -> Widget:
    widget = graph(title, region, [])
    widget["properties"]["metrics"] = name
    return widget


def _progress(document: Document) -> str:
    stages = Counter(route.stage for route in document.routes)
    done, total = stages["live"] + stages["migrated"] + stages["retired"], len(document.routes)
    share = f" ({100 * done / total:.0f} %)" if total else ""
    counts = ", ".join(f"{stages[stage]} {stage}" for stage in stages) or "nothing is listed yet"
    return (
        f"## {done} of {total} routes have moved{share}\n{counts}. Everything that no route lists, legacy answers.\n\n"
        "As of the table that this was made from; `fig dashboard --cloudwatch` makes it anew."
    )


def _heading(document: Document, stage: str, meaning: str) -> str:
    ids = [route.id for route in document.routes if route.stage == stage]
    return f"## {stage}: {meaning}\n{_names(ids)}" if ids else f"## {stage}: {meaning}"


def _names(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else ""
    return ", ".join(ids[:_MOST_NAMED]) + more


def _of(stack: Stack) -> str:
    return "group" if stack.is_folded else "route"


def _flows(stack: Stack) -> str:
    return f'"{stack.namespace}",{_of(stack)},side,stage'
