"""A front door as a server: client bytes -> event -> function -> result -> client bytes."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from proxy.dev.front_doors import target
from proxy.dev.front_doors.door import Refusal
from proxy.dev.front_doors.exchange import ClientAnswer, ClientRequest, framed
from proxy.dev.front_doors.headers import text
from proxy.dev.front_doors.raw_protocol import HEAD_BUFFER_BYTES, RECEIVED, SET_REASON, raw_protocol
from proxy.dev.lambda_runtime import AsgiServer, LambdaRejected

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from proxy.dev.front_doors.door import FrontDoor
    from proxy.dev.front_doors.exchange import HeaderPairs
    from proxy.dev.front_doors.raw_protocol import Received
    from proxy.dev.lambda_runtime import Function, Invoked
    from proxy.dev.lambda_runtime.server import Receive, Scope, Send

_LOG = logging.getLogger(__name__)


def serve(door: FrontDoor, function: Function, sock: socket.socket) -> AsgiServer:
    """A server of that door on a bound socket, which it owns; start() and stop() it inside an event loop."""
    app = FrontDoorApp(door, function)
    return AsgiServer(app, sock, http=raw_protocol(app), max_header_bytes=HEAD_BUFFER_BYTES)


class FrontDoorApp:
    """One front door before one function, as an ASGI application for a server that runs `raw_protocol(app)`."""

    def __init__(
        self,
        door: FrontDoor,
        function: Function,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._door = door
        self._function = function
        self._now = now
        self._entropy = entropy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a client that went away gets nothing, and nobody else notices."""
        received: Received = scope["state"][RECEIVED]
        request_id, time = self._new_request_id(), self._now()
        body = _Body(receive)
        try:
            answer = await self._answer(received, body, request_id, time)
        except _ClientGone:
            return
        except _Refused as refused:
            answer = self._door.refuse(refused.reason, request_id, time)
        except Exception:  # the entry point: a bug here must not reach the client as a traceback
            _LOG.exception("front_door.failed")
            answer = self._door.refuse(Refusal.INVOKE_REJECTED, request_id, time)
        answer = framed(answer, text(received.method))
        headers = list(answer.headers)
        if not body.was_asked_for and _waits_for_continue(received):
            # The client still holds its body back. On a kept connection its next request would be read as that body.
            headers.append((b"connection", b"close"))
        if answer.reason is not None:
            scope["state"][SET_REASON](answer.reason)
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    def refuse(self, reason: Refusal) -> ClientAnswer:
        """The door's answer to what never became a request."""
        return self._door.refuse(reason, self._new_request_id(), self._now())

    def _new_request_id(self) -> str:
        return self._door.request_id(self._entropy(16))

    async def _answer(self, received: Received, body: _Body, request_id: str, time: datetime) -> ClientAnswer:
        limits = self._door.limits
        request = _client_request(received, request_id, time)
        if rejected := self._door.reject(request):
            return rejected
        request = replace(request, body=await body.read(request, limits.body_bytes))
        event = json.dumps(self._door.event(request), ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        if len(event) > limits.event_bytes:
            raise _Refused(Refusal.EVENT_TOO_LARGE)
        invoked = await self._invoke(event)
        return self._door.answer(request, invoked.payload, invoked.function_error)

    async def _invoke(self, event: bytes) -> Invoked:
        try:
            # Giving up the answer does not stop the function: it goes on, as it does behind AWS's front doors.
            async with asyncio.timeout(self._door.limits.timeout_s):
                return await self._function.invoke(event)
        except TimeoutError as exc:
            raise _Refused(Refusal.TIMEOUT) from exc
        except LambdaRejected as exc:
            reasons = {413: Refusal.EVENT_TOO_LARGE, 429: Refusal.THROTTLED}
            raise _Refused(reasons.get(exc.status, Refusal.INVOKE_REJECTED)) from exc


class _ClientGone(Exception):
    """The client closed the connection before its request was complete."""


class _Refused(Exception):
    """The door answers by itself."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason


class _Body:
    """The body of one request; asking for it sends the 100 Continue that the client may be waiting for."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.was_asked_for = False

    async def read(self, request: ClientRequest, max_bytes: int) -> bytes:
        """The whole body. Raises _Refused as soon as it is known to be too large, and _ClientGone."""
        announced = request.values(b"content-length")
        if announced and int(announced[0]) > max_bytes:
            raise _Refused(Refusal.BODY_TOO_LARGE)
        chunks = bytearray()
        more = True
        while more:
            self.was_asked_for = True
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise _ClientGone
            chunks += message.get("body", b"")
            if len(chunks) > max_bytes:
                raise _Refused(Refusal.BODY_TOO_LARGE)
            more = message.get("more_body", False)
        return bytes(chunks)


def _client_request(received: Received, request_id: str, time: datetime) -> ClientRequest:
    try:
        parsed = target.parse(received.target)
    except target.MalformedTarget as exc:
        raise _Refused(Refusal.MALFORMED_REQUEST) from exc
    source_ip, source_port = received.client or ("127.0.0.1", None)
    own_host, own_port = received.server or ("127.0.0.1", None)
    request = ClientRequest(
        method=text(received.method),
        target=parsed.origin_form,
        headers=received.headers if parsed.authority is None else _with_host(received.headers, parsed.authority),
        body=b"",
        source_ip=source_ip,
        source_port=source_port,
        protocol=f"HTTP/{text(received.http_version)}",
        request_id=request_id,
        time=time,
        domain_name=own_host,
        scheme=received.scheme,
        port=own_port or 80,
    )
    hosts = request.values(b"host")
    return replace(request, domain_name=target.host_name(hosts[0])) if hosts else request


def _with_host(headers: HeaderPairs, authority: bytes) -> HeaderPairs:
    # HTTP/1.0 may come without a Host field, so it is written anew.
    return ((b"Host", authority), *(pair for pair in headers if pair[0].lower() != b"host"))


def _waits_for_continue(received: Received) -> bool:
    return any(name.lower() == b"expect" and value.lower() == b"100-continue" for name, value in received.headers)
