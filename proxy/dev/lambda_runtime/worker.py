"""One place for an execution environment: starts one, ends it when its time has come, and starts the next."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from proxy.dev.lambda_runtime.config import FunctionConfig
from proxy.dev.lambda_runtime.environment import Environment
from proxy.dev.lambda_runtime.errors import Failure, exited
from proxy.dev.lambda_runtime.limits import SHUTDOWN_GRACE_S
from proxy.dev.lambda_runtime.process import Process, start_process
from proxy.dev.lambda_runtime.runtime_api import RuntimeApi
from proxy.dev.lambda_runtime.server import AsgiServer, loopback_socket
from proxy.dev.lambda_runtime.variables import process_variables

# awslambdaric puts the X-Ray cause of an error into a header of up to 1 MB (lambda_runtime_client.py, 4.2).
_MAX_HEADER_BYTES = 2 * 1024 * 1024
_KEEP_ALIVE_S = 24 * 3600  # a connection idles while the handler works; Lambda doesn't close it, so neither do we
_FIRST_BACK_OFF_S = 0.25
_LAST_BACK_OFF_S = 5.0


@dataclass(frozen=True, slots=True)
class Hooks:
    """Whom a worker tells what."""

    on_idle: Callable[["Worker"], None]
    """The worker's environment asked for its first or its next event, or has its snapshot."""
    on_down: Callable[["Worker"], None]
    """The worker's init failed, and it waits to be woken."""
    on_end: Callable[["Worker", Environment, Failure], None]
    """The worker's environment ended, and why."""
    on_line: Callable[[str, str], None]
    """The worker's name and one line of its output."""


class Worker:
    """Runs execution environments one after the other until it is stopped."""

    def __init__(self, name: str, config: FunctionConfig, hooks: Hooks, init_limit_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._config = config
        self._hooks = hooks
        self._init_limit_s = init_limit_s
        self._fruitless = 0  # environments in a row that ended without having been given an event
        self._retry_at = 0.0  # in the loop's time
        self._wanted: asyncio.Future[None] = self._loop.create_future()
        self._stopped: asyncio.Future[None] = self._loop.create_future()
        self.name = name
        self.environment: Environment | None = None
        self.down: Failure | None = None
        """The init failure after which it waits to be woken; None while an environment lives or starts."""
        self.first_outcome: asyncio.Future[None] = self._loop.create_future()
        """Done when the first init succeeded or failed, or will never do either."""

    def __repr__(self) -> str:
        return f"<Worker {self.name} {self.down or self.environment or 'starting'}>"

    @property
    def can_wake(self) -> bool:
        """True when it is down and its back-off is over."""
        return self.down is not None and self._loop.time() >= self._retry_at

    def wake(self) -> None:
        """Start an environment although the last init failed: somebody waits for it."""
        self.down = None
        _settle(self._wanted)

    def retire(self) -> None:
        """Stop, but not before the event is done that it works on. Whoever hears its hooks calls this again then."""
        if self.environment is None or not self.environment.is_busy:
            self.stop()

    def stop(self) -> None:
        """Make `run` return when the last process is gone. No cancellation: that could cut its cleaning up short."""
        _settle(self._stopped)

    async def run(self) -> None:
        """Keep an environment alive. A failed init is only tried again when woken, as in the cloud; all else at once.

        From the second environment on that ends without having been given an event a back-off grows to 5 s, so that
        a worker that dies by itself is no hot loop.
        """
        try:
            while not self._stopped.done():
                await self._run_once()
        finally:
            _settle(self.first_outcome)

    async def _run_once(self) -> None:
        environment = Environment(self._config, self._became_idle, init_limit_s=self._init_limit_s)
        self.environment = environment
        try:
            await self._live(environment)
        finally:
            self.environment = None
        self._fruitless = 0 if environment.has_served else self._fruitless + 1
        if self._stopped.done():
            return
        if environment.has_started:
            await asyncio.wait((self._stopped,), timeout=_back_off_s(self._fruitless - 1))
        else:
            await self._rest(environment.ended.result())

    async def _live(self, environment: Environment) -> None:
        """Run one environment from its start to its end, and leave nothing of it."""
        async with AsyncExitStack() as stack:
            try:
                await self._start(environment, stack)
            except OSError as exc:
                environment.end(Failure("Runtime.InvalidEntrypoint", f"cannot start {self.name}: {exc}"))
            await asyncio.wait((environment.ended, self._stopped), return_when=asyncio.FIRST_COMPLETED)
            if environment.ended.done():
                self._hooks.on_end(self, environment, environment.ended.result())

    async def _start(self, environment: Environment, stack: AsyncExitStack) -> None:
        server = AsgiServer(
            RuntimeApi(environment),
            loopback_socket(),
            max_header_bytes=_MAX_HEADER_BYTES,
            keep_alive_s=_KEEP_ALIVE_S,
            grace_s=0.1,
        )
        stack.push_async_callback(server.stop)
        await server.start()
        process = await start_process(
            self._config.handler,
            process_variables(self._config, f"127.0.0.1:{server.port}"),
            self._config.code_root,
            on_line=lambda line: self._hooks.on_line(self.name, line),
            on_exit=lambda returncode: environment.end(exited(returncode)),
        )
        stack.push_async_callback(_end, environment, process)

    def _became_idle(self) -> None:
        _settle(self.first_outcome)
        self._hooks.on_idle(self)

    async def _rest(self, failure: Failure) -> None:
        """Wait until an invocation wants this worker and its back-off is over."""
        self._retry_at = self._loop.time() + _back_off_s(self._fruitless)
        self._wanted = self._loop.create_future()
        self.down = failure
        _settle(self.first_outcome)
        self._hooks.on_down(self)
        await asyncio.wait((self._wanted, self._stopped), return_when=asyncio.FIRST_COMPLETED)


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def _end(environment: Environment, process: Process) -> None:
    """End the process: at once if it failed, the way of a shutdown if nobody wants it any more.

    Source: developer guide, "Shutdown phase": SIGTERM and 500 ms, only if an internal extension is registered.
    """
    is_shutdown = not environment.ended.done()
    environment.abandon()
    await process.end(SHUTDOWN_GRACE_S if is_shutdown and len(environment.extensions) else 0.0)


def _back_off_s(fruitless: int) -> float:
    if fruitless < 1:
        return 0.0
    return float(min(_FIRST_BACK_OFF_S * 2 ** min(fruitless - 1, 10), _LAST_BACK_OFF_S))
