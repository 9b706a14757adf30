"""Which metrics there are: those that AWS publishes by itself, and those that come of the proxy's records."""

import json
from typing import NamedTuple

from tests.infra.filter_pattern import takes
from tests.infra.stack import Stack
from tests.infra.template import Tree

_OF_FUNCTION = (
    ("FunctionName",),
    ("FunctionName", "Resource"),
    ("FunctionName", "Resource", "ExecutedVersion"),
)
_OF_HTTP_API = (("ApiId",), ("ApiId", "Stage"))


class Metric(NamedTuple):
    """One metric, with the names of its dimensions in alphabetical order."""

    namespace: str
    name: str
    dimensions: tuple[str, ...]


def _of(namespace: str, names: tuple[str, ...], dimensions: tuple[tuple[str, ...], ...]) -> set[Metric]:
    return {Metric(namespace, name, tuple(sorted(names_of))) for name in names for names_of in dimensions}


# Source: docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html and urls-monitoring.html,
# docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
BY_AWS = (
    _of("AWS/Lambda", ("ConcurrentExecutions", "Duration", "Errors", "Invocations", "Throttles"), _OF_FUNCTION)
    | _of("AWS/Lambda", ("Url4xxCount", "Url5xxCount", "UrlRequestCount", "UrlRequestLatency"), _OF_FUNCTION)
    | _of("AWS/ApiGateway", ("4xx", "5xx", "Count", "DataProcessed", "IntegrationLatency", "Latency"), _OF_HTTP_API)
)


def of_record(line: str) -> set[Metric]:
    """Return what CloudWatch makes of a record, which is one in the embedded metric format."""
    record = json.loads(line)
    return {
        Metric(directive["Namespace"], metric["Name"], tuple(sorted(names)))
        for directive in record["_aws"]["CloudWatchMetrics"]
        for names in directive["Dimensions"]
        for metric in directive["Metrics"]
        if metric["Name"] in record and set(names) <= set(record)
    }


def of_filters(stack: Stack, lines: list[str]) -> set[Metric]:
    """Return what the metric filters of a stack make of the proxy's records."""
    return {
        Metric(
            transformation["MetricNamespace"],
            transformation["MetricName"],
            tuple(sorted(dimension["Key"] for dimension in transformation.get("Dimensions", []))),
        )
        for properties in stack.of_type("AWS::Logs::MetricFilter").values()
        for transformation in properties["MetricTransformations"]
        for line in lines
        if properties["LogGroupName"] == "<ProxyLogs>" and value_of(properties, line) is not None
    }


def value_of(properties: Tree, line: str) -> float | None:
    """Return what a metric filter publishes for a line; None if it does not take it."""
    if not takes(properties["FilterPattern"], line):
        return None
    record = json.loads(line)
    (transformation,) = properties["MetricTransformations"]
    for dimension in transformation.get("Dimensions", []):
        field = dimension["Value"].removeprefix("$.")
        # A field of a dimension has to be in the pattern, and so has the value's.
        assert f"$.{field} " in properties["FilterPattern"], f"{field} is not in the pattern"
        assert isinstance(record[field], str)
    value: str = transformation["MetricValue"]
    if value.startswith("$."):
        assert f"{value} " in properties["FilterPattern"], f"{value} is not in the pattern"
    return float(record[value.removeprefix("$.")] if value.startswith("$.") else value)
