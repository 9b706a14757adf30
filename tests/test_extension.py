"""The client of the Extensions API, against a socket that answers as a test says."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from proxy.extension import Extension, is_closed
from tests.raw_legacy import Act, Line, RawLegacy, close, drip, reset, say

ID = b"7a4bf2e1-1111-4000-8000-000000000000"
REGISTERED = b"HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: %s\r\nContent-Length: 2\r\n\r\n{}" % ID
FAILURES = r"expected (200|one)|was closed|reset by peer"
INVOKE = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 22\r\n\r\n{"eventType":"INVOKE"}'


@contextmanager
def registered(api: RawLegacy) -> Iterator[Extension]:
    extension = Extension(f"127.0.0.1:{api.port}")
    try:
        yield extension
    finally:
        extension._close()


def next_request(api: RawLegacy) -> bytes:
    return (
        b"GET /2020-01-01/extension/event/next HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
        b"Lambda-Extension-Identifier: %s\r\n\r\n" % (api.port, ID)
    )


def test_extension_registers_for_invoke_only_and_asks_on_the_same_connection() -> None:
    with RawLegacy(say(REGISTERED), say(INVOKE)) as api, registered(api) as extension:
        for _ in range(2):
            extension.ask()
            extension.take()

        assert api.connections == [
            [
                b"POST /2020-01-01/extension/register HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                b"Lambda-Extension-Name: fig-after-response\r\nContent-Type: application/json\r\n"
                b'Content-Length: 21\r\n\r\n{"events":["INVOKE"]}' % api.port,
                next_request(api),
                next_request(api),
            ]
        ]


@pytest.mark.parametrize(
    "first",
    [
        say(b"HTTP/1.1 200 OK\r\nlambda-extension-identifier:%s\r\ncontent-length:2\r\n\r\n{}" % ID),
        say(b"HTTP/1.1 200 OK\r\nLAMBDA-EXTENSION-IDENTIFIER: %s \r\nContent-Length: 0\r\n\r\n" % ID),
        drip(REGISTERED, 0.0005),
        say(REGISTERED[:30], REGISTERED[30:-1], REGISTERED[-1:]),
        close(b"HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: %s\r\n\r\n{}" % ID),
        say(
            b"HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"2\r\n{}\r\n0\r\n\r\n" % ID
        ),
    ],
)
def test_identifier_is_found_however_the_answer_is_written(first: Act) -> None:
    with RawLegacy(first, say(INVOKE)) as api, registered(api) as extension:
        extension.ask()
        extension.take()

        assert api.requests[1] == next_request(api)


def test_take_waits_for_the_next_invocation() -> None:
    asked, begun, taken = Event(), Event(), Event()

    def wait(line: Line) -> bool:
        asked.set()
        begun.wait(5)
        return say(INVOKE)(line)

    with RawLegacy(say(REGISTERED), wait) as api, registered(api) as extension:
        extension.ask()
        assert asked.wait(5)  # without waiting for an answer

        def take() -> None:
            extension.take()
            taken.set()

        thread = Thread(target=take)
        thread.start()
        is_early = taken.wait(0.05)
        begun.set()
        thread.join(5)

    assert (is_early, taken.is_set()) == (False, True)


@pytest.mark.parametrize(
    "answer",
    [
        say(b'HTTP/1.1 403 Forbidden\r\nContent-Length: 44\r\n\r\n{"errorType":"Extension.InvalidEventType"}  '),
        say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
        say(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"),
        say(b"SSH-2.0-OpenSSH\r\n\r\n"),
        close(),
        close(b"HTTP/1.1 200 OK\r\n"),
        close(b"HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: x\r\nContent-Length: 9\r\n\r\n{}"),
        reset(),
    ],
)
def test_registration_that_fails_raises_an_os_error(answer: Act) -> None:
    with RawLegacy(answer) as api, pytest.raises(OSError, match=FAILURES):
        Extension(f"127.0.0.1:{api.port}")


def test_api_that_is_not_there_raises_an_os_error() -> None:
    with RawLegacy() as api:
        gone = api.port

    with pytest.raises(OSError, match="refused"):
        Extension(f"127.0.0.1:{gone}")


@pytest.mark.parametrize(
    "answer",
    [
        close(),
        close(b"HTTP/1.1 200 OK\r\nContent-Le"),
        close(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"),
        reset(),
        say(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\n{}"),
    ],
)
def test_event_that_does_not_come_raises_an_os_error(answer: Act) -> None:
    with RawLegacy(say(REGISTERED), answer) as api, registered(api) as extension:
        extension.ask()

        with pytest.raises(OSError, match=FAILURES):
            extension.take()


def test_connection_that_the_api_closes_meanwhile_loses_no_ask() -> None:
    with RawLegacy(say(REGISTERED), close(INVOKE), say(INVOKE)) as api, registered(api) as extension:
        for _ in range(2):
            extension.ask()
            extension.take()
            ends = time.monotonic() + 5
            while api.requests[2:] == [] and not (extension._socket and is_closed(extension._socket)):
                assert time.monotonic() < ends, "the API did not close the connection"

        assert api.requests[1:] == [next_request(api)] * 2
        assert len(api.connections) == 2
