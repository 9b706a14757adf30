"""The fidelity cases of responses, over a real socket: the bytes that legacy sends, and the whole result."""

import gzip
import json
from base64 import b64encode
from http import HTTPStatus

import pytest

from tests.conftest import MakeFunction
from tests.events.doors import Door, Event, Sent
from tests.events.test_cases import ALL, AM, AS, H1, H2, F, R, Text, each, refusal
from tests.raw_legacy import Act, RawLegacy, close, say
from tests.samples import API_HOST

ASKED = Sent("/", (("Host", API_HOST),))
REASONS = {status.value: status.phrase for status in HTTPStatus}
TYPE = ("Content-Type", "a/b")
TYPED_OK = b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\nok"
EVIL = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL"


def said(status: int, *headers: tuple[str, str], body: bytes = b"", framed: bool = True) -> bytes:
    """A response as legacy writes it."""
    lines = [f"{name}: {value}\r\n" for name, value in headers]
    lines += [f"Content-Length: {len(body)}\r\n"] if framed else []
    return (f"HTTP/1.1 {status} Its Own Words\r\n{''.join(lines)}\r\n").encode("latin-1") + body


def result_of(door: Door, status: int, *headers: tuple[str, str], body: bytes = b"") -> Event:
    """The whole result in a door's dialect."""
    lists: dict[str, list[str]] = {}
    for name, value in headers:
        lists.setdefault(name, []).append(value)
    result: Event = {"statusCode": status, "body": b64encode(body).decode(), "isBase64Encoded": bool(body)}
    if door is R and (text := as_text(body)) is not None:
        result |= {"body": text, "isBase64Encoded": False}
    if door in (AM, AS):
        result["statusDescription"] = f"{status} {REASONS.get(status, 'Unknown')}"
    if door in (R, H1, AM):
        return result | {"multiValueHeaders": lists}
    cookies = lists.pop("Set-Cookie", [])
    if door is AS:
        lists |= {"Set-Cookie": cookies[-1:]} if cookies else {}
    elif cookies:
        result["cookies"] = cookies
    return result | {"headers": {name: ", ".join(values) for name, values in lists.items()}}


def as_text(octets: bytes) -> str | None:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return None


