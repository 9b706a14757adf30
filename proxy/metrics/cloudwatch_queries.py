"""What CloudWatch is asked for a snapshot: by side for the curves, and by search for all routes at once.

By side there are metrics of their own, which the template's metric filters make of the records: a search adds nothing
up, and percentiles cannot be added up at all. Sources, read 2026-11: docs.aws.amazon.com/AmazonCloudWatch/latest/
monitoring/search-expression-syntax.html and graph-dynamic-labels.html, APIReference/API_GetMetricData.html.
"""

from typing import Any, Final, NamedTuple

from proxy.metrics.source import SIDES, Side

Query = dict[str, Any]  # Any: as boto3 takes it

MOST_SERIES: Final = 500  # that one search returns
_MINUTE_S: Final = 60
_DAY_S: Final = 86_400
# Metrics by minute are kept for fifteen days.
_LONGEST_S: Final = 14 * _DAY_S
_MOST_POINTS: Final = 120


class Window(NamedTuple):
    """A span of time in whole minutes, the one that is under way among them."""

    start: int  # seconds since 1970
    end: int

    @property
    def period_s(self) -> int:
        """Over how long the numbers of routes are taken together: the whole, if it is no longer than a day.

        Periods are counted from the start, wherever that lies on the clock. Source: the example of
        docs.aws.amazon.com/cli/latest/reference/cloudwatch/get-metric-statistics.html, whose hours begin at 23:18.
        """
        return min(self.end - self.start, _DAY_S)

    @property
    def point_s(self) -> int:
        """How long a point of the curves is."""
        return _up((self.end - self.start) / _MOST_POINTS)


def window(now: float, window_s: float) -> Window:
    """Return the window that holds the last seconds, of two weeks at most."""
    begins = now - min(max(window_s, _MINUTE_S), _LONGEST_S)
    return Window(int(begins // _MINUTE_S) * _MINUTE_S, _up(now))


def curves(namespace: str, period_s: int) -> list[Query]:
    """Ask for traffic, errors and latency of each side, and for requests that were decided by an old table."""
    wanted = (
        ("requests", "errors_by_side", "SampleCount"),
        ("errors", "errors_by_side", "Sum"),
        ("p95", "latency_by_side", "p95"),
    )
    return [
        *(
            _stat(f"{field}_{side}", namespace, metric, stat, period_s, side)
            for field, metric, stat in wanted
            for side in SIDES
        ),
        _stat("stale", namespace, "stale_tables", "Sum", period_s, None),
    ]


def by_route(namespace: str, period_s: int, *, is_folded: bool) -> list[Query]:
    """Ask for what is known of each route, or of each group where metrics are folded; labels name it and its stage."""
    of = "group" if is_folded else "route"
    wanted = (
        ("requests", "requests", "Sum"),
        ("errors", "errors", "Sum"),
        ("p50", "latency", "p50"),
        ("p95", "latency", "p95"),
        ("p99", "latency", "p99"),
        ("fallbacks", "fallbacks", "Sum"),
    )
    told = f'{{"{namespace}",{of},side,stage}}'
    compared = f'{{"{namespace}",{of}}}'
    name, stage = f"${{PROP('Dim.{of}')}}", "${PROP('Dim.stage')}"
    return [
        # A search for each side: it returns so many series at most, and these are three times as many.
        *(
            _search(
                f"route_{field}_{side}",
                f'{told} MetricName="{metric}" side="{side}"',
                stat,
                period_s,
                f"{name} {stage}",
            )
            for field, metric, stat in wanted
            for side in SIDES
        ),
        *(
            _search(f"route_{metric}", f'{compared} MetricName="{metric}"', "Sum", period_s, name)
            for metric in ("comparisons", "differences")
        ),
    ]


def _up(seconds: float) -> int:
    return -int(-seconds // _MINUTE_S) * _MINUTE_S


def _stat(id_: str, namespace: str, metric: str, stat: str, period_s: int, side: Side | None) -> Query:
    dimensions = [{"Name": "side", "Value": side}] if side else []
    described = {"Namespace": namespace, "MetricName": metric, "Dimensions": dimensions}
    return {"Id": id_, "MetricStat": {"Metric": described, "Period": period_s, "Stat": stat}}


def _search(id_: str, wanted: str, stat: str, period_s: int, label: str) -> Query:
    return {"Id": id_, "Expression": f"SEARCH('{wanted}', '{stat}', {period_s})", "Label": label}
