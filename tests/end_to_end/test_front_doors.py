"""What each front door changes on the way, seen from both ends, and the row of the table of losses that says so.

The same bytes go to a legacy system at the socket directly and through `fig dev`. Whatever differs, in what legacy saw
or in what the client got, is either ours by RFC (see proxy/backends/headers.py) or explained by a row.
"""

import gzip
import json
import random
import socket
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import get_args
from urllib.parse import unquote_plus, unquote_to_bytes

import h11
import pytest

from proxy.events import losses
from proxy.events.losses import Capability, FrontDoor
from tests.raw_legacy import Line, RawLegacy

from .client import Ask
from .house import DEADLINE_S, House

DOORS: tuple[FrontDoor, ...] = tuple(door for door in get_args(FrontDoor) if door != "http-api-v1")  # as in `fig dev`

Fields = tuple[tuple[str, str], ...]


def head(*lines: str, status: str = "200 OK", kind: str = "text/plain") -> bytes:
    """The head of an answer, with a type unless that is empty."""
    kinds = [f"Content-Type: {kind}"] if kind else []
    return "\r\n".join((f"HTTP/1.1 {status}", *kinds, *lines, "\r\n")).encode("latin-1")


def answer(*lines: str, body: bytes = b"ok", status: str = "200 OK", kind: str = "text/plain") -> bytes:
    """A whole answer with its length."""
    return head(*lines, f"Content-Length: {len(body)}", status=status, kind=kind) + body


@dataclass(frozen=True, slots=True)
class Case:
    """What a client sends, and what legacy answers."""

    ask: Ask
    answer: bytes = answer()


def get(target: str = "/", *headers: tuple[str, str]) -> Case:
    return Case(Ask("GET", target, headers))


def post(body: bytes, *headers: tuple[str, str], method: str = "POST") -> Case:
    return Case(Ask(method, "/", (*headers, ("Content-Length", str(len(body)))), body))


def told(*lines: str, body: bytes = b"ok", status: str = "200 OK", kind: str = "text/plain") -> Case:
    return Case(Ask("GET", "/"), answer(*lines, body=body, status=status, kind=kind))


KIND = "Content-Type"
BINARY = (KIND, "application/octet-stream")
ALL_BYTES = bytes(range(256))
OF_900_KB = random.Random(1).randbytes(900_000)
FRIENDS = "a=1&b=2&a=3"  # two names, one of them twice, the other in between

