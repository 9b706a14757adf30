"""The HTTP face of one execution environment: Runtime API 2018-06-01 and Extensions API 2020-01-01.

Routes only: each reads a request, asks the environment, and writes what it said. Source of paths, headers and bodies:
Lambda developer guide, "Runtime API" and "Extensions API", and AWS's emulator, rapi/router.go.
"""

import asyncio
import json
import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from proxy.dev.lambda_runtime.config import ACCOUNT_ID
from proxy.dev.lambda_runtime.environment import Environment
from proxy.dev.lambda_runtime.errors import Refused
from proxy.dev.lambda_runtime.limits import MAX_PAYLOAD_BYTES
from proxy.dev.lambda_runtime.server import Receive, Scope, Send

T = TypeVar("T")

_RUNTIME = "/2018-06-01/runtime"
_EXTENSION = "/2020-01-01/extension"
# Names are spelled as AWS's server spells them: ASGI asks for lower case, but clients over plain sockets may not.
_JSON = (b"Content-Type", b"application/json")


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Call:
    """One request: the part of its path that varies, its headers, and its body on demand."""

    request_id: str
    scope: Scope
    receive: Receive

    def header(self, name: str) -> str:
        """Return the header's first value, or "" without one."""
        wanted = name.lower().encode()
        values = (value for key, value in self.scope["headers"] if key == wanted)
        return str(next(values, b"").decode("latin-1"))


_Route = Callable[[_Call], Awaitable[_Answer]]

_ACCEPTED = _Answer(202, b'{"status":"OK"}\n')


class _ClientGone(Exception):
    """The worker closed the connection; nobody is left to answer."""


