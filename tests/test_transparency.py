"""What a front door can carry arrives as if the client had asked legacy itself, and so does the answer.

For each front door the requests are those that it declares to lose nothing of (proxy.events.losses); the law is then
identity, and no test repeats what a loss does.
"""

import json
import socket
from base64 import b64decode
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy.dev.front_doors import FRONT_DOORS, ClientRequest, FrontDoor
from proxy.events.codec import codec_of
from proxy.message import Pair
from tests.conftest import MakeFunction
from tests.raw_legacy import RawLegacy, echo, say
from tests.samples import captured

HOST = b"api.shop.example"
PEER = "203.0.113.24"
EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
VOUCHED = ("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "forwarded", "via")
LAW = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])

Pairs = tuple[Pair, ...]
SIMPLE = ClientRequest(
    method="GET",
    target=b"/",
    headers=((b"host", HOST),),
    body=b"",
    source_ip=PEER,
    protocol="HTTP/1.1",
    request_id="JKJaXmPLvHcESHA=",
    time=datetime(2026, 10, 16, 9, 30, 10, tzinfo=UTC),
    domain_name=HOST.decode(),
    scheme="https",
    port=443,
)


# ---- requests that a front door can carry


def visible(without: str = "") -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters=without), max_size=25)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffd"), max_size=12)
RAW_PATHS = visible(without="?")
# RFC 3986, 3.3: the form in which a path that came decoded is written again.
DECODED_PATHS = st.text(
    st.characters(min_codepoint=0x20, exclude_categories=["Cs"], exclude_characters="\x7f\ufffd"), max_size=20
).map(lambda path: quote(path, safe="/:@!$&'()*+,;=-._~"))
MAPPED = (visible(without="&="), visible(without="&"))
DECODED = (TEXT.map(lambda text: quote(text, safe="")),) * 2


def mapped_query(names: st.SearchStrategy[str], values: st.SearchStrategy[str], most: int) -> st.SearchStrategy[str]:
    """Queries whose repeats stand side by side, and whose names all have a value: a map loses nothing of them."""
    lists = st.dictionaries(names, st.lists(values, min_size=1, max_size=most), max_size=4)
    return lists.map(lambda found: "&".join(f"{name}={value}" for name, each in found.items() for value in each))


@dataclass(frozen=True)
class Carried:
    """What a front door carries whole."""

    paths: st.SearchStrategy[str]
    queries: st.SearchStrategy[str]
    repeats: int  # how often one header may come
    names: str = "a-z"  # letters of headers' names


CARRIED = {
    "function-url": Carried(RAW_PATHS, visible(), 1),
    "http-api": Carried(DECODED_PATHS, visible(), 1),
    "rest-api": Carried(RAW_PATHS, mapped_query(*DECODED, 3), 3, "A-Za-z"),
    "alb": Carried(RAW_PATHS, mapped_query(*MAPPED, 3), 3),
    "alb-single": Carried(RAW_PATHS, mapped_query(*MAPPED, 1), 1),
}
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
KINDS = st.sampled_from([b"text/plain", b"application/json; charset=utf-8", b"image/png", b'a/b; c="D, e"'])
# They end at the proxy, wherever a client puts them; each is the first of its request, if it comes.
ENDING = [
    (b"forwarded", b"for=127.0.0.1"),
    (b"x-real-ip", b"127.0.0.1"),
    (b"x-forwarded-for", b"127.0.0.1, 10.0.0.1"),
    (b"x-forwarded-host", b"evil.example"),
    (b"x-forwarded-proto", b"gopher"),
    (b"x-fig-side", b"migrated"),
    (b"cloudfront-viewer-country", b"DE"),
    (b"x-amz-cf-id", b"x"),
    (b"proxy-authorization", b"Basic eA=="),
    (b"te", b"trailers"),
    (b"connection", b"close"),
    (b"expect", b"100-continue"),
]
# Names with a meaning at a front door; whatever else is a token means nothing to anybody here.
SPECIAL = ("x-amz", "x-forwarded", "x-fig", "x-http-method", "proxy-", "cloudfront-")
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=20).map(
    lambda text: text.strip(" \t").encode("latin-1")
)
COOKIES = st.lists(visible(without=";,").filter(bool), min_size=1, max_size=3).map(
    lambda all_: "; ".join(all_).encode()
)