OF_THE_HOP = (
    ("Connection", "keep-alive, X-Hop"),
    ("Keep-Alive", "timeout=5"),
    ("Proxy-Authenticate", "Basic"),
    ("Proxy-Connection", "keep-alive"),
    ("Trailer", "X-Sum"),
    ("Upgrade", "h2c"),
    ("X-Hop", "1"),
)
DATES = (("Date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("Server", "legacy/1"))
COOKIES = (("Set-Cookie", "a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT"), ("Set-Cookie", "b=2; HttpOnly"))
CACHED = (
    ("ETag", 'W/"x"'),
    ("Cache-Control", "no-transform"),
    ("Content-Location", "/x"),
    ("Expires", "Wed, 21 Oct 2099 07:28:00 GMT"),
    ("Vary", "a"),
)
PARTIAL = (("Content-Range", "bytes 0-1/9"), ("Accept-Ranges", "bytes"), ("Content-Type", "multipart/byteranges"))
ALLOW = (("Allow", "GET, PUT"), ("ETag", 'W/"x"'), ("Age", "7"), ("Cache-Control", "no-transform"))
CORS = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Methods", "PUT"), ("Vary", "Origin"))
VARY = (("Vary", "a"), ("Vary", "b"))
SAME_NAME = (("Set-Cookie", "s=1; Path=/a"), ("Set-Cookie", "s=1; Path=/b"))
MALFORMED = (("Set-Cookie", ";;;"),)
BASIC = (("WWW-Authenticate", 'Basic realm="a, b"'),)
FRAGMENT = (("Location", "#there"),)
NAMED = (("Content-Disposition", 'x; filename="caf\xe9 \xce\xbb"'),)
ELSEWHERE = (
    ("Location", "/next"),
    ("Content-Location", "http://other.example/x"),
    ("Refresh", "0;url=http://other.example/"),
    ("Link", "<http://127.0.0.1/>; rel=next"),
)


@pytest.mark.parametrize(
    ("door", "status", "written", "arrived"),
    [
        *each("case104-105-106", ALL, 200, COOKIES, COOKIES),
        *each("case108-109-110", ALL, 200, VARY, VARY),
        *each("case89", ALL, 200, SAME_NAME, SAME_NAME),
        *each("case90", ALL, 200, MALFORMED, MALFORMED),
        *each("case112-114", ALL, 200, (*OF_THE_HOP, ("X-Kept", "1")), (("X-Kept", "1"),)),
        *each("case119", ALL, 401, BASIC, BASIC),
        *each("case120-dropped", (R, F), 200, DATES, ()),
        *each("case120-kept", (H1, H2, AM, AS), 200, DATES, DATES),
        *each("case124-299", ALL, 299, (), ()),
        *each("case124-418", ALL, 418, (), ()),
        *each("case124-451", ALL, 451, (), ()),
        *each("case124-511", ALL, 511, (), ()),
        *each("case125-599", ALL, 599, (), ()),
        *each("case127-elsewhere", ALL, 302, ELSEWHERE, ELSEWHERE),
        *each("case127-fragment", ALL, 302, FRAGMENT, FRAGMENT),
        *each("case133-alt-svc", ALL, 200, (("Alt-Svc", 'h2="127.0.0.1:443"'),), ()),
        *each("case134", ALL, 200, NAMED, NAMED),
        *each("case136", ALL, 206, PARTIAL, PARTIAL),
        *each("case137", ALL, 405, ALLOW, ALLOW),
        *each("case140", ALL, 403, CORS, CORS),
    ],
)
def test_status_and_headers_come_back_as_legacy_gave_them(
    make_function: MakeFunction, door: Door, status: int, written: Text, arrived: Text
) -> None:
    """Bytes in equal bytes out: status, headers and cookies, less what speaks of one connection."""
    with RawLegacy(say(said(status, *written))) as server:
        result = make_function(legacy_url=server.origin)(door.event(ASKED))

    assert result == result_of(door, status, *arrived)


REST = "Path=/app;  Secure; HttpOnly; SameSite=None; Partitioned; Expires=Wed, 21 Oct 2099 07:28:00 GMT"
OTHER_DOMAIN = ("Set-Cookie", "s=127.0.0.1; Domain=other.example")
HOST_COOKIE = ("Set-Cookie", "__Host-s=1; Path=/")


@pytest.mark.parametrize(
    ("door", "written", "arrived"),
    [
        *each("case127", ALL, ("Location", "http://{own}/next?x#f"), ("Location", f"https://{API_HOST}/next?x#f")),
        *each("case127-upper", ALL, ("Location", "HTTP://{own}"), ("Location", f"https://{API_HOST}")),
        *each("case127-alike", ALL, ("Location", "http://{own}0/"), ("Location", "http://{own}0/")),
        *each("case127-in-query", ALL, ("Location", "/?to=http://{own}/"), ("Location", "/?to=http://{own}/")),
        *each("case133", ALL, ("Refresh", "0;url=http://{own}/"), ("Refresh", f"0;url=https://{API_HOST}/")),
        *each("case133-content", ALL, ("Content-Location", "//{own}/x"), ("Content-Location", f"//{API_HOST}/x")),
        *each("case133-link", ALL, ("Link", "<http://{own}/>"), ("Link", "<http://{own}/>")),
        *each(
            "case130",
            ALL,
            ("Set-Cookie", f"s=1; Domain=127.0.0.1;{REST}"),
            ("Set-Cookie", f"s=1; Domain={API_HOST};{REST}"),
        ),
        *each("case130-host", ALL, ("Set-Cookie", "__Host-s=1; Domain=127.0.0.1; Path=/"), HOST_COOKIE),
        *each("case130-other", ALL, OTHER_DOMAIN, OTHER_DOMAIN),
    ],
)
def test_name_of_legacy_becomes_the_clients_where_it_sends_clients_somewhere(
    make_function: MakeFunction, door: Door, written: tuple[str, str], arrived: tuple[str, str]
) -> None:
    with RawLegacy() as server:
        own = f"127.0.0.1:{server.port}"
        server.script(say(said(302, (written[0], written[1].format(own=own)))))

        result = make_function(legacy_url=server.origin)(door.event(ASKED))

    assert result == result_of(door, 302, (arrived[0], arrived[1].format(own=own)))


ZIPPED = gzip.compress(b"<p>page</p>" * 100, mtime=0)
PAGE = ("Content-Type", "text/html")


@pytest.mark.parametrize(
    ("door", "kind", "body"),
    [
        *each("case131-148", ALL, (PAGE, ("Content-Encoding", "gzip")), ZIPPED),
        *each("case132-invalid", ALL, (PAGE, ("Content-Encoding", "gzip")), b"no gzip\xff"),
        *each("case132-twice", ALL, (PAGE, ("Content-Encoding", "gzip, gzip")), ZIPPED),
        *each("case132-unknown", ALL, (PAGE, ("Content-Encoding", "x-foo")), ZIPPED),
        *each("case141-143", ALL, (("Content-Type", "application/json"),), b'{"statusCode":500,"body":"x"}'),
        *each("case147", ALL, (("Content-Type", "text/html; charset=iso-8859-1"),), b"<p>\xe9</p>"),
        *each("case149", ALL, (PAGE,), b""),
        *each("case155", ALL, (TYPE,), "\ufeff\0\r\n\u2028".encode() + b"\xed\xa0\x80" + bytes(range(256))),
    ],
)
def test_body_comes_back_byte_for_byte(make_function: MakeFunction, door: Door, kind: Text, body: bytes) -> None:
    """Bytes in equal bytes out: nothing is decoded, guessed or taken for an envelope; and the result is JSON."""
    with RawLegacy(say(said(200, *kind, body=body))) as server:
        result = make_function(legacy_url=server.origin)(door.event(ASKED))

    assert result == result_of(door, 200, *kind, body=body)
    assert door.answer(result).body == body
    assert json.loads(json.dumps(result, ensure_ascii=False).encode()) == result


@pytest.mark.parametrize("door", each("case118", ALL))
def test_body_without_a_type_gets_the_one_that_promises_nothing(make_function: MakeFunction, door: Door) -> None:
    with RawLegacy(say(said(200, body=b"{}"))) as server:
        result = make_function(legacy_url=server.origin)(door.event(ASKED))

    assert result == result_of(door, 200, ("Content-Type", "application/octet-stream"), body=b"{}")


CHUNKS = b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nTransfer-Encoding: chunked\r\n"
WHOLE: dict[str, Act] = {
    "case113": say(CHUNKS + b"\r\n1\r\no\r\n1;x=y\r\nk\r\n0\r\n\r\n"),
    "case121-103": say(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nSet-Cookie: a=1\r\n\r\n" + TYPED_OK),
    "case121-100": say(b"HTTP/1.1 100 Continue\r\n\r\n" + TYPED_OK),
    "case123": say(CHUNKS + b"Trailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n"),
    "case152": close(b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n\r\nok"),
    "case152-http-1.0": close(b"HTTP/1.0 200 OK\r\nContent-Type: a/b\r\n\r\nok"),
}


@pytest.mark.parametrize(("door", "act"), [param for case, act in WHOLE.items() for param in each(case, ALL, act)])
def test_framing_of_legacy_is_its_own(make_function: MakeFunction, door: Door, act: Act) -> None:
    with RawLegacy(act) as server:
        result = make_function(legacy_url=server.origin)(door.event(ASKED))

    assert result == result_of(door, 200, TYPE, body=b"ok")


@pytest.mark.parametrize("door", each("case135", ALL))
def test_folded_header_comes_back_in_one_line(make_function: MakeFunction, door: Door) -> None:
    """RFC 9112, 5.2: a proxy replaces each fold by spaces."""
    with RawLegacy(say(b"HTTP/1.1 200 OK\r\nX-A: 1\r\n  2\r\n\t3\r\nContent-Length: 0\r\n\r\n")) as server:
        result = make_function(legacy_url=server.origin)(door.event(ASKED))

    assert result == result_of(door, 200, ("X-A", "1 2 3"))


BODILESS = {
    "case115": ("HEAD", 200, say(said(200, TYPE, ("Content-Length", "1234"), framed=False))),
    "case115-illegal-body": ("HEAD", 200, say(said(200, TYPE, body=b"EVIL"))),
    "case115-illegal-answer": ("HEAD", 200, say(said(200, TYPE, ("Content-Length", "82"), framed=False) + EVIL)),
    "case116-204": ("GET", 204, say(said(204, TYPE, framed=False))),
    "case116-204-illegal-body": ("GET", 204, say(said(204, TYPE, body=b"EVIL"))),
    "case116-204-chunked": ("GET", 204, say(said(204, TYPE, ("Transfer-Encoding", "chunked"), framed=False))),
    "case116-205-illegal-body": ("GET", 205, say(said(205, TYPE, body=b"EVIL"))),
    "case116-304-length": ("GET", 304, say(said(304, TYPE, ("Content-Length", "99"), framed=False))),
    "case116-304-illegal-answer": ("GET", 304, say(said(304, TYPE, framed=False) + EVIL)),
}


@pytest.mark.parametrize(
    ("door", "method", "status", "act"),
    [param for case, values in BODILESS.items() for param in each(case, ALL, *values)],
)
def test_response_that_has_no_body_gets_none_and_the_next_caller_has_their_own(
    make_function: MakeFunction, door: Door, method: str, status: int, act: Act
) -> None:
    """Nothing a client sends can reach another client's response."""
    with RawLegacy(act, say(TYPED_OK)) as server:
        function = make_function(legacy_url=server.origin)

        first = function(door.event(Sent("/", ASKED.headers, method=method)))
        second = function(door.event(ASKED))

    assert first == result_of(door, status, TYPE)
    assert second == result_of(door, 200, TYPE, body=b"ok")


@pytest.mark.parametrize("door", each("case116-117-validators", ALL))
def test_not_modified_keeps_what_caches_live_on(make_function: MakeFunction, door: Door) -> None:
    with RawLegacy(say(said(304, *CACHED, framed=False))) as server:
        result = make_function(legacy_url=server.origin)(door.event(ASKED))

    assert result == result_of(door, 304, *CACHED)


BROKEN: dict[str, Act] = {
    "case122": say(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"),
    "case125-600": say(said(600, TYPE)),
    "case125-999": say(said(999, TYPE)),
    "case151-length": close(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok"),
    "case151-chunk": close(CHUNKS + b"\r\n5\r\nok"),
    "case151-last-chunk": close(CHUNKS + b"\r\n2\r\nok\r\n"),
    "case153": say(CHUNKS + b"Content-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
    "case165": say(said(200, ("X-Large", "x" * 200_000))),
}


@pytest.mark.parametrize(("door", "act"), [param for case, act in BROKEN.items() for param in each(case, ALL, act)])
def test_response_that_is_not_whole_is_a_502_of_ours(make_function: MakeFunction, door: Door, act: Act) -> None:
    """The client gets our 502 with a reason code, and never a part of an answer as if it were one."""
    with RawLegacy(act, say(TYPED_OK)) as server:
        function = make_function(legacy_url=server.origin)

        broken = function(door.event(Sent("/", ASKED.headers, method="POST")))
        after = function(door.event(ASKED))

        assert refusal(door, broken) == (502, "legacy_broken")
        assert after == result_of(door, 200, TYPE, body=b"ok")
        assert len(server.requests) == 2


@pytest.mark.parametrize("door", each("case150", ALL))
def test_response_beyond_the_front_door_is_a_502_of_ours(make_function: MakeFunction, door: Door) -> None:
    with RawLegacy(say(said(200, TYPE, body=b"\xff" * 5_000_000)), say(TYPED_OK)) as server:
        function = make_function(legacy_url=server.origin)

        large, after = function(door.event(ASKED)), function(door.event(ASKED))

    assert refusal(door, large) == (502, "response_too_large")
    assert after == result_of(door, 200, TYPE, body=b"ok")
    assert [record["bytes_out"] < 5_000_000 for record in function.records] == [True, True]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("door", each("case167", ALL))
def test_redirect_of_a_post_is_relayed_and_never_followed(make_function: MakeFunction, door: Door, status: int) -> None:
    with RawLegacy() as server:
        server.script(say(said(status, ("Location", f"{server.origin}/next"))))

        result = make_function(legacy_url=server.origin)(door.event(Sent("/", ASKED.headers, b"x", "POST")))

        assert result == result_of(door, status, ("Location", f"https://{API_HOST}/next"))
        assert [request.split(b"\r\n")[0] for request in server.requests] == [b"POST / HTTP/1.1"]