class RuntimeApi:
    """ASGI application for one environment."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        routes: tuple[tuple[str, str, _Route], ...] = (
            ("GET", f"{_RUNTIME}/invocation/next", self._next_for_runtime),
            ("POST", f"{_RUNTIME}/invocation/([^/]+)/response", self._response),
            ("POST", f"{_RUNTIME}/invocation/([^/]+)/error", self._error),
            ("POST", f"{_RUNTIME}/init/error", self._init_error),
            ("POST", f"{_EXTENSION}/register", self._register),
            ("GET", f"{_EXTENSION}/event/next", self._next_for_extension),
            ("POST", f"{_EXTENSION}/init/error", self._extension_init_error),
            ("POST", f"{_EXTENSION}/exit/error", self._extension_exit_error),
        )
        if environment.config.snap_start:
            routes += (
                ("GET", f"{_RUNTIME}/restore/next", self._next_for_restore),
                ("POST", f"{_RUNTIME}/restore/error", self._restore_error),
            )
        self._routes = tuple((method, re.compile(path), route) for method, path, route in routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._dispatch(scope, receive)
        except Refused as refused:
            answer = _Answer(refused.status, refused.body)
        except _ClientGone:
            return
        length = (b"Content-Length", b"%d" % len(answer.body))
        headers = [_JSON, length, *((name.encode(), value.encode()) for name, value in answer.headers)]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _dispatch(self, scope: Scope, receive: Receive) -> _Answer:
        for method, path, route in self._routes:
            match = path.fullmatch(scope["path"])
            if match and method != scope["method"]:
                raise Refused(405, "MethodNotAllowed", f"{scope['path']}: got {scope['method']}, expected {method}")
            if match:
                return await route(_Call("".join(match.groups()), scope, receive))
        raise Refused(404, "NotFound", f"{scope['path']}: no such path in this Runtime API")

    async def _next_for_runtime(self, call: _Call) -> _Answer:
        asking = self._environment.next_for_runtime()
        try:
            given = await _unless_gone(asking, call.receive)
        except _ClientGone:
            self._environment.withdraw(asking)
            raise
        headers = (
            ("Lambda-Runtime-Aws-Request-Id", given.invocation.request_id),
            ("Lambda-Runtime-Deadline-Ms", str(given.deadline_ms)),
            ("Lambda-Runtime-Invoked-Function-Arn", self._environment.config.arn),
            ("Lambda-Runtime-Trace-Id", given.invocation.trace_id),
        )
        return _Answer(200, given.invocation.event, headers)

    async def _response(self, call: _Call) -> _Answer:
        self._environment.respond(call.request_id, await _body(call.receive), is_error=False)
        return _ACCEPTED

    async def _error(self, call: _Call) -> _Answer:
        self._environment.respond(call.request_id, await _body(call.receive), is_error=True)
        return _ACCEPTED

    async def _init_error(self, call: _Call) -> _Answer:
        error_type = call.header("Lambda-Runtime-Function-Error-Type") or "Runtime.Unknown"
        self._environment.fail_init(error_type, await _body(call.receive))
        return _ACCEPTED

    async def _next_for_restore(self, call: _Call) -> _Answer:
        await _unless_gone(self._environment.next_for_restore(), call.receive)
        return _Answer(200, b"")

    async def _restore_error(self, call: _Call) -> _Answer:
        error_type = call.header("Lambda-Runtime-Function-Error-Type") or "Runtime.Unknown"
        self._environment.fail_restore(error_type, await _body(call.receive))
        return _ACCEPTED

    async def _register(self, call: _Call) -> _Answer:
        body = await _body(call.receive)
        identifier = self._environment.extensions.register(call.header("Lambda-Extension-Name"), body)
        config = self._environment.config
        about = {"functionName": config.name, "functionVersion": config.version, "handler": config.handler}
        features = (feature.strip() for feature in call.header("Lambda-Extension-Accept-Feature").split(","))
        if "accountId" in features:
            about["accountId"] = ACCOUNT_ID
        return _Answer(200, json.dumps(about).encode(), (("Lambda-Extension-Identifier", str(identifier)),))

    async def _next_for_extension(self, call: _Call) -> _Answer:
        asking = self._environment.next_for_extension(call.header("Lambda-Extension-Identifier"))
        given = await _unless_gone(asking, call.receive)
        event = {
            "eventType": "INVOKE",
            "deadlineMs": given.deadline_ms,
            "requestId": given.invocation.request_id,
            "invokedFunctionArn": self._environment.config.arn,
            "tracing": {"type": "X-Amzn-Trace-Id", "value": given.invocation.trace_id},
        }
        identifier = ("Lambda-Extension-Event-Identifier", str(uuid.uuid4()))
        return _Answer(200, json.dumps(event).encode(), (identifier,))

    async def _extension_init_error(self, call: _Call) -> _Answer:
        return await self._extension_error(call, "InitError")

    async def _extension_exit_error(self, call: _Call) -> _Answer:
        return await self._extension_error(call, "ExitError")

    async def _extension_error(self, call: _Call, wanted: Literal["InitError", "ExitError"]) -> _Answer:
        identifier = call.header("Lambda-Extension-Identifier")
        error_type = call.header("Lambda-Extension-Function-Error-Type")
        await _body(call.receive)
        self._environment.fail_extension(identifier, wanted, error_type)
        return _ACCEPTED


async def _body(receive: Receive) -> bytes:
    """Read the whole body, and keep at most one byte more than Lambda takes.

    The surplus is read too: a client that still sends when the 413 comes would see a reset instead of it.
    """
    kept = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _ClientGone
        kept += message.get("body", b"")[: MAX_PAYLOAD_BYTES + 1 - len(kept)]
        if not message.get("more_body", False):
            return bytes(kept)


async def _unless_gone(asking: asyncio.Future[T], receive: Receive) -> T:
    """Wait for what was asked for; raise _ClientGone if the worker hangs up first, as it does when it is killed."""
    gone = asyncio.ensure_future(_disconnect(receive))
    try:
        await asyncio.wait((asking, gone), return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
    if not asking.done():
        raise _ClientGone
    return asking.result()


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
