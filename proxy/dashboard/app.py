"""The dashboard as one ASGI application: pages and API behind the guard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from nicegui import app as pages
from nicegui import ui

from proxy.dashboard import api
from proxy.dashboard.access import PATH, Access
from proxy.dashboard.guard import App, Guard
from proxy.dashboard.live import Live
from proxy.dashboard.pages import left, overview, route, routes
from proxy.dashboard.pages.frame import Frame
from proxy.dashboard.sources import Sources

_STATIC = Path(__file__).parent / "static"
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0f766e"/>'
    '<path d="M9 25V7h14M9 16h10" stroke="#fff" stroke-width="4" fill="none"/></svg>'
)


def build(sources: Sources, access: Access) -> App:
    """Return the application. NiceGUI keeps its pages in its module, so a process has one."""
    live = Live(sources)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(live.run())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    outer = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    outer.include_router(api.router(live))
    outer.include_router(api.router(live), prefix=PATH)
    _add_pages(live)
    pages.add_static_files("/static", _STATIC, max_cache_age=0)
    # Theirs come in a cascade layer, so ours win. No framework of classes: one style sheet that can be read.
    ui.add_head_html(
        f'<link rel="stylesheet" href="{PATH}/static/fig.css"><script src="{PATH}/static/fig.js"></script>', shared=True
    )
    ui.run_with(
        outer,
        mount_path=PATH,
        title="fig",
        favicon=_ICON,
        dark=None,
        language="en-US",
        tailwind=False,
        binding_refresh_interval=None,
        reconnect_timeout=5.0,
        show_welcome_message=False,
    )
    return Guard(outer, access)


def _add_pages(live: Live) -> None:
    def frame(request: Request) -> Frame:
        window_s = live.sources.window(request.query_params.get("window", ""))
        return Frame(live, window_s, request.cookies.get("fig_theme", "auto"))

    @ui.page("/")
    def _overview(request: Request) -> None:
        overview.build(frame(request))

    @ui.page("/routes")
    def _routes(request: Request) -> None:
        routes.build(frame(request), request.query_params.get("filter", ""))

    @ui.page("/route/{route_id}")
    def _route(request: Request, route_id: str) -> None:
        route.build(frame(request), route_id)

    @ui.page("/left")
    def _left(request: Request) -> None:
        left.build(frame(request))
