"""The dashboard of any table is one that CloudWatch takes, and it fits into the template and nothing else changes."""

import json
import re
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from proxy.cli.dashboard_cloudwatch import body_for, body_for_template, placed, put_into
from proxy.errors import Misuse, Refused
from proxy.routing.document import Document
from tests.infra.template import TEXT
from tests.metrics.dashboard_schema import problems

# Any: JSON, throughout.
STAGES = ("legacy", "shadow", "canary", "live", "migrated", "retired")


def table(count: int, **more: Any) -> Document:
    """A table of so many routes in every stage."""
    routes = [
        {
            "id": f"r{number}.{stage}",
            "match": f"GET /r{number}/{stage}",
            "stage": stage,
            "handler": "migrated.orders.api:handler",
            **({"percent": 5} if stage == "canary" else {}),
            **more,
        }
        for number in range(count)
        for stage in STAGES
    ]
    return Document.model_validate({"version": 1, "routes": routes})


def widgets(document: Document, **options: Any) -> list[dict[str, Any]]:
    body = json.loads(body_for(document, namespace="Fig/shop", region="eu-west-1", **options))
    assert problems(body) == []
    found: list[dict[str, Any]] = body["widgets"]
    return found


def titled(document: Document, title: str, **options: Any) -> dict[str, Any]:
    """The properties of the widget of that title."""
    (found,) = (one["properties"] for one in widgets(document, **options) if one["properties"].get("title") == title)
    return dict(found)


SLO = {"slo": {"p95": "300ms", "errors": "0.5%"}}


@pytest.mark.parametrize("is_folded", [False, True])
@pytest.mark.parametrize("more", [{}, SLO])
@pytest.mark.parametrize("count", [0, 1, 40, 400])
def test_body_is_one_that_cloudwatch_takes_however_large_the_table_is(
    count: int, more: dict[str, Any], is_folded: bool
) -> None:
    found = widgets(table(count, **more), is_folded=is_folded)

    assert len(found) <= 100
    cells = [
        (x, y)
        for one in found
        for x in range(one["x"], one["x"] + one["width"])
        for y in range(one["y"], one["y"] + one["height"])
    ]
    assert len(cells) == len(set(cells))


def test_check_of_bodies_finds_what_is_wrong() -> None:
    graph: dict[str, Any] = {"region": "eu-west-1", "metrics": [["Fig", "requests", "side"]]}
    wrong: list[dict[str, Any]] = [
        {},
        {"widgets": [{"type": "number", "properties": {}}]},
        {"widgets": [{"type": "metric", "properties": {**graph, "region": "Ireland"}}]},
        {"widgets": [{"type": "metric", "properties": {**graph, "metrics": [["Fig", "requests"]] * 501}}]},
        {"widgets": [{"type": "metric", "properties": {**graph, "metrics": []}}]},
        {"widgets": [{"type": "metric", "properties": {**graph, "period": 90}}]},
        {"widgets": [{"type": "metric", "properties": graph}]},
        {"widgets": [{"type": "metric", "x": 20, "properties": {**graph, "metrics": [["Fig", "requests"]]}}]},
        {"widgets": [{"type": "log", "properties": {"region": "eu-west-1", "query": "fields @message"}}]},
        {"widgets": [{"type": "text", "properties": {"markdown": ""}}]},
    ]

    assert [body for body in wrong if not problems(body)] == []


def test_moto_takes_the_dashboard_and_gives_it_back() -> None:
    body = body_for(table(1), namespace="Fig/shop", region="eu-west-1")

    with mock_aws():
        cloudwatch = boto3.client(
            "cloudwatch", region_name="eu-west-1", aws_access_key_id="none", aws_secret_access_key="none"
        )
        told = cloudwatch.put_dashboard(DashboardName="shop", DashboardBody=body)["DashboardValidationMessages"]
        taken = cloudwatch.get_dashboard(DashboardName="shop")["DashboardBody"]
        cloudwatch.close()

    assert (told, json.loads(taken)) == ([], json.loads(body))


def test_objectives_are_lines() -> None:
    document = Document.model_validate(
        {"version": 1, "routes": [{"id": "orders.read", "match": "GET /orders/{id}", **SLO}]}
    )
    flows = '{"Fig/shop",route,side,stage}'

    latency = titled(document, "orders.read: latency, p95")
    errors = titled(document, "orders.read: errors in percent")

    assert latency["annotations"] == {"horizontal": [{"label": "slo 300 ms", "value": 300}]}
    assert latency["metrics"] == [
        [
            {
                "expression": f"SEARCH('{flows} MetricName=\"latency\" route=\"orders.read\"', 'p95', 60)",
                "label": "${PROP('Dim.side')} in ${PROP('Dim.stage')}",
            }
        ]
    ]
    assert errors["annotations"] == {"horizontal": [{"label": "slo 0.5 %", "value": 0.5}]}
    assert errors["metrics"][0][0]["expression"] == (
        f"100 * SUM(SEARCH('{flows} MetricName=\"errors\" route=\"orders.read\"', 'Sum', 60))"
        f" / SUM(SEARCH('{flows} MetricName=\"requests\" route=\"orders.read\"', 'Sum', 60))"
    )


