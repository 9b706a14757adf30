"""`fig dev`: the whole house on this machine. Starts every part, keeps them, and ends every one of them."""

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any  # Any: only where asyncio's own types have it

from proxy.dev.advice import sample_routes, tell_if_unknown
from proxy.dev.child import Child, start_child
from proxy.dev.dashboard_part import DashboardPart, start_dashboard
from proxy.dev.database import REGION, fill, publish
from proxy.dev.front_doors import FrontDoor
from proxy.dev.front_doors.http_server import serve
from proxy.dev.function_variables import LEGACY_URL, variables
from proxy.dev.handlers import Handlers
from proxy.dev.lambda_runtime import AsgiServer, FunctionConfig, InProcessFunction, LocalFunction
from proxy.dev.note import Note
from proxy.dev.publisher import Publisher
from proxy.dev.releases import Numbers, Releases
from proxy.dev.terminal import Terminal
from proxy.publishing.workspace import Workspace
from proxy.routing.document import Document
from proxy.routing.origin import check_origin
from proxy.settings import resolve

HANDLER = "proxy.lambda_http.handler"
# The function's TTL here: a change of routes.yaml is seen within 0.2 s by the publisher and half a second by workers.
TABLE_TTL_S = 0.5

# Shorter than the server's own patience, after which it would cancel what is under way.
_GRACE_S = 0.5
_POLL_S = 0.2
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

        Raises BadDocument, FunctionStartError or DatabaseUnusable if the house cannot stand at all, and Refused if
        another one stands here.
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
        workspace = Workspace(options.routes)
        note = Note(workspace)
        note.refuse_a_second()
        publisher = Publisher(options.routes, Path.cwd())
        # 1. A document that is broken from the start is fatal; later ones only leave the table as it is.
        await asyncio.to_thread(publisher.check)
        # 2. The parts in processes of their own, at once.
        own_legacy = options.legacy or _written_legacy(publisher.document)
        if own_legacy is not None:
            tell_if_unknown(own_legacy, self._terminal.event)
        legacy = own_legacy or (await self._child("legacy", "proxy.dev.sample_legacy")).url
        dynamodb = options.dynamodb or (await self._child("dynamodb", "proxy.dev.dynamodb")).url
        routing_table, evidence_table = _tables(options.routes)
        store, evidence = f"dynamodb:{routing_table}", f"dynamodb:{evidence_table}"
        override_key = secrets.token_hex(32)
        handlers = await asyncio.to_thread(Handlers, Path.cwd(), dynamodb)
        history = await asyncio.to_thread(publish, publisher, dynamodb, routing_table)
        self._stack.callback(history.close)
        # 3. The function; its workers start while the tables are filled.
        given = {**_given(legacy, dynamodb), "FIG_TABLE": store, "FIG_EVIDENCE": evidence}
        given["FIG_OVERRIDE_KEY"] = override_key

        def environment() -> dict[str, str]:
            return variables(given, publisher.document, publisher.text, handlers.tables)

        numbers = Numbers(workspace, dynamodb)
        config = FunctionConfig(
            HANDLER,
            code_root=Path.cwd(),
            environment=environment(),
            # What the embedded database knows ends with the house, and so do its versions.
            version=numbers.first(handlers.digest()) if options.dynamodb else "1",
            workers=options.workers,
            region=REGION,
        )
        kind = InProcessFunction if options.in_process else LocalFunction
        function = kind(config, self._on_line, self._terminal.event)
        self._stack.push_async_callback(function.stop)
        filling = asyncio.to_thread(fill, dynamodb, evidence_table, handlers.tables, with_sample=own_legacy is None)
        _, problems = await asyncio.gather(function.start(), filling)
        advice = sample_routes(publisher.document) if own_legacy is not None else ""
        for told in (*handlers.problems, *problems, *filter(None, (advice,))):
            self._terminal.event(told)
        # 4. The door opens last: whoever gets in gets an answer.
        server = serve(options.front_door, function, options.listener)
        self._stack.push_async_callback(_close, server, function)
        await server.start()
        releases = Releases(
            function,
            config,
            self._terminal.event,
            lambda version: numbers.note(version, handlers.digest()) if options.dynamodb else None,
        )
        self._watch(publisher.watch(history, self._terminal.event, lambda: releases.needs(environment())))
        self._watch(self._follow(handlers, releases, publisher, environment))
        url = f"http://127.0.0.1:{server.port}"
        # So that `fig flip` in another terminal finds this house by itself.
        place = {"endpoint": dynamodb, "region": REGION}
        places = {"store": store, "evidence": evidence, **place, "url": url}
        dashboard = await self._start_dashboard(places)
        noted = {"dashboard": dashboard.note} if dashboard is not None else {}
        if told := note.write({**places, "override_key": override_key, **noted}):
            self._terminal.event(told)
        self._stack.callback(note.remove)
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
            is_sample=own_legacy is None,
        )

    async def _follow(
        self, handlers: Handlers, releases: Releases, publisher: Publisher, environment: Callable[[], dict[str, str]]
    ) -> None:
        """Take every change of the handlers' source into the function, for ever."""
        while True:
            await asyncio.sleep(_POLL_S)
            files, told = await asyncio.to_thread(handlers.changes)
            for line in told:
                self._terminal.event(line)
            if files:
                await releases.changed(files, environment())
                publisher.look_again()

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


def _written_legacy(document: Document) -> str | None:
    """Return the legacy system that a document names by itself; None for what is left to LEGACY_URL."""
    url = document.legacy.url
    return None if f"${{{LEGACY_URL}}}" in url else check_origin(resolve(url))


def _given(legacy: str, dynamodb: str) -> dict[str, str]:
    return {
        "FIG_TABLE_TTL": str(TABLE_TTL_S),
        "FIG_LOG_ERROR_TEXT": "1",
        LEGACY_URL: legacy,
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb,
        "POWERTOOLS_SERVICE_NAME": "fig-proxy",
    }