CASES: dict[str, Case] = {
    **{
        f"path {path}": get(path)
        for path in (
            "/",
            "/a%2Fb",
            "/%41",
            "/%c3%a9",
            "/caf%C3%A9%20x",
            "//",
            "//a",
            "/a//b",
            "/a/",
            "/a//",
            "/a/./b/../c",
            "/..",
            "/a%",
            "/%FF",
            "/!$&'()*+,;=:@-._~",
            "/a|b^c`d",
            "/a%25b%3Fc%23d",
            "/http://other.example/",
            "/" + "x" * 4000,
        )
    },
    **{
        f"query {query}": get(f"/q?{query}")
        for query in (
            "",
            "a=1",
            "a=1&a=2&a=1",
            FRIENDS,
            "b=1&a=2",
            "a=x+y&b=x%20y&c=x%2By",
            "flag",
            "flag&a=1",
            "a=&b=",
            "=1",
            "a=%c3%a9",
            "a=%C3%A9&%C3%A9=1",
            "a=b=c&d=e?f",
            "a=%7E~%41",
            "a=(1),'2'*:@/!$",
            "a[]=1&a[]=2&b[c]=3",
            "sig=a%2Bb%2Fc%3D%3D",
        )
    },
    "repeated header": get("/", ("X-Tag", "1"), ("X-Other", "0"), ("X-Tag", "2")),
    "repeated header in two spellings": get("/", ("X-Tag", "1"), ("x-tag", "2")),
    "header with commas": get("/", ("X-Tag", "1, 2,3"), ("Accept", "text/html;q=0.5, */*")),
    "authorization in lower case": get("/", ("authorization", "Basic YWRhOmxvdmVsYWNl")),
    "authorization": get("/", ("Authorization", "Bearer a.b-c")),
    "header without a value": get("/", ("x-empty", "")),
    "header names of odd letters": get("/", ("x_under", "1"), ("x.dot", "2"), ("!#$%&'*+-.^_`|~", "3")),
    "header values of odd letters": get(
        "/", ("x-tab", "a\tb"), ("x-quoted", '"a\\"b", {"c": 1}'), ("x-spaces", "a  b")
    ),
    "header in Latin-1": get("/", ("x-name", "J\xf6rg")),
    "header in UTF-8": get("/", ("x-name", "J\xc3\xb6rg")),
    "header of 4 kB": get("/", ("x-long", "x" * 4000)),
    "user agent, conditions, range": get(
        "/", ("user-agent", "a (b; c)"), ("if-none-match", 'W/"a", "b"'), ("range", "bytes=0-1"), ("origin", "null")
    ),
    "cookie": get("/", ("cookie", 'a=1; b=s%3A2; c="1,2"')),
    "cookie without spaces": get("/", ("cookie", "a=1;b=2;;c")),
    "cookies in two lines": get("/", ("cookie", "a=1; b=2"), ("cookie", "c=3")),
    **{f"method {method}": Case(Ask(method, "/")) for method in ("GET", "DELETE", "OPTIONS")},
    **{f"empty {method}": post(b"", method=method) for method in ("POST", "PUT", "PATCH")},
    **{f"body of {method}": post(b"a=1", BINARY, method=method) for method in ("PUT", "PATCH", "DELETE", "GET")},
    "JSON": post(b'{"a": 1, "b": "\xc3\xa9\\u00e9"}\r\n', (KIND, "application/json")),
    "JSON that is no UTF-8": post(b'{"a": "\xff"}', (KIND, "application/json")),
    "JSON with a byte order mark": post(b'\xef\xbb\xbf{"a": 1}', (KIND, "application/json; charset=utf-8")),
    "form": post(b"a=1&a=2&b=%20+&c", (KIND, "application/x-www-form-urlencoded")),
    "text of control characters": post(b"\x00\x01\x1b\x7f\r\n\t\xc2\x85\xe2\x80\xa8", (KIND, "text/plain")),
    "text in Latin-1": post(b"J\xf6rg", (KIND, "text/plain; charset=iso-8859-1")),
    "body without a type": post(b'{"a": 1}'),
    "binary body": post(ALL_BYTES, BINARY),
    "picture": post(b"\x89PNG\r\n\x1a\n" + ALL_BYTES, (KIND, "image/png")),
    "gzip": post(gzip.compress(b"a", mtime=0), (KIND, "application/json"), ("Content-Encoding", "gzip")),
    "body of 1 kB": post(OF_900_KB[:1000], BINARY),
    "body of 900 kB": post(OF_900_KB, BINARY),
    "text of 900 kB": post(b"\xc3\xa9" * 450_000, (KIND, "text/plain")),
    **{
        f"status {status}": told(status=status)
        for status in (
            "201 Created",
            "202 Accepted",
            "206 Partial Content",
            "301 Moved Permanently",
            "400 Bad Request",
            "404 Not Found",
            "409 Conflict",
            "418 I'm a teapot",
            "429 Too Many Requests",
            "500 Internal Server Error",
            "503 Service Unavailable",
        )
    },
    "reason of legacy's own": told(status="200 Totally Fine"),
    "status without a meaning": told(status="299 Odd"),
    "nothing": told(body=b""),
    "nothing, without a type": told(body=b"", kind=""),
    "answer without a type": told(kind=""),
    "repeated answer headers": told("Vary: Accept", "X-Tag: 1", "Vary: Origin", "X-Tag: 2, 3"),
    "answer header without a value": told("X-Empty: ", 'X-Quoted: "a,b"', "X_Under: 1"),
    "answer header in UTF-8": told("X-Name: J\xc3\xb6rg"),
    "answer header in Latin-1": told("X-Name: J\xf6rg"),
    "two cookies": told("Set-Cookie: a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT", "Set-Cookie: b=2; Path=/; HttpOnly"),
    "one cookie twice": told("Set-Cookie: a=1", "Set-Cookie: a=2; Path=/a"),
    "date and server": told("Date: Sun, 06 Nov 1994 08:49:37 GMT", "Server: legacy/1"),
    "password asked for": told('WWW-Authenticate: Basic realm="x"', status="401 Unauthorized"),
    "what caches read": told('ETag: W/"a"', "Cache-Control: no-cache, private", "Age: 0", "Last-Modified: never"),
    "answer in gzip": told("Content-Encoding: gzip", body=gzip.compress(b"a" * 1000, mtime=0), kind="application/json"),
    "binary answer": told(body=ALL_BYTES, kind="application/octet-stream"),
    "picture as an answer": told(body=b"\x89PNG\r\n\x1a\n" + ALL_BYTES, kind="image/png"),
    "answer in UTF-8": told(body=b'{"a": "\xc3\xa9\xf0\x9f\x98\x80\\u0000"}', kind="application/json"),
    "answer in Latin-1": told(body=b"J\xf6rg", kind="text/plain; charset=iso-8859-1"),
    "answer of 1 kB": told(body=OF_900_KB[:1000], kind=BINARY[1]),
    "answer of 700 kB": told(body=OF_900_KB[:700_000], kind=BINARY[1]),
    "answer of 740 kB and more": told(body=OF_900_KB[:740_001], kind=BINARY[1]),
    "answer of 4.69 MB and more": told(body=bytes(4_690_001), kind=BINARY[1]),
    "answer in chunks": Case(Ask("GET", "/"), head("Transfer-Encoding: chunked") + b"2\r\nok\r\n1\r\n!\r\n0\r\n\r\n"),
    "204": Case(Ask("DELETE", "/"), head("X-Tag: 1", status="204 No Content", kind="")),
    "304": Case(Ask("GET", "/", (("if-none-match", '"a"'),)), head('ETag: "a"', status="304 Not Modified", kind="")),
    "304 with a type": Case(Ask("GET", "/"), head('ETag: "a"', status="304 Not Modified")),
    "HEAD": Case(Ask("HEAD", "/a?b=1"), head("Content-Length: 2", 'ETag: "a"')),
    "HEAD of nothing there": Case(Ask("HEAD", "/"), head("Content-Length: 2", status="404 Not Found")),
}

