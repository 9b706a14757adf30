"""What a hostile client writes, down at the socket: refused, or carried to the one backend there is, and no more."""

import json
import socket
from collections.abc import Iterator

import pytest

from .client import Ask, proxied
from .house import House
from .wire import Wire

HOST = b"Host: shop.example\r\n"


def get(target: bytes, *headers: bytes) -> bytes:
    """Return a GET of /echo or whatever, with a Host and more header lines."""
    return b"GET %s HTTP/1.1\r\n%s\r\n" % (target, b"".join((HOST, *(line + b"\r\n" for line in headers))))


def post(body: bytes, *headers: bytes) -> bytes:
    """Return a POST to /echo."""
    return b"POST /echo HTTP/1.1\r\n%s\r\n%s" % (b"".join((HOST, *(line + b"\r\n" for line in headers))), body)


CHUNKED = b"Transfer-Encoding: chunked"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\n" + HOST + b"\r\n"

REFUSED = {
    "a TLS greeting": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a method alone": b"GET\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "a space in the target": get(b"/a b"),
    "a method with a control character": b"G\x01T / HTTP/1.1\r\n" + HOST + b"\r\n",
    "a target that is relative": get(b"echo"),
    "a query alone": get(b"?a"),
    "a target in raw UTF-8": get(b"/\xc3\xa9"),
    "a query in raw Latin-1": get(b"/echo?a=\xff"),
    "a target that names a user": get(b"@evil.example/echo"),
    "a target that names a user and a password": get(b":@evil.example/echo"),
    "an absolute target with a password": get(b"http://a:b@evil.example/echo"),
    "an absolute target without a host": get(b"http:///echo"),
    "an absolute target of another scheme": get(b"ftp://evil.example/echo"),
    "a file": get(b"file:///etc/passwd"),
    "an asterisk": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "a tunnel": b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a tunnel to a path": b"CONNECT /echo HTTP/1.1\r\n" + HOST + b"\r\n",
    "a trace": b"TRACE /echo HTTP/1.1\r\n" + HOST + b"\r\n",
    "no host": b"GET /echo HTTP/1.1\r\n\r\n",
    "two hosts": get(b"/echo", b"Host: evil.example"),
    "a space before the colon": b"GET /echo HTTP/1.1\r\nHost : a\r\n\r\n",
    "a header without a colon": get(b"/echo", b"nonsense"),
    "a header with a bracket in its name": get(b"/echo", b"X(: 1"),
    "a CR in a header": get(b"/echo", b"X: a\rSet-Cookie: b=1"),
    "a NUL in a header": get(b"/echo", b"X: a\x00b"),
    "two lengths": post(SMUGGLED, b"Content-Length: 0", b"Content-Length: %d" % len(SMUGGLED)),
    "a list of lengths": post(SMUGGLED, b"Content-Length: 0, %d" % len(SMUGGLED)),
    "a negative length": post(b"", b"Content-Length: -1"),
    "a length with a sign": post(b"a", b"Content-Length: +1"),
    "a hexadecimal length": post(b"abcde", b"Content-Length: 0x5"),
    "a length of many digits": post(b"a", b"Content-Length: " + b"9" * 5000),
    "a length beyond all limits": post(b"a", b"Content-Length: 99999999999999999999"),
    "an unknown coding": post(b"0\r\n\r\n", b"Transfer-Encoding: xchunked"),
    "two codings": post(b"0\r\n\r\n", b"Transfer-Encoding: identity, chunked"),
    "two lines of codings": post(b"0\r\n\r\n", CHUNKED, b"Transfer-Encoding: identity"),
    "a coding behind a tab": post(b"0\r\n\r\n", b"Transfer-Encoding:\x0bchunked"),
    "a chunk without a size": post(b"zz\r\n", CHUNKED),
    "a chunk of negative size": post(b"-1\r\n", CHUNKED),
    "a large header": get(b"/echo", b"X: " + b"a" * 20_000),
    "a header of a megabyte": get(b"/echo", b"X: " + b"a" * 1_000_000),
    "a large target": get(b"/" + b"a" * 20_000),
}

# A front door that decodes the path cannot carry these; one that does not leaves them to legacy, which knows no such
# page.
ESCAPES = {
    "a line end": b"/echo%0d%0aSet-Cookie:%20a=1",
    "a NUL": b"/echo%00",
    "bytes that are not UTF-8": b"/%ff%fe",
    "half a surrogate pair": b"/%ed%a0%80",
}

