"""The fidelity cases of the codecs, through the whole function: an event in, what legacy would receive, and the result.

Legacy is a recorder behind the app; what it would receive is what proxy.backends.headers makes of the request.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from proxy.backends.headers import Crossing, to_client
from proxy.events import codec
from proxy.message import Headers, Pair, Request, Response
from proxy.routing.decide import Decision
from proxy.routing.table import Table
from tests.conftest import Function, MakeFunction
from tests.events.doors import (
    PEER,
    Door,
    Event,
    Sent,
    alb_answer,
    alb_event,
    function_url_event,
    http_v1_event,
    http_v2_event,
    lists_answer,
    rest_event,
    v2_answer,
)
from tests.fakes import NothingBroken
from tests.samples import captured

R = Door(codec.REST_API, rest_event, partial(lists_answer, remaps=True))
H1 = Door(codec.HTTP_API_V1, http_v1_event, partial(lists_answer, remaps=False))
H2 = Door(codec.HTTP_API, http_v2_event, partial(v2_answer, remaps=False))
F = Door(codec.FUNCTION_URL, function_url_event, partial(v2_answer, remaps=True))
AM = Door(codec.ALB, alb_event, alb_answer)
AS = Door(codec.ALB_SINGLE, partial(alb_event, multi=False), alb_answer)
ALL = (R, H1, H2, F, AM, AS)
RAW_PATH = (R, F, AM, AS)

Text = tuple[tuple[str, str], ...]
OF_THE_PROXY = (
    *("host", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port"),
    *("forwarded", "via"),
)


@dataclass
class Recorder(NothingBroken):
    """Legacy, as far as the app sees it: keeps every request and gives one answer."""

    response: Response = field(default_factory=lambda: Response(204, Headers(), b""))
    requests: list[Request] = field(default_factory=list)

    def ask(self, decision: Decision, table: Table, request: Request) -> Response:
        self.requests.append(request)
        return self.response


@dataclass(frozen=True)
class Received:
    """What legacy would receive, without the headers that the proxy writes in place of the client's."""

    line: str
    headers: Text = ()
    body: bytes = b""


def through(make_function: MakeFunction, event: object, response: Response | None = None) -> tuple[Recorder, Event]:
    """The recorder, and the result for an event."""
    recorder = Recorder() if response is None else Recorder(response)
    function: Function = make_function(backends=recorder)
    return recorder, function(event)


def received(recorder: Recorder) -> Received:
    (request,) = recorder.requests
    pairs = (
        (name.decode().lower(), value.decode("latin-1")) for name, value in Crossing().to_legacy(request, b"legacy")
    )
    return Received(
        f"{request.method} {request.target}",
        tuple((name, value) for name, value in pairs if name not in OF_THE_PROXY),
        request.body,
    )


def each(case: str, doors: tuple[Door, ...], *values: object) -> list[Any]:  # Any: pytest has no name for a param
    return [pytest.param(door, *values, id=f"{case}-{door.codec.name}") for door in doors]


# ---- path and query


