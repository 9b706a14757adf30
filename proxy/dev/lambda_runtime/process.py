"""The process of one execution environment: AWS's own runtime client, awslambdaric, started as Lambda starts it.

It can't outlive a killed parent for long: its call for the next event, or its next answer, fails once the parent's
sockets are closed, and awslambdaric then exits. A handler that never ends and never answers would stay.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, cast

_EXIT_LIMIT_S: Final = 5.0  # a killed process is gone in milliseconds; one stuck in the kernel must not stop us
_PIPE_LIMIT_S: Final = 0.5  # for output that is still in the pipe when the process is gone


class Process(asyncio.SubprocessProtocol):
    """A running worker. Its output arrives line by line, its end once."""

    def __init__(self, on_line: Callable[[str], None], on_exit: Callable[[int], None]) -> None:
        loop = asyncio.get_running_loop()
        self._on_line = on_line
        self._on_exit = on_exit
        self._unfinished = bytearray()
        self._transport: asyncio.SubprocessTransport | None = None
        self._exited: asyncio.Future[int] = loop.create_future()
        self._drained: asyncio.Future[None] = loop.create_future()

    async def end(self, grace_s: float = 0.0) -> None:
        """Kill the process and all that it started in its session; idempotent.

        With `grace_s` it gets SIGTERM first, and that many seconds. Everything it wrote was given out on return.
        """
        if self._transport is None or self._transport.is_closing():
            return
        pid = self._transport.get_pid()
        with contextlib.suppress(ProcessLookupError):
            if grace_s and not self._exited.done():
                os.kill(pid, signal.SIGTERM)
                await asyncio.wait((self._exited,), timeout=grace_s)
        # PermissionError is how macOS says that a group holds nothing but zombies.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        await asyncio.wait((self._exited,), timeout=_EXIT_LIMIT_S)
        # A grandchild in a session of its own may hold the pipe open for ever.
        await asyncio.wait((self._drained,), timeout=_PIPE_LIMIT_S)
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.SubprocessTransport", transport)  # the only kind that this protocol is given

    def pipe_data_received(self, fd: int, data: bytes) -> None:  # noqa: ARG002  # asyncio's signature
        first, *more = data.split(b"\n")
        self._unfinished += first
        for line in more:
            self._give_out()
            self._unfinished += line

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        if self._unfinished:
            self._give_out()
        if not self._drained.done():
            self._drained.set_result(None)

    def process_exited(self) -> None:
        returncode = self._transport.get_returncode() if self._transport else None
        self._exited.set_result(0 if returncode is None else returncode)
        self._on_exit(self._exited.result())

    def _give_out(self) -> None:
        text = self._unfinished.decode(errors="replace")
        self._unfinished.clear()
        # awslambdaric joins the lines of a traceback with carriage returns, for CloudWatch to keep them together.
        for line in text.removesuffix("\r").split("\r"):
            self._on_line(line)


async def start_process(
    handler: str,
    variables: dict[str, str],
    folder: Path,
    on_line: Callable[[str], None],
    on_exit: Callable[[int], None],
) -> Process:
    """Start `python -m awslambdaric` with these variables and no others. Raises OSError.

    In a session of its own, so that the Ctrl-C of a terminal reaches only the parent.
    """
    _, process = await asyncio.get_running_loop().subprocess_exec(
        lambda: Process(on_line, on_exit),
        *(sys.executable, "-m", "awslambdaric", handler),
        env=variables,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    return process