# What legacy sees of what is carried, by its echo: the target and the headers that count.
CARRIED = {
    "an absolute target": (get(b"http://evil.example/echo?a=1"), "/echo?a=1", {"host": "evil.example"}),
    "an encoded line end in the query": (get(b"/echo?a=%0d%0aX:%20b%00%ff"), "/echo?a=%0d%0aX:%20b%00%ff", {}),
    "a folded header": (get(b"/echo", b"X-Tag: a", b" b"), "/echo", {"x-tag": "a b"}),
    "a header in Latin-1": (get(b"/echo", b"X-Tag: \xff\xfe"), "/echo", {"x-tag": "\xff\xfe"}),
    "a method in lower case": (b"get /echo HTTP/1.1\r\n" + HOST + b"\r\n", "/echo", {}),
    "a wish for a WebSocket": (
        get(b"/echo", b"Connection: upgrade", b"Upgrade: websocket"),
        "/echo",
        {"connection": None, "upgrade": None},
    ),
    "a Connection that names what must stay": (
        get(b"/echo", b"Connection: close, host, x-forwarded-for"),
        "/echo",
        {"host": "shop.example", "x-forwarded-for": "127.0.0.1"},
    ),
    "a way here that is made up": (
        get(b"/echo", b"X-Forwarded-For: 6.6.6.6", b"Forwarded: for=6.6.6.6", b"X-Real-IP: 6.6.6.6"),
        "/echo",
        {
            "x-forwarded-for": "127.0.0.1",
            "forwarded": 'for=127.0.0.1;proto=http;host="shop.example"',
            "x-real-ip": None,
        },
    ),
    "a length beside a coding": (
        post(b"0\r\n\r\n", b"Content-Length: 6", CHUNKED),
        "/echo",
        {"content-length": "0", "transfer-encoding": None},
    ),
    "headers after the body": (
        post(b"2\r\nab\r\n0\r\nX-Tag: a\r\nHost: evil.example\r\n\r\n", CHUNKED),
        "/echo",
        {"content-length": "2", "host": "shop.example", "x-tag": None},
    ),
    "our own headers": (
        get(b"/echo", b"X-Fig-Side: migrated", b"x-fig-stage: migrated", b"X-FIG-: 1"),
        "/echo",
        {"x-fig-side": None, "x-fig-stage": None, "x-fig-": None},
    ),
}


@pytest.fixture(scope="module")
def evil() -> Iterator[socket.socket]:
    """A server to which no request must ever lead."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


@pytest.fixture(autouse=True)
def _function_is_well(house: House) -> Iterator[None]:
    """After each test every worker lives, the next client is served, and nobody had to read a traceback."""
    since = house.here
    yield
    following = [proxied(house, Ask("GET", "/search?q=next")).status for _ in range(2)]
    told = [line for line in house.lines[since:] if "Traceback" in line or "ended and is replaced" in line]
    assert (following, told) == ([200, 200], [])


@pytest.mark.parametrize("request_", REFUSED.values(), ids=REFUSED)
def test_front_door_refuses(house: House, request_: bytes) -> None:
    since = house.here

    with Wire(house.url) as wire:
        wire.send(request_)
        answer = wire.answer()
        rest = wire.rest()

    assert answer.status in (400, 405, 413, 431)
    assert json.loads(answer.body).keys() & {"message", "Message"}
    assert b"200 OK" not in rest
    assert [line for line in house.lines[since:] if line.startswith("legacy | ") and "search?q=next" not in line] == []


@pytest.mark.parametrize("target", ESCAPES.values(), ids=ESCAPES)
def test_http_api_refuses_a_path_with_an_escape_for(http_api_house: House, target: bytes) -> None:
    with Wire(http_api_house.url) as wire:
        wire.send(get(target))
        answer = wire.answer()

    assert (answer.status, json.loads(answer.body)["code"]) == (400, "bad_path")


@pytest.mark.parametrize("target", ESCAPES.values(), ids=ESCAPES)
def test_function_url_leaves_to_legacy_an_escape_for(function_url_house: House, target: bytes) -> None:
    """Law 1: bytes in equal bytes out."""
    since = function_url_house.here

    with Wire(function_url_house.url) as wire:
        wire.send(get(target))
        answer = wire.answer()

    assert answer.status == 404
    function_url_house.wait_for_line(lambda line: f'"GET {target.decode()} HTTP/1.1" 404' in line, since)


@pytest.mark.parametrize(("request_", "target", "headers"), CARRIED.values(), ids=CARRIED)
def test_legacy_gets_the_harmless_part_of(
    house: House, request_: bytes, target: str, headers: dict[str, str | None]
) -> None:
    """Law 8: nothing a client sends can pick a side, inject a header or reach another client's response."""
    with Wire(house.url) as wire:
        wire.send(request_)
        answer = wire.answer()

    seen = json.loads(answer.body)
    fields = {name.lower(): value for name, value in seen["headers"]}
    assert seen["target"] == target
    assert {name: fields.get(name) for name in headers} == headers
    assert len(fields) == len(seen["headers"])


