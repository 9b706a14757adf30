"""`fig dev`: the whole house on this machine. Starts every part, keeps them, and ends every one of them."""

import asyncio
import signal
import socket
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any  # Any: only where asyncio's own types have it

from proxy.dev.advice import sample_routes, tell_if_unknown
from proxy.dev.child import Child, start_child
from proxy.dev.dashboard_part import DashboardPart, start_dashboard
from proxy.dev.database import REGION, fill, publish
from proxy.dev.front_doors import FrontDoor
from proxy.dev.front_doors.http_server import serve
from proxy.dev.function_variables import variables
from proxy.dev.handlers import Handlers
from proxy.dev.lambda_runtime import AsgiServer, FunctionConfig, InProcessFunction, LocalFunction
from proxy.dev.note import Note
from proxy.dev.places import Places, own_name, written_legacy
from proxy.dev.publisher import Publisher
from proxy.dev.releases import Numbers, Releases
from proxy.dev.terminal import Terminal
from proxy.publishing.workspace import Workspace
from proxy.routing.document import Document

HANDLER = "proxy.lambda_http.handler"

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
        places = await self._start_parts(publisher.document)
        handlers = await asyncio.to_thread(Handlers, Path.cwd(), places.dynamodb)
        history = await asyncio.to_thread(publish, publisher, places.dynamodb, places.routing_table)
        self._stack.callback(history.close)

        def environment() -> dict[str, str]:
            return variables(places.for_function, publisher.document, publisher.text, handlers.tables)

        # 3. The function; its workers start while the tables are filled.
        numbers = Numbers(workspace, places.dynamodb) if options.dynamodb else None
        # What the embedded database knows ends with the house, and so do its versions.
        version = numbers.first(handlers.digest()) if numbers else "1"
        config = self._config(version, environment())
        function = await self._start_function(config, places, handlers)
        if not places.is_sample and (advice := sample_routes(publisher.document)):
            self._terminal.event(advice)
        # 4. The door opens last: whoever gets in gets an answer.
        server = serve(options.front_door, function, options.listener)
        self._stack.push_async_callback(_close, server, function)
        await server.start()

        def note_version(version: str) -> None:
            if numbers is not None:
                numbers.note(version, handlers.digest())

        releases = Releases(function, config, self._terminal.event, note_version)
        self._watch(publisher.watch(history, self._terminal.event, lambda: releases.needs(environment())))
        self._watch(self._follow(handlers, releases, publisher, environment))
        url = f"http://127.0.0.1:{server.port}"
        dashboard = await self._start_dashboard(places.for_commands(url))
        self._tell_others(note, places, url)
        self._terminal.opening(self._parts(places, url, dashboard), publisher.document, url, is_sample=places.is_sample)

    async def _start_parts(self, document: Document) -> Places:
        options = self._options
        own_legacy = options.legacy or written_legacy(document)
        if own_legacy is not None:
            tell_if_unknown(own_legacy, self._terminal.event)
        legacy = own_legacy or (await self._child("legacy", "proxy.dev.sample_legacy")).url
        dynamodb = options.dynamodb or (await self._child("dynamodb", "proxy.dev.dynamodb")).url
        return Places(legacy, own_legacy is None, dynamodb, own_name(options.routes))

    def _config(self, version: str, environment: dict[str, str]) -> FunctionConfig:
        return FunctionConfig(
            HANDLER,
            code_root=Path.cwd(),
            environment=environment,
            version=version,
            workers=self._options.workers,
            region=REGION,
        )

    async def _start_function(
        self, config: FunctionConfig, places: Places, handlers: Handlers
    ) -> LocalFunction | InProcessFunction:
        kind = InProcessFunction if self._options.in_process else LocalFunction
        function = kind(config, self._on_line, self._terminal.event)
        self._stack.push_async_callback(function.stop)
        filling = asyncio.to_thread(
            fill, places.dynamodb, places.evidence_table, handlers.tables, with_sample=places.is_sample
        )
        _, problems = await asyncio.gather(function.start(), filling)
        for told in (*handlers.problems, *problems):
            self._terminal.event(told)
        return function

    def _tell_others(self, note: Note, places: Places, url: str) -> None:
        """Leave a note, so that `fig flip` in another terminal finds this house by itself."""
        noted = {"dashboard": self._dashboard.note} if self._dashboard is not None else {}
        if told := note.write({**places.for_commands(url), "override_key": places.override_key, **noted}):
            self._terminal.event(told)
        self._stack.callback(note.remove)

    def _parts(self, places: Places, url: str, dashboard: DashboardPart | None) -> list[tuple[str, str]]:
        options = self._options
        return [
            (f"front door ({options.front_door.name})", url),
            ("legacy", places.legacy + ("  (sample shop)" if places.is_sample else "")),
            ("dynamodb", places.dynamodb + ("" if options.dynamodb else "  (embedded)")),
            ("function", f"{HANDLER}, {'in this process' if options.in_process else f'{options.workers} workers'}"),
            ("routes", f"{options.routes} (watched), published to {places.store}"),
            *((("dashboard", dashboard.access.link),) if dashboard is not None else ()),
        ]

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
