"""The dashboard is one that CloudWatch can draw, of metrics that exist."""

import json
import re
from typing import Any

import boto3
import pytest
from moto import mock_aws

from proxy.cli.dashboard_cloudwatch import placed
from proxy.observe import Compared, Observer, Record
from proxy.routing.document import Document
from proxy.settings import Settings
from tests.infra import metrics
from tests.infra.conftest import StackOf
from tests.infra.metrics import Metric
from tests.infra.stack import Stack
from tests.infra.template import TEXT, parse

_DOORS = ["http-api", "function-url"]
_NAMESPACE = "Fig/shop"


@pytest.mark.parametrize("door", _DOORS)
def test_every_graph_is_of_metrics_that_exist(stack_of: StackOf, door: str) -> None:
    stack = stack_of(FrontDoor=door)

    drawn = {metric for widget in _widgets(stack) for metric in _drawn(widget["properties"].get("metrics", []))}

    by_filters = {
        Metric(_NAMESPACE, "errors_by_side", ("side",)),
        Metric(_NAMESPACE, "fallbacks_of_all", ()),
        Metric(_NAMESPACE, "latency_by_side", ("side",)),
        Metric(_NAMESPACE, "stale_tables", ()),
    }
    lines: list[str] = []
    observer = Observer(Settings(metrics_namespace=_NAMESPACE), lines.append)
    observer.record(Record("request-1", 502, "", fallback="migrated_timeout"), ',"table_problem":"damaged"')
    observer.record(Record("request-2", 200, "", reason="breaker_open"))
    observer.compared(Compared("request-1", "orders.read", "shadow", "migrated", "different", "", (), 1.0))
    published = {metric for line in lines for metric in metrics.of_record(line)} | metrics.of_filters(stack, lines)
    assert by_filters <= drawn
    assert drawn - metrics.BY_AWS <= published


def test_traffic_errors_and_latency_are_shown_by_side(stack_of: StackOf) -> None:
    shown = {
        widget["properties"]["title"]: (
            widget["properties"]["stat"],
            [row[2:4] for row in _expanded(widget)],
            [row[-1]["stat"] for row in widget["properties"]["metrics"] if isinstance(row[-1], dict)],
        )
        for widget in _widgets(stack_of())
        if "by side" in widget["properties"].get("title", "")
    }

    legacy, migrated, proxy = (["side", side] for side in ("legacy", "migrated", "proxy"))
    assert shown == {
        "Traffic by side": ("SampleCount", [legacy, migrated, proxy], []),
        "Errors by side": ("Sum", [legacy, migrated, proxy], []),
        "Latency by side": ("p95", [legacy] * 3 + [migrated] * 3, ["p50", "p95", "p99"] * 2),
    }


def test_dashboard_is_the_one_that_is_made_of_a_table() -> None:
    """Of which table, the template need not say: its stages are found by what is measured."""
    body = Stack(parse(placed(TEXT, Document(version=1))), {"LegacyUrl": "https://x"}).properties("Dashboard")
    stack = Stack(parse(TEXT), {"LegacyUrl": "https://x"}).properties("Dashboard")

    made, written = (
        [widget["properties"] for widget in json.loads(properties["DashboardBody"])["widgets"]]
        for properties in (body, stack)
    )

    assert [one for one in made if "title" in one] == [one for one in written if "title" in one]


@pytest.mark.parametrize("door", _DOORS)
def test_cloudwatch_takes_the_dashboard(stack_of: StackOf, door: str) -> None:
    properties = stack_of(FrontDoor=door).properties("Dashboard")

    with mock_aws():
        cloudwatch = boto3.client(
            "cloudwatch", region_name="eu-west-1", aws_access_key_id="none", aws_secret_access_key="none"
        )
        problems = cloudwatch.put_dashboard(**properties)["DashboardValidationMessages"]
        taken = cloudwatch.get_dashboard(DashboardName=properties["DashboardName"])["DashboardBody"]
        cloudwatch.close()

    assert (problems, json.loads(taken)) == ([], json.loads(properties["DashboardBody"]))


def test_every_alarm_is_shown(stack_of: StackOf) -> None:
    stack = stack_of()

    (alarms,) = (widget["properties"]["alarms"] for widget in _widgets(stack) if widget["type"] == "alarm")

    assert sorted(alarms) == sorted(f"<{name}.Arn>" for name in stack.of_type("AWS::CloudWatch::Alarm"))


@pytest.mark.parametrize("door", _DOORS)
def test_widgets_fill_the_grid_without_lying_on_each_other(stack_of: StackOf, door: str) -> None:
    cells = [
        (x, y)
        for widget in _widgets(stack_of(FrontDoor=door))
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23  # a dashboard is 24 wide


def _widgets(stack: Stack) -> list[dict[str, Any]]:  # Any: JSON of CloudWatch's shape
    body = json.loads(stack.properties("Dashboard")["DashboardBody"])
    widgets: list[dict[str, Any]] = body["widgets"]
    assert all(widget["properties"]["region"] == "eu-west-1" for widget in widgets if widget["type"] == "metric")
    return widgets


def _expanded(widget: dict[str, Any]) -> list[list[str]]:  # Any: JSON
    """Return the metrics of a widget with the shorthand written out: "." is the field above, "..." all before it."""
    rows: list[list[str]] = []
    for row in widget["properties"].get("metrics", []):
        fields = [field for field in row if isinstance(field, str)]
        if fields and fields[0] == "...":
            fields = [*rows[-1][: 1 - len(fields)], *fields[1:]]
        rows.append([rows[-1][i] if field == "." else field for i, field in enumerate(fields)])
    return rows


_SEARCH = re.compile(r"SEARCH\('\{\"([^\"]+)\",([\w,]+)\} MetricName=\"(\w+)\"[^']*'")


def _drawn(rows: list[Any]) -> set[Metric]:  # Any: JSON
    searched = {
        Metric(match[1], match[3], tuple(sorted(match[2].split(","))))
        for row in rows
        for part in row
        if isinstance(part, dict)
        for match in _SEARCH.finditer(part.get("expression", ""))
    }
    plain = _expanded({"properties": {"metrics": rows}})
    return searched | {Metric(row[0], row[1], tuple(sorted(row[2::2]))) for row in plain if row}