def headers_of(carried: Carried) -> st.SearchStrategy[Pairs]:
    known = st.sampled_from(["accept", "user-agent", "accept-encoding", "if-none-match", "range", "x_under", "date"])
    tokens = st.from_regex(rf"x-[{carried.names}0-9!#$%&'*+.^_`|~-]{{1,15}}", fullmatch=True)
    names = known | tokens.filter(lambda name: not name.lower().startswith(SPECIAL) and name.lower() != "x-real-ip")
    lists = st.dictionaries(names, st.lists(VALUES, min_size=1, max_size=carried.repeats), max_size=5)
    plain = lists.map(lambda found: tuple((name.encode(), value) for name, each in found.items() for value in each))
    cookies = st.lists(COOKIES.map(lambda value: (b"cookie", value)), max_size=carried.repeats).map(tuple)
    kinds = st.lists(KINDS.map(lambda value: (b"content-type", value)), max_size=1).map(tuple)
    return st.builds(lambda first, kind, last: first + kind + last, plain, kinds, cookies)


def requests_of(name: str) -> st.SearchStrategy[ClientRequest]:
    """Requests of which that front door loses nothing."""
    carried = CARRIED[name]
    return st.builds(
        lambda method, path, query, headers, body, scheme: replace(
            SIMPLE,
            method=method,
            target=f"/{path}{'?' * bool(query)}{query}".encode("ascii"),
            headers=((b"host", HOST), *headers),
            body=body,
            scheme=scheme,
        ),
        st.sampled_from(METHODS),
        carried.paths,
        carried.queries,
        headers_of(carried),
        st.binary(max_size=300) | TEXT.map(str.encode),
        st.sampled_from(["http", "https"]),
    )


def event_of(door: FrontDoor, request: ClientRequest) -> Any:  # Any: JSON
    """The event as Lambda hands it over: through JSON."""
    return json.loads(json.dumps(door.event(request)))


def of_the_client(pairs: Pairs) -> Pairs:
    """The pairs without those that a front door writes."""
    own = (b"x-forwarded-", b"x-amzn-", b"content-length")
    return tuple(pair for pair in pairs if not pair[0].lower().startswith(own))


@pytest.mark.parametrize("name", list(CARRIED))
def test_what_comes_out_of_the_codec_is_what_went_into_the_front_door(name: str) -> None:
    """decode(front_door.event(request)) == request, for all that the front door carries whole."""
    door = FRONT_DOORS[name]

    @LAW
    @given(requests_of(name))
    def check(sent: ClientRequest) -> None:
        event = event_of(door, sent)
        codec = codec_of(event)

        request = codec.decode(event, 1.0, None)

        assert codec.name == name
        assert (request.method, request.target, request.body) == (sent.method, sent.target.decode(), sent.body)
        assert of_the_client(request.headers.pairs) == sent.headers
        assert (request.client_ip, request.scheme, request.host) == (PEER, sent.scheme, HOST.decode())

    check()


@pytest.mark.parametrize("name", list(CARRIED))
def test_legacy_receives_what_it_would_receive_of_the_client_itself(make_function: MakeFunction, name: str) -> None:
    """Bytes in equal bytes out: target, headers, cookies, body, but for the headers that are documented to end here."""
    door = FRONT_DOORS[name]
    with RawLegacy(say(EMPTY)) as server, socket.create_connection(("127.0.0.1", server.port)) as client:
        function = make_function(legacy_url=server.origin)

        @LAW
        @given(requests_of(name), st.lists(st.sampled_from(ENDING), unique=True, max_size=3))
        def check(sent: ClientRequest, ending: list[Pair]) -> None:
            client.sendall(written(sent))
            assert client.recv(1000) == EMPTY
            host, *others = sent.headers
            function(event_of(door, replace(sent, headers=(host, *ending, *others))))

            direct, *_ = (parsed(requests[-1]) for requests in server.connections)
            through = parsed(server.connections[-1][-1])
            assert len(server.connections) == 2
            assert through[0] == direct[0]
            assert through[2] == direct[2]
            assert without(through[1], "content-length", *VOUCHED) == without(direct[1], "content-length")
            assert [value for key, value in through[1] if key.lower() == b"content-length"] == (
                [b"%d" % len(sent.body)] if sent.body or sent.method in ("POST", "PUT", "PATCH") else []
            )
            assert through[1][0] == (b"Host", HOST)
            assert [key.decode().lower() for key, _ in through[1][-len(VOUCHED) :]] == list(VOUCHED)
            assert dict(through[1])[b"X-Forwarded-For"] == PEER.encode()

        check()


