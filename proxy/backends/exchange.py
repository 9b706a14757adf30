"""One exchange with an AWS service over the request path's own transport: whole, bounded and by a deadline."""

import time
from collections.abc import Callable
from contextlib import closing

import httpx

from proxy.aws.call import Answer
from proxy.backends.deadline import Deadline
from proxy.backends.transport import LegacyTransport, drop_if_surplus
from proxy.message import Headers, Pair

MAX_BYTES = 8 * 1024 * 1024  # DynamoDB answers with 1 MB at most (16 MB in a batch), Lambda with 6 MB


class Exchange:
    """An Ask (see proxy/aws/call.py). Connections are kept, apart for each origin, from exchange to exchange.

    `ca_file` is a PEM file that vouches for the services' certificates, in place of certifi's.
    """

    def __init__(
        self,
        make_transport: Callable[..., LegacyTransport] = LegacyTransport,
        *,
        ca_file: str = "",
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._make_transport = make_transport
        self._ca_file = ca_file
        self._max_bytes = max_bytes
        # By whether there is TLS: the pool within keeps origins apart, and certifi's list is loaded once for all.
        self._transports: dict[bool, LegacyTransport] = {}

    def __call__(self, method: str, url: str, headers: list[Pair], body: bytes, timeout_s: float) -> Answer:
        """Return the whole answer to one request, whose headers go out as they are.

        Raises TimeoutError when there is none in time, ConnectionError when the connection broke before any answer,
        and OSError when it broke later, could not be made, or the answer is too large.
        """
        deadline = Deadline(time.monotonic() + timeout_s)
        answered = False
        try:
            request = _prepare(method, url, headers, body, deadline)
            with closing(self._transport(request.url.scheme).handle_request(request)) as response:
                answered = True
                received = self._read(response)
                drop_if_surplus(response)
                return Answer(response.status_code, Headers(tuple(response.headers.raw)), received)
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            # None: h11 quotes a header or an answer that it cannot read, and either may be a credential.
            raise _mapped(exc, answered=answered) from None

    def close(self) -> None:
        """Close every connection."""
        for transport in self._transports.values():
            transport.close()

    def _transport(self, scheme: str) -> LegacyTransport:
        has_tls = scheme == "https"
        transport = self._transports.get(has_tls)
        if transport is None:
            # setdefault: of two threads that come at once, both get the first one's. An unused one holds no socket.
            made = self._make_transport(tls=has_tls, ca_file=self._ca_file)
            transport = self._transports.setdefault(has_tls, made)
        return transport

    def _read(self, response: httpx.Response) -> bytes:
        parts: list[bytes] = []
        room = self._max_bytes
        for part in response.iter_raw():
            room -= len(part)
            if room < 0:  # closing the response unread closes its connection
                raise OSError(f"got an answer of more than {self._max_bytes} bytes")
            parts.append(part)
        return b"".join(parts)


def _prepare(method: str, url: str, headers: list[Pair], body: bytes, deadline: Deadline) -> httpx.Request:
    scheme, _, rest = url.partition("://")
    authority, _, target = rest.partition("/")
    limits = {"connect": deadline, "read": deadline, "write": deadline, "pool": max(deadline.left(), 0.0)}
    return httpx.Request(
        method,
        f"{scheme}://{authority}",
        headers=headers,
        # `stream`, not `content`: httpx then adds no header of its own.
        stream=httpx.ByteStream(body),
        # The signed target as it is: httpx.URL would collapse dots and re-encode. What is not ASCII, h11 refuses.
        extensions={"target": b"/" + target.encode("utf-8", "surrogatepass"), "timeout": limits},
    )


def _mapped(exc: httpx.HTTPError | httpx.InvalidURL, *, answered: bool) -> OSError:
    """Return the standard library's error for httpx's; the only place that knows both."""
    if isinstance(exc, httpx.TimeoutException):
        return TimeoutError("no whole answer in time")
    if isinstance(exc, httpx.LocalProtocolError | httpx.InvalidURL | httpx.UnsupportedProtocol):
        return OSError("the request cannot be written as HTTP/1.1")
    if isinstance(exc, httpx.ConnectError):
        return OSError(f"no connection: {exc}")
    if isinstance(exc, httpx.RemoteProtocolError):
        what = "the connection was closed too early, or what came is no HTTP"
    else:
        what = f"the connection broke: {exc}"
    return OSError(what) if answered else ConnectionError(what)
