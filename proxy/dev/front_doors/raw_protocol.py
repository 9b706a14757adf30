"""uvicorn's HTTP/1.1 protocol, made to hand on the request as the client wrote it.

ASGI lower-cases header names, splits the target and lets proxies rewrite the client's address. Front doors need the
bytes, so they are recorded as they leave the parser and travel to the application in the scope's state.
Written against uvicorn 0.54 (uvicorn/protocols/http/h11_impl.py).
"""

from __future__ import annotations

import http
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from proxy.dev.front_doors.door import Refusal
from proxy.dev.front_doors.exchange import framed

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from uvicorn.config import Config
    from uvicorn.server import ServerState

    from proxy.dev.front_doors.exchange import ClientAnswer, HeaderPairs

# The scope's state holds a Received under this key.
RECEIVED = "proxy.dev.front_doors.received"

# The scope's state holds a function under this key: the bytes it is given replace the reason phrase of the answer to
# come. ASGI has no room for one.
SET_REASON = "proxy.dev.front_doors.set_reason"

# A head larger than this is refused while it is read. It lies far above the doors' own limits, which are checked once
# the head is complete.
HEAD_BUFFER_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """The head of a request, and both ends of the connection it came on; an address is (host, port)."""

    method: bytes
    target: bytes
    headers: HeaderPairs
    http_version: bytes
    client: tuple[str, int] | None
    server: tuple[str, int | None] | None
    scheme: str


class RefusingApp(Protocol):
    """An application that can also word the answer to what never became a request."""

    def refuse(self, reason: Refusal) -> ClientAnswer:
        """The answer, with an id and a date of its own."""
        ...


def raw_protocol(app: RefusingApp) -> type[asyncio.Protocol]:
    """A protocol class for uvicorn's `http` setting, which answers malformed requests in the words of `app`."""

    class RawProtocol(_RawProtocol):
        refuse = staticmethod(app.refuse)

    return RawProtocol


class _RecordingConnection(h11.Connection):
    """h11's parser, which tells about every request head it completes, and remembers why it gave up.

    It also puts the reason phrase into the answer that the application chose.
    """

    def __init__(self, on_request: Callable[[h11.Request], None], max_head_bytes: int) -> None:
        super().__init__(h11.SERVER, max_head_bytes)
        self._on_request = on_request
        self._reason: bytes | None = None
        self.refused_status = http.HTTPStatus.BAD_REQUEST

    def set_reason(self, reason: bytes) -> None:
        """The next answer on this connection has that phrase; interim answers do not."""
        self._reason = reason

    def send_with_data_passthrough(self, event: h11.Event) -> list[bytes] | None:
        if isinstance(event, h11.Response) and self._reason is not None:
            event = h11.Response(status_code=event.status_code, headers=event.headers, reason=self._reason)
            self._reason = None
        return super().send_with_data_passthrough(event)

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        try:
            event = super().next_event()
        except h11.RemoteProtocolError as exc:
            self.refused_status = http.HTTPStatus(exc.error_status_hint)
            raise
        if isinstance(event, h11.Request):
            self._on_request(event)
        return event


class _RawProtocol(H11Protocol):
    refuse: Callable[[Refusal], ClientAnswer]

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, dict(app_state), _loop)
        self._recording = _RecordingConnection(self._record, config.h11_max_incomplete_event_size or HEAD_BUFFER_BYTES)
        self.conn = self._recording
        self.app_state[SET_REASON] = self._recording.set_reason

    def _record(self, request: h11.Request) -> None:
        # The scope copies app_state right after the parser returns the head, so pipelined requests do not mix.
        self.app_state[RECEIVED] = Received(
            method=request.method,
            target=request.target,
            headers=tuple(request.headers.raw_items()),
            http_version=request.http_version,
            client=self.client,
            server=self.server,
            scheme=self.scheme or "http",
        )

    def _should_upgrade(self) -> bool:
        # No front door here speaks WebSocket; without this uvicorn logs a hint to install a library.
        return False

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  the words are the door's, not uvicorn's
        """Answer in the door's words and close; uvicorn calls this once it cannot read the client any more."""
        if self.cycle is not None and not self.cycle.response_complete:
            # The application may still be at work on this connection's last request; it must not write after this.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            too_large = self._recording.refused_status == http.HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            reason = Refusal.HEADERS_TOO_LARGE if too_large else Refusal.MALFORMED_REQUEST
            answer = framed(self.refuse(reason), "GET")
            head = h11.Response(
                status_code=answer.status,
                headers=[*answer.headers, (b"connection", b"close")],
                reason=answer.reason or http.HTTPStatus(answer.status).phrase.encode("ascii"),
            )
            for event in (head, h11.Data(data=answer.body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
