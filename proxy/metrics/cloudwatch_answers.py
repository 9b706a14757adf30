"""What CloudWatch answers, page by page, and why it is not all, if it is not."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, Protocol

from proxy.metrics.cloudwatch_queries import MOST_SERIES, Query, Window

_MOST_QUERIES: Final = 500  # of one call
_MOST_PAGES: Final = 100
_FOLD: Final = "FIG_METRICS_ROUTES=group counts the routes of a group as one"
_CURES: Final = {
    "AccessDenied": "allow cloudwatch:GetMetricData",
    "AccessDeniedException": "allow cloudwatch:GetMetricData",
    "ExpiredToken": "sign in again",
    "ExpiredTokenException": "sign in again",
    "NoCredentialsError": "sign in, or set AWS_PROFILE",
    "NoRegionError": "set AWS_REGION",
    "Throttling": "wait a minute",
    "ThrottlingException": "wait a minute",
}


class Client(Protocol):
    """CloudWatch's client of boto3, as far as it is used."""

    def get_metric_data(self, **request: Any) -> Any:  # Any: boto3's own shapes
        """Return a page of results."""


class Series(NamedTuple):
    """One curve: values by their times, in seconds since 1970."""

    label: str
    values: dict[float, float]

    @property
    def total(self) -> int:
        """All its values, as a number of things."""
        return round(sum(self.values.values()))


class Answers:
    """Curves by the id of their query. `problem` says why they are not all; "" if they are."""

    def __init__(self) -> None:
        self.problem = ""
        self._series: dict[str, dict[str, Series]] = {}

    def ask(self, client: Client, queries: Sequence[Query], window: Window) -> None:
        """Add what CloudWatch tells of a window. Never raises; what went wrong is in `problem`."""
        # boto3 takes 0.3 s to load, and whoever made the client has paid.
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            for at in range(0, len(queries), _MOST_QUERIES):
                self._pages(client, queries[at : at + _MOST_QUERIES], window)
        except ClientError as exc:
            error = exc.response.get("Error", {})
            self._note(str(error.get("Code", "")), str(error.get("Message", "")))
        except BotoCoreError as exc:
            self._note(type(exc).__name__, str(exc))

    def of(self, id_: str) -> list[Series]:
        """Return the curves of a query; none if nothing was told."""
        return list(self._series.get(id_, {}).values())

    def one(self, id_: str) -> dict[float, float]:
        """Return the values of a query that has one curve."""
        return next((series.values for series in self.of(id_)), {})

    def _pages(self, client: Client, queries: Sequence[Query], window: Window) -> None:
        request: dict[str, Any] = {  # Any: as boto3 takes it
            "MetricDataQueries": list(queries),
            "StartTime": datetime.fromtimestamp(window.start, UTC),
            "EndTime": datetime.fromtimestamp(window.end, UTC),
            "ScanBy": "TimestampAscending",
        }
        unfinished: set[str] = set()
        for _ in range(_MOST_PAGES):
            page = client.get_metric_data(**request)
            for message in page.get("Messages", []):
                self._note(message.get("Code", ""), message.get("Value", ""))
            for result in page["MetricDataResults"]:
                self._add(result, unfinished)
            token = page.get("NextToken")
            if not token:
                break
            request["NextToken"] = token
        if unfinished or token:
            self._note("PartialData", f"some curves are not whole: {', '.join(sorted(unfinished)[:3])}")

    def _add(self, result: Any, unfinished: set[str]) -> None:  # Any: boto3's own shape
        id_, label, status = result["Id"], result.get("Label", ""), result.get("StatusCode", "Complete")
        of_query = self._series.setdefault(id_, {})
        series = of_query.setdefault(label, Series(label, {}))
        for at, value in zip(result["Timestamps"], result["Values"], strict=True):
            series.values[at.timestamp()] = value
        if status == "Complete":
            unfinished.discard(f"{id_} {label}")
        elif status == "PartialData":  # goes on with the next page
            unfinished.add(f"{id_} {label}")
        else:
            self._note(status, f"{id_} {label}")
        if len(of_query) >= MOST_SERIES:
            self._note("MaxMetricsExceeded", f"a search tells of {MOST_SERIES} routes at most; {_FOLD}")

    def _note(self, code: str, text: str) -> None:
        cure = f"; {_CURES[code]}" if code in _CURES else ""
        self.problem = self.problem or f"cloudwatch: {code}: {text}{cure}"
