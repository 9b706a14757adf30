"""A part of `fig dev` in a process of its own, on a socket that listens before the process exists.

The port is known at once, nobody can take it in between, and a client that is early waits instead of being refused.
"""

import asyncio
import os
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

OnLine = Callable[[str, str], None]  # the part's name, one line of its output
_END_S = 3.0
_MOST_WAITING = 1_000_000  # bytes for a part that reads too slowly: its lines are then dropped, and nobody waits
DROPPED = "dropped "  # what a line to a part begins with that says how many others were dropped so far


@dataclass(slots=True)
class Child:
    """One running part. It ends when our end of its pipe is closed: by `stop`, or by the kernel when we are killed."""

    name: str
    port: int
    process: asyncio.subprocess.Process
    _pipe: int  # our end
    _reader: asyncio.Task[None]
    _dropped: int = 0
    _told: int = 0  # of the dropped lines

    def feed(self, line: str) -> None:
        """Hand it a line, if it reads its input; never waits, and drops what the part is too slow for."""
        stdin = self.process.stdin
        if stdin is None or stdin.is_closing():
            return
        if stdin.transport.get_write_buffer_size() > _MOST_WAITING:
            self._dropped += 1
            return
        if self._dropped != self._told:
            self._told = self._dropped
            stdin.write(f"{DROPPED}{self._dropped}\n".encode())
        stdin.write(f"{line}\n".encode("utf-8", "surrogateescape"))

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    async def wait(self) -> int:
        """Return its exit code once it has ended."""
        return await self.process.wait()

    async def stop(self) -> None:
        """End the process and wait for it; idempotent."""
        if self._pipe >= 0:
            # Told by the pipe alone. A signal to a process that has just ended would make asyncio reap it in the wrong
            # place, and complain about an unknown child.
            os.close(self._pipe)
            self._pipe = -1
        try:
            async with asyncio.timeout(_END_S):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        await self._reader


async def start_child(
    name: str,
    module: str,
    on_line: OnLine,
    *arguments: str,
    listener: socket.socket | None = None,
    environment: Mapping[str, str] | None = None,
) -> Child:
    """Start `python -m MODULE --fd N --parent-pipe M` with a listening socket on 127.0.0.1 and a free port.

    With a listener of its own, which is taken over, it reads what it is fed. `environment` is added to the terminal's.
    """
    ours, theirs = os.pipe()
    ours, theirs = theirs, ours  # the part reads, and reads the end when we are gone
    is_fed = listener is not None
    listener = listener or socket.create_server(("127.0.0.1", 0), backlog=128)
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            "--fd",
            str(listener.fileno()),
            "--parent-pipe",
            str(theirs),
            *arguments,
            env={**_environment(), **(environment or {})},
            stdin=asyncio.subprocess.PIPE if is_fed else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=(listener.fileno(), theirs),
            start_new_session=True,  # Ctrl-C in the terminal is ours to pass on
        )
        port: int = listener.getsockname()[1]
    finally:
        # If our copy stayed open, the clients of a part that died would wait instead of being refused.
        listener.close()
        os.close(theirs)
    return Child(name, port, process, ours, asyncio.create_task(_read(name, process, on_line)))


def _environment() -> dict[str, str]:
    """Return the terminal's variables without its AWS account, of which moto would read the profile."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**own, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


async def _read(name: str, process: asyncio.subprocess.Process, on_line: OnLine) -> None:
    assert process.stdout is not None, "the process was started with a pipe"
    # Not readline: it gives up at a line of more than 64 KiB, and a part whose output nobody reads comes to a halt.
    unfinished = b""
    while data := await process.stdout.read(65536):
        *lines, unfinished = (unfinished + data).split(b"\n")
        for line in lines:
            on_line(name, line.decode("utf-8", "replace"))
    if unfinished:
        on_line(name, unfinished.decode("utf-8", "replace"))