def test_objectives_that_there_is_no_room_for_are_named() -> None:
    found = widgets(table(40, **SLO))

    assert re.fullmatch(
        r"There is no room for the objectives of: (r\S+, ){11}r\S+ and \d+ more", found[-1]["properties"]["markdown"]
    )


def test_folded_metrics_are_searched_by_group() -> None:
    graph = titled(table(1), "canary: traffic by group", is_folded=True)

    assert graph["metrics"] == [
        [
            {
                "expression": (
                    'SEARCH(\'{"Fig/shop",group,side,stage} MetricName="requests" stage="canary"\', \'Sum\', 60)'
                ),
                "label": "${PROP('Dim.group')} ${PROP('Dim.side')}",
            }
        ]
    ]


def test_progress_by_routes_is_told_from_the_table() -> None:
    texts = [one["properties"]["markdown"] for one in widgets(table(2)) if one["type"] == "text"]

    assert texts[0].startswith(
        "## 6 of 12 routes have moved (50 %)\n2 legacy, 2 shadow, 2 canary, 2 live, 2 migrated, 2 retired."
    )
    assert "## canary: the handler answers some callers\nr0.canary, r1.canary" in texts


def test_share_and_parity_are_in_percent() -> None:
    share = titled(table(1), "Migrated share of the traffic")
    parity = titled(table(1), "Parity: comparisons that were equal")

    assert share["metrics"][0][0]["expression"] == "100 * FILL(migrated, 0) / (FILL(migrated, 0) + FILL(legacy, 0))"
    assert {row[-1]["id"] for row in share["metrics"]} == {"share", "migrated", "legacy"}
    assert parity["metrics"][0][0]["expression"] == (
        "100 * (1 - SUM(SEARCH('{\"Fig/shop\",route} MetricName=\"differences\"', 'Sum', 60))"
        " / SUM(SEARCH('{\"Fig/shop\",route} MetricName=\"comparisons\"', 'Sum', 60)))"
    )
    assert share["yAxis"]["left"] == parity["yAxis"]["left"] == {"min": 0, "max": 100, "label": "%", "showUnits": False}


@pytest.mark.parametrize("namespace", ["Fig", "Fig/", "Fig/-shop", "Other/shop", "Fig/sh'op", "Fig/shop\n"])
def test_namespace_of_no_stack_is_misuse(namespace: str) -> None:
    with pytest.raises(Misuse, match="--namespace: got"):
        body_for(table(1), namespace=namespace, region="eu-west-1")


# In the template.


def test_template_has_names_of_its_own_and_leaves_those_of_cloudwatch_alone() -> None:
    body = body_for_template(table(1), ("ErrorsAlarm",))

    assert '"alarms": ["${ErrorsAlarm.Arn}"]' in body
    assert '"metrics": ${FrontDoorMetrics}' in body
    assert set(re.findall(r"\$\{[^}!]+", body)) == {
        "${ErrorsAlarm.Arn",
        "${AWS::Region",
        "${Fig",
        "${FrontDoorMetrics",
        "${ProxyFunction",
        "${ProxyLogs",
    }
    assert "${!PROP('Dim.route')} ${!PROP('Dim.side')}" in body


def test_only_the_body_in_the_template_changes() -> None:
    after = placed(TEXT, table(1))

    start = TEXT.index('        - |\n          {"widgets"')
    end = TEXT.index("        - Fig: !Sub Fig/${AWS::StackName}")
    assert after != TEXT
    assert after.startswith(TEXT[:start])
    assert after.endswith(TEXT[end:])
    assert placed(after, table(1)) == after


def test_alarm_that_a_stack_may_lack_is_not_shown_for_its_name_could_not_be_resolved() -> None:
    board = re.search(r'"alarms": \[(.*?)\]', placed(TEXT, table(1)))

    assert board is not None
    conditional = re.findall(r"^  (\w+):\n    Type: AWS::CloudWatch::Alarm\n    Condition:", TEXT, re.MULTILINE)
    assert conditional == ["CustomersVersionCrashesAlarm", "OrdersVersionCrashesAlarm"]
    assert not [name for name in conditional if name in board[1]]
    assert "${ProxyVersionErrorsAlarm.Arn}" in board[1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Resources: {}\n",
        TEXT.replace("  Dashboard:\n", "  Board:\n"),
        TEXT.replace("DashboardBody: !Sub", "DashboardBody:"),
    ],
)
def test_template_without_a_place_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"template: got no place for a dashboard"):
        placed(text, table(1))


def test_template_is_written_only_if_it_changes(tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(TEXT, "utf-8")

    changes = [put_into(template, table(1)), put_into(template, table(1))]

    assert changes == [True, False]
    assert template.read_text("utf-8") == placed(TEXT, table(1))


def test_template_that_is_not_there_is_misuse(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match=r"--into: got .*absent\.yaml, which cannot be used"):
        put_into(tmp_path / "absent.yaml", table(1))
