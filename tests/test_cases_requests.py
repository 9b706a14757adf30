"""The fidelity cases of requests, over a real socket: an event in, and the exact bytes that legacy received."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import proxy
from proxy.errors import BadDocument
from proxy.routing.compile import compile_table
from proxy.routing.reader import read
from proxy.settings import Settings
from tests.conftest import Function, MakeFunction
from tests.events.doors import EXECUTE_API_HOST, Door, Sent, alb_event
from tests.events.test_cases import (
    ALL,
    AM,
    AS,
    BREAKING,
    H1,
    H2,
    HOSTILE,
    RAW_PATH,
    F,
    R,
    Text,
    each,
    refusal,
    with_path,
)
from tests.raw_legacy import OK, RawLegacy, say
from tests.samples import API_HOST, URL_HOST, captured, compiled

VOUCHED = (
    "X-Forwarded-For: 203.0.113.24\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: {0}\r\n"
    'X-Forwarded-Port: 443\r\nForwarded: for=203.0.113.24;proto=https;host="{0}"\r\n'
)
VIA = "Via: 1.1 fig-proxy\r\n"
LISTS = (R, H1, AM)  # the doors that carry repeated headers apart


def asked(target: str = "/", *headers: tuple[str, str], body: bytes = b"", method: str = "GET") -> Sent:
    """What a client writes to api.shop.example."""
    return Sent(target, (("Host", API_HOST), *headers), body, method)


def wire(
    door: Door, line: str, *headers: tuple[str, str], body: bytes = b"", host: str = API_HOST, via: str = VIA
) -> bytes:
    """The bytes that legacy is to receive: only a REST API tells how the client wrote the names."""
    lines = [f"{name if door is R else name.lower()}: {value}\r\n" for name, value in headers]
    if body or line.startswith(("POST", "PUT", "PATCH")):
        lines.append(f"Content-Length: {len(body)}\r\n")
    head = f"{line} HTTP/1.1\r\nHost: {host}\r\n" + "".join(lines) + VOUCHED.format(API_HOST) + via + "\r\n"
    return head.encode("latin-1") + body


def received(make: MakeFunction, event: object, **how: Any) -> list[bytes]:  # Any: make_function's own arguments
    """What legacy received of an event that was answered 200."""
    with RawLegacy() as server:
        function: Function = make(legacy_url=server.origin, **how)

        result = function(event)

        assert result["statusCode"] == 200
        return server.requests


# ---- path and query


@pytest.mark.parametrize(
    ("door", "written", "arrived"),
    [
        *each("case24", ALL, "//evil.example/x", "//evil.example/x"),
        *each("case2-11-19-20-22", RAW_PATH, '/a%2Fb//%zz/%c3%bc/{}"<>`^|[]\\', '/a%2Fb//%zz/%c3%bc/{}"<>`^|[]\\'),
        *each("case8-21", (H1, H2), "/caf%C3%A9;v=1/a:b@c+'(b)*!$&,=", "/caf%C3%A9;v=1/a:b@c+'(b)*!$&,="),
        *each("case28-43", (F, H2), "/?b=2&a=1&flag&e=&=&&a=b=c&v=%0d%0aX", "/?b=2&a=1&flag&e=&=&&a=b=c&v=%0d%0aX"),
        *each("case34-43", (R, H1), "/?sig=a%2Bb%3D&v=%0D%0AX%3A1", "/?sig=a%2Bb%3D&v=%0D%0AX%3A1"),
        *each("case39", (AM, AS), "/?q=x%20y+z&sig=a%2Bb%3D", "/?q=x%20y+z&sig=a%2Bb%3D"),
    ],
)
def test_target_reaches_the_configured_legacy_and_nobody_else(
    make_function: MakeFunction, door: Door, written: str, arrived: str
) -> None:
    """Bytes in equal bytes out: the target."""
    assert received(make_function, door.event(asked(written))) == [wire(door, f"GET {arrived}")]


@pytest.mark.parametrize(
    ("door", "path"),
    [
        *(param for number, path in enumerate(HOSTILE) for param in each(f"case25-{number}", ALL, path)),
        *(param for number, path in enumerate(BREAKING) for param in each(f"case26-{number}", ALL, path)),
    ],
)
def test_path_that_no_request_line_may_hold_opens_no_connection(
    make_function: MakeFunction, door: Door, path: str
) -> None:
    """Nothing a client sends can choose a host or inject a header."""
    with RawLegacy() as server:
        result = make_function(legacy_url=server.origin)(with_path(door.event(asked()), path))

        assert refusal(door, result) == (400, "bad_path")
        assert server.connections == []


@pytest.mark.parametrize(
    ("door", "path"),
    [
        *each("case27-escaped", RAW_PATH, "/%61dmin"),
        *each("case27-case", ALL, "/Admin"),
        *each("case27-slashes", ALL, "//admin"),
        *each("case27-dots", RAW_PATH, "/admin%2F.."),
        *each("case27-dots-below", RAW_PATH, "/x/../admin"),
    ],
)
def test_no_other_spelling_of_a_path_reaches_what_moved(make_function: MakeFunction, door: Door, path: str) -> None:
    """Where a lenient server would read another path than the bytes say, legacy answers, and gets the bytes."""
    table = compiled("admin: GET /admin migrated no.such:module\nbelow: GET /admin/{rest+} migrated no.such:module")

    assert received(make_function, door.event(asked(path)), table=table) == [wire(door, f"GET {path}")]


def test_case45_no_call_gives_the_client_library_a_query_of_its_own() -> None:
    """httpx wipes the query of the URL when it is given `params`."""
    sources = list(Path(proxy.__path__[0]).rglob("*.py"))

    assert len(sources) > 50
    assert [path.name for path in sources if "params=" in path.read_text("utf-8")] == []


# ---- headers

CONDITIONS = (
    ("Range", "bytes=0-1, -5"),
    ("If-Range", '"x"'),
    ("If-None-Match", '"a", W/"b"'),
    ("If-Modified-Since", "Wed, 21 Oct 2099 07:28:00 GMT"),
    ("If-Match", "*"),
)
DIGESTS = (("Content-MD5", "eA=="), ("Digest", "sha-256=x="))
HUNDRED = tuple((f"X-{n}", "v" * 95) for n in range(100))
COOKIE_LINES = (("Cookie", "a=1"), ("Cookie", "b=2"))
ODD_COOKIES = (("Cookie", 'sid=s%3Aab.c==; cart="1,2"; a; =b; a=1; a=2'),)


@pytest.mark.parametrize(
    ("door", "written", "arrived"),
    [
        *each("case46", LISTS, (("X-Trace", "t-1"), ("X-Trace", "t-2")), (("X-Trace", "t-1"), ("X-Trace", "t-2"))),
        *each("case54", ALL, (("X-Foo", "1"), ("Connection", "close, X-Foo"), ("X-Kept", "1")), (("X-Kept", "1"),)),
        *each("case54-host", ALL, (("Connection", "Host"),), ()),
        *each(
            "case56",
            ALL,
            (
                ("Keep-Alive", "timeout=5"),
                ("Proxy-Connection", "keep-alive"),
                ("TE", "trailers"),
                ("Trailer", "X-Sum"),
                ("Upgrade", "h2c"),
                ("HTTP2-Settings", "AAMAAABk"),
                ("Proxy-Authorization", "Basic eA=="),
                ("Proxy-Authenticate", "Basic"),
            ),
            (),
        ),
        *each("case57", ALL, (("Upgrade-Insecure-Requests", "1"),), (("Upgrade-Insecure-Requests", "1"),)),
        *each("case59-77", ALL, (), ()),
        *each("case60", ALL, (("Accept-Encoding", "gzip"),), (("Accept-Encoding", "gzip"),)),
        *each("case61", ALL, (("X-A", "1"),), (("X-A", "1"),)),
        *each("case63", ALL, (("X-Forwarded-For", "127.0.0.1"),), ()),
        *each(
            "case65",
            ALL,
            (
                ("Forwarded", "for=127.0.0.1"),
                ("X-Real-IP", "127.0.0.1"),
                ("X-Forwarded-Host", "evil.example"),
                ("X-Forwarded-Port", "1"),
            ),
            (),
        ),
        *each("case67", ALL, (("Via", "1.0 fred"),), (("Via", "1.0 fred"),)),
        *each("case68-get", ALL, (("Max-Forwards", "0"),), (("Max-Forwards", "0"),)),
        *each(
            "case69",
            ALL,
            (
                ("CloudFront-Viewer-Country", "DE"),
                ("X-Amz-Cf-Id", "x"),
                ("X-Amzn-Tls-Version", "TLSv1.3"),
                ("X-Amzn-Tls-Cipher-Suite", "x"),
            ),
            (),
        ),
        *each("case70", ALL, (("X-Empty", ""),), (("X-Empty", ""),)),
        *each("case71-74", ALL, (("X-A", " \u00e9 "),), (("X-A", "\u00e9"),)),
        *each("case75", ALL, (("x_under_score", "1"),), (("x_under_score", "1"),)),
        *each("case76", ALL, CONDITIONS, CONDITIONS),
        *each("case78", ALL, (("Content-Type", "text/plain"),), (("Content-Type", "text/plain"),)),
        *each("case79", ALL, DIGESTS, DIGESTS),
        *each("case82", ALL, HUNDRED, HUNDRED),
        *each("case85", LISTS, COOKIE_LINES, COOKIE_LINES),
        *each("case87", ALL, ODD_COOKIES, ODD_COOKIES),
    ],
)
def test_headers_arrive_and_no_other_is_made_up(
    make_function: MakeFunction, door: Door, written: Text, arrived: Text
) -> None:
    """Bytes in equal bytes out: the headers, less those that speak of one connection, and those nobody vouches for."""
    assert received(make_function, door.event(asked("/x", *written))) == [wire(door, "GET /x", *arrived)]


@pytest.mark.parametrize(("door", "pair"), each("case69-kept", ALL, ("CloudFront-Viewer-Country", "DE")))
def test_header_of_a_front_door_arrives_where_the_settings_keep_it(
    make_function: MakeFunction, door: Door, pair: tuple[str, str]
) -> None:
    settings = Settings(kept_headers=frozenset({"cloudfront-viewer-country"}))

    assert received(make_function, door.event(asked("/", pair)), settings=settings) == [wire(door, "GET /", pair)]


@pytest.mark.parametrize("door", each("case61-own-name", ALL))
def test_legacy_that_is_asked_under_its_own_name_gets_one_host(make_function: MakeFunction, door: Door) -> None:
    with RawLegacy() as server:
        table = compile_table(read(f"version: 1\nlegacy: {{url: '{server.origin}', host: legacy}}\nroutes: []"), 1)

        make_function(table)(door.event(asked()))

        assert server.requests == [wire(door, "GET /", host=server.origin.removeprefix("http://"))]


@pytest.mark.parametrize("door", each("case62", LISTS))
def test_two_hosts_open_no_connection(make_function: MakeFunction, door: Door) -> None:
    event = door.event(asked())
    event["multiValueHeaders"] |= {name: ["a", "b"] for name in event["multiValueHeaders"] if name.lower() == "host"}
    with RawLegacy() as server:
        result = make_function(legacy_url=server.origin)(event)

        assert refusal(door, result) == (400, "bad_header")
        assert server.connections == []


@pytest.mark.parametrize("door", each("case64", (AM, AS)))
def test_right_most_hop_is_the_one_that_the_load_balancer_has_seen(make_function: MakeFunction, door: Door) -> None:
    event = alb_event(asked("/", ("X-Forwarded-For", "6.6.6.6, 7.7.7.7")), forwarding="append", multi=door is AM)

    assert received(make_function, event) == [wire(door, "GET /")]


@pytest.mark.parametrize("door", each("case67", ALL))
def test_request_that_was_here_before_is_a_loop_and_opens_no_connection(
    make_function: MakeFunction, door: Door
) -> None:
    with RawLegacy() as server:
        result = make_function(legacy_url=server.origin)(door.event(asked("/", ("Via", "1.0 x, 1.1 fig-proxy"))))

        assert refusal(door, result) == (508, "loop_detected")
        assert server.connections == []


@pytest.mark.parametrize("door", each("case67-off", ALL))
def test_without_a_name_no_via_is_added(make_function: MakeFunction, door: Door) -> None:
    settings = Settings(via="")

    assert received(make_function, door.event(asked()), settings=settings) == [wire(door, "GET /", via="")]


@pytest.mark.parametrize(
    ("door", "written", "left"),
    [*each("case68-forwarded", ALL, "5", "4"), *each("case68-last", ALL, "1", "0"), *each("case68", ALL, "0", None)],
)
def test_options_is_forwarded_as_often_as_the_client_allows(
    make_function: MakeFunction, door: Door, written: str, left: str | None
) -> None:
    with RawLegacy() as server:
        function = make_function(legacy_url=server.origin)

        result = function(door.event(asked("/", ("Max-Forwards", written), method="OPTIONS")))

        forwarded = [] if left is None else [wire(door, "OPTIONS /", ("Max-Forwards", left))]
        assert (result["statusCode"], server.requests) == (200 if left else 204, forwarded)


@pytest.mark.parametrize("door", each("case80", (R, H1, H2, F)))
def test_console_test_with_null_maps_is_a_plain_request(make_function: MakeFunction, door: Door) -> None:
    event = door.event(asked())
    event |= {name: None for name in event if name.endswith(("eaders", "Parameters"))}
    host = URL_HOST if door is F else EXECUTE_API_HOST

    [request] = received(make_function, event)

    assert request == wire(door, "GET /").replace(API_HOST.encode(), host.encode())


def test_case174_health_check_asks_legacy_under_its_own_name(make_function: MakeFunction) -> None:
    with RawLegacy() as server:
        make_function(legacy_url=server.origin)(captured("load_balancer_health"))

        lines = server.requests[0].split(b"\r\n")
        assert lines[:2] == [b"GET /healthz HTTP/1.1", b"Host: 127.0.0.1:%d" % server.port]


def test_forwarded_of_a_request_without_a_client_names_no_empty_node(make_function: MakeFunction) -> None:
    """RFC 7239, 4 and 6: a value is never empty, and a client that nobody knows is "unknown"."""
    [request] = received(make_function, captured("load_balancer_health"))

    assert b"\r\nForwarded: for=unknown;proto=" in request


@pytest.mark.parametrize("url", ["http://user:S3CR3T@127.0.0.1", "http://S3CR3T@127.0.0.1:80"], ids="case81-{}".format)
def test_credentials_in_the_address_of_legacy_are_refused_and_told_to_nobody(
    make_function: MakeFunction, url: str
) -> None:
    function = make_function(legacy_url=url, settings=Settings(tells_error_text=True))

    result = function(F.event(asked()))

    assert refusal(F, result) == (502, "legacy_unreachable")
    assert "S3CR3T" not in json.dumps([result, function.lines])
    with pytest.raises(BadDocument) as refused:
        read(f"version: 1\nlegacy: {{url: '{url}'}}\nroutes: []")
    assert "S3CR3T" not in str(refused.value)


@pytest.mark.parametrize("door", each("case88", ALL))
def test_cookie_of_one_caller_is_never_sent_for_another(make_function: MakeFunction, door: Door) -> None:
    """Nothing a client sends can reach another client's response."""
    alice = b"HTTP/1.1 200 OK\r\nSet-Cookie: session=ALICE; Path=/\r\nContent-Length: 0\r\n\r\n"
    with RawLegacy(say(alice), say(OK)) as server:
        function = make_function(legacy_url=server.origin)

        results = [function(door.event(asked())) for _ in range(2)]

        assert "ALICE" in json.dumps(results[0])
        assert "ALICE" not in json.dumps(results[1])
        assert server.requests == [wire(door, "GET /")] * 2


