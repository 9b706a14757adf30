"""One overall deadline for an exchange, whatever a backend does with its bytes."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import pytest

from proxy.backends.deadline import Deadline, DeadlineBackend, DeadlineStream, is_metadata

SOON_S = 0.3
GENEROUS_S = 3.0


def soon() -> Deadline:
    return Deadline(time.monotonic() + SOON_S)


def past() -> Deadline:
    return Deadline(time.monotonic() - 1)


@contextmanager
def pair() -> Iterator[tuple[DeadlineStream, socket.socket]]:
    """A stream and the other end of its connection."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield DeadlineStream(ours), theirs


@contextmanager
def full_listener() -> Iterator[int]:
    """A port that answers no connection attempt any more: its queue is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
        yield port
        for sock in waiting:
            sock.close()


def addresses(*ports: int) -> Callable[..., list[tuple[int, int, int, str, tuple[str, int]]]]:
    return lambda *_, **__: [
        (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port)) for port in ports
    ]


def test_deadline_tells_what_is_left_of_it() -> None:
    assert 0 < soon().left() <= SOON_S
    assert past().left() <= -1


def test_read_that_nothing_comes_for_ends_at_the_deadline() -> None:
    with pair() as (stream, _):
        began = time.monotonic()

        with pytest.raises(httpcore.ReadTimeout):
            stream.read(1, soon())

        assert time.monotonic() - began < GENEROUS_S


def test_reads_that_each_get_a_byte_end_at_the_deadline_of_all() -> None:
    with pair() as (stream, theirs):
        stopped = threading.Event()

        def drip() -> None:
            while not stopped.wait(0.02):
                theirs.send(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        deadline, began = soon(), time.monotonic()
        got: list[bytes] = []

        with pytest.raises(httpcore.ReadTimeout):
            got.extend(iter(lambda: stream.read(1, deadline), b""))

        stopped.set()
        thread.join()
        assert set(got) <= {b"x"}
        assert time.monotonic() - began < GENEROUS_S


def test_write_that_nobody_takes_ends_at_the_deadline() -> None:
    with pair() as (stream, _):
        began = time.monotonic()

        with pytest.raises(httpcore.WriteTimeout):
            stream.write(b"x" * 50_000_000, soon())

        assert time.monotonic() - began < GENEROUS_S


@pytest.mark.parametrize(
    ("use", "expired"),
    [
        (lambda stream: stream.read(1, past()), httpcore.ReadTimeout),
        (lambda stream: stream.write(b"x", past()), httpcore.WriteTimeout),
        (lambda _: DeadlineBackend(addresses(1)).connect_tcp("h", 1, past()), httpcore.ConnectTimeout),
    ],
)
def test_deadline_that_has_passed_leaves_nothing_to_do(
    use: Callable[[DeadlineStream], object], expired: type[Exception]
) -> None:
    with pair() as (stream, theirs):
        theirs.send(b"x")

        with pytest.raises(expired):
            use(stream)


def test_timeout_that_is_no_deadline_is_a_mistake_of_ours() -> None:
    for timeout in (None, 5.0):
        with pair() as (stream, _), pytest.raises(AssertionError, match="a request needs its deadline"):
            stream.read(1, timeout)


def test_bytes_arrive_and_an_end_is_an_end() -> None:
    with pair() as (stream, theirs):
        stream.write(b"question", soon())
        theirs.sendall(b"answer")
        theirs.shutdown(socket.SHUT_WR)

        assert theirs.recv(100) == b"question"
        assert [stream.read(100, soon()), stream.read(100, soon())] == [b"answer", b""]


def test_reset_is_an_error_and_no_end() -> None:
    with pair() as (stream, theirs):
        theirs.close()

        with pytest.raises(httpcore.WriteError):
            stream.write(b"x", soon())


def test_connection_is_readable_once_something_came_or_it_is_closed() -> None:
    with pair() as (stream, theirs):
        quiet = stream.get_extra_info("is_readable")
        theirs.send(b"x")
        talking = stream.get_extra_info("is_readable")
        stream.close()
        closed = stream.get_extra_info("is_readable")

    assert (quiet, talking, closed) == (False, True, True)


def test_first_address_that_answers_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        open_port, closed_port = listener.getsockname()[1], unused.getsockname()[1]
        backend = DeadlineBackend(addresses(closed_port, open_port))

        stream = backend.connect_tcp("legacy", 80, soon())

        assert stream.get_extra_info("server_addr") == ("127.0.0.1", open_port)
        assert stream.get_extra_info("client_addr")[0] == "127.0.0.1"
        assert stream.get_extra_info("ssl_object") is None
        stream.close()


def test_address_that_swallows_everything_leaves_time_for_the_next() -> None:
    with full_listener() as silent_port, socket.create_server(("127.0.0.1", 0)) as listener:
        backend = DeadlineBackend(addresses(silent_port, listener.getsockname()[1]))

        stream = backend.connect_tcp("legacy", 80, soon())

        assert stream.get_extra_info("server_addr") == listener.getsockname()
        stream.close()


def test_addresses_that_all_swallow_everything_end_at_the_deadline() -> None:
    with full_listener() as port:
        began = time.monotonic()

        with pytest.raises(httpcore.ConnectTimeout):
            DeadlineBackend(addresses(port, port, port)).connect_tcp("legacy", 80, soon())

        assert time.monotonic() - began < GENEROUS_S


def test_address_of_a_family_that_this_system_lacks_leaves_the_next() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        [good] = addresses(listener.getsockname()[1])()
        lacking = (socket.AF_APPLETALK, socket.SOCK_STREAM, 0, "", ("x", 1))
        backend = DeadlineBackend(lambda *_, **__: [lacking, good])

        stream = backend.connect_tcp("legacy", 80, soon())

        assert stream.get_extra_info("server_addr") == listener.getsockname()
        stream.close()


@pytest.mark.parametrize(
    "look_up",
    [
        lambda *_, **__: [],
        lambda *_, **__: (_ for _ in ()).throw(socket.gaierror(-2, "Name or service not known")),
        socket.getaddrinfo,  # a label of more than 63 octets is refused before anybody is asked
    ],
)
def test_name_without_an_address_is_no_connection(look_up: Callable[..., list[object]]) -> None:
    with pytest.raises(httpcore.ConnectError):
        DeadlineBackend(look_up).connect_tcp("x" * 64 + ".invalid", 80, soon())


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "169.254.170.2", "::ffff:169.254.169.254", "fe80::1", "FEBF::1", "fd00:ec2::254"],
)
def test_name_that_leads_to_the_machines_own_metadata_is_not_connected_to(address: str) -> None:
    """Nothing that is published can choose the address where credentials lie."""

    def look_up(host: str, port: int, **_: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    with pytest.raises(httpcore.ConnectError, match="metadata"):
        DeadlineBackend(look_up).connect_tcp("legacy.example.com", 80, Deadline(time.monotonic() + 5))


@pytest.mark.parametrize("address", ["169.25.4.1", "10.169.254.1", "127.0.0.1", "::1", "fd00::1", "2001:db8:fe80::1"])
def test_other_private_addresses_may_be_legacys(address: str) -> None:
    assert not is_metadata(address)
