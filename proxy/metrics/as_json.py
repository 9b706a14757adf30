"""A snapshot as JSON, and back: what `GET /api/snapshot` of a dashboard answers, and `fig status` reads."""

from collections.abc import Mapping
from typing import Any

from proxy.metrics.source import SIDES, Bucket, Flow, Point, RouteNumbers, Side, Snapshot, Usage

# Any: JSON, throughout.
Json = dict[str, Any]


def to_json(snapshot: Snapshot) -> Json:
    """Return a snapshot as JSON: objects with the names of the fields, and rows where there are many of them.

    A bucket is [up_to_ms, answers], a usage [what, client, requests].
    """
    return {
        "at": snapshot.at,
        "window_s": snapshot.window_s,
        "table_version": snapshot.table_version,
        "table_problem": snapshot.table_problem,
        "problem": snapshot.problem,
        "usage_days": snapshot.usage_days,
        "routes": {
            route: {
                "flows": {side: _flow(flow) for side, flow in numbers.flows.items()},
                "fallbacks": numbers.fallbacks,
                "comparisons": numbers.comparisons,
                "differences": numbers.differences,
                "breaker": numbers.breaker,
            }
            for route, numbers in snapshot.routes.items()
        },
        "series": [
            {
                "at": point.at,
                "seconds": point.seconds,
                "requests": dict(point.requests),
                "errors": dict(point.errors),
                "p95_ms": dict(point.p95_ms),
            }
            for point in snapshot.series
        ],
        "legacy_usage": [[*usage] for usage in snapshot.legacy_usage],
        "unlisted_paths": dict(snapshot.unlisted_paths),
    }


def from_json(data: Any) -> Snapshot:
    """Return the snapshot that `to_json` has made JSON of. Raises ValueError for everything else."""
    try:
        return Snapshot(
            at=float(data["at"]),
            window_s=float(data["window_s"]),
            routes={str(route): _numbers(numbers) for route, numbers in data["routes"].items()},
            series=[_point(point) for point in data["series"]],
            legacy_usage=[
                Usage(str(what), str(client), int(requests)) for what, client, requests in data["legacy_usage"]
            ],
            unlisted_paths={str(path): int(requests) for path, requests in data["unlisted_paths"].items()},
            table_version=int(data["table_version"]),
            table_problem=str(data["table_problem"]),
            problem=str(data["problem"]),
            usage_days=str(data["usage_days"]),
        )
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as exc:
        raise ValueError(f"got JSON that is no snapshot: {exc!r}") from exc


def _flow(flow: Flow) -> Json:
    return {
        "requests": flow.requests,
        "errors": flow.errors,
        "p50_ms": flow.p50_ms,
        "p95_ms": flow.p95_ms,
        "p99_ms": flow.p99_ms,
        "latency": [[*bucket] for bucket in flow.latency],
    }


def _numbers(data: Json) -> RouteNumbers:
    flows = {
        side: Flow(
            int(flow["requests"]),
            int(flow["errors"]),
            _ms(flow["p50_ms"]),
            _ms(flow["p95_ms"]),
            _ms(flow["p99_ms"]),
            tuple(Bucket(float(up_to_ms), int(answers)) for up_to_ms, answers in flow["latency"]),
        )
        for side, flow in _by_side(data["flows"]).items()
    }
    return RouteNumbers(
        flows, int(data["fallbacks"]), int(data["comparisons"]), int(data["differences"]), str(data["breaker"])
    )


def _point(data: Json) -> Point:
    return Point(
        float(data["at"]),
        float(data["seconds"]),
        {side: int(number) for side, number in _by_side(data["requests"]).items()},
        {side: int(number) for side, number in _by_side(data["errors"]).items()},
        {side: _ms(number) for side, number in _by_side(data["p95_ms"]).items()},
    )


def _by_side(data: Mapping[str, Any]) -> dict[Side, Any]:
    sides: dict[str, Side] = {side: side for side in SIDES}
    return {sides[name]: value for name, value in data.items()}


def _ms(value: Any) -> float | None:
    return None if value is None else float(value)
