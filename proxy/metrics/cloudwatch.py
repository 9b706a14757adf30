"""Numbers from CloudWatch, of a stack that runs: what the proxy's records and the template's filters publish.

They are a minute or two old, and kept for a minute here: every curve that is asked for costs money. Who asks legacy for
what stands in the table of evidence by the day, so it is told of today and yesterday, whatever the window is.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Final

from proxy.errors import FigError, Misuse
from proxy.evidence.usage import day_of
from proxy.metrics.cloudwatch_answers import Answers, Client, Series
from proxy.metrics.cloudwatch_queries import Window, by_route, curves, window
from proxy.metrics.source import SIDES, Flow, Point, RouteNumbers, Side, Snapshot, Usage

# By what was asked for and the caller's name, on some days; see proxy/evidence/usage_reader.py. Raises FigError.
UsageOf = Callable[[Iterable[str]], Mapping[tuple[str, str], int]]

FRESH_S: Final = 60.0
_MOST_WINDOWS = 8
_MOST_ROWS = 2000
_MOST_PATHS = 200
_OTHERS = "*"
_DAY_S = 86_400
# A quote would end the expression that it stands in. Source: docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/
# API_PutMetricData.html (Namespace), read 2026-11.
_is_namespace = re.compile(r"[A-Za-z0-9_./#:-]{1,255}").fullmatch


class CloudWatchMetrics:
    """The numbers of one namespace. Raises Misuse for a namespace that is none; questions may come from any threads."""

    def __init__(
        self,
        client: Client,
        namespace: str,
        *,
        is_folded: bool = False,
        usage: UsageOf = lambda _: {},
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not _is_namespace(namespace):
            raise Misuse(f"namespace: got {namespace!r}, expected one of CloudWatch's, such as Fig/shop")
        self.name = f"CloudWatch, namespace {namespace}"
        self._client = client
        self._namespace = namespace
        self._is_folded = is_folded
        self._usage = usage
        self._clock = clock
        self._lock = Lock()
        self._kept: dict[float, Snapshot] = {}

    def snapshot(self, window_s: float) -> Snapshot:
        """Return the numbers of the last seconds, in whole minutes, at most a minute old."""
        with self._lock:
            now = self._clock()
            kept = self._kept.get(window_s)
            if kept is None or now - kept.at >= FRESH_S:
                kept = self._asked(now, window(now, window_s))
                self._kept = {**dict(list(self._kept.items())[1 - _MOST_WINDOWS :]), window_s: kept}
            return kept

    def _asked(self, now: float, span: Window) -> Snapshot:
        answers = Answers()
        answers.ask(self._client, curves(self._namespace, span.point_s), span)
        if not answers.problem:  # else it would only be told again
            searches = by_route(self._namespace, span.period_s, is_folded=self._is_folded)
            answers.ask(self._client, searches, span)
        problem = answers.problem
        used: Mapping[tuple[str, str], int] = {}
        try:
            used = self._usage([day_of(now - _DAY_S), day_of(now)])
        except FigError as exc:
            problem = problem or str(exc)
        stale = sum(answers.one("stale").values())
        return Snapshot(
            at=now,
            window_s=now - span.start,
            routes=_routes(answers),
            series=_series(answers, span),
            legacy_usage=_rows(used),
            unlisted_paths=_paths(used),
            table_problem=f"{stale:.0f} requests were decided by an old table; the log says why" if stale else "",
            problem=problem,
            usage_days="today and yesterday (UTC)",
        )

    def __repr__(self) -> str:
        return f"<CloudWatchMetrics {self._namespace}>"


def _series(answers: Answers, span: Window) -> list[Point]:
    return [
        Point(
            float(at),
            float(span.point_s),
            {side: round(answers.one(f"requests_{side}").get(at, 0)) for side in SIDES},
            {side: round(answers.one(f"errors_{side}").get(at, 0)) for side in SIDES},
            {side: answers.one(f"p95_{side}").get(at) for side in SIDES},
        )
        for at in range(span.start, span.end, span.point_s)
    ]


def _routes(answers: Answers) -> dict[str, RouteNumbers]:
    flows: dict[str, dict[Side, Flow]] = {}
    fallbacks: dict[str, int] = {}
    for side in SIDES:
        requests = _by_route(answers.of(f"route_requests_{side}"))
        told = {
            name: _by_route(answers.of(f"route_{name}_{side}")) for name in ("errors", "p50", "p95", "p99", "fallbacks")
        }
        for route, series in requests.items():
            p50, p95, p99 = (_together(told[name].get(route, []), series) for name in ("p50", "p95", "p99"))
            errors = _total(told["errors"].get(route, []))
            flows.setdefault(route, {})[side] = Flow(_total(series), errors, p50, p95, p99)
        for route, series in told["fallbacks"].items():
            fallbacks[route] = fallbacks.get(route, 0) + _total(series)
    comparisons, differences = (_by_route(answers.of(f"route_{name}")) for name in ("comparisons", "differences"))
    return {
        route: RouteNumbers(
            flows.get(route, {}),
            fallbacks.get(route, 0),
            _total(comparisons.get(route, [])),
            _total(differences.get(route, [])),
        )
        for route in sorted({*flows, *fallbacks, *comparisons})
    }


def _by_route(found: Iterable[Series]) -> dict[str, list[Series]]:
    """Return curves by their routes: each stage of a route has one of its own, and an old one is empty."""
    routes: dict[str, list[Series]] = {}
    for series in found:
        if series.values:
            routes.setdefault(series.label.partition(" ")[0], []).append(series)
    return routes


def _total(found: Iterable[Series]) -> int:
    return sum(series.total for series in found)


def _together(found: Iterable[Series], requests: Iterable[Series]) -> float | None:
    """Return one percentile for several: of stages or of days, each as weighty as its requests are many.

    In most windows there is but one. The true one lies between the least and the greatest, too.
    """
    weights = {(series.label, at): number for series in requests for at, number in series.values.items()}
    known = [(value, weights.get((series.label, at), 0.0)) for series in found for at, value in series.values.items()]
    weight = sum(number for _, number in known)
    return sum(value * number for value, number in known) / weight if weight else None


def _rows(used: Mapping[tuple[str, str], int]) -> list[Usage]:
    rows = sorted(
        (Usage(what, client, requests) for (what, client), requests in used.items()),
        key=lambda row: (-row.requests, row.what, row.client),
    )
    rest = sum(row.requests for row in rows[_MOST_ROWS:])
    return [*rows[:_MOST_ROWS], *([Usage(_OTHERS, _OTHERS, rest)] if rest else [])]


def _paths(used: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """Return the requests of unlisted paths, the most first: a route's id has no slash."""
    paths: dict[str, int] = {}
    for (what, _), requests in used.items():
        if what.startswith("/") or what == _OTHERS:
            paths[what] = paths.get(what, 0) + requests
    ordered = sorted(paths, key=lambda path: (path == _OTHERS, -paths[path], path))
    named = [path for path in ordered if path != _OTHERS][:_MOST_PATHS]
    rest = sum(paths.values()) - sum(paths[path] for path in named)
    return {**{path: paths[path] for path in named}, **({_OTHERS: rest} if rest else {})}