@pytest.mark.parametrize(
    ("door", "written", "arrived"),
    [
        *each("case2", (R,), "/v1/a%2Fb", "/v1/a%2Fb"),
        *each("case3", (F, AM, AS), "/capture/space%20value", "/capture/space%20value"),
        *each("case4", (H2, H1), "/capture/space%20value", "/capture/space%20value"),
        *each("case5", (H2, H1), "/a%2Fb", "/a/b"),
        *each("case8", (H2, H1), "/caf%C3%A9", "/caf%C3%A9"),
        *each("case10", (R,), "/items/", "/items/"),
        *each("case11", ALL, "/a//b", "/a//b"),
        *each("case16", ALL, "/", "/"),
        *each("case19-lone", RAW_PATH, "/a%", "/a%"),
        *each("case19-no-hex", RAW_PATH, "/a%zz", "/a%zz"),
        *each("case19-half", RAW_PATH, "/a%2", "/a%2"),
        *each("case20-lower", RAW_PATH, "/%c3%bc", "/%c3%bc"),
        *each("case20-upper", RAW_PATH, "/%C3%BC", "/%C3%BC"),
        *each("case20-no-utf-8", RAW_PATH, "/%FC", "/%FC"),
        *each("case21-matrix", ALL, "/a;v=1/b", "/a;v=1/b"),
        *each("case21-colon", ALL, "/a:b@c", "/a:b@c"),
        *each("case21-plus", ALL, "/a+b", "/a+b"),
        *each("case21-rest", ALL, "/a'(b)*!$&,=", "/a'(b)*!$&,="),
        *each("case22", RAW_PATH, '/a{b}"<>`^|[]\\', '/a{b}"<>`^|[]\\'),
        *each("case24", ALL, "//evil.example/x", "//evil.example/x"),
        *each("case28", (F, H2), "/?b=2&a=1&flag&e=&=&&a=b=c", "/?b=2&a=1&flag&e=&=&&a=b=c"),
        *each("case30", ALL, "/x?", "/x"),
        *each("case31", (F, H2), '/?q=a b&n=é&s="x"&k=%zz', '/?q=a%20b&n=%C3%A9&s="x"&k=%zz'),
        *each("case33", (R, H1), "/?q=x%20y+z", "/?q=x%20y%20z"),
        *each("case34", (R, H1), "/?sig=a%2Bb%3D", "/?sig=a%2Bb%3D"),
        *each("case35", (R, H1, AM), "/?tag=a&tag=b", "/?tag=a&tag=b"),
        *each("case37", (R, H1), "/?a%5Bb%5D=1&x.y=2&%C3%A9=3&=v", "/?a%5Bb%5D=1&x.y=2&%C3%A9=3&=v"),
        *each("case38", (R, H1), "/?a=1%3Bb=2", "/?a=1%3Bb%3D2"),
        *each("case39", (AM, AS), "/?q=x%20y+z&sig=a%2Bb%3D", "/?q=x%20y+z&sig=a%2Bb%3D"),
        *each("case40", (AM, AS), "/?foo%5Ba%5D=1", "/?foo%5Ba%5D=1"),
        *each("case41", (AS,), "/?tag=a&tag=b", "/?tag=b"),
        *each("case43-escaped", (F, H2, AM, AS), "/?v=%0d%0aX:1", "/?v=%0d%0aX:1"),
        *each("case43-decoded", (R, H1), "/?v=%0d%0aX:1", "/?v=%0D%0AX%3A1"),
    ],
)
def test_target_arrives_as_far_as_the_front_door_carries_it(
    make_function: MakeFunction, door: Door, written: str, arrived: str
) -> None:
    """Bytes in equal bytes out: the target."""
    recorder, _ = through(make_function, door.event(Sent(written)))

    assert received(recorder) == Received(f"GET {arrived}")


@pytest.mark.parametrize(
    ("door", "stage", "raw_path", "arrived"),
    [
        *each("case13-below", (H2, H1), "prod", "/prod/x", "/x"),
        *each("case13-alone", (H2, H1), "prod", "/prod", "/"),
        *each("case13-longer-name", (H2, H1), "prod", "/production/x", "/production/x"),
        *each("case15-mapping-key-is-not-in-the-event", (H2,), "prod", "/prod/foo", "/foo"),
        *each("case17-empty", (F,), "$default", "", "/"),
        *each("case17-absent", (F,), "$default", None, "/"),
    ],
)
def test_path_of_the_event_is_the_clients(
    make_function: MakeFunction, door: Door, stage: str, raw_path: str | None, arrived: str
) -> None:
    event = door.event(Sent())
    event["requestContext"]["stage"] = stage

    recorder, _ = through(make_function, with_path(event, raw_path))

    assert received(recorder).line == f"GET {arrived}"


@pytest.mark.parametrize("empty", [{}, None], ids=["empty", "null"])
@pytest.mark.parametrize("door", [R, H1, AM], ids=lambda door: f"case42-{door.codec.name}")
def test_whichever_map_is_not_empty_counts(make_function: MakeFunction, door: Door, empty: object) -> None:
    event = door.event(Sent())
    event |= {"multiValueQueryStringParameters": empty, "queryStringParameters": {"a": "1"}}
    event |= {"multiValueHeaders": empty, "headers": {"x-a": "1"}}

    recorder, _ = through(make_function, event)

    assert received(recorder) == Received("GET /?a=1", (("x-a", "1"),))


def with_path(event: Event, path: object) -> Event:
    return {**event, "rawPath" if event.get("version") == "2.0" else "path": path}


HOSTILE = ("http://evil/x", "@evil/x", ".evil/", ":80@evil/", "*")
BREAKING = ("/a\tb", "/a\r\nX: 1", "/a\nb", "/a\0", "/a\x7f")