# Differences of which the table says nothing yet. Whoever gives one a row, or mends it, moves it to the cases above.
UNDECLARED: dict[tuple[FrontDoor, ...], dict[str, Case]] = {
    ("http-api",): {"control character in a path": get("/a%0Ab")},
    ("rest-api", "alb", "alb-single"): {"query with empty pairs": get("/?a=1&&b=2&")},
    ("rest-api",): {
        "query with a semicolon": get("/?a=1;b=2"),
        "query with braces": get("/?a={1}"),
        "query with a lone percent sign": get("/?a=100%"),
        "query that is no UTF-8": get("/?a=%FF"),
        "method of one's own": Case(Ask("PURGE", "/")),
        "checksum": post(b"a", ("Content-MD5", "DMF1ucDxtqgxw5niaXcmYQ==")),
        "hops left": Case(Ask("OPTIONS", "/", (("Max-Forwards", "5"),))),
        "method in a header": post(b"a", ("X-HTTP-Method-Override", "PUT")),
        "proxies behind": told("Via: 1.1 legacy-cache"),
    },
    ("rest-api", "function-url"): {"checksum of an answer": told("Content-MD5: REPmtaSf4iU4gFOtMvpZ2Q==")},
}

# The capability whose row explains a difference, and the words that the row must have for it.
EXPLAINED_BY: dict[str, tuple[Capability, str]] = {
    "path: encoded again": ("raw-path", "is encoded again"),
    "path: refused, not UTF-8": ("raw-path", "not UTF-8 is refused"),
    "query: bare question mark": ("bare-question-mark", "is gone"),
    "query: order between names": ("query-order", "comes as a map"),
    "query: bare name": ("raw-query", "flag becomes flag="),
    "query: encoded again": ("raw-query", "encoded again in one form"),
    "query: last values": ("repeated-query", "only the last value"),
    "request header: joined": ("repeated-request-headers", "joined by commas in one line"),
    "request header: last line": ("repeated-request-headers", "only the last of repeated headers"),
    "request header: lower case": ("request-header-case", "names come in lower case"),
    "request header: Authorization": ("request-header-case", "authorization becomes Authorization"),
    "cookie: one line": ("request-cookies", "in one line"),
    "cookie: last line": ("request-cookies", "only the last Cookie line"),
    "answer: too large": ("large-body", "up to"),
    "answer: reason": ("reason-phrase", "standard phrase"),
    "answer: type added": ("absent-content-type", "a front door would call it JSON"),
    "answer header: joined": ("repeated-response-headers", "joined by commas in one line"),
    "answer header: remapped www-authenticate": ("www-authenticate", "x-amzn-Remapped-WWW-Authenticate"),
    "answer header: date": ("date-and-server", ""),  # whatever the row says, as long as it is not "yes"
    "answer header: server": ("date-and-server", ""),
    "set-cookie: last line": ("multiple-cookies", "only the last Set-Cookie"),
}

