"""A CloudWatch that understands what it is asked: statistics of one metric, and searches. moto's searches find nothing.

It makes metrics of the proxy's lines, as CloudWatch does of the embedded metric format and the template's filters do.
"""

import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

# Any: boto3's own shapes, throughout.
_SEARCH = re.compile(r"SEARCH\('\{\"([^\"]+)\",([\w,]+)\} ((?:\w+=\"[^\"]+\" ?)+)', '(\w+)', (\d+)\)").fullmatch
_LABEL = re.compile(r"\$\{PROP\('Dim\.(\w+)'\)\}")

Dimensions = tuple[tuple[str, str], ...]


class Datum(NamedTuple):
    at: float
    namespace: str
    name: str
    dimensions: Dimensions
    value: float


class FakeCloudWatch:
    """Answers `get_metric_data` from the lines that it was given."""

    def __init__(self, namespace: str) -> None:
        self.asked: list[dict[str, Any]] = []
        self._namespace = namespace
        self._data: list[Datum] = []

    def add(self, line: str) -> None:
        """Take a line of the log group."""
        record = json.loads(line)
        at = record["_aws"]["Timestamp"] / 1000
        for directive in record["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                dimensions = tuple(sorted((name, record[name]) for name in names))
                for metric in directive["Metrics"]:
                    name = metric["Name"]
                    self._data.append(Datum(at, directive["Namespace"], name, dimensions, record[name]))
        side = (("side", record["side"]),) if "side" in record else ()
        if side:
            self._data.append(Datum(at, self._namespace, "errors_by_side", side, record["errors"]))
            self._data.append(Datum(at, self._namespace, "latency_by_side", side, record["latency"]))
        if "table_problem" in record:
            self._data.append(Datum(at, self._namespace, "stale_tables", (), 1))

    def get_metric_data(self, **request: Any) -> dict[str, Any]:
        """Return all results in one page."""
        self.asked.append(request)
        results = [result for query in request["MetricDataQueries"] for result in self._results(query, request)]
        return {"MetricDataResults": results}

    def _results(self, query: dict[str, Any], request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if "MetricStat" in query:
            stat = query["MetricStat"]
            metric = stat["Metric"]
            dimensions = tuple(sorted((one["Name"], one["Value"]) for one in metric["Dimensions"]))
            found = [
                datum for datum in self._data if datum[1:4] == (metric["Namespace"], metric["MetricName"], dimensions)
            ]
            yield _result(query["Id"], metric["MetricName"], found, stat["Stat"], stat["Period"], request)
            return
        match = _SEARCH(query["Expression"])
        assert match, query["Expression"]
        namespace, names, terms, stat, period = match.groups()
        wanted = dict(re.findall(r"(\w+)=\"([^\"]+)\"", terms))
        by_series: dict[Dimensions, list[Datum]] = {}
        for datum in self._data:
            known = {**dict(datum.dimensions), "MetricName": datum.name}
            has_names = sorted(name for name, _ in datum.dimensions) == sorted(names.split(","))
            if datum.namespace == namespace and has_names and wanted.items() <= known.items():
                by_series.setdefault(datum.dimensions, []).append(datum)
        for dimensions, found in by_series.items():
            known = dict(dimensions)
            label = _LABEL.sub(lambda prop, known=known: known[prop[1]], query["Label"])  # type: ignore[misc]  # a lambda has no types
            yield _result(query["Id"], label, found, stat, int(period), request)


def _result(
    id_: str, label: str, found: list[Datum], stat: str, period: int, request: dict[str, Any]
) -> dict[str, Any]:
    start, end = request["StartTime"].timestamp(), request["EndTime"].timestamp()
    values: dict[float, list[float]] = {}
    for datum in found:
        if start <= datum.at < end:
            values.setdefault(start + (datum.at - start) // period * period, []).append(datum.value)
    return {
        "Id": id_,
        "Label": label,
        "StatusCode": "Complete",
        "Timestamps": [datetime.fromtimestamp(at, UTC) for at in sorted(values)],
        "Values": [_statistic(stat, sorted(values[at])) for at in sorted(values)],
    }


def _statistic(stat: str, values: list[float]) -> float:
    if stat.startswith("p"):
        return values[math.ceil(len(values) * int(stat[1:]) / 100) - 1]
    return {"Sum": sum(values), "SampleCount": float(len(values))}[stat]