@pytest.mark.parametrize(
    ("door", "path"),
    [
        *(param for number, path in enumerate(HOSTILE) for param in each(f"case25-{number}", ALL, path)),
        *(param for number, path in enumerate(BREAKING) for param in each(f"case26-{number}", ALL, path)),
        *each("case23-replaced", (H2, H1), "/\ufffd"),
        *each("case23-surrogate", ALL, "/\ud800"),
    ],
)
def test_path_that_no_request_line_may_hold_is_refused_and_nobody_is_asked(
    make_function: MakeFunction, door: Door, path: str
) -> None:
    """Nothing a client sends can choose a host or inject a header."""
    recorder, result = through(make_function, with_path(door.event(Sent()), path))

    assert recorder.requests == []
    assert refusal(door, result) == (400, "bad_path")


def refusal(door: Door, result: Event) -> tuple[int, str]:
    got = door.answer(result)
    assert got.values("content-type") == ["application/json"]
    return got.status, json.loads(got.body)["code"]


# ---- headers and cookies


@pytest.mark.parametrize(
    ("door", "written", "arrived"),
    [
        *each(
            "case46", (R, H1, AM), (("X-Trace", "t-1"), ("X-Trace", "t-2")), (("x-trace", "t-1"), ("x-trace", "t-2"))
        ),
        *each("case47", (F, H2), (("X-Trace", "t-1"), ("X-Trace", "t-2")), (("x-trace", "t-1,t-2"),)),
        *each("case47-date", (F, H2), (("X-D", "Wed, 21 Oct 2099"),), (("x-d", "Wed, 21 Oct 2099"),)),
        *each("case48", (R,), (("X-A", "1"),), (("x-a", "1"),)),
        *each("case52", ALL, (("Transfer-Encoding", "chunked"), ("transfer-encoding", "xchunked")), ()),
        *each("case53", ALL, (("Content-Length", "2"), ("Content-Length", "+2")), ()),
        *each("case71", ALL, (("X-A", " a "),), (("x-a", "a"),)),
        *each("case74-latin-1", ALL, (("X-A", "é"),), (("x-a", "é"),)),
        *each("case74-beyond", ALL, (("X-A", "λ"),), (("x-a", "λ".encode().decode("latin-1")),)),
        *each("case78-type-without-body", ALL, (("Content-Type", "a/b"),), (("content-type", "a/b"),)),
        *each("case83", (H2, F), (("Cookie", "sid=1; theme=dark"),), (("cookie", "sid=1; theme=dark"),)),
        *each("case85", (R, H1, AM), (("Cookie", "a=1"), ("Cookie", "b=2")), (("cookie", "a=1"), ("cookie", "b=2"))),
        *each("case85-joined", (H2, F), (("Cookie", "a=1"), ("Cookie", "b=2")), (("cookie", "a=1; b=2"),)),
        *each("case86", (AS,), (("Cookie", "a=1"), ("Cookie", "b=2")), (("cookie", "b=2"),)),
        *each(
            "case87",
            ALL,
            (("Cookie", 'sid=s%3Aab.c==; cart="1,2"; a; =b; a=1; a=2'),),
            (("cookie", 'sid=s%3Aab.c==; cart="1,2"; a; =b; a=1; a=2'),),
        ),
    ],
)
def test_headers_arrive_as_far_as_the_front_door_carries_them(
    make_function: MakeFunction, door: Door, written: Text, arrived: Text
) -> None:
    """Bytes in equal bytes out: headers, repeated headers, cookies."""
    recorder, _ = through(make_function, door.event(Sent("/x", written)))

    assert received(recorder) == Received("GET /x", arrived)


def test_case49_rest_names_arrive_in_the_clients_case(make_function: MakeFunction) -> None:
    recorder, _ = through(make_function, R.event(Sent(headers=(("tEsT-HEADeR", "1"), ("authorization", "x")))))

    names = [name for name, _ in Crossing().to_legacy(recorder.requests[0], b"legacy")]
    assert {b"tEsT-HEADeR", b"Authorization"} <= set(names)


@pytest.mark.parametrize("door", ALL, ids=lambda door: f"case63-{door.codec.name}")
def test_forwarded_for_ends_with_what_the_front_door_vouches_for(make_function: MakeFunction, door: Door) -> None:
    recorder, _ = through(make_function, door.event(Sent(headers=(("X-Forwarded-For", "127.0.0.1"),))))

    hops = [
        value for name, value in Crossing().to_legacy(recorder.requests[0], b"legacy") if name == b"X-Forwarded-For"
    ]
    assert hops == [PEER.encode()]