# What the table declares and no case can show, and why.
UNSEEN: dict[FrontDoor, set[Capability]] = {
    "rest-api": {
        "raw-path",  # only on a custom domain, which no local door is
        "binary-request-body",  # the local door has binaryMediaTypes at */*, as the row asks for
        "binary-response-body",
        "streaming",  # a matter of time, not of bytes
    },
    "http-api": {"streaming", "www-authenticate"},  # the local door sides with those who say that it is not remapped
    "function-url": {"streaming"},
    "alb": {"streaming", "client-ip"},  # the local door is in the mode append
    "alb-single": {"streaming", "client-ip"},
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as legacy saw it."""

    method: str
    target: str
    headers: Fields
    body: bytes


@dataclass(frozen=True, slots=True)
class Got:
    """An answer as the client got it."""

    status: int
    reason: str
    headers: Fields
    body: bytes


class Legacy:
    """The legacy system: answers as it was told last, and knows what it was asked since."""

    def __init__(self, server: RawLegacy) -> None:
        self.url = server.origin
        self._answer = b""
        self._seen: list[bytes] = []
        server.script(self._act)

    def will(self, answer: bytes) -> None:
        """Answer so from now on."""
        self._answer = answer
        self._seen.clear()

    def asked(self) -> Seen | None:
        """Return the only request since then, or None."""
        if not self._seen:
            return None
        (request,) = self._seen
        lines, _, body = request.partition(b"\r\n\r\n")
        first, *others = lines.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        pairs = (line.partition(":") for line in others)
        return Seen(method, target, tuple((name, value.strip(" ")) for name, _, value in pairs), body)

    def _act(self, line: Line) -> bool:
        self._seen.append(line.request)
        line.sock.sendall(self._answer)
        return True


class Doors:
    """One house for each front door, started when it is first asked for, all before the same legacy system."""

    def __init__(self, legacy: Legacy, start: Iterable[str], houses: ExitStack, make_folder: pytest.TempPathFactory):
        self._legacy = legacy
        self._options = ("--legacy", legacy.url, *start)
        self._stack = houses
        self._make_folder = make_folder
        self._houses: dict[FrontDoor, House] = {}
        self._found: dict[tuple[FrontDoor, Case], set[str]] = {}

    def undeclared(self, door: FrontDoor, case: Case) -> set[str]:
        """Return in what a case through a front door differs without a row that explains it."""
        return {kind for kind in self.differences(door, case) if not is_explained(door, kind)}

    def differences(self, door: FrontDoor, case: Case) -> set[str]:
        """Return in what a case through a front door differs from the same without it; asked once, then known."""
        if (door, case) not in self._found:
            self._found[door, case] = self._ask(self._house(door), case)
        return self._found[door, case]

    def _house(self, door: FrontDoor) -> House:
        if door not in self._houses:
            house = House(self._make_folder.mktemp(door), *self._options, "--front-door", door, routes="version: 1\n")
            self._houses[door] = self._stack.enter_context(house)
        return self._houses[door]

    def _ask(self, house: House, case: Case) -> set[str]:
        self._legacy.will(case.answer)
        direct = exchange(self._legacy.url, house.host, case.ask)
        asked_directly = self._legacy.asked()
        assert asked_directly is not None
        self._legacy.will(case.answer)
        through = exchange(house.url, house.host, case.ask)
        asked_through = self._legacy.asked()
        if asked_through is None:
            return {refusal(case.ask, through)}
        return request_differences(asked_directly, asked_through) | answer_differences(direct, through)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory, frugal: tuple[str, ...]) -> Iterator[Doors]:
    """The five front doors of `fig dev`."""
    # Not a parametrized fixture: in random order that would start and stop its houses again and again.
    with RawLegacy() as server, ExitStack() as houses:
        yield Doors(Legacy(server), frugal, houses, tmp_path_factory)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", CASES)
def test_only_what_the_table_declares_differs_through_a_front_door(doors: Doors, door: FrontDoor, name: str) -> None:
    """Law 1: bytes in equal bytes out, both ways, within what the front door can carry."""
    undeclared = doors.undeclared(door, CASES[name])

    assert undeclared == set()


@pytest.mark.parametrize(
    ("door", "name"), [(door, name) for group, cases in UNDECLARED.items() for door in group for name in cases]
)
def test_gap_in_the_table_is_known(doors: Doors, door: FrontDoor, name: str) -> None:
    (case,) = (cases[name] for group, cases in UNDECLARED.items() if door in group and name in cases)

    undeclared = doors.undeclared(door, case)

    assert undeclared != set(), "it is declared or mended by now: move it to the cases"


@pytest.mark.parametrize("door", DOORS)
def test_every_loss_that_the_table_declares_shows(doors: Doors, door: FrontDoor) -> None:
    """A row that nothing bears out would frighten people away from a front door for no reason."""
    kinds = set().union(*(doors.differences(door, case) for case in CASES.values()))

    shown = {EXPLAINED_BY[kind][0] for kind in kinds if is_explained(door, kind)}
    declared = {row.capability for row in losses.of(door) if row.carried != "yes"}
    assert declared - shown == UNSEEN[door]


def test_every_explanation_is_of_use() -> None:
    unused = [kind for kind in EXPLAINED_BY if not any(is_explained(door, kind) for door in DOORS)]

    assert unused == []


def is_explained(door: FrontDoor, kind: str) -> bool:
    """Whether the row of the front door declares a difference, in words that are about it."""
    if kind not in EXPLAINED_BY:
        return False
    capability, words = EXPLAINED_BY[kind]
    (row,) = (row for row in losses.of(door) if row.capability == capability)
    return row.carried != "yes" and words in row.says


def exchange(url: str, host: str, ask: Ask) -> Got:
    """Ask on a connection of its own; every byte but the Host is the test's."""
    client = h11.Connection(h11.CLIENT)
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (("Host", host), *ask.headers)]
    sent = client.send(h11.Request(method=ask.method, target=ask.target, headers=pairs)) or b""
    if ask.body:
        sent += client.send(h11.Data(data=ask.body)) or b""
    sent += client.send(h11.EndOfMessage()) or b""
    response, body = None, b""
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), DEADLINE_S) as sock:
        sock.sendall(sent)
        while not isinstance(event := client.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                client.receive_data(sock.recv(1 << 20))
            elif isinstance(event, h11.Response):
                response = event
            elif isinstance(event, h11.Data):
                body += event.data
    assert response is not None
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw_items())
    return Got(response.status_code, bytes(response.reason).decode("latin-1"), headers, body)