@pytest.mark.parametrize("form", ["//{}/x", "///{}/x", "/@{}/x", "/\\{}/x", "/http://{}/x", "/%2f%2f{}/x", "/..//{}/x"])
def test_path_that_looks_like_a_host_leads_to_legacy(function_url_house: House, evil: socket.socket, form: str) -> None:
    """Law 8: nothing a client sends can choose a host."""
    target = form.format(f"127.0.0.1:{evil.getsockname()[1]}")
    since = function_url_house.here

    with Wire(function_url_house.url) as wire:
        wire.send(get(target.encode()))
        answer = wire.answer()

    shown = target.replace("\\", "\\\\")  # in the log
    function_url_house.wait_for_line(lambda line: f'"GET {shown} HTTP/1.1" {answer.status}' in line, since)
    with pytest.raises(BlockingIOError):
        evil.accept()


@pytest.mark.parametrize(
    "form",
    [
        "GET http://{0}/echo HTTP/1.1\r\nHost: shop.example\r\n\r\n",
        "GET https://{0}/echo HTTP/1.1\r\nHost: shop.example\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: {0}\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: shop.example@{0}\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-Host: {0}\r\nForwarded: host={0}\r\n\r\n",
        "GET @{0}/echo HTTP/1.1\r\nHost: shop.example\r\n\r\n",
        "CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\n",
    ],
)
def test_host_that_a_client_names_is_never_connected_to(house: House, evil: socket.socket, form: str) -> None:
    """Law 8: nothing a client sends can choose a host."""
    with Wire(house.url) as wire:
        wire.send(form.format(f"127.0.0.1:{evil.getsockname()[1]}").encode())
        answer = wire.answer()

    assert answer.status in (200, 400)
    with pytest.raises(BlockingIOError):
        evil.accept()


def test_header_of_ours_picks_no_side(house: House) -> None:
    """Law 8: nothing a client sends can pick a side."""
    since = house.here

    with Wire(house.url) as wire:
        wire.send(get(b"/orders/O-5001", b"X-Fig-Side: migrated", b"X-Fig-Stage: migrated"))
        answer = wire.answer()

    record = json.loads(house.wait_for_line(lambda line: '"route":"orders.read"' in line, since))
    assert (answer.status, record["side"], record["reason"]) == (200, "legacy", "stage")


def test_request_hidden_in_a_body_is_answered_to_nobody_else(house: House) -> None:
    """Law 8: nothing a client sends can reach another client's response."""
    with Wire(house.url) as one, Wire(house.url) as other:
        one.send(post(b"0\r\n\r\n" + SMUGGLED, b"Content-Length: %d" % (5 + len(SMUGGLED)), CHUNKED))
        one.answer()
        answers = []
        for number in range(20):
            other.send(get(b"/search?q=%d" % number))
            answers.append(json.loads(other.answer().body)["parameters"])

    assert answers == [[["q", str(number)]] for number in range(20)]


@pytest.mark.parametrize(
    "beginning",
    [b"", b"GET", b"GET / HTTP/1.1\r\nHost: a", post(b"ab", b"Content-Length: 1000"), post(b"5\r\nab", CHUNKED)],
)
def test_client_that_leaves_in_the_middle_is_forgotten(house: House, beginning: bytes) -> None:
    with Wire(house.url) as wire:
        wire.send(beginning)
    with Wire(house.url) as wire:
        wire.send(get(b"/search?q=after"))

        assert wire.answer().status == 200


def test_requests_in_one_piece_are_answered_in_their_order(house: House) -> None:
    with Wire(house.url) as wire:
        wire.send(b"".join(get(b"/search?q=%d" % number) for number in range(5)))
        answers = [json.loads(wire.answer().body)["parameters"] for _ in range(5)]

    assert answers == [[["q", str(number)]] for number in range(5)]
