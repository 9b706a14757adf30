"""Forward a request to the legacy system, byte for byte, and give its answer back the same way."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import httpx

from proxy.backends.deadline import Deadline
from proxy.backends.headers import Crossing, max_forwards, to_client
from proxy.backends.transport import drop_if_surplus
from proxy.errors import BadRequest, LegacyBroken, LegacyFailed, LegacyTimeout, LegacyUnreachable, MethodRefused
from proxy.message import SAFE_METHODS, Headers, Pair, Request, Response

if TYPE_CHECKING:
    from proxy.backends.secret import SecretHeaders

Send = Callable[[httpx.Request], httpx.Response]

_REFUSED = frozenset({"CONNECT", "TRACE"})
_BODILESS = frozenset({204, 205, 304})
_REWRITTEN = frozenset({b"location", b"content-location", b"refresh", b"set-cookie"})
_NOT_LET_IN = frozenset({401, 403})
_USUAL = Crossing()


class Legacy:
    """A Handler that forwards. `send` is the transport's handle_request; `timeout_s` bounds each exchange.

    Legacy is asked under the client's Host, or with `own_host` under its own name. TLS is verified against its own
    name in both cases: the connection's, never the Host's.
    """

    def __init__(
        self,
        origin: str,
        timeout_s: float,
        send: Send,
        *,
        crossing: Crossing = _USUAL,
        own_host: bool = False,
        secret: "SecretHeaders | None" = None,
    ) -> None:
        self._url = httpx.URL(origin)
        scheme, _, authority = origin.partition("://")
        self._scheme = scheme.encode("ascii")
        self._authority = authority.lower().encode("ascii")
        self._timeout_s = timeout_s
        self._send = send
        self._crossing = crossing
        self._own_host = own_host
        self._secret = secret

    def __call__(self, request: Request, timeout_s: float | None = None, retries: int = 1) -> Response:
        """Return legacy's answer. Raises LegacyFailed or MethodRefused; never waits past the request's deadline.

        A safe request is sent again at most `retries` times, after a connection that broke without an answer.
        """
        if request.method in _REFUSED:
            raise MethodRefused(f"got {request.method}, expected a method that is forwarded")
        if max_forwards(request) == 0:
            return Response(204, Headers(), b"")  # RFC 9110, 7.6.2: the request was for whoever gets it last
        deadline = _deadline(request, self._timeout_s if timeout_s is None else timeout_s)
        while True:
            try:
                return self._exchange(request, deadline)
            except LegacyBroken as exc:
                # A kept connection may have been closed while this request was on its way; a fresh one has not.
                is_safe = request.method in SAFE_METHODS and exc.before_any_answer
                if not is_safe or retries <= 0 or deadline.left() <= 0:
                    raise
            retries -= 1

    def _exchange(self, request: Request, deadline: Deadline) -> Response:
        try:
            answer = self._send(self._prepare(request, deadline))
        except httpx.HTTPError as exc:
            raise _mapped(exc, before_any_answer=True) from exc
        try:
            # Before the body: on an exception here, the connection with its unread body is closed and not kept.
            received = to_client(answer.headers.raw)
            body = b"".join(answer.iter_raw())
            drop_if_surplus(answer)
        except httpx.HTTPError as exc:
            raise _mapped(exc, before_any_answer=False) from exc
        finally:
            answer.close()
        if not 200 <= answer.status_code <= 599:
            raise LegacyBroken(f"legacy: got status {answer.status_code}, expected 200 to 599")
        if self._secret is not None and answer.status_code in _NOT_LET_IN:
            self._secret.refused()
        if request.method == "HEAD" or answer.status_code in _BODILESS:
            body = b""
        return Response(answer.status_code, self._public(received, request), body)

    def _prepare(self, request: Request, deadline: Deadline) -> httpx.Request:
        prepared = httpx.Request(
            request.method,
            self._url,
            headers=self._headers(request),
            # `stream`, not `content`: httpx then adds no header of its own.
            stream=httpx.ByteStream(request.body),
            # The target exactly as the client's: httpx.URL would collapse dots and re-encode.
            extensions={"target": request.target.encode("ascii"), "timeout": _timeouts(deadline)},
        )
        prepared.method = request.method  # the constructor upper-cases it
        return prepared

    def _headers(self, request: Request) -> list[Pair]:
        pairs = self._crossing.to_legacy(request, self._host(request))
        return pairs if self._secret is None else self._secret.put_into(pairs)

    def _host(self, request: Request) -> bytes:
        # A load balancer's health check has no Host, and HTTP/1.1 has no request without one.
        if self._own_host or not request.host:
            return self._authority
        return request.host.encode("latin-1", "replace")

    def _public(self, received: Headers, request: Request) -> Headers:
        """Return legacy's headers with its own name replaced by the client's, where it sends clients somewhere."""
        if not request.host or not any(name.lower() in _REWRITTEN for name, _ in received.pairs):
            return received
        from proxy.backends.rewrite import PublicName  # 0.7 ms, and many an API never sends one of these

        host = request.host.encode("latin-1", "replace")
        names = PublicName(self._scheme, self._authority, request.scheme.encode("ascii"), host)
        return Headers(tuple(names.rewrite(pair) if pair[0].lower() in _REWRITTEN else pair for pair in received.pairs))

    def __repr__(self) -> str:
        return f"<Legacy {self._url} {self._timeout_s:g}s>"


def _deadline(request: Request, timeout_s: float) -> Deadline:
    own = Deadline(request.deadline)
    return Deadline(min(own, own - own.left() + timeout_s))


def _timeouts(deadline: Deadline) -> Mapping[str, float]:
    return {"connect": deadline, "read": deadline, "write": deadline, "pool": max(deadline.left(), 0.0)}


def _mapped(exc: httpx.HTTPError, *, before_any_answer: bool) -> LegacyFailed | BadRequest:
    """Return our error for httpx's; the only place that knows both."""
    what = f"legacy: {type(exc).__name__}: {exc}"
    if isinstance(exc, httpx.TimeoutException):
        return LegacyTimeout(what)
    if isinstance(exc, httpx.ConnectError):
        return LegacyUnreachable(what)
    if isinstance(exc, httpx.LocalProtocolError):
        return BadRequest("bad_request", "the request cannot be written as HTTP/1.1")
    broken = LegacyBroken(what)
    broken.before_any_answer = before_any_answer
    return broken
