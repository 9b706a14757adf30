"""Forwarding, down to the bytes that legacy receives and whatever it answers with."""

import gzip
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import pytest
import respx

from proxy.backends.legacy import Legacy
from proxy.backends.transport import LegacyTransport
from proxy.errors import (
    BadRequest,
    FigError,
    LegacyBroken,
    LegacyTimeout,
    LegacyUnreachable,
    MethodRefused,
)
from proxy.message import Headers, Pair, Response
from tests.raw_legacy import OK, Act, RawLegacy, close, drip, echo, reset, say, stall
from tests.samples import request

MakeTransport = Callable[..., LegacyTransport]
MakeLegacy = Callable[[RawLegacy], Legacy]
GENEROUS_S = 3.0
VOUCHED = (
    b"X-Forwarded-For: 203.0.113.24\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: api.shop.example\r\n"
    b"X-Forwarded-Port: 443\r\n"
    b'Forwarded: for=203.0.113.24;proto=https;host="api.shop.example"\r\nVia: 1.1 fig-proxy\r\n\r\n'
)


@pytest.fixture
def make_legacy(make_transport: MakeTransport) -> MakeLegacy:
    return lambda server: Legacy(server.origin, 5.0, make_transport(tls=False).handle_request)


@pytest.mark.parametrize(
    ("asked", "received"),
    [
        ((), b"GET / HTTP/1.1\r\nHost: api.shop.example\r\n" + VOUCHED),
        (
            ("GET", "/a/../b%2F", "x", ((b"x-B", b"1"), (b"A", b""), (b"X-b", b"2"))),
            b"GET /a/../b%2F?x HTTP/1.1\r\nHost: api.shop.example\r\nx-B: 1\r\nA: \r\nX-b: 2\r\n" + VOUCHED,
        ),
        (
            ("POST", "/orders"),
            b"POST /orders HTTP/1.1\r\nHost: api.shop.example\r\nContent-Length: 0\r\n" + VOUCHED,
        ),
        (
            ("POST", "/orders", "", ((b"Content-Type", b'a/b; c="D"'),), b"\x00\xff\r\n\r\n"),
            b'POST /orders HTTP/1.1\r\nHost: api.shop.example\r\nContent-Type: a/b; c="D"\r\nContent-Length: 6\r\n'
            + VOUCHED
            + b"\x00\xff\r\n\r\n",
        ),
        (
            ("POST", "/", "", ((b"transfer-encoding", b"xchunked"), (b"Transfer-Encoding", b"chunked")), b"abc"),
            b"POST / HTTP/1.1\r\nHost: api.shop.example\r\nContent-Length: 3\r\n" + VOUCHED + b"abc",
        ),
        (
            ("pUrGe", "//evil.example/x", "?"),
            b"pUrGe //evil.example/x?? HTTP/1.1\r\nHost: api.shop.example\r\n" + VOUCHED,
        ),
        (
            ("DELETE", "/" + "a" * 70_000, "", (), b"body"),
            b"DELETE /%s HTTP/1.1\r\nHost: api.shop.example\r\nContent-Length: 4\r\n" % (b"a" * 70_000)
            + VOUCHED
            + b"body",
        ),
        (
            ("GET", '/a{b}"<>`^|[]\\%zz%', 'q="<>#{}&&=&flag'),
            b'GET /a{b}"<>`^|[]\\%zz%?q="<>#{}&&=&flag HTTP/1.1\r\nHost: api.shop.example\r\n' + VOUCHED,
        ),
    ],
)
def test_legacy_receives_exactly_these_bytes(make_legacy: MakeLegacy, asked: tuple[Any, ...], received: bytes) -> None:
    """Bytes in equal bytes out: target, query, repeated headers, body; no header is added but what is vouched for."""
    with RawLegacy() as server:
        answer = make_legacy(server)(request(*asked))

        assert (answer, server.requests) == (Response(200, Headers(), b"ok"), [received])


ZIPPED = gzip.compress(b"page" * 100, mtime=0)