def written(sent: ClientRequest) -> bytes:
    """The request as its client writes it to a server."""
    head = b"%s %s HTTP/1.1\r\n" % (sent.method.encode(), sent.target)
    lines = b"".join(b"%s: %s\r\n" % pair for pair in sent.headers)
    length = b"Content-Length: %d\r\n" % len(sent.body) if sent.body else b""
    return head + lines + length + b"\r\n" + sent.body


def parsed(request: bytes) -> tuple[bytes, Pairs, bytes]:
    """Request line, header pairs and body, as any server reads them."""
    head, _, body = request.partition(b"\r\n\r\n")
    line, *fields = head.split(b"\r\n")
    pairs = (field.partition(b":") for field in fields)
    return line, tuple((name, value.strip(b" ")) for name, _, value in pairs), body


def without(pairs: Pairs, *names: str) -> Pairs:
    """The pairs but Host, which is compared apart, for its name is the proxy's own to write, and some others."""
    return tuple(pair for pair in pairs if pair[0].decode("latin-1").lower() not in ("host", *names))


# ---- responses

STATUSES = st.integers(200, 599).filter(lambda status: status not in (204, 205, 304))
ANSWER_NAMES = st.sampled_from(
    [
        "Vary",
        "vary",
        "Set-Cookie",
        "ETag",
        "Location",
        "Link",
        "Cache-Control",
        "Content-Encoding",
        "X-A",
        "x-a",
        "Date",
    ]
) | st.from_regex(r"X-[A-Za-z0-9_!#$%&'*+.^`|~-]{1,15}", fullmatch=True)
ANSWER_PAIRS = st.lists(st.tuples(ANSWER_NAMES.map(str.encode), VALUES), max_size=8).map(tuple)
ENDING_HERE = [
    (b"Keep-Alive", b"timeout=5"),
    (b"Alt-Svc", b'h2=":443"'),
    (b"Upgrade", b"h2c"),
    (b"Trailer", b"X-Sum"),
    (b"Proxy-Authenticate", b"Basic"),
]


@dataclass(frozen=True)
class Answer:
    """What legacy answers, and how it frames the body."""

    status: int
    pairs: Pairs
    ending: list[Pair]
    body: bytes
    framing: str

    def __bytes__(self) -> bytes:
        head = b"HTTP/1.1 %d Words\r\n" % self.status
        head += b"".join(b"%s: %s\r\n" % pair for pair in (*self.ending, *self.pairs))
        if self.framing == "length":
            return head + b"Content-Length: %d\r\n\r\n" % len(self.body) + self.body
        cut = len(self.body) // 2
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (self.body[:cut], self.body[cut:]) if part)
        return head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


ANSWERS = st.builds(
    Answer,
    STATUSES,
    ANSWER_PAIRS,
    st.lists(st.sampled_from(ENDING_HERE), unique=True, max_size=2),
    st.binary(max_size=300) | TEXT.map(str.encode),
    st.sampled_from(["length", "chunked"]),
)


def gathered(pairs: Pairs) -> dict[bytes, list[bytes]]:
    """Values by name in lower case: a result tells no more, and no client may care for more (RFC 9110, 5.3)."""
    found: dict[bytes, list[bytes]] = {}
    for name, value in pairs:
        found.setdefault(name.lower(), []).append(value)
    return found


def of_a_map(lists: dict[bytes, list[bytes]], name: str) -> dict[bytes, list[bytes]]:
    """What is left where a result has one value for a name: repeats joined, but of cookies, which only AS loses."""
    joined = {key: [b", ".join(values)] for key, values in lists.items() if key != b"set-cookie"}
    if cookies := lists.get(b"set-cookie"):
        joined[b"set-cookie"] = cookies[-1:] if name == "alb-single" else cookies
    return joined


