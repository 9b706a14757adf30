"""`fig dev`: the whole house on this machine. Starts every part, keeps them, and ends every one of them."""

import asyncio
import os
import re
import secrets
import signal
import socket
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any  # Any: only where asyncio's own types have it

from proxy.dev.child import Child, start_child
from proxy.dev.dashboard_part import DashboardPart, start_dashboard
from proxy.dev.database import REGION, fill, publish
from proxy.dev.front_doors import FrontDoor
from proxy.dev.front_doors.http_server import serve
from proxy.dev.lambda_runtime import AsgiServer, FunctionConfig, InProcessFunction, LocalFunction
from proxy.dev.lambda_runtime.config import RESERVED_VARIABLES
from proxy.dev.publisher import Publisher
from proxy.dev.terminal import Terminal
from proxy.publishing.store_choice import DEV_FILE
from proxy.publishing.workspace import Workspace

HANDLER = "proxy.lambda_http.handler"
# The function's TTL here: a change of routes.yaml is seen within 0.2 s by the publisher and half a second by workers.
TABLE_TTL_S = 0.5

# Shorter than the server's own patience, after which it would cancel what is under way.
_GRACE_S = 0.5
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Options:
    """What a person asked for, checked: a legacy URL is an origin, the socket is bound."""

    listener: socket.socket
    front_door: FrontDoor
    routes: Path
    legacy: str | None
    dynamodb: str | None
    workers: int
    in_process: bool
    dashboard: socket.socket | None = None  # where the dashboard listens; None: there is none
    program: str = "fig"  # how people call it