# ---- bodies and methods

FORM = b'--a b\r\nContent-Disposition: form-data; name="f"; filename="\xe9"\r\n\r\n\x00\xff\r\n--a b--\r\n'
PREFLIGHT = (("Origin", "https://a"), ("Access-Control-Request-Method", "PUT"))
GZIP = ("Content-Encoding", "gzip")
KIND = ("Content-Type", 'Multipart/Form-Data; BOUNDARY="a b"; x=Y')


@pytest.mark.parametrize(
    ("door", "sent", "arrived"),
    [
        *each("case50-51", ALL, asked("/", ("Content-Length", "999"), body=b"x" * 28, method="POST"), ()),
        *each("case52", ALL, asked("/", ("Transfer-Encoding", "chunked"), body=b"abc", method="POST"), ()),
        *each("case53", ALL, asked("/", ("Content-Length", "+2"), body=b"abc", method="PUT"), ()),
        *each("case58", ALL, asked("/", ("Expect", "100-continue"), body=b"abc", method="POST"), ()),
        *each("case93", ALL, asked("/", GZIP, body=b"\x1f\x8b", method="PUT"), (GZIP,)),
        *each("case96", ALL, asked("/", body=b'{"b":1.0,"a":1e3,"a":2}', method="PATCH"), ()),
        *each("case97", ALL, asked("/", body="\ufeffa\r\n\0\u2028😀".encode(), method="POST"), ()),
        *each("case98-post", ALL, asked(method="POST"), ()),
        *each("case98-head", ALL, asked(method="HEAD"), ()),
        *each("case98-delete", ALL, asked(method="DELETE"), ()),
        *each("case99-get", ALL, asked("/", body=b"abc"), ()),
        *each("case99-delete", ALL, asked("/", body=b"abc", method="DELETE"), ()),
        *each("case100", ALL, asked("/", KIND, body=FORM, method="POST"), (KIND,)),
        *each("case102", ALL, asked("/", ("Transfer-Encoding", "chunked"), method="PUT"), ()),
        *each(
            "case140",
            ALL,
            asked("/", *PREFLIGHT, method="OPTIONS"),
            PREFLIGHT,
        ),
        *each("case168-pUrGe", ALL, asked(method="pUrGe"), ()),
        *each("case168-query", ALL, asked("/", body=b"select", method="QUERY"), ()),
        *each("case168-propfind", ALL, asked(method="PROPFIND"), ()),
        *each("case168-m-search", ALL, asked(method="M-SEARCH"), ()),
    ],
)
def test_method_and_body_arrive_with_one_length(
    make_function: MakeFunction, door: Door, sent: Sent, arrived: Text
) -> None:
    """Bytes in equal bytes out: the body, its framing made anew, and the method in the client's case."""
    line = f"{sent.method} {sent.target}"

    assert received(make_function, door.event(sent)) == [wire(door, line, *arrived, body=sent.body)]


@pytest.mark.parametrize(
    ("door", "method"), [*each("case169-connect", ALL, "CONNECT"), *each("case169-trace", ALL, "TRACE")]
)
def test_tunnel_and_trace_are_refused_here(make_function: MakeFunction, door: Door, method: str) -> None:
    with RawLegacy() as server:
        sent = replace(asked("/", ("Max-Forwards", "0"), ("Cookie", "a=1")), method=method)

        result = make_function(legacy_url=server.origin)(door.event(sent))

        assert refusal(door, result) == (405, "method_refused")
        assert server.connections == []
