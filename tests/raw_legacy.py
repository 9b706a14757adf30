"""A legacy system down at the socket: it records the exact bytes of each request and answers with scripted bytes.

    with RawLegacy(say(OK), reset(b"HTTP/1.1 200 OK\\r\\n")) as legacy:
        ...  # forward to legacy.origin
    assert legacy.requests == [b"GET / HTTP/1.1\\r\\n..."]

The acts are taken in the order in which requests come, whatever their connection; the last one goes on for ever.
"""

import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Self

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Act = Callable[["Line"], bool]  # answers on a connection; True: the connection is kept

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE).search


class Line:
    """One connection, as an act sees it."""

    def __init__(self, sock: socket.socket, stopped: threading.Event, request: bytes) -> None:
        self.sock = sock
        self.stopped = stopped
        self.request = request


def say(*parts: bytes, keep: bool = True) -> Act:
    """Send the parts, each in a segment of its own, and keep the connection or close it."""

    def act(line: Line) -> bool:
        for part in parts:
            line.sock.sendall(part)
        return keep

    return act


def echo(make: Callable[[bytes], bytes]) -> Act:
    """Send what `make` makes of the request's bytes."""

    def act(line: Line) -> bool:
        line.sock.sendall(make(line.request))
        return True

    return act


def drip(data: bytes, gap_s: float, start: bytes = b"") -> Act:
    """Send `start` at once and the data a byte at a time, with a gap before each."""

    def act(line: Line) -> bool:
        line.sock.sendall(start)
        for position in range(len(data)):
            if line.stopped.wait(gap_s):
                return False
            line.sock.sendall(data[position : position + 1])
        return True

    return act


def stall(start: bytes = b"") -> Act:
    """Send `start` and then nothing, with the connection open, until the server stops."""

    def act(line: Line) -> bool:
        line.sock.sendall(start)
        line.stopped.wait()
        return False

    return act


def close(start: bytes = b"") -> Act:
    """Send `start` and close as a server does that ends in good order."""
    return say(start, keep=False) if start else lambda _: False


def reset(start: bytes = b"") -> Act:
    """Send `start` and end the connection with a RST, as a server that crashed does."""

    def act(line: Line) -> bool:
        line.sock.sendall(start)
        if start:
            line.stopped.wait(0.05)  # a RST at once would overtake what was sent
        line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    return act


class RawLegacy:
    """A server on 127.0.0.1 in threads of its own. `connections` holds each connection's requests, in order."""

    def __init__(self, *script: Act, tls: ssl.SSLContext | None = None, reads_body: bool = True) -> None:
        self._script = script or (say(OK),)
        self._tls = tls
        self._reads_body = reads_body
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        self.origin = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.connections: list[list[bytes]] = []
        self._count = 0
        self._start(self._accept)

    @property
    def requests(self) -> list[bytes]:
        """Every whole request, connection by connection."""
        return [request for connection in self.connections for request in connection]

    def script(self, *acts: Act) -> None:
        """Answer with these from now on; for acts that need the port that the system chose."""
        self._script = acts

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for sock in self._sockets:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(5)
            assert not thread.is_alive(), "a thread of the raw legacy server did not end"

    def _start(self, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._sockets.append(sock)
                requests: list[bytes] = []
                self.connections.append(requests)
            if self._stopped.is_set():
                sock.close()
                return
            self._start(partial(self._serve, sock, requests))

    def _serve(self, sock: socket.socket, requests: list[bytes]) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError), sock:
            if self._tls is None:
                self._answer(sock, requests)
                return
            with self._tls.wrap_socket(sock, server_side=True) as wrapped:
                with self._lock:
                    self._sockets.append(wrapped)  # wrapping has detached the other
                self._answer(wrapped, requests)

    def _answer(self, sock: socket.socket, requests: list[bytes]) -> None:
        surplus = b""
        while True:
            request, surplus = self._read(sock, surplus)
            if not request:
                return
            with self._lock:
                requests.append(request)
                act = self._script[min(self._count, len(self._script) - 1)]
                self._count += 1
            if not act(Line(sock, self._stopped, request)):
                return

    def _read(self, sock: socket.socket, data: bytes) -> tuple[bytes, bytes]:
        while (end := data.find(b"\r\n\r\n")) < 0:
            received = sock.recv(65536)
            if not received:
                return b"", b""
            data += received
        length = _LENGTH(data[: end + 2])
        whole = end + 4 + (int(length[1]) if length and self._reads_body else 0)
        while len(data) < whole:
            received = sock.recv(65536)
            if not received:
                return b"", b""
            data += received
        return data[:whole], data[whole:]
