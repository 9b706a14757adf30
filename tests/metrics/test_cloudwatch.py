"""CloudWatch tells what the records told, in as few calls as it allows, and what goes wrong is told and not raised."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from proxy.errors import EvidenceFailed, Misuse
from proxy.metrics.cloudwatch import FRESH_S, CloudWatchMetrics
from proxy.metrics.cloudwatch_queries import by_route, curves, window
from proxy.metrics.records import RecordMetrics
from proxy.metrics.source import Flow, RouteNumbers, Usage
from tests.metrics.fake_cloudwatch import FakeCloudWatch
from tests.metrics.lines import NOON, Clock, comparison_line, exchange_line

NAMESPACE = "Fig"
LINES = [
    exchange_line(NOON - 250, total_ms=20.0, client="agent:curl"),
    exchange_line(NOON - 200, total_ms=40.0, status=503),
    exchange_line(NOON - 100, side="migrated", total_ms=5.0),
    exchange_line(NOON - 50, side="legacy", fallback="migrated_timeout", total_ms=60.0),
    exchange_line(NOON - 40, route="orders.list", stage="legacy"),
    exchange_line(NOON - 40, route="unlisted", stage="unlisted", path="/invoices/{id}"),
    exchange_line(NOON - 30, route="gone", stage="retired", side="proxy", status=410),
    comparison_line(NOON - 30),
    comparison_line(NOON - 20, "different"),
    comparison_line(NOON - 20, "skipped"),
    exchange_line(NOON - 4000, route="before"),
]


def fake(*lines: str) -> FakeCloudWatch:
    cloudwatch = FakeCloudWatch(NAMESPACE)
    for line in lines:
        cloudwatch.add(line)
    return cloudwatch


def test_counts_are_those_of_the_records() -> None:
    records = RecordMetrics(Clock())
    for line in LINES:
        records.add(line)

    told = CloudWatchMetrics(fake(*LINES), NAMESPACE, clock=Clock()).snapshot(300)

    ours = records.snapshot(300)
    assert (told.window_s, told.problem, told.table_problem) == (300, "", "")
    assert counts(told.routes) == counts(ours.routes)
    for side in ("legacy", "migrated", "proxy"):
        for field in ("requests", "errors"):
            assert sum(getattr(point, field)[side] for point in told.series) == sum(
                getattr(point, field)[side] for point in ours.series
            )


def counts(routes: Mapping[str, RouteNumbers]) -> dict[str, object]:
    return {
        route: (
            {side: (flow.requests, flow.errors) for side, flow in of.flows.items()},
            (of.fallbacks, of.comparisons, of.differences),
        )
        for route, of in routes.items()
    }


def test_percentiles_are_of_the_whole_window() -> None:
    lines = [exchange_line(NOON - 290 + number, total_ms=float(number)) for number in range(1, 101)]

    told = CloudWatchMetrics(fake(*lines), NAMESPACE, clock=Clock()).snapshot(300)

    assert told.routes["orders.read"].flows["legacy"] == Flow(100, 0, 50.0, 95.0, 99.0)


def test_stages_of_a_route_count_together_each_as_weighty_as_its_requests() -> None:
    lines = [
        *(exchange_line(stage="shadow", total_ms=10.0) for _ in range(3)),
        exchange_line(stage="legacy", total_ms=50.0),
    ]

    told = CloudWatchMetrics(fake(*lines), NAMESPACE, clock=Clock(NOON + 1)).snapshot(300)

    assert told.routes["orders.read"].flows["legacy"] == Flow(4, 0, 20.0, 20.0, 20.0)


def test_old_table_is_told() -> None:
    line = exchange_line(counters=',"table_problem":"version 9 is damaged"')

    told = CloudWatchMetrics(fake(line, line), NAMESPACE, clock=Clock(NOON + 1)).snapshot(300)

    assert told.table_problem == "2 requests were decided by an old table; the log says why"


def test_numbers_are_kept_for_a_minute_because_asking_costs_money() -> None:
    clock = Clock()
    cloudwatch = fake(*LINES)
    metrics = CloudWatchMetrics(cloudwatch, NAMESPACE, clock=clock)

    calls = []
    for after_s in (0.0, FRESH_S - 1, FRESH_S):
        clock.at = NOON + after_s
        metrics.snapshot(300)
        calls.append(len(cloudwatch.asked))
    metrics.snapshot(3600)

    assert (calls, len(cloudwatch.asked)) == ([2, 2, 4], 6)


@pytest.mark.parametrize(
    ("now", "window_s", "start", "end", "point_s"),
    [
        (NOON, 300, NOON - 300, NOON, 60),
        (NOON + 1, 300, NOON - 300, NOON + 60, 60),
        (NOON, 1, NOON - 60, NOON, 60),
        (NOON, 7200, NOON - 7200, NOON, 60),
        (NOON, 7260, NOON - 7260, NOON, 120),
        (NOON, 1e9, NOON - 14 * 86_400, NOON, 10_080),
    ],
)
def test_window_is_in_whole_minutes(now: float, window_s: float, start: float, end: float, point_s: int) -> None:
    span = window(now, window_s)

    assert (span, span.point_s) == ((start, end), point_s)
    assert span.period_s % 60 == 0
    assert (span.end - span.start) / span.point_s <= 120


@pytest.mark.parametrize("namespace", ["", "Fig'shop", 'Fig"shop', "Fig shop", "F" * 256])
def test_namespace_that_is_none_is_misuse(namespace: str) -> None:
    with pytest.raises(Misuse, match="namespace: got"):
        CloudWatchMetrics(fake(), namespace)


# What is asked, whole.


def test_requests_are_whole() -> None:
    cloudwatch = fake()

    CloudWatchMetrics(cloudwatch, "Fig/shop", is_folded=True, clock=Clock()).snapshot(300)

    of_sides, of_groups = cloudwatch.asked
    times = {
        "StartTime": datetime.fromtimestamp(NOON - 300, UTC),
        "EndTime": datetime.fromtimestamp(NOON, UTC),
        "ScanBy": "TimestampAscending",
    }
    assert {name: of_sides[name] for name in times} == {name: of_groups[name] for name in times} == times
    assert (of_sides["MetricDataQueries"][0], of_sides["MetricDataQueries"][-1]) == (
        {
            "Id": "requests_legacy",
            "MetricStat": {
                "Metric": {
                    "Namespace": "Fig/shop",
                    "MetricName": "errors_by_side",
                    "Dimensions": [{"Name": "side", "Value": "legacy"}],
                },
                "Period": 60,
                "Stat": "SampleCount",
            },
        },
        {
            "Id": "stale",
            "MetricStat": {
                "Metric": {"Namespace": "Fig/shop", "MetricName": "stale_tables", "Dimensions": []},
                "Period": 60,
                "Stat": "Sum",
            },
        },
    )
    assert (of_groups["MetricDataQueries"][10], of_groups["MetricDataQueries"][-1]) == (
        {
            "Id": "route_p95_migrated",
            "Expression": (
                'SEARCH(\'{"Fig/shop",group,side,stage} MetricName="latency" side="migrated"\', \'p95\', 300)'
            ),
            "Label": "${PROP('Dim.group')} ${PROP('Dim.stage')}",
        },
        {
            "Id": "route_differences",
            "Expression": "SEARCH('{\"Fig/shop\",group} MetricName=\"differences\"', 'Sum', 300)",
            "Label": "${PROP('Dim.group')}",
        },
    )


def test_queries_have_ids_of_their_own_and_expressions_that_are_short_enough() -> None:
    """Sources: API_MetricDataQuery.html (Id: ^[a-z][a-zA-Z0-9_]*$), search-expression-syntax.html (1024 characters)."""
    queries = [*curves("N" * 255, 60), *by_route("N" * 255, 86_400, is_folded=False)]

    ids = [query["Id"] for query in queries]
    assert len(ids) == len(set(ids)) <= 500
    assert all(id_.isidentifier() and id_[0].islower() for id_ in ids)
    assert all(len(query.get("Expression", "")) <= 1024 for query in queries)


# With boto3's own client.


def client() -> Any:  # Any: boto3 makes its clients at run time
    return boto3.client("cloudwatch", region_name="eu-west-1", aws_access_key_id="none", aws_secret_access_key="none")


def result(id_: str, label: str, at: float, value: float, status: str = "Complete") -> dict[str, Any]:
    moment = datetime.fromtimestamp(at, UTC)
    return {"Id": id_, "Label": label, "Timestamps": [moment], "Values": [value], "StatusCode": status}


def asked(queries: list[dict[str, Any]], **also: str) -> dict[str, Any]:
    return {
        "MetricDataQueries": queries,
        "StartTime": datetime.fromtimestamp(NOON - 300, UTC),
        "EndTime": datetime.fromtimestamp(NOON, UTC),
        "ScanBy": "TimestampAscending",
        **also,
    }


SIDES_ASKED = asked(curves("Fig/shop", 60))
ROUTES_ASKED = by_route("Fig/shop", 300, is_folded=False)


def stubbed(*answers: tuple[dict[str, Any], list[dict[str, Any]]], **last: Any) -> tuple[CloudWatchMetrics, Stubber]:
    """Metrics over a client that expects these requests, each with the results of its answer."""
    real = client()
    stubber = Stubber(real)
    for at, (request, results) in enumerate(answers):
        is_last = at == len(answers) - 1
        token = (
            {} if is_last or "NextToken" not in answers[at + 1][0] else {"NextToken": answers[at + 1][0]["NextToken"]}
        )
        extra = last if is_last else {}
        stubber.add_response("get_metric_data", {"MetricDataResults": results, **token, **extra}, request)
    stubber.activate()
    return CloudWatchMetrics(real, "Fig/shop", clock=Clock()), stubber


def test_pages_are_put_together() -> None:
    metrics, stubber = stubbed(
        (SIDES_ASKED, [result("requests_legacy", "errors_by_side", NOON - 300, 3, "PartialData")]),
        ({**SIDES_ASKED, "NextToken": "b"}, [result("requests_legacy", "errors_by_side", NOON - 240, 4)]),
        (asked(ROUTES_ASKED), [result("route_requests_legacy", "a legacy", NOON - 300, 5, "PartialData")]),
        (asked(ROUTES_ASKED, NextToken="c"), [result("route_requests_legacy", "b legacy", NOON - 300, 2)]),
        (asked(ROUTES_ASKED, NextToken="d"), [result("route_requests_legacy", "a legacy", NOON - 240, 1)]),
    )

    told = metrics.snapshot(300)

    stubber.assert_no_pending_responses()
    assert told.problem == ""
    assert [point.requests["legacy"] for point in told.series] == [3, 4, 0, 0, 0]
    assert {route: of.flows["legacy"].requests for route, of in told.routes.items()} == {"a": 6, "b": 2}


@pytest.mark.parametrize(
    ("results", "last", "problem"),
    [
        ([result("route_requests_legacy", "a legacy", NOON - 300, 5, "PartialData")], {}, "PartialData: some curves"),
        ([result("route_requests_legacy", "a legacy", NOON - 300, 5, "InternalError")], {}, "InternalError: route_req"),
        ([result("route_requests_legacy", "a legacy", NOON - 300, 5, "Forbidden")], {}, "Forbidden: route_requests"),
        ([], {"Messages": [{"Code": "MaxMetricsExceeded", "Value": "too many"}]}, "MaxMetricsExceeded: too many"),
        (
            [result("route_requests_legacy", f"r{number} legacy", NOON - 300, 1) for number in range(500)],
            {},
            "a search tells of 500 routes at most; FIG_METRICS_ROUTES=group",
        ),
    ],
)
def test_what_is_not_all_is_told(results: list[dict[str, Any]], last: dict[str, Any], problem: str) -> None:
    metrics, _ = stubbed((SIDES_ASKED, []), (asked(ROUTES_ASKED), results), **last)

    assert problem in metrics.snapshot(300).problem


@pytest.mark.parametrize(
    ("code", "cure"),
    [("Throttling", "; wait a minute"), ("AccessDenied", "; allow cloudwatch:GetMetricData"), ("InternalFailure", "")],
)
def test_refusal_is_told_and_nothing_else_is_asked(code: str, cure: str) -> None:
    real = client()
    stubber = Stubber(real)
    stubber.add_client_error("get_metric_data", code, "no", 400, expected_params=SIDES_ASKED)
    stubber.activate()

    told = CloudWatchMetrics(real, "Fig/shop", clock=Clock()).snapshot(300)

    stubber.assert_no_pending_responses()
    assert (told.problem, told.routes) == (f"cloudwatch: {code}: no{cure}", {})
    assert [point.requests for point in told.series] == [{"legacy": 0, "migrated": 0, "proxy": 0}] * 5


def test_account_that_nobody_is_signed_in_to_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    nobody = boto3.session.Session(region_name="eu-west-1").client("cloudwatch")

    told = CloudWatchMetrics(nobody, "Fig/shop", clock=Clock()).snapshot(300)

    assert told.problem.startswith("cloudwatch: NoCredentialsError: ")
    assert told.problem.endswith("; sign in, or set AWS_PROFILE")


def test_traffic_that_was_published_is_read_by_side() -> None:
    """moto counts and adds up; percentiles and searches it knows nothing of."""
    with mock_aws():
        real = client()
        real.put_metric_data(
            Namespace="Fig/shop",
            MetricData=[
                {
                    "MetricName": "errors_by_side",
                    "Dimensions": [{"Name": "side", "Value": side}],
                    "Timestamp": datetime.fromtimestamp(NOON - 90, UTC),
                    "Values": [0.0, 1.0],
                    "Counts": [float(good), float(bad)],
                }
                for side, good, bad in (("legacy", 3, 1), ("migrated", 2, 0))
            ],
        )

        told = CloudWatchMetrics(real, "Fig/shop", clock=Clock()).snapshot(300)

    assert told.problem == ""
    assert [point.requests for point in told.series][3] == {"legacy": 4, "migrated": 2, "proxy": 0}
    assert [point.errors for point in told.series][3] == {"legacy": 1, "migrated": 0, "proxy": 0}


# Who asks legacy for what.


def test_usage_is_of_today_and_yesterday() -> None:
    days: list[str] = []

    def usage(of: Iterable[str]) -> dict[tuple[str, str], int]:
        days.extend(of)
        return {("orders.read", "agent:curl"): 2, ("/invoices/{id}", "a"): 3, ("/invoices/{id}", "b"): 1, ("*", "b"): 9}

    told = CloudWatchMetrics(fake(), NAMESPACE, usage=usage, clock=Clock()).snapshot(300)

    assert days == ["2026-12-01", "2026-12-02"]
    assert told.legacy_usage == [
        Usage("*", "b", 9),
        Usage("/invoices/{id}", "a", 3),
        Usage("orders.read", "agent:curl", 2),
        Usage("/invoices/{id}", "b", 1),
    ]
    assert told.unlisted_paths == {"/invoices/{id}": 4, "*": 9}


def test_usage_that_cannot_be_read_is_told_with_all_the_rest() -> None:
    def usage(_: Iterable[str]) -> dict[tuple[str, str], int]:
        raise EvidenceFailed("dynamodb table fig-evidence: not you")

    told = CloudWatchMetrics(fake(*LINES), NAMESPACE, usage=usage, clock=Clock()).snapshot(300)

    assert told.problem == "dynamodb table fig-evidence: not you"
    assert told.routes


def test_usage_stays_bounded() -> None:
    used = {(f"/p{number}", f"a{number}"): 1 for number in range(3000)}

    told = CloudWatchMetrics(fake(), NAMESPACE, usage=lambda _: used, clock=Clock()).snapshot(300)

    assert (len(told.legacy_usage), told.legacy_usage[-1]) == (2001, Usage("*", "*", 1000))
    assert (len(told.unlisted_paths), told.unlisted_paths["*"]) == (201, 2800)
