"""What `fig status` tells programs."""

from typing import TYPE_CHECKING, Any

from proxy.metrics.source import SIDES, Flow

if TYPE_CHECKING:
    from proxy.dashboard.view import Row, View

MOVED = ("live", "migrated", "retired")
LEFT = ("legacy", "shadow", "canary")

# Any: JSON, throughout.


def fields(view: "View", source: str) -> dict[str, Any]:
    """Return a view as JSON; shares are from 0 to 1, and null where nothing is known."""
    return {
        "source": source,
        "at": view.at,
        "window_s": view.window_s,
        "version": view.standing.head.version,
        "frozen": view.standing.head.frozen,
        "migrated_share": {"now": share_now(view), "window": view.migrated_share, "routes": routes_moved(view)},
        "sides": {side: _flow(view.sides[side], view.window_s) for side in SIDES},
        "stages": dict(view.stages),
        "routes": [_route(row, view.window_s) for row in view.rows],
        "legacy_usage": [usage._asdict() for usage in view.usage],
        "unlisted_paths": dict(view.unlisted_paths),
        "problems": [concern._asdict() for concern in view.concerns],
    }


def share_now(view: "View") -> float | None:
    """Return which share of the traffic of the last seconds the migrated side has answered."""
    migrated, legacy = view.now.requests["migrated"], view.now.requests["legacy"]
    return migrated / (migrated + legacy) if migrated + legacy else None


def routes_moved(view: "View") -> float | None:
    """Return which share of the routes has moved: their handlers answer all callers, or nobody does any more."""
    total = sum(view.stages.values())
    return sum(view.stages[stage] for stage in MOVED) / total if total else None


def _flow(flow: Flow, window_s: float) -> dict[str, Any]:
    return {
        "requests": flow.requests,
        "per_s": flow.requests / window_s,
        "errors": flow.errors,
        "error_share": flow.errors / flow.requests if flow.requests else None,
        "p50_ms": flow.p50_ms,
        "p95_ms": flow.p95_ms,
        "p99_ms": flow.p99_ms,
    }


def _route(row: "Row", window_s: float) -> dict[str, Any]:
    parity, flipped = row.parity, row.flipped
    return {
        "route": row.id,
        "match": row.match,
        "stage": row.stage,
        "percent": row.percent if row.stage == "canary" else None,
        "frozen": row.is_frozen,
        "sides": {side: _flow(flow, window_s) for side, flow in row.numbers.flows.items()},
        "fallbacks": row.numbers.fallbacks,
        "breaker": row.numbers.breaker or "closed",
        "is_compared": row.is_compared,
        "parity": {**parity._asdict(), "share": parity.share if parity.compared else None} if parity else None,
        "last_flip": (
            {
                "what": flipped.words,
                "who": flipped.entry.who,
                "when": flipped.entry.when,
                "why": flipped.entry.why,
                "version": flipped.entry.version,
            }
            if flipped
            else None
        ),
        "over": list(row.over),
    }
