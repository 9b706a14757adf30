"""What these tests share: a function from a few lines of code, a raw client, and waiting without sleeping."""

import asyncio
import json
import os
import textwrap
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from proxy.dev.lambda_runtime import AsgiServer, FunctionConfig, LocalFunction, loopback_socket
from proxy.dev.lambda_runtime.environment import Environment
from proxy.dev.lambda_runtime.runtime_api import RuntimeApi

T = TypeVar("T")


@dataclass
class Lab:
    """A folder of handlers, and what was heard of the functions that ran them."""

    root: Path
    lines: list[tuple[str, str]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)

    def write(self, code: str, module: str = "app") -> None:
        """Make `code` the module; the time stamp moves, so that no cached bytecode is taken for it."""
        path = self.root / f"{module}.py"
        path.write_text(textwrap.dedent(code))
        stamp = time.time_ns()
        os.utime(path, ns=(stamp, stamp))

    def config(self, **settings: Any) -> FunctionConfig:
        return FunctionConfig(settings.pop("handler", "app.handler"), code_root=self.root, **settings)

    def function(self, *, init_limit_s: float = 10.0, **settings: Any) -> LocalFunction:
        return LocalFunction(
            self.config(**settings),
            on_log=lambda worker, line: self.lines.append((worker, line)),
            on_event=self.events.append,
            init_limit_s=init_limit_s,
        )

    def run(self, code: str, scenario: Callable[[LocalFunction], Awaitable[T]], **settings: Any) -> T:
        """Run the scenario against a started function, and stop that in any case."""
        self.write(code)

        async def main() -> T:
            function = self.function(**settings)
            try:
                await function.start()
                return await scenario(function)
            finally:
                await function.stop()

        return asyncio.run(main())


async def ask(function: LocalFunction, event: object = None) -> Any:
    """Invoke, and return the payload read as JSON."""
    return json.loads((await function.invoke(json.dumps(event).encode())).payload)


async def until(condition: Callable[[], object], within_s: float = 20.0) -> None:
    """Wait until the condition holds; fail if it doesn't in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "the condition never held"
        await asyncio.sleep(0.005)


def is_known(pid: int) -> bool:
    """True for a process that runs, and for a zombie that nobody reaped."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def is_running(pid: int) -> bool:
    """True for a process that is no zombie; where there is no /proc, for one that is known."""
    if not Path("/proc/self/stat").exists():
        return is_known(pid)
    try:
        # The state follows the name, which stands in parentheses and may hold anything.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@dataclass
class RawApi:
    """One execution environment without a process: the test plays the runtime and the extensions."""

    environment: Environment
    client: httpx.AsyncClient

    async def next(self) -> httpx.Response:
        return await self.client.get("/2018-06-01/runtime/invocation/next")

    async def post(self, path: str, body: bytes = b"null", headers: dict[str, str] | None = None) -> httpx.Response:
        return await self.client.post(path, content=body, headers=headers)

    async def register(self, name: str = "one", body: bytes = b'{"events": ["INVOKE"]}') -> httpx.Response:
        return await self.post("/2020-01-01/extension/register", body, {"Lambda-Extension-Name": name})

    async def extension_next(self, identifier: str | None) -> httpx.Response:
        headers = {} if identifier is None else {"Lambda-Extension-Identifier": identifier}
        return await self.client.get("/2020-01-01/extension/event/next", headers=headers)


@asynccontextmanager
async def raw_api(root: Path, *, init_limit_s: float = 10.0, **settings: Any) -> AsyncIterator[RawApi]:
    """Serve the Runtime API of one environment, and give a client on it that knows no proxies."""
    config = FunctionConfig("app.handler", code_root=root, **settings)
    environment = Environment(config, lambda: None, init_limit_s=init_limit_s, wall_clock=lambda: 1_700_000_000.0)
    server = AsgiServer(RuntimeApi(environment), loopback_socket())
    await server.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", trust_env=False, timeout=30) as client:
            yield RawApi(environment, client)
    finally:
        environment.abandon()
        await server.stop()