@pytest.mark.parametrize("absent", [{"headers": None}, {"headers": None, "multiValueHeaders": None}])
@pytest.mark.parametrize("door", ALL, ids=lambda door: f"case80-{door.codec.name}")
def test_null_maps_are_empty(make_function: MakeFunction, door: Door, absent: Event) -> None:
    event = door.event(Sent())
    event |= {name: value for name, value in absent.items() if name in event}
    if event.get("multiValueHeaders"):
        event["multiValueHeaders"] = {}

    recorder, _ = through(make_function, event)

    assert received(recorder) == Received("GET /")


@pytest.mark.parametrize(
    ("door", "headers"),
    [
        *each("case62", (R, H1, AM), {"host": ["a", "b"]}),
        *each("case73-space", ALL, {"X Y": ["1"]}),
        *each("case73-colon", ALL, {"X:Y": ["1"]}),
        *each("case73-empty", ALL, {"": ["1"]}),
        *each("case73-pseudo", ALL, {":path": ["/"]}),
        *each("case73-injected", ALL, {"X": ["a\r\nY: 1"]}),
    ],
)
def test_header_that_no_message_may_hold_is_refused_and_nobody_is_asked(
    make_function: MakeFunction, door: Door, headers: dict[str, list[str]]
) -> None:
    event = door.event(Sent())
    event["headers"] = {name: values[-1] for name, values in headers.items()}
    if "multiValueHeaders" in event:
        event["multiValueHeaders"] = headers

    recorder, result = through(make_function, event)

    assert recorder.requests == []
    assert refusal(door, result) == (400, "bad_header")


# ---- bodies of requests

BODIES = {
    "case91-octets": bytes(range(256)),
    "case92-form": b"name=a+b&note=%E2%82%AC",
    "case93-gzip": b"\x1f\x8b\x08\x00rest",
    "case94-text": '{"name":"λ"}'.encode(),
    "case96-json": b'{"b":1.0,"a":1e3,"a":2, "n":12345678901234567890}',
    "case97-odd": "\ufeffa\r\n\0\u2028😀".encode(),
}


@pytest.mark.parametrize(("door", "body"), [param for name, body in BODIES.items() for param in each(name, ALL, body)])
def test_body_arrives_byte_for_byte_with_its_own_length(make_function: MakeFunction, door: Door, body: bytes) -> None:
    """Bytes in equal bytes out: the body. Content-Length is that of the bytes, whatever the client wrote (50, 51)."""
    kind = (("content-type", "a/b"), ("content-encoding", "gzip"))

    recorder, _ = through(make_function, door.event(Sent("/", (*kind, ("Content-Length", "999")), body, "POST")))

    assert received(recorder) == Received("POST /", (*kind, ("content-length", str(len(body)))), body)


@pytest.mark.parametrize(
    ("door", "text"), [*each("case96", ALL, '{"b":1.0, "a":1e3,"a":2}'), *each("case97", ALL, "\ufeffa\r\n\0\u2028😀λ")]
)
def test_body_that_comes_as_text_arrives_as_its_utf_8(make_function: MakeFunction, door: Door, text: str) -> None:
    event = door.event(Sent("/", method="PUT")) | {"body": text, "isBase64Encoded": False}

    recorder, _ = through(make_function, event)

    octets = text.encode()
    assert received(recorder) == Received("PUT /", (("content-length", str(len(octets))),), octets)


@pytest.mark.parametrize("body", [None, "", "absent"])
@pytest.mark.parametrize(
    ("door", "method", "headers"),
    [
        *each("case98-get", ALL, "GET", ()),
        *each("case98-delete", ALL, "DELETE", ()),
        *each("case98-head", ALL, "HEAD", ()),
        *each("case98-post", ALL, "POST", (("content-length", "0"),)),
    ],
)
def test_empty_body_says_its_length_where_one_is_expected(
    make_function: MakeFunction, door: Door, method: str, headers: Text, body: str | None
) -> None:
    event = door.event(Sent(method=method)) | {"body": body}
    if body == "absent":
        del event["body"]

    recorder, _ = through(make_function, event)

    assert received(recorder) == Received(f"{method} /", headers)


