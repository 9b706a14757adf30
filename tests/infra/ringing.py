"""Which alarms of a stack ring if every minute is like one that is given.

What CloudWatch has no data for is not a number: it goes through any arithmetic but FILL, and breaches no threshold, as
TreatMissingData of these alarms says.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import Final, NamedTuple

from tests.infra.metrics import value_of
from tests.infra.stack import Stack
from tests.infra.template import Tree


class Series(NamedTuple):
    """One metric with the values of its dimensions."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]


Minute = Mapping[Series, Sequence[float]]  # what is reported in a minute

_STATISTICS: Final[Mapping[str, Callable[[Sequence[float]], float]]] = {
    "Average": fmean,
    "SampleCount": len,
    "Sum": math.fsum,
}


def series(namespace: str, name: str, **dimensions: str) -> Series:
    """Return a metric by the names and values of its dimensions."""
    return Series(namespace, name, frozenset(dimensions.items()))


def counted(stack: Stack, lines: Sequence[str]) -> dict[Series, list[float]]:
    """Return what the metric filters of a stack make of the proxy's records in a minute."""
    minute: dict[Series, list[float]] = {}
    for properties in stack.of_type("AWS::Logs::MetricFilter").values():
        (transformation,) = properties["MetricTransformations"]
        named = transformation["MetricNamespace"], transformation["MetricName"]
        if "DefaultValue" in transformation:
            minute.setdefault(series(*named), [transformation["DefaultValue"]])
        for line in lines:
            value = value_of(properties, line)
            if value is not None:
                record = json.loads(line)
                dimensions = {one["Key"]: record[one["Value"][2:]] for one in transformation.get("Dimensions", [])}
                minute.setdefault(series(*named, **dimensions), []).append(value)
    return minute


def ringing(stack: Stack, minute: Minute) -> set[str]:
    """Return the names of the alarms that ring."""
    return {
        name
        for name, alarm in stack.of_type("AWS::CloudWatch::Alarm").items()
        if _value(alarm, minute) > float(alarm["Threshold"])
    }


def _value(alarm: Tree, minute: Minute) -> float:
    if "Metrics" not in alarm:
        return _statistic(alarm, alarm.get("Statistic") or alarm["ExtendedStatistic"], minute)
    values = {
        query["Id"]: _statistic(query["MetricStat"]["Metric"], query["MetricStat"]["Stat"], minute)
        for query in alarm["Metrics"]
        if "MetricStat" in query
    }
    (expression,) = (query["Expression"] for query in alarm["Metrics"] if "Expression" in query)
    try:
        return float(eval(expression, {"__builtins__": {}, "FILL": _fill}, values))
    except ZeroDivisionError:
        return math.nan


def _statistic(metric: Tree, statistic: str, minute: Minute) -> float:
    dimensions = {one["Name"]: one["Value"] for one in metric.get("Dimensions", [])}
    values = minute.get(series(metric["Namespace"], metric["MetricName"], **dimensions))
    return _STATISTICS[statistic](values) if values else math.nan


def _fill(value: float, default: float) -> float:
    return default if math.isnan(value) else value