def pairs_of(result: Any) -> Pairs:  # Any: JSON of the front door's dialect
    lists = result.get("multiValueHeaders") or {name: [value] for name, value in result.get("headers", {}).items()}
    pairs = [(name, value) for name, values in lists.items() for value in values]
    pairs += [("set-cookie", cookie) for cookie in result.get("cookies", [])]
    return tuple((name.encode(), value.encode("latin-1")) for name, value in pairs)


def octets_of(result: Any) -> bytes:  # Any: JSON of the front door's dialect
    return b64decode(result["body"], validate=True) if result["isBase64Encoded"] else bytes(result["body"].encode())


REPEATED = ("rest-api", "alb")  # their results tell repeats apart
WRITING_DATES = ("rest-api", "function-url")  # they write Date themselves, so legacy's ends here


@pytest.mark.parametrize("name", list(CARRIED))
def test_client_gets_what_it_would_get_of_legacy_itself(make_function: MakeFunction, name: str) -> None:
    """Bytes in equal bytes out, on the way back: status, headers in order, cookies and body, read from the result."""
    door, answers = FRONT_DOORS[name], list[Answer]()
    event, keeps_date = event_of(door, SIMPLE), name not in WRITING_DATES
    with RawLegacy(echo(lambda _: bytes(answers[-1]))) as server:
        function = make_function(legacy_url=server.origin)

        @LAW
        @given(ANSWERS)
        def check(answer: Answer) -> None:
            answers.append(answer)

            result = function(event)

            assert json.loads(json.dumps(result, ensure_ascii=False).encode()) == result
            expected = {key: each for key, each in gathered(answer.pairs).items() if key != b"date" or keeps_date}
            if answer.body:
                expected |= {b"content-type": [b"application/octet-stream"]}
            read = gathered(pairs_of(result))
            assert read == (expected if name in REPEATED else of_a_map(expected, name))
            assert [key for key in read if key != b"set-cookie"] == [key for key in expected if key != b"set-cookie"]
            assert (result["statusCode"], octets_of(result)) == (answer.status, answer.body)

        check()


# ---- events that no front door would send

RECORDED = sorted(path.stem for path in (Path(__file__).parent / "captured").glob("*.json"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)
ODD = st.sampled_from(
    ["", "/", "GET", "\r\nX: 1", "\0", "\ud800", "\ufffd", "\u03bb", "1.0", "2.0", ":", "[", [""], {"": ""}]
)
GONE = object()  # a key that is removed


def damaged(event: Any, changes: list[tuple[int, Any]]) -> Any:  # Any: JSON
    """The event with another value, or none, at each of the places, counted in the order of the tree."""
    for place, value in changes:
        found = list(keys_of(event)) or [({}, "")]
        holder, key = found[place % len(found)]
        if value is not GONE:
            holder[key] = deepcopy(value)
        elif isinstance(holder, dict):
            holder.pop(key, None)
    return event


def keys_of(value: Any) -> Iterator[tuple[Any, Any]]:  # Any: JSON
    """Every place in a JSON value: what holds it, and under which key or number."""
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(inner, dict | list):
            yield from keys_of(inner)


@pytest.mark.parametrize("name", [name for name in RECORDED if name != "canonical_request"])
def test_recorded_event_with_anything_missing_or_replaced_is_answered(make_function: MakeFunction, name: str) -> None:
    """The proxy must never be the reason a client is refused: whatever comes, an answer goes back, and it is JSON."""
    with RawLegacy(say(EMPTY)) as server:
        function = make_function(legacy_url=server.origin)

        @LAW
        @given(st.lists(st.tuples(st.integers(0, 300), st.just(GONE) | ODD | JSON), min_size=1, max_size=3))
        def check(changes: list[tuple[int, Any]]) -> None:  # Any: JSON
            result = function(damaged(captured(name), changes))

            assert result["statusCode"] in (200, 204, 400, 405, 501)
            assert json.loads(json.dumps(result, ensure_ascii=False).encode()) == result

        check()
