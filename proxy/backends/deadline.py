"""One overall deadline for an exchange with a backend, over httpcore's network interface.

httpx's timeouts are per read: a backend that drips one byte at a time holds a 1 s timeout open for ever (measured: a
1 s limit lasted 5.5 s). Here every connect, read and write gets the time that is left. httpcore hands a request's
timeouts through to the stream untouched, so the deadline travels in their place and needs no state shared by threads.
DNS look-ups cannot be bounded this way: getaddrinfo has no timeout.
"""

import select
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore


class Deadline(float):
    """A time of time.monotonic(), in seconds, that passes for a timeout where httpcore expects one."""

    __slots__ = ()

    def left(self) -> float:
        """Return the seconds left; zero or less when it has passed."""
        return self - time.monotonic()


class DeadlineStream(httpcore.NetworkStream):
    """A socket on which every operation ends by the deadline of the request that it belongs to."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            self._sock.settimeout(_left(timeout, httpcore.ReadTimeout))
            return self._sock.recv(max_bytes)
        except TimeoutError as exc:
            raise httpcore.ReadTimeout(str(exc)) from exc
        except OSError as exc:
            raise httpcore.ReadError(str(exc)) from exc

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        view = memoryview(buffer)
        try:
            while view:
                self._sock.settimeout(_left(timeout, httpcore.WriteTimeout))
                view = view[self._sock.send(view) :]
        except TimeoutError as exc:
            raise httpcore.WriteTimeout(str(exc)) from exc
        except OSError as exc:
            raise httpcore.WriteError(str(exc)) from exc

    def close(self) -> None:
        self._sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            self._sock.settimeout(_left(timeout, httpcore.ConnectTimeout))
            return DeadlineStream(ssl_context.wrap_socket(self._sock, server_hostname=server_hostname))
        except TimeoutError as exc:
            self.close()
            raise httpcore.ConnectTimeout(str(exc)) from exc
        except OSError as exc:  # ssl.SSLError, too: a certificate that does not fit is no connection
            self.close()
            raise httpcore.ConnectError(str(exc)) from exc

    def get_extra_info(self, info: str) -> Any:  # Any: httpcore's interface; each name has its own type
        if info == "is_readable":
            return _is_readable(self._sock)
        if info == "ssl_object":
            return self._sock if isinstance(self._sock, ssl.SSLSocket) else None
        if info == "client_addr":
            return self._sock.getsockname()
        if info == "server_addr":
            return self._sock.getpeername()
        return self._sock if info == "socket" else None


class DeadlineBackend(httpcore.NetworkBackend):
    """Opens sockets for httpcore's pool, trying each address of a name in the time that is left."""

    def __init__(self, look_up: Callable[..., list[Any]] = socket.getaddrinfo) -> None:  # Any: as getaddrinfo has it
        self._look_up = look_up

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002  # httpcore's interface has it
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002  # the same; Any: httpcore's own type is private
    ) -> httpcore.NetworkStream:
        try:
            # create_connection starts the timeout anew for every address of the name; two are the rule (IPv4 and IPv6),
            # so the first gets half, and a blackholed address leaves time for the other.
            addresses = self._look_up(host, port, type=socket.SOCK_STREAM)
            last: OSError = OSError(f"no address for {host}")
            for position, (family, kind, protocol, _, address) in enumerate(addresses):
                left = _left(timeout, httpcore.ConnectTimeout)
                if is_metadata(address[0]):
                    last = OSError(f"{host} is at {address[0]}, an address of the machine's own metadata")
                    continue
                try:
                    sock = socket.socket(family, kind, protocol)
                except OSError as exc:  # no IPv6 here: the next address may be IPv4
                    last = exc
                    continue
                try:
                    sock.settimeout(left if position == len(addresses) - 1 else left / 2)
                    sock.connect(address)
                except OSError as exc:
                    sock.close()
                    last = exc
                    continue
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return DeadlineStream(sock)
            raise last
        except TimeoutError as exc:
            raise httpcore.ConnectTimeout(str(exc)) from exc
        except (OSError, UnicodeError) as exc:  # UnicodeError: a label of the name is longer than 63 octets
            raise httpcore.ConnectError(str(exc)) from exc


def is_metadata(address: str) -> bool:
    """Tell whether an address is link-local, where clouds keep credentials; no legacy system is there.

    Sources: RFC 3927 (169.254.0.0/16), RFC 4291 (fe80::/10), and EC2's fd00:ec2::/32 of IPv6 metadata.
    """
    plain = address.lower().removeprefix("::ffff:")  # an IPv4 address in IPv6's clothes
    return plain.startswith(("169.254.", "fe8", "fe9", "fea", "feb", "fd00:ec2:"))


def _left(timeout: float | None, expired: type[httpcore.TimeoutException]) -> float:
    # Without a deadline httpcore would wait for ever; nothing here may, so forgetting it fails at once.
    assert isinstance(timeout, Deadline), "a request needs its deadline in extensions['timeout']"
    left = timeout.left()
    if left <= 0:
        raise expired("the deadline has passed")
    return left


def _is_readable(sock: socket.socket) -> bool:
    # A closed socket has descriptor -1. poll, not select: descriptors above 1023 must not fail.
    if sock.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
