"""A client of Lambda's Extensions API, over a plain socket.

http.client costs 107 to 164 µs of CPU for each event, this loop below 20. Source of paths, headers and bodies:
docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
"""

import re
import select
import socket

_NAME = "fig-after-response"
_EVENTS = b'{"events":["INVOKE"]}'  # an internal extension that asks for SHUTDOWN is refused
_CONNECT_S = 1.0

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE).search
_IDENTIFIER = re.compile(rb"\r\nlambda-extension-identifier: *([^\r ]+)", re.IGNORECASE).search


class Extension:
    """One registered internal extension. Every method raises OSError when the API is gone or refuses."""

    def __init__(self, runtime_api: str) -> None:
        """Register with the API at "host:port"; must be done before the runtime asks for its first event."""
        self._address = runtime_api
        self._socket: socket.socket | None = None
        self._connected().sendall(
            b"POST /2020-01-01/extension/register HTTP/1.1\r\nHost: %s\r\nLambda-Extension-Name: %s\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (runtime_api.encode(), _NAME.encode(), len(_EVENTS), _EVENTS)
        )
        head = self._checked()
        identifier = _IDENTIFIER(head)
        if identifier is None:
            self._close()
            raise OSError(f"extension/register: got no identifier, expected one: {head[:80]!r}")
        self._next = (
            b"GET /2020-01-01/extension/event/next HTTP/1.1\r\nHost: %s\r\nLambda-Extension-Identifier: %s\r\n\r\n"
            % (
                runtime_api.encode(),
                identifier[1],
            )
        )

    def ask(self) -> None:
        """Say that this extension is done with what it had; the answer, when there is one, is left for `take`."""
        if self._socket is not None and is_closed(self._socket):
            # An ask that is lost would hold up every further event: Lambda waits for it until the function times out.
            self._close()
        self._connected().sendall(self._next)

    def take(self) -> None:
        """Take the answer to the last `ask`: the next invocation has begun. Waits if it has not."""
        self._checked()

    def _connected(self) -> socket.socket:
        if self._socket is None:
            host, _, port = self._address.rpartition(":")
            self._socket = socket.create_connection((host, int(port)), timeout=_CONNECT_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.settimeout(None)  # the environment is frozen while this waits, maybe for hours
        return self._socket

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _checked(self) -> bytes:
        try:
            head = self._read()
            if not head.startswith(b"HTTP/1.1 200"):
                raise OSError(f"extensions API: got {head[:32]!r}, expected 200")
        except OSError:
            self._close()
            raise
        return head

    def _read(self) -> bytes:
        """Return the head of one answer, its body read and thrown away: nothing in it is needed."""
        data = self._receive()
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._receive()
        head, rest = data[: end + 2], len(data) - end - 4
        length = _LENGTH(head)
        if length is None:
            # Chunked, or ended by closing: a new connection is the simplest way on.
            self._close()
            return head
        missing = int(length[1]) - rest
        while missing > 0:
            missing -= len(self._receive())
        return head

    def _receive(self) -> bytes:
        data = self._connected().recv(65536)
        if not data:
            raise ConnectionError("extensions API: the connection was closed")
        return data


def is_closed(sock: socket.socket) -> bool:
    """Tell whether the other side has closed a connection on which nothing is to come: it is readable all the same."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