class LocalHouse:
    """Every part that `fig dev` runs."""

    def __init__(self, options: Options, terminal: Terminal) -> None:
        self._options = options
        self._terminal = terminal
        self._stack = AsyncExitStack()
        self._dashboard: DashboardPart | None = None

    async def run(self) -> None:
        """Run until SIGINT, SIGTERM or SIGHUP.

        Raises BadDocument, FunctionStartError or DatabaseUnusable if the house cannot stand at all.
        """
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in _ENDING:
            # nohup makes a process deaf to the closing of its terminal, and so it shall stay.
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, ended.set)
        async with self._stack:
            starting = asyncio.create_task(self._start())
            ending = asyncio.create_task(ended.wait())
            self._stack.push_async_callback(_cancel, ending)
            await asyncio.wait((starting, ending), return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                await _cancel(starting)
                return
            await starting
            await ending
            self._terminal.event("ending")

    async def _start(self) -> None:
        options = self._options
        publisher = Publisher(options.routes, Path.cwd())
        # 1. A document that is broken from the start is fatal; later ones only leave the table as it is.
        await asyncio.to_thread(publisher.check)
        # 2. The parts in processes of their own, at once.
        written = publisher.document.legacy.url
        own_legacy = options.legacy or (None if "${" in written else written)
        legacy = own_legacy or (await self._child("legacy", "proxy.dev.sample_legacy")).url
        dynamodb = options.dynamodb or (await self._child("dynamodb", "proxy.dev.dynamodb")).url
        routing_table, evidence_table = _tables(options.routes)
        store, evidence = f"dynamodb:{routing_table}", f"dynamodb:{evidence_table}"
        override_key = secrets.token_hex(32)
        history = await asyncio.to_thread(publish, publisher, dynamodb, routing_table)
        self._stack.callback(history.close)
        # 3. The function; its workers start while the tables are filled.
        config = FunctionConfig(
            HANDLER,
            code_root=Path.cwd(),
            environment={
                **_environment(store, legacy, dynamodb, options.routes),
                "FIG_EVIDENCE": evidence,
                "FIG_OVERRIDE_KEY": override_key,
            },
            workers=options.workers,
            region=REGION,
        )
        kind = InProcessFunction if options.in_process else LocalFunction
        function = kind(config, self._on_line, self._terminal.event)
        self._stack.push_async_callback(function.stop)
        await asyncio.gather(function.start(), asyncio.to_thread(fill, dynamodb, evidence_table))
        # 4. The door opens last: whoever gets in gets an answer.
        server = serve(options.front_door, function, options.listener)
        self._stack.push_async_callback(_close, server, function)
        await server.start()
        self._watch(publisher.watch(history, self._terminal.event))
        url = f"http://127.0.0.1:{server.port}"
        # So that `fig flip` in another terminal finds this house by itself.
        workspace = Workspace(options.routes)
        place = {"endpoint": dynamodb, "region": REGION}
        places = {"store": store, "evidence": evidence, **place, "url": url}
        dashboard = await self._start_dashboard(places)
        noted = {"dashboard": dashboard.note} if dashboard is not None else {}
        workspace.put(DEV_FILE, {**places, "override_key": override_key, **noted})
        self._stack.callback(workspace.remove, DEV_FILE)
        self._terminal.opening(
            (
                (f"front door ({options.front_door.name})", url),
                ("legacy", legacy + ("" if own_legacy else "  (sample shop)")),
                ("dynamodb", dynamodb + ("" if options.dynamodb else "  (embedded)")),
                ("function", f"{HANDLER}, {'in this process' if options.in_process else f'{options.workers} workers'}"),
                ("routes", f"{options.routes} (watched), published to {store}"),
                *((("dashboard", dashboard.access.link),) if dashboard is not None else ()),
            ),
            publisher.document,
            url,
        )

    async def _child(self, name: str, module: str) -> Child:
        child = await start_child(name, module, self._terminal.output)
        self._keep(child)
        return child

    async def _start_dashboard(self, places: dict[str, str]) -> DashboardPart | None:
        """Start it last of all: it takes a second or two, for which nobody has to wait."""
        options = self._options
        if options.dashboard is not None:
            self._dashboard = await start_dashboard(
                options.dashboard, options.routes, places, options.program, self._terminal.output
            )
            self._keep(self._dashboard.child)
        return self._dashboard

    def _on_line(self, part: str, line: str) -> None:
        self._terminal.output(part, line)
        if self._dashboard is not None:
            self._dashboard.on_line(line)

    def _keep(self, child: Child) -> None:
        self._stack.push_async_callback(child.stop)
        self._watch(self._tell_end(child))

    async def _tell_end(self, child: Child) -> None:
        code = await child.wait()
        self._terminal.event(f"{child.name} ended with exit code {code}; restart fig dev to have it back")

    def _watch(self, watching: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(watching)
        self._stack.push_async_callback(_cancel, task)


async def _close(server: AsgiServer, function: LocalFunction | InProcessFunction) -> None:
    """Close the door. Who is still inside after a moment is told that the function has stopped."""
    closing = asyncio.create_task(server.stop())
    await asyncio.wait((closing,), timeout=_GRACE_S)
    await function.stop()
    await closing


async def _cancel(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _tables(routes: Path) -> tuple[str, str]:
    """Return the names of a routes.yaml's own tables, of routes and of evidence: houses on one database keep apart."""
    own = sha256(os.fsencode(routes.resolve())).hexdigest()[:8]
    return f"fig-routes-{own}", f"fig-evidence-{own}"


def _environment(store: str, legacy: str, dynamodb: str, routes: Path) -> dict[str, str]:
    """Return the function's variables: where things are, and what a table names as ${NAME} in this terminal."""
    # A comment may name one that Lambda sets itself and lets nobody else set.
    named = {name: os.environ[name] for name in _names_in(routes) - RESERVED_VARIABLES if name in os.environ}
    return {
        **named,
        "FIG_TABLE": store,
        "FIG_TABLE_TTL": str(TABLE_TTL_S),
        "FIG_LEGACY_HOSTS": legacy.partition("://")[2],
        "FIG_LOG_ERROR_TEXT": "1",
        "LEGACY_URL": legacy,
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb,
        "POWERTOOLS_SERVICE_NAME": "fig-proxy",
    }


def _names_in(routes: Path) -> set[str]:
    return set(re.findall(r"\$\{(\w+)\}", routes.read_text(errors="replace")))
