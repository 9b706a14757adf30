"""A Runtime API and Extensions API of a few lines, for measuring a function process from outside."""

import os
import re
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_REQUEST = re.compile(rb"(GET|POST) (\S+) HTTP/1\.1\r\n")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def _answer(status: bytes, body: bytes, extra: bytes = b"") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s" % (
        status,
        extra,
        len(body),
        body,
    )


@dataclass
class Environment:
    """One execution environment: the process, and the API that it calls. Hands the same event out as often as asked."""

    event: bytes
    budget: int = 0  # events still to hand out
    asked: threading.Event = field(default_factory=threading.Event)
    spent: threading.Event = field(default_factory=threading.Event)
    extension_asks: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    has_extension: bool = False
    _gate: threading.Condition = field(default_factory=threading.Condition)
    _waiting: list[socket.socket] = field(default_factory=list)

    def start(self, python: Path, handler: str, code_root: Path, variables: Mapping[str, str]) -> "Process":
        """Start the function; return its process and the time until it asked for its first event."""
        listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        began = time.perf_counter()
        process = subprocess.Popen(
            [python, "-m", "awslambdaric", handler],
            env={
                "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{listener.getsockname()[1]}",
                "AWS_LAMBDA_FUNCTION_NAME": "bench",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(code_root),
                # Else `-m` would put the working directory, which has a `proxy` of its own, before the code's.
                "PYTHONSAFEPATH": "1",
                "LAMBDA_TASK_ROOT": str(code_root),
                "LANG": "en_US.UTF-8",
                **variables,
            },
            stdout=subprocess.DEVNULL,
        )
        assert self.asked.wait(30), "the function did not ask for an event within 30 s"
        return Process(process, (time.perf_counter() - began) * 1000)

    def run(self, events: int) -> None:
        """Hand out so many events and return when the last one is done, its extension's work included."""
        self.spent.clear()
        with self._gate:
            self.budget = events
            waiting, self._waiting = self._waiting, []
        for connection in waiting:
            self._next(connection)
        assert self.spent.wait(120), "the events were not done within 120 s"

    def _accept(self, listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        data = b""
        while True:
            while (end := data.find(b"\r\n\r\n")) < 0:
                received = connection.recv(1 << 20)
                if not received:
                    return
                data += received
            head = data[: end + 2]
            length = _LENGTH.search(head)
            data = data[end + 4 :]
            while length and len(data) < int(length[1]):
                data += connection.recv(1 << 20)
            data = data[int(length[1]) :] if length else data
            request = _REQUEST.match(head)
            assert request is not None, head
            self._handle(connection, request[2])

    def _handle(self, connection: socket.socket, path: bytes) -> None:
        if path.endswith(b"/extension/register"):
            self.has_extension = True
            connection.sendall(_answer(b"200 OK", b"{}", b"Lambda-Extension-Identifier: 1\r\n"))
        elif path.endswith(b"/extension/event/next"):
            with self._gate:
                self._extension = connection
            self.extension_asks.release()
        elif path.endswith(b"/invocation/next"):
            self._next(connection)
        else:
            connection.sendall(_answer(b"202 Accepted", b'{"status":"OK"}'))

    def _next(self, connection: socket.socket) -> None:
        if self.has_extension:
            # As in the cloud: the next event is only given out once the extension asked for it too.
            self.extension_asks.acquire()
        with self._gate:
            if self.budget == 0:
                if self.has_extension:
                    self.extension_asks.release()
                self._waiting.append(connection)
                self.asked.set()
                self.spent.set()
                return
            self.budget -= 1
        if self.has_extension:
            self._extension.sendall(_answer(b"200 OK", b'{"eventType":"INVOKE"}'))
        deadline = int(time.time() * 1000) + 29_000
        extra = b"Lambda-Runtime-Aws-Request-Id: 1\r\nLambda-Runtime-Deadline-Ms: %d\r\n" % deadline
        extra += b"Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:1:function:bench\r\n"
        connection.sendall(_answer(b"200 OK", self.event, extra))


@dataclass(frozen=True)
class Process:
    """A started function."""

    popen: "subprocess.Popen[bytes]"
    init_ms: float

    def memory_mb(self) -> float:
        """Return the resident memory now."""
        status = Path(f"/proc/{self.popen.pid}/status").read_text()
        match = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert match is not None
        return int(match[1]) / 1024

    def cpu_ms(self) -> float:
        """Return the CPU time used so far, user and system, all threads, in ms; the kernel's clock tick is 10 ms."""
        fields = Path(f"/proc/{self.popen.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        """Kill the process and wait for it."""
        self.popen.kill()
        self.popen.wait()


def median_of(values: Sequence[float]) -> float:
    """Return the middle one of an odd number of values."""
    return sorted(values)[len(values) // 2]