def refusal(ask: Ask, got: Got) -> str:
    """Return the kind of a difference which is that legacy was never asked."""
    code = json.loads(got.body).get("code", got.status)
    try:
        unquote_to_bytes(ask.target.partition("?")[0]).decode()
    except UnicodeDecodeError:
        return "path: refused, not UTF-8" if code == "bad_path" else f"refused: {code}"
    return f"refused: {code}"


def request_differences(direct: Seen, through: Seen) -> set[str]:
    """Return in what two requests differ."""
    kinds = target_differences(direct.target, through.target)
    kinds |= {name for name in ("method", "body") if getattr(direct, name) != getattr(through, name)}
    one, other = by_name(direct.headers, _OF_THE_PROXY), by_name(through.headers, _OF_THE_PROXY)
    for name in one.keys() | other.keys():
        kinds |= lines_differences(name, one.get(name, []), other.get(name, []))
    return kinds


def target_differences(direct: str, through: str) -> set[str]:
    (path, mark, query), (other_path, other_mark, other_query) = direct.partition("?"), through.partition("?")
    kinds = set()
    if path != other_path:
        same = unquote_to_bytes(path) == unquote_to_bytes(other_path)
        kinds.add("path: encoded again" if same else f"path: {other_path}")
    if query != other_query:
        kinds |= query_differences(query.split("&"), other_query.split("&"))
    elif mark != other_mark:
        kinds.add("query: bare question mark")
    return kinds


def query_differences(direct: list[str], through: list[str]) -> set[str]:
    other = [decoded(pair) for pair in through]
    kinds = set()
    if len(direct) > len(through):
        kinds.add("query: last values")
        names = [decoded(pair)[0] for pair in direct]
        direct = [pair for place, pair in enumerate(direct) if names[place] not in names[place + 1 :]]
    one = [decoded(pair) for pair in direct]
    if by_first(one) != by_first(other):
        return {f"query: {'&'.join(through)}"}
    if one != other:
        kinds.add("query: order between names")
    # Which pairs did not come as they were written.
    for pair in Counter(direct) - Counter(through):
        kinds.add("query: bare name" if "=" not in pair and f"{pair}=" in through else "query: encoded again")
    return kinds