@pytest.mark.parametrize(
    ("raw", "status", "pairs", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, (), b""),
        (
            b"HTTP/1.1 200 Fine\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(ZIPPED), ZIPPED),
            200,
            ((b"Content-Encoding", b"gzip"),),
            ZIPPED,
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, x-foo\r\nContent-Length: 7\r\n\r\nno gzip",
            200,
            ((b"Content-Encoding", b"gzip, x-foo"),),
            b"no gzip",
        ),
        (
            b'HTTP/1.1 200 OK\r\nSet-Cookie: s=1; Path=/a\r\nETag: W/"x"\r\nset-cookie: s=1; Path=/b\r\n'
            b"Set-Cookie: ;;;\r\nContent-Length: 2\r\n\r\nok",
            200,
            (
                (b"Set-Cookie", b"s=1; Path=/a"),
                (b"ETag", b'W/"x"'),
                (b"set-cookie", b"s=1; Path=/b"),
                (b"Set-Cookie", b";;;"),
            ),
            b"ok",
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n",
            200,
            (),
            b"ok",
        ),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + OK, 200, (), b"ok"),
        (
            b"HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\nContent-Length: 0\r\n\r\n",
            302,
            ((b"Location", b"http://evil.example/"),),
            b"",
        ),
        (
            b"HTTP/1.1 301 Moved\r\nLocation: http://h:notaport/\r\nContent-Length: 0\r\n\r\n",
            301,
            ((b"Location", b"http://h:notaport/"),),
            b"",
        ),
        (b"HTTP/1.1 308 Moved\r\nLocation: urn:x\r\nContent-Length: 0\r\n\r\n", 308, ((b"Location", b"urn:x"),), b""),
        (b'HTTP/1.1 204 No Content\r\nETag: "x"\r\n\r\n', 204, ((b"ETag", b'"x"'),), b""),
        (b"HTTP/1.1 205 Reset\r\nContent-Length: 4\r\n\r\nEVIL", 205, (), b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", 304, (), b""),
        (
            b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-1/9\r\nContent-Length: 2\r\n\r\nok",
            206,
            ((b"Content-Range", b"bytes 0-1/9"),),
            b"ok",
        ),
        (
            b"HTTP/1.1 418 Teapot\r\nConnection: X-Hop\r\nX-Hop: 1\r\nX-Bytes: \xe9\r\nContent-Length: 2\r\n\r\nok",
            418,
            ((b"X-Bytes", b"\xe9"),),
            b"ok",
        ),
        (b"HTTP/1.1 599 Odd\r\nContent-Length: 2\r\n\r\nok", 599, (), b"ok"),
    ],
)
def test_answer_comes_back_as_legacy_gave_it(
    make_legacy: MakeLegacy, raw: bytes, status: int, pairs: tuple[Pair, ...], body: bytes
) -> None:
    """Bytes in equal bytes out, both ways: nothing is decoded, followed or parsed."""
    with RawLegacy(say(raw)) as server:
        answer = make_legacy(server)(request("POST", "/login"))

        assert answer == Response(status, Headers(pairs), body)
        assert len(server.requests) == 1


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.0 200 OK\r\n\r\n"])
def test_body_may_end_with_the_connection(make_legacy: MakeLegacy, start: bytes) -> None:
    with RawLegacy(close(start + b"the whole body")) as server:
        assert make_legacy(server)(request()).body == b"the whole body"


