"""The same numbers for programs: `GET /api/snapshot?window=SECONDS`, with the token as Authorization: Bearer."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from proxy.dashboard.live import Live
from proxy.dashboard.view import View
from proxy.metrics.as_json import to_json
from proxy.metrics.source import LONGEST_S


def router(live: Live) -> APIRouter:
    """Return the routes of the API."""
    made = APIRouter()

    @made.get("/api/snapshot")
    async def snapshot(request: Request) -> JSONResponse:
        asked = request.query_params.get("window", f"{live.sources.windows_s[0]:.0f}")
        window_s = float(asked) if asked.isdecimal() else 0.0
        if not 1 <= window_s <= LONGEST_S:
            text = f"window: got {asked!r}, expected whole seconds from 1 to {LONGEST_S:.0f}"
            return JSONResponse({"error": {"code": "bad_window", "message": text}}, 400)
        view = await live.view(window_s)
        if view is None:
            return JSONResponse({"error": {"code": "no_numbers", "message": "there are no numbers yet"}}, 503)
        return JSONResponse({**to_json(view.snapshot), "source": live.sources.metrics.name, "standing": standing(view)})

    return made


def standing(view: View) -> dict[str, Any]:  # Any: JSON
    """Return as JSON what is in force, and how far each route is."""
    head = view.standing.head
    return {
        "version": head.version,
        "frozen": head.frozen,
        "stages": dict(view.stages),
        "routes": {
            row.id: {
                "match": row.match,
                "stage": row.stage,
                "percent": row.percent,
                "frozen": row.is_frozen,
                "parity": row.parity._asdict() if row.parity is not None else None,
                "over": list(row.over),
            }
            for row in view.rows
        },
        "concerns": [one._asdict() for one in view.concerns],
        "problem": view.standing.problem,
    }
