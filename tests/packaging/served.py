"""A function that is started from a folder as Lambda starts it, with nothing else to import from."""

import asyncio
import json
import os
import shutil
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import files
from pathlib import Path
from typing import Any

from proxy.dev.lambda_runtime import AsgiServer, FunctionConfig, loopback_socket
from proxy.dev.lambda_runtime.environment import Environment
from proxy.dev.lambda_runtime.invocation import Invocation
from proxy.dev.lambda_runtime.runtime_api import RuntimeApi
from proxy.dev.lambda_runtime.variables import process_variables

# Isolated and without `site`: no environment, no working directory, no site-packages. So beside the standard library
# there is only what is put in front here: the task root, and the runtime's own folder, in Lambda's order.
ALONE = (sys.executable, "-I", "-S", "-c")
_START = """
import runpy, sys
task, runtime, handler = sys.argv[1:]
sys.path[:0] = [task, runtime]
sys.argv = ["awslambdaric", handler]
runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)
"""
HANDLER = "proxy.lambda_http.handler"
_RUNTIME = ("awslambdaric", "simplejson", "snapshot-restore-py")  # what Lambda's runtime has in a folder of its own
_DEADLINE_S = 60.0

Result = dict[str, Any]  # Any: JSON


@dataclass(frozen=True)
class Function:
    """A running function."""

    environment: Environment

    async def invoke(self, event: Mapping[str, Any]) -> Result:  # Any: JSON
        """Return the result for an event."""
        invocation = Invocation(json.dumps(event).encode())
        self.environment.give(invocation)
        answer = await invocation.answer
        result: Result = json.loads(answer.payload)
        return result

    async def until_idle(self) -> None:
        """Wait until the function has asked for the next event, all that comes after an answer included."""
        deadline = time.monotonic() + _DEADLINE_S
        while not self.environment.is_idle:
            assert not self.environment.ended.done(), self.environment.ended.result()
            assert time.monotonic() < deadline, "the function did not ask for an event"
            await asyncio.sleep(0.005)


def command(task: Path, runtime: Path, handler: str = HANDLER) -> list[str]:
    """Return the command that starts a function in the runtime client, with their two folders alone on the path."""
    return [*ALONE, _START, str(task), str(runtime), handler]


def runtime_client(folder: Path) -> Path:
    """Copy awslambdaric and what it needs, alone, into a folder."""
    for distribution in _RUNTIME:
        for file in files(distribution) or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file.locate(), folder / file)
    return folder


def serve(
    task: Path,
    runtime: Path,
    log: Path,
    scenario: Callable[[Function], Awaitable[None]],
    variables: Mapping[str, str],
    handler: str = HANDLER,
) -> list[Result]:
    """Run a scenario against the function in a folder; return the records that it has logged."""

    async def main() -> None:
        config = FunctionConfig(handler, code_root=task, environment=dict(variables))
        environment = Environment(config, lambda: None, init_limit_s=_DEADLINE_S)
        server = AsgiServer(RuntimeApi(environment), loopback_socket())
        await server.start()
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *command(task, runtime, handler),
                env=process_variables(config, f"127.0.0.1:{server.port}"),
                cwd=os.sep,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
            )
        try:
            function = Function(environment)
            await function.until_idle()
            await scenario(function)
        finally:
            process.kill()
            await process.wait()
            environment.abandon()
            await server.stop()

    try:
        asyncio.run(main())
    finally:
        sys.stdout.write(log.read_text())  # pytest shows it where a test fails
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