def test_answer_to_head_has_no_body_and_keeps_its_headers(make_legacy: MakeLegacy) -> None:
    with RawLegacy(say(b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nETag: x\r\n\r\n")) as server:
        legacy = make_legacy(server)

        answers = [legacy(request("HEAD")) for _ in range(2)]

        assert answers == [Response(200, Headers(((b"ETag", b"x"),)), b"")] * 2


def test_cookie_that_one_caller_got_is_not_sent_with_the_next_callers_request(make_legacy: MakeLegacy) -> None:
    """Nothing a client sends can reach another client's response."""
    cookie = b"HTTP/1.1 200 OK\r\nSet-Cookie: session=ALICE\r\nContent-Length: 2\r\n\r\nok"
    with RawLegacy(say(cookie)) as server:
        legacy = make_legacy(server)

        legacy(request("POST", "/login"))
        legacy(request("GET", "/other"))

        assert server.requests[1] == b"GET /other HTTP/1.1\r\nHost: api.shop.example\r\n" + VOUCHED


BROKEN = {
    "closed at once": close(),
    "reset at once": reset(),
    "status line cut": close(b"HTTP/1.1 2"),
    "head cut": close(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "head reset": reset(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "body cut": close(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok"),
    "body reset": reset(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok"),
    "chunk cut": close(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok"),
    "last chunk missing": close(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"),
    "chunk without a size": say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n"),
    "no HTTP": say(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
    "status of two digits": say(b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"),
    "status 101": say(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"),
    "status 600": say(b"HTTP/1.1 600 Odd\r\nContent-Length: 2\r\n\r\nok"),
    "status 999": say(b"HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok"),
    "two lengths": say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok"),
    "length that is no number": say(b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok"),
    "header without a colon": say(b"HTTP/1.1 200 OK\r\nX\r\nContent-Length: 2\r\n\r\nok"),
    "space before the colon": say(b"HTTP/1.1 200 OK\r\nX : 1\r\nContent-Length: 2\r\n\r\nok"),
    "head of 300 KB": say(b"HTTP/1.1 200 OK\r\nX: %s\r\nContent-Length: 2\r\n\r\nok" % (b"x" * 300_000)),
}


@pytest.mark.parametrize("what", list(BROKEN))
def test_answer_that_is_not_whole_is_our_502_and_a_post_is_sent_once(make_legacy: MakeLegacy, what: str) -> None:
    """A write is never executed twice by retry; the client gets our 502 with a reason code."""
    with RawLegacy(BROKEN[what], say(OK)) as server:
        legacy = make_legacy(server)

        with pytest.raises(LegacyBroken):
            legacy(request("POST", "/orders", body=b"x"))
        after = legacy(request("POST", "/orders", body=b"y"))

        assert after.body == b"ok"
        assert [sent[-1:] for sent in server.requests] == [b"x", b"y"]


@pytest.mark.parametrize(
    ("method", "times"),
    [
        ("GET", 2),
        ("HEAD", 2),
        ("OPTIONS", 2),
        ("POST", 1),
        ("PUT", 1),
        ("DELETE", 1),
        ("PATCH", 1),
        ("PURGE", 1),
        ("get", 1),
    ],
)
@pytest.mark.parametrize("act", [close(), reset()])
def test_connection_closed_without_an_answer_is_tried_once_more_for_safe_methods_only(
    make_legacy: MakeLegacy, method: str, times: int, act: Act
) -> None:
    """A write is never executed twice by retry."""
    with RawLegacy(act) as server:
        with pytest.raises(LegacyBroken):
            make_legacy(server)(request(method))

        assert len(server.requests) == times


def test_get_on_a_kept_connection_that_legacy_closes_meanwhile_is_answered(make_legacy: MakeLegacy) -> None:
    with RawLegacy(say(OK), close(), say(OK)) as server:
        legacy = make_legacy(server)

        bodies = [legacy(request()).body for _ in range(2)]

        assert bodies == [b"ok", b"ok"]
        assert [len(requests) for requests in server.connections] == [2, 1]


def test_answer_cut_in_its_body_is_not_asked_for_again(make_legacy: MakeLegacy) -> None:
    with RawLegacy(BROKEN["body cut"], say(OK)) as server:
        with pytest.raises(LegacyBroken):
            make_legacy(server)(request())

        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "act",
    [
        stall(),
        stall(b"HTTP/1.1 200 OK\r\n"),
        stall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok"),
        drip(b"HTTP/1.1 200 " + b"O" * 500, 0.02),
        drip(b"X-Slow: " + b"x" * 500, 0.02, start=b"HTTP/1.1 200 OK\r\n"),
        drip(b"x" * 500, 0.02, start=b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
        drip(b"1\r\nx\r\n" * 100, 0.02, start=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 20, 0.02),
    ],
)
@pytest.mark.parametrize("bound", ["request", "backend", "route"])
def test_answer_that_is_not_whole_by_the_deadline_is_our_504(
    make_transport: MakeTransport, act: Act, bound: str
) -> None:
    """The client gets our 504, however legacy spreads its bytes, and whichever of the bounds comes first."""
    with RawLegacy(act) as server:
        legacy = Legacy(server.origin, 0.3 if bound == "backend" else 60.0, make_transport(tls=False).handle_request)
        asked = request(left_s=0.3 if bound == "request" else 60.0)
        began = time.monotonic()

        with pytest.raises(LegacyTimeout):
            legacy(asked, 0.3 if bound == "route" else None)

        assert time.monotonic() - began < GENEROUS_S
        assert len(server.requests) == 1


def test_request_that_legacy_does_not_read_ends_at_the_deadline(make_legacy: MakeLegacy) -> None:
    with RawLegacy(stall(), reads_body=False) as server:
        began = time.monotonic()

        with pytest.raises(LegacyTimeout):
            make_legacy(server)(request("POST", body=b"x" * 50_000_000, left_s=0.3))

        assert time.monotonic() - began < GENEROUS_S


def test_deadline_that_has_passed_sends_nothing(make_legacy: MakeLegacy) -> None:
    with RawLegacy() as server:
        with pytest.raises(LegacyTimeout):
            make_legacy(server)(request(left_s=-1.0))

        assert server.connections == []


def test_answer_given_before_the_whole_body_was_read_is_relayed(make_legacy: MakeLegacy) -> None:
    refusal = b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 5\r\n\r\nlarge"
    with RawLegacy(lambda line: say(refusal)(line) and not line.stopped.wait(0.3), reads_body=False) as server:
        answer = make_legacy(server)(request("POST", body=b"x" * 100_000))

    assert answer == Response(413, Headers(), b"large")


def test_port_that_nobody_listens_on_is_our_502(make_transport: MakeTransport) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        legacy = Legacy(f"http://127.0.0.1:{unused.getsockname()[1]}", 5.0, make_transport(tls=False).handle_request)

        with pytest.raises(LegacyUnreachable) as refused:
            legacy(request())

    assert (refused.value.status, refused.value.code) == (502, "legacy_unreachable")


@pytest.mark.parametrize("method", ["CONNECT", "TRACE"])
def test_tunnel_and_trace_are_refused_without_a_connection(make_legacy: MakeLegacy, method: str) -> None:
    with RawLegacy() as server:
        with pytest.raises(MethodRefused):
            make_legacy(server)(request(method))

        assert server.connections == []


@pytest.mark.parametrize(
    "pair",
    [(b"X", b"1\r\nX-Evil: 2"), (b"X", b"\x00"), (b"X Y", b"1"), (b"", b"1"), (b"X\r\nY", b"1"), (b"X", b"\x0b")],
)
def test_header_that_cannot_be_written_is_the_clients_400_and_harms_nobody(make_legacy: MakeLegacy, pair: Pair) -> None:
    """Nothing a client sends can inject a header."""
    with RawLegacy() as server:
        legacy = make_legacy(server)

        with pytest.raises(BadRequest) as refused:
            legacy(request(headers=(pair,)))
        after = legacy(request())

        assert (refused.value.code, after.body) == ("bad_request", b"ok")
        assert server.requests == [b"GET / HTTP/1.1\r\nHost: api.shop.example\r\n" + VOUCHED]


@pytest.mark.parametrize(
    ("raised", "mapped"),
    [
        (httpx.ConnectTimeout, LegacyTimeout),
        (httpx.ReadTimeout, LegacyTimeout),
        (httpx.WriteTimeout, LegacyTimeout),
        (httpx.PoolTimeout, LegacyTimeout),
        (httpx.ConnectError, LegacyUnreachable),
        (httpx.LocalProtocolError, BadRequest),
        (httpx.RemoteProtocolError, LegacyBroken),
        (httpx.ReadError, LegacyBroken),
        (httpx.WriteError, LegacyBroken),
        (httpx.UnsupportedProtocol, LegacyBroken),
    ],
)
def test_every_error_of_the_transport_becomes_one_of_ours(
    raised: type[httpx.HTTPError], mapped: type[FigError]
) -> None:
    def send(_: httpx.Request) -> httpx.Response:
        raise raised("SECRET")

    with pytest.raises(FigError) as failed:
        Legacy("http://127.0.0.1:1", 5.0, send)(request("POST"))

    assert type(failed.value) is mapped


def test_answer_is_taken_from_whatever_stands_in_for_the_transport() -> None:
    sent: list[httpx.Request] = []

    def send(asked: httpx.Request) -> httpx.Response:
        sent.append(asked)
        return httpx.Response(200, headers=[("X", "1")], stream=httpx.ByteStream(b"ok"))

    answer = Legacy("http://127.0.0.1:1", 5.0, send)(request("pUrGe", "/a/../b", "x"))

    assert answer == Response(200, Headers(((b"X", b"1"),)), b"ok")
    assert (sent[0].method, sent[0].extensions["target"]) == ("pUrGe", b"/a/../b?x")


def test_respx_answers_in_place_of_the_network(make_transport: MakeTransport) -> None:
    with respx.mock as mocked:
        mocked.post("http://legacy.invalid/orders?x=1").respond(201, headers={"X": "1"}, content=b"made")
        legacy = Legacy("http://legacy.invalid", 5.0, make_transport(tls=False).handle_request)

        answer = legacy(request("POST", "/orders", "x=1"))

    assert answer == Response(201, Headers(((b"X", b"1"),)), b"made")


def test_two_hundred_callers_at_once_each_get_their_own_answer(make_legacy: MakeLegacy) -> None:
    """Nothing a client sends can reach another client's response."""

    def nonce(received: bytes) -> bytes:
        target = received.split(b" ")[1]
        body = target + received.rpartition(b"\r\n\r\n")[2]
        return b"HTTP/1.1 200 OK\r\nX-Nonce: %s\r\nContent-Length: %d\r\n\r\n%s" % (target, len(body), body)

    with RawLegacy(echo(nonce)) as server, ThreadPoolExecutor(200) as callers:
        legacy = make_legacy(server)

        answers = list(
            callers.map(lambda n: legacy(request("POST", f"/{n}", body=b"-%d" % n, left_s=30.0)), [*range(200)] * 3)
        )

    assert answers == [Response(200, Headers(((b"X-Nonce", b"/%d" % n),)), b"/%d-%d" % (n, n)) for n in range(200)] * 3


def test_legacy_shows_where_it_forwards_to() -> None:
    legacy = Legacy("https://legacy.example.com:8443", 20.0, lambda _: httpx.Response(200))

    assert repr(legacy) == "<Legacy https://legacy.example.com:8443 20s>"


def test_legacy_that_wants_its_own_name_gets_it_and_clients_get_theirs_back(make_transport: MakeTransport) -> None:
    with RawLegacy() as server:
        name = server.origin.partition("://")[2].encode()
        server.script(
            say(
                b"HTTP/1.1 302 Found\r\nLocation: http://%s/next?x\r\nSet-Cookie: s=1; Domain=127.0.0.1; Path=/\r\n"
                b"Content-Length: 0\r\n\r\n" % name
            )
        )
        legacy = Legacy(server.origin, 5.0, make_transport(tls=False).handle_request, own_host=True)

        answer = legacy(request())

        assert b"\r\nHost: " + name + b"\r\n" in server.requests[0]
        assert b"\r\nX-Forwarded-Host: api.shop.example\r\n" in server.requests[0]
        assert answer.headers.pairs == (
            (b"Location", b"https://api.shop.example/next?x"),
            (b"Set-Cookie", b"s=1; Domain=api.shop.example; Path=/"),
        )


def test_health_check_without_a_host_asks_legacy_under_its_own(make_legacy: MakeLegacy) -> None:
    with RawLegacy() as server:
        make_legacy(server)(replace(request(), host=""))

        assert b"\r\nHost: " + server.origin.partition("://")[2].encode() + b"\r\n" in server.requests[0]


def test_options_that_may_not_be_forwarded_is_answered_here(make_legacy: MakeLegacy) -> None:
    with RawLegacy() as server:
        answer = make_legacy(server)(request("OPTIONS", headers=((b"Max-Forwards", b"0"),)))

        assert (answer.status, server.requests) == (204, [])


def test_response_with_two_framings_is_our_502_and_its_connection_is_not_kept(make_legacy: MakeLegacy) -> None:
    split = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    with RawLegacy(say(split), say(OK)) as server:
        legacy = make_legacy(server)

        with pytest.raises(LegacyBroken):
            legacy(request("POST"))
        answer = legacy(request())

        assert (answer.status, len(server.connections)) == (200, 2)


def test_connection_is_not_kept_where_legacy_cannot_be_trusted_with_it(make_transport: MakeTransport) -> None:
    with RawLegacy() as server:
        legacy = Legacy(server.origin, 5.0, make_transport(tls=False, keep_alive=False).handle_request)

        answers = [legacy(request()).status for _ in range(3)]

        assert (answers, len(server.connections)) == ([200] * 3, 3)
