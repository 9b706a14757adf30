"""Stands in front of every page: nothing is answered that `access` does not let through, not even a style sheet."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from proxy.dashboard.access import PATH, Access, Asked, Verdict

# ASGI is a border of plain dictionaries. Source: asgi.readthedocs.io, "ASGI specification" 3.0.
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# Nothing from outside, whatever a library would like to load; Vue compiles its templates in the page, which is why
# 'unsafe-eval' is there. Nobody may show a page in a frame, where a click could be stolen.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_ALWAYS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_REFUSALS: dict[Verdict, tuple[int, str]] = {
    "no_token": (
        401,
        "The dashboard needs the token that was printed when it was started. Open the link that stands there; it is in "
        "the terminal of fig dev or fig dashboard. Programs send it as Authorization: Bearer TOKEN.",
    ),
    "bad_host": (421, "This dashboard is not known under that name. fig dashboard --name HOST adds one."),
    "bad_origin": (403, "This was asked for by a page of another site or port, and is refused."),
}


class Guard:
    """An ASGI application that lets through to another one what its access allows."""

    def __init__(self, app: App, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        verdict = self._access.judge(_asked(scope))
        if verdict == "go":
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": verdict})
        elif verdict == "log_in":
            await self._log_in(scope, send)
        else:
            status, text = _REFUSALS[verdict]
            await _answer(send, status, [(b"content-type", b"text/plain; charset=utf-8")], f"{text}\n".encode())

    async def _log_in(self, scope: Scope, send: Send) -> None:
        """Set the cookie, and lead to the same page without the token."""
        # Its own path only: a location such as //elsewhere would lead away.
        path = scope["path"] if scope["path"].startswith(f"{PATH}/") else f"{PATH}/"
        query = urlencode([pair for pair in _query(scope) if pair[0] != "token"])
        cookie = f"{self._access.cookie}={self._access.session}; Path={PATH}; HttpOnly; SameSite=Strict"
        secure = "; Secure" if self._access.is_secure else ""
        location = quote(path) + (f"?{query}" if query else "")
        headers = [(b"location", location.encode()), (b"set-cookie", f"{cookie}{secure}".encode())]
        await _answer(send, 303, headers, b"")


def _asked(scope: Scope) -> Asked:
    headers: dict[bytes, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name, []).append(value.decode("latin-1"))

    def only(name: bytes) -> str:
        # Of two that differ, nobody knows which one counts.
        values = headers.get(name, [])
        return values[0] if len(values) == 1 else ""

    kind, _, bearer = only(b"authorization").partition(" ")
    return Asked(
        method="WEBSOCKET" if scope["type"] == "websocket" else scope["method"],
        host=only(b"host"),
        origin=" ".join(headers.get(b"origin", [])),
        token=dict(_query(scope)).get("token", ""),
        bearer=bearer.strip() if kind.lower() == "bearer" else "",
        cookie="; ".join(headers.get(b"cookie", [])),
    )


def _query(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message["headers"])
            # What a page shows is of now; scripts and fonts of the library carry a version in their path.
            if not any(name.lower() == b"cache-control" for name, _ in headers):
                headers.append((b"cache-control", b"no-store"))
            message = {**message, "headers": [*headers, *_ALWAYS]}
        await send(message)

    return sending


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    all_headers = [*headers, (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store"), *_ALWAYS]
    await send({"type": "http.response.start", "status": status, "headers": all_headers})
    await send({"type": "http.response.body", "body": body})
