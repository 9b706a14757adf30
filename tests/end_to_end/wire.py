"""A connection on which a test writes the bytes itself, and reads the bytes that come back."""

import socket
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from .house import DEADLINE_S


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """One answer; `head` is everything before the empty line."""

    status: int
    head: bytes
    body: bytes


class Wire:
    """One connection to a server on 127.0.0.1; the context closes it."""

    def __init__(self, url: str) -> None:
        port = int(url.rpartition(":")[2])
        self._sock = socket.create_connection(("127.0.0.1", port), DEADLINE_S)
        self._reader = self._sock.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._reader.close()
        self._sock.close()

    def send(self, data: bytes) -> None:
        """The bytes are on their way."""
        self._sock.sendall(data)

    def answer(self) -> WireAnswer:
        """Return the next answer; fail if the server closes the connection instead."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self._reader.readline()
            assert line, f"the server closed the connection after {head!r}"
            head += line
        fields = (line.partition(b":") for line in head.split(b"\r\n")[1:])
        lengths = [int(value) for name, _, value in fields if name.lower() == b"content-length"]
        return WireAnswer(int(head.split(b" ")[1]), head, self._reader.read(*lengths) if lengths else b"")

    def rest(self) -> bytes:
        """Say that nothing more is sent, and return what the server still has to say."""
        try:
            self._sock.shutdown(socket.SHUT_WR)
            return self._reader.read()
        except OSError:
            return b""  # the server has closed the connection before we did