@pytest.mark.parametrize(
    ("door", "body", "is_base64", "code"),
    [
        *each("case91-bad-base64", ALL, "%", True, "bad_body"),
        *each("case91-skipped-by-lenient-decoders", ALL, "eA==\n", True, "bad_body"),
        *each("lone-surrogate", ALL, "\ud800", False, "bad_body"),
        *each("case95", (R,), "\ufffdPNG", False, "damaged_body"),
    ],
)
def test_body_that_is_not_what_the_client_sent_is_refused_and_nobody_is_asked(
    make_function: MakeFunction, door: Door, body: str, is_base64: bool, code: str
) -> None:
    event = door.event(Sent(method="POST", headers=(("Content-Type", "image/png"),)))

    recorder, result = through(make_function, event | {"body": body, "isBase64Encoded": is_base64})

    assert recorder.requests == []
    assert refusal(door, result) == (400, code)


# ---- responses: what legacy sends -> the whole result

DATE, SERVER = (b"Date", b"Sun, 06 Nov 1994 08:49:37 GMT"), (b"Server", b"legacy/1")
COOKIES = ((b"Set-Cookie", b"a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT"), (b"set-cookie", b";;;"))
VARY = ((b"Vary", b"a"), (b"Vary", b"b"))
OF_THE_HOP = (
    (b"Connection", b"close, X-Hop"),
    (b"Keep-Alive", b"timeout=5"),
    (b"Transfer-Encoding", b"chunked"),
    (b"Trailer", b"X-Sum"),
    (b"Upgrade", b"h2c"),
    (b"X-Hop", b"1"),
    (b"X-Kept", b"1"),
)
TYPE = ((b"Content-Type", b"text/html"),)


def result_of(door: Door, status: int, lists: dict[str, list[str]], body: tuple[str, bool] = ("", False)) -> Event:
    """The whole result in a door's dialect."""
    text, is_base64 = body
    lists = {**lists}
    result: Event = {"statusCode": status, "body": text, "isBase64Encoded": is_base64}
    if door in (H2, F):
        cookies = lists.pop("Set-Cookie", None)
        result |= {"cookies": cookies} if cookies else {}
    if door in (AM, AS):
        phrases = {200: "OK", 204: "No Content", 205: "Reset Content", 304: "Not Modified", 401: "Unauthorized"}
        result["statusDescription"] = f"{status} {phrases.get(status, 'Unknown')}"
    if door in (R, H1, AM):
        return result | {"multiValueHeaders": lists}
    return result | {
        "headers": {name: values[-1] if name == "Set-Cookie" else ", ".join(values) for name, values in lists.items()}
    }


@pytest.mark.parametrize(
    ("door", "status", "pairs", "lists"),
    [
        *each("case104-105-106", ALL, 200, COOKIES, {"Set-Cookie": [COOKIES[0][1].decode(), ";;;"]}),
        *each("case108-109-110", ALL, 200, VARY, {"Vary": ["a", "b"]}),
        *each("case111", ALL, 299, (), {}),
        *each("case112-113-114", ALL, 200, OF_THE_HOP, {"X-Kept": ["1"]}),
        *each("case115", ALL, 200, (*TYPE, (b"Content-Length", b"1234")), {"Content-Type": ["text/html"]}),
        *each("case116", ALL, 205, (), {}),
        *each("case116-validators", ALL, 304, ((b"ETag", b'W/"x"'), *VARY), {"ETag": ['W/"x"'], "Vary": ["a", "b"]}),
        *each("case117-304", ALL, 304, (), {}),
        *each("case117-204", ALL, 204, (), {}),
        *each(
            "case119",
            ALL,
            401,
            ((b"WWW-Authenticate", b'Basic realm="a"'), (b"WWW-Authenticate", b"Bearer")),
            {"WWW-Authenticate": ['Basic realm="a"', "Bearer"]},
        ),
        *each("case120-dropped", (R, F), 200, (DATE, SERVER, *OF_THE_HOP), {"X-Kept": ["1"]}),
        *each(
            "case120-kept",
            (H1, H2, AM, AS),
            200,
            (DATE, SERVER, *OF_THE_HOP),
            {"Date": [DATE[1].decode()], "Server": ["legacy/1"], "X-Kept": ["1"]},
        ),
        *each("case134", ALL, 200, ((b"X-Name", b"caf\xe9"),), {"X-Name": ["caf\u00e9"]}),
    ],
)
def test_headers_of_legacy_go_back_in_the_dialect_of_the_front_door(
    make_function: MakeFunction, door: Door, status: int, pairs: tuple[Pair, ...], lists: dict[str, list[str]]
) -> None:
    """The result has the keys that the dialect knows, and no other."""
    response = Response(status, to_client(list(pairs)), b"")

    _, result = through(make_function, door.event(Sent()), response)

    assert result == result_of(door, status, lists)


