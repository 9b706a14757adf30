"""httpx's transport with sockets that keep a deadline, and connections that never carry one answer into the next."""

import ssl
from typing import Any

import httpcore
import httpx

from proxy.backends.deadline import DeadlineBackend

# A legacy server closes idle connections after 5 s at the earliest (Node's default; nginx has 75 s, Tomcat 20 s); one
# second less avoids writing a request into a connection that is just being closed.
KEEP_ALIVE_S = 4.0


class LegacyTransport(httpx.HTTPTransport):
    """An HTTPTransport for one legacy system: HTTP/1.1, no proxies, no redirects, no cookies, no added headers.

    `HTTPTransport.__init__` is not called: it offers no way to pass a network backend, and builds a TLS context even
    for http. Its one attribute is the pool, which is why httpx's minor version is pinned.
    """

    def __init__(self, *, tls: bool, ca_file: str = "", keep_alive: bool = True) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_tls_context(ca_file) if tls else None,
            max_connections=None,
            max_keepalive_connections=None if keep_alive else 0,
            keepalive_expiry=KEEP_ALIVE_S,
            http1=True,
            http2=False,  # CR and LF in a :path are sent as they are over HTTP/2 (measured), so it stays off
            retries=0,
            network_backend=DeadlineBackend(),
        )


def drop_if_surplus(response: httpx.Response) -> None:
    """Close the connection of a response, read to its end but not yet closed, if bytes came after the response.

    httpcore would hand them to the next request on that connection: one caller's bytes to another (measured). The chain
    to h11's public `trailing_data` is private; if a link is missing, the connection is closed, which is always safe.
    """
    try:
        stream: Any = response.stream  # Any: httpx's and httpcore's private stream classes
        surplus, _ = stream._httpcore_stream._stream._connection._h11_state.trailing_data
    except AttributeError:
        surplus = b"unknown"
    if surplus and (network := response.extensions.get("network_stream")) is not None:
        network.close()


def _tls_context(ca_file: str) -> ssl.SSLContext:
    # create_default_context costs 30 ms, this 0.3 ms with one CA file; it verifies certificate and name by default.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not ca_file:
        import certifi  # comes with httpx; only needed for https without a CA file of its own

        ca_file = certifi.where()
    context.load_verify_locations(ca_file)
    return context