def lines_differences(name: str, direct: list[tuple[str, str]], through: list[tuple[str, str]]) -> set[str]:
    """Return in what the lines of one header of a request differ; a line is its name as it was spelled, and a value."""
    values, other_values = [value for _, value in direct], [value for _, value in through]
    kinds = set()
    prefix = "cookie" if name == "cookie" else "request header"
    if values != other_values:
        if name == "cookie" and [crumbs("; ".join(values))] == [crumbs(value) for value in other_values]:
            kinds.add("cookie: one line")
        elif [",".join(values)] == other_values:
            kinds.add("request header: joined")
        elif values[-1:] == other_values:
            kinds.add(f"{prefix}: last line")
        else:
            kinds.add(f"{prefix} {name}: {values} -> {other_values}")
    spellings, other_spellings = {line[0] for line in direct}, {line[0] for line in through}
    if name not in _WRITTEN_BY_THE_PROXY and not other_spellings <= spellings:
        authorization = (spellings, other_spellings) == ({"authorization"}, {"Authorization"})
        lower = other_spellings == {name}
        kinds.add(f"request header: {'Authorization' if authorization else 'lower case' if lower else other_spellings}")
    return kinds


def answer_differences(direct: Got, through: Got) -> set[str]:
    """Return in what two answers differ."""
    if direct.status != through.status and b'"response_too_large"' in through.body:
        return {"answer: too large"}
    kinds = {
        f"answer: {name}" for name in ("status", "reason", "body") if getattr(direct, name) != getattr(through, name)
    }
    one, other = by_name(direct.headers, _FRAMING), by_name(through.headers, _FRAMING)
    for name in one.keys() | other.keys():
        values, others = [value for _, value in one.get(name, [])], [value for _, value in other.get(name, [])]
        remapped = other.get(f"x-amzn-remapped-{name}")
        if values == others or (not values and name in _OF_A_FRONT_DOOR):
            continue
        if not values and name == "content-type":
            kinds.add("answer: type added")
        elif not others and remapped and values == [value for _, value in remapped]:
            kinds.add(f"answer header: remapped {name}")
        elif not values and name.startswith("x-amzn-remapped-") and name.removeprefix("x-amzn-remapped-") in one:
            continue  # told under the other name
        elif name in ("date", "server"):
            kinds.add(f"answer header: {name}")
        elif name == "set-cookie" and others == values[-1:]:
            kinds.add("set-cookie: last line")
        elif name != "set-cookie" and others == [", ".join(values)]:
            kinds.add("answer header: joined")
        else:
            kinds.add(f"answer header {name}: {values} -> {others}")
    return kinds


def by_name(headers: Fields, without: frozenset[str]) -> dict[str, list[tuple[str, str]]]:
    """Return the lines of each header, in order. The order of different headers means nothing (RFC 9110, 5.3)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in headers:
        if line[0].lower() not in without:
            found.setdefault(line[0].lower(), []).append(line)
    return found


def by_first(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return pairs in the order of their names; those of one name stay in theirs."""
    return sorted(pairs, key=lambda pair: pair[0])


def decoded(pair: str) -> tuple[str, str]:
    name, _, value = pair.partition("=")
    return unquote_plus(name), unquote_plus(value)


def crumbs(cookie: str) -> list[str]:
    """Return the pairs of a Cookie header."""
    return [crumb.strip() for crumb in cookie.split(";") if crumb.strip()]


# Rebuilt from what the front door vouches for, by proxy/backends/headers.py.
_OF_THE_PROXY = frozenset(
    {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "forwarded", "via"}
)
_WRITTEN_BY_THE_PROXY = frozenset({"host", "content-length"})  # with the client's value, under a name of its own
_FRAMING = frozenset({"connection", "transfer-encoding", "content-length"})  # each server frames its own messages
# What front doors add of their own: its value is theirs, and no client was promised it.
_OF_A_FRONT_DOOR = frozenset(
    {"date", "server", "apigw-requestid", "x-amzn-requestid", "x-amz-apigw-id", "x-amzn-trace-id"}
)