def as_base64(octets: bytes) -> tuple[str, bool]:
    return b64encode(octets).decode(), True


NOT_R = (H1, H2, F, AM, AS)


@pytest.mark.parametrize(
    ("door", "octets", "body"),
    [
        *each("case141-143", NOT_R, b'{"statusCode":500}', as_base64(b'{"statusCode":500}')),
        *each("case141", (R,), b'{"statusCode":500}', ('{"statusCode":500}', False)),
        *each("case146", (R,), "<p>λ</p>".encode(), ("<p>λ</p>", False)),
        *each("case147", ALL, b"<p>\xe9</p>", as_base64(b"<p>\xe9</p>")),
        *each("case148", ALL, b"\x1f\x8b\xff", as_base64(b"\x1f\x8b\xff")),
        *each("case149", ALL, b"", ("", False)),
    ],
)
def test_body_of_legacy_goes_back_whole(
    make_function: MakeFunction, door: Door, octets: bytes, body: tuple[str, bool]
) -> None:
    """Bytes in equal bytes out: the answer's body; never decoded, never guessed."""
    response = Response(200, Headers(TYPE), octets)

    _, result = through(make_function, door.event(Sent()), response)

    assert result == result_of(door, 200, {"Content-Type": ["text/html"]}, body)
    assert door.answer(result).body == octets


@pytest.mark.parametrize("door", ALL, ids=lambda door: f"case118-{door.codec.name}")
def test_body_without_a_type_gets_the_one_that_promises_nothing(make_function: MakeFunction, door: Door) -> None:
    """A front door would call it JSON."""
    _, result = through(make_function, door.event(Sent()), Response(200, Headers(), b"\xff"))

    assert result == result_of(door, 200, {"Content-Type": ["application/octet-stream"]}, ("/w==", True))


@pytest.mark.parametrize("door", ALL, ids=lambda door: f"case118-{door.codec.name}")
def test_type_that_is_there_is_left_alone_even_when_it_is_empty(make_function: MakeFunction, door: Door) -> None:
    response = Response(200, Headers(((b"content-TYPE", b""),)), b"\xff")

    _, result = through(make_function, door.event(Sent()), response)

    assert result == result_of(door, 200, {"content-TYPE": [""]}, ("/w==", True))


@pytest.mark.parametrize("door", ALL, ids=lambda door: f"case150-{door.codec.name}")
def test_body_beyond_the_front_door_is_a_502_of_ours(make_function: MakeFunction, door: Door) -> None:
    response = Response(200, Headers(), b"\xff" * (door.codec.max_body_bytes + 1))

    _, result = through(make_function, door.event(Sent()), response)

    assert refusal(door, result) == (502, "response_too_large")


# ---- what is no HTTP request


def test_case174_health_check_is_answered_by_whom_it_asks(make_function: MakeFunction) -> None:
    recorder, result = through(make_function, captured("load_balancer_health"), Response(200, Headers(), b""))

    assert received(recorder) == Received("GET /healthz", (("user-agent", "ELB-HealthChecker/2.0"),))
    assert result == result_of(AS, 200, {})


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({}, id="case175-empty"),
        pytest.param(
            {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}, id="case175-eventbridge"
        ),
        pytest.param({"source": "serverless-plugin-warmup"}, id="case175-warm-up"),
        pytest.param(captured("vpc_lattice_v2"), id="case183-vpc-lattice"),
        pytest.param(["list"], id="list"),
        pytest.param(None, id="null"),
    ],
)
def test_event_of_no_front_door_is_refused_and_nobody_is_asked(make_function: MakeFunction, event: object) -> None:
    recorder, result = through(make_function, event)

    assert recorder.requests == []
    assert (result["statusCode"], json.loads(b64decode(result["body"]))["code"]) == (400, "unsupported_event")


@pytest.mark.parametrize(
    ("name", "status"),
    [
        pytest.param("websocket_connect", 501, id="case177-179-connect"),
        pytest.param("websocket_message", 200, id="case178-message"),
        pytest.param("websocket_disconnect", 200, id="case180-disconnect"),
    ],
)
def test_websocket_event_is_answered_here_and_noted(make_function: MakeFunction, name: str, status: int) -> None:
    recorder = Recorder()
    function = make_function(backends=recorder)

    result = function(captured(name))

    assert recorder.requests == []
    assert result == {"statusCode": status}
    assert [(record["status"], record["code"]) for record in function.records] == [(status, "unsupported_event")]
