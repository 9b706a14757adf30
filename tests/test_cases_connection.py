"""The fidelity cases of the connection to legacy, over real sockets: who hears what, and when."""

import json
import time
from base64 import b64decode
from collections.abc import Callable
from functools import partial
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509

from proxy.backends.sides import Sides
from proxy.backends.transport import LegacyTransport
from proxy.settings import Settings, resolve
from tests.backends.test_transport import Authority
from tests.conftest import Function, MakeFunction
from tests.events.doors import Door, Sent
from tests.events.test_cases import H2, F, each, refusal
from tests.raw_legacy import Act, Line, RawLegacy, close, drip, echo, reset, say, stall
from tests.samples import API_HOST, Context, compiled

DOORS = (F, H2)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\nok"
EVIL = b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 4\r\n\r\nEVIL"
GENEROUS_S = 5.0


def ask(function: Function, door: Door, method: str = "GET", body: bytes = b"", left_ms: int = 10_000) -> object:
    """The body of a 200, or status and code of an answer of the proxy's own."""
    sent = Sent("/orders", (("Host", API_HOST),), body, method)
    result = function(door.event(sent), Context(left_ms))
    return door.answer(result).body if result["statusCode"] == 200 else refusal(door, result)


# ---- one caller's bytes never reach another

LEFT_BEHIND = {
    "case156": (say(OK + EVIL), b"ok"),
    "case156-no-http": (say(OK + b"surplus"), b"ok"),
    "case163-two-framings": (
        say(OK.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n") + EVIL),
        (502, "legacy_broken"),
    ),
    "case163-too-large": (
        say(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n" + b"x" * 5_000_000 + EVIL),
        (502, "response_too_large"),
    ),
    "case170-chunk-without-a-size": (
        say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + EVIL),
        (502, "legacy_broken"),
    ),
}


@pytest.mark.parametrize(
    ("door", "act", "first"), [param for case, values in LEFT_BEHIND.items() for param in each(case, DOORS, *values)]
)
def test_what_is_left_of_one_answer_is_nobody_elses(
    make_function: MakeFunction, door: Door, act: Act, first: object
) -> None:
    """Nothing a client sends can reach another client's response."""
    with RawLegacy(act, say(OK)) as server:
        function = make_function(legacy_url=server.origin)

        answers = [ask(function, door, "POST") for _ in range(3)]

        assert answers == [first, b"ok", b"ok"]
        assert [len(requests) for requests in server.connections] == [1, 2]


@pytest.mark.parametrize("door", each("case170", DOORS))
def test_answer_that_came_too_late_is_nobody_elses(make_function: MakeFunction, door: Door) -> None:
    def late(line: Line) -> bool:
        line.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nok")
        line.stopped.wait(0.6)
        line.sock.sendall(EVIL)
        return True

    with RawLegacy(late, say(OK)) as server:
        function = make_function(legacy_url=server.origin)

        answers = [ask(function, door, left_ms=800), *(ask(function, door) for _ in range(2))]

        assert answers == [(504, "legacy_timeout"), b"ok", b"ok"]
        assert [len(requests) for requests in server.connections] == [1, 2]


# ---- connections that ended


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("door", each("case157", DOORS))
def test_kept_connection_that_legacy_has_closed_is_replaced(
    make_function: MakeFunction, door: Door, method: str
) -> None:
    with RawLegacy(say(OK, keep=False)) as server:
        function = make_function(legacy_url=server.origin)

        answers = []
        for number in range(3):
            answers.append(ask(function, door, method, b"x"))
            server._threads[1 + number].join(GENEROUS_S)  # the end of the connection has arrived

        assert answers == [b"ok"] * 3
        assert [len(requests) for requests in server.connections] == [1, 1, 1]


@pytest.mark.parametrize("act", [close(), reset()], ids=["closed", "reset"])
@pytest.mark.parametrize(
    ("door", "method", "times"),
    [
        *each("case158-get", DOORS, "GET", 2),
        *each("case158-head", DOORS, "HEAD", 2),
        *each("case158-post", DOORS, "POST", 1),
        *each("case158-put", DOORS, "PUT", 1),
        *each("case158-delete", DOORS, "DELETE", 1),
    ],
)
def test_request_on_a_kept_connection_that_broke_is_sent_again_only_if_it_is_safe(
    make_function: MakeFunction, door: Door, act: Act, method: str, times: int
) -> None:
    """A write is never executed twice by retry."""
    with RawLegacy(say(OK), act) as server:
        function = make_function(legacy_url=server.origin)

        answers = [ask(function, door), ask(function, door, method, b"x")]

        assert answers == [b"ok", (502, "legacy_broken")]
        assert len(server.requests) == 1 + times


@pytest.mark.parametrize("door", each("case173", DOORS))
def test_connection_that_is_too_old_is_replaced(
    make_function: MakeFunction, make_transport: Callable[..., LegacyTransport], door: Door
) -> None:
    """Lambda may have frozen for hours between two requests; what was kept before is not trusted."""

    def aged(tls: bool, ca_file: str, keep_alive: bool) -> LegacyTransport:
        transport = make_transport(tls=tls, ca_file=ca_file, keep_alive=keep_alive)
        transport._pool._keepalive_expiry = -1.0
        return transport

    with RawLegacy(say(OK)) as server:
        variables = {"LEGACY_URL": server.origin}
        function = make_function(backends=Sides(Settings(), partial(resolve, environ=variables), aged))

        answers = [ask(function, door, "POST", b"x") for _ in range(3)]

        assert answers == [b"ok"] * 3
        assert [len(requests) for requests in server.connections] == [1, 1, 1]


# ---- time

SLOW = {
    "case154": drip(b"data: x\r\n" * 500, 0.02, b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"),
    "case154-chunked": drip(
        b"1\r\nx\r\n" * 500, 0.02, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: a/b\r\n\r\n"
    ),
    "case159-head": drip(b"HTTP/1.1 200 " + b"O" * 500, 0.05),
    "case159-body": drip(b"x" * 500, 0.05, b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
    "case161-silent": stall(),
}


@pytest.mark.parametrize("bound", ["function", "table"])
@pytest.mark.parametrize(("door", "act"), [param for case, act in SLOW.items() for param in each(case, DOORS, act)])
def test_answer_that_is_not_whole_in_time_is_a_504_of_ours(
    make_function: MakeFunction, door: Door, act: Act, bound: str
) -> None:
    """The whole exchange is bounded, however legacy spreads its bytes: by what the table says, and by what is left."""
    with RawLegacy(act) as server:
        function = make_function(compiled(timeout="300ms" if bound == "table" else "20s"), server.origin)
        began = time.monotonic()

        answer = ask(function, door, "POST", b"x", 800 if bound == "function" else 30_000)

        assert answer == (504, "legacy_timeout")
        assert time.monotonic() - began < GENEROUS_S
        assert len(server.requests) <= 1


def test_case160_request_without_a_deadline_is_not_sent(make_transport: Callable[..., LegacyTransport]) -> None:
    """httpcore would wait for ever."""
    with RawLegacy(stall()) as server:
        with pytest.raises(AssertionError, match="deadline"):
            make_transport(tls=False).handle_request(httpx.Request("GET", server.origin))

        assert server.connections == []


@pytest.mark.parametrize("door", each("case166", DOORS))
def test_answer_before_the_whole_body_was_read_is_relayed(make_function: MakeFunction, door: Door) -> None:
    early = b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Type: a/b\r\nContent-Length: 5\r\n\r\nlarge"
    with RawLegacy(lambda line: say(early)(line) and not line.stopped.wait(0.2), reads_body=False) as server:
        result = make_function(legacy_url=server.origin)(door.event(Sent("/", body=b"x" * 100_000, method="POST")))

    assert result == {
        "statusCode": 413,
        "headers": {"Content-Type": "a/b"},
        "body": "bGFyZ2U=",
        "isBase64Encoded": True,
    }


# ---- who is asked

NAMELESS = {
    "case161-label-too-long": f"http://{'a' * 64}.invalid",
    "case164-empty-label": "http://a..invalid",
    "case164-no-address": "http://[:::]",
    "case164-port": "http://legacy.invalid:0",
}


@pytest.mark.parametrize(("door", "url"), [param for case, url in NAMELESS.items() for param in each(case, DOORS, url)])
def test_address_that_is_none_is_a_502_of_ours_that_does_not_tell_it(
    make_function: MakeFunction, door: Door, url: str
) -> None:
    function = make_function(legacy_url=url)

    result = function(door.event(Sent()))

    assert refusal(door, result) == (502, "legacy_unreachable")
    assert "invalid" not in b64decode(result["body"]).decode()


@pytest.mark.parametrize("door", each("case161", DOORS))
def test_legacy_that_nobody_can_reach_is_a_502_of_ours_that_does_not_tell_where_it_is(
    make_function: MakeFunction, door: Door
) -> None:
    with RawLegacy() as server:
        gone, port = server.origin, str(server.port)

    result = make_function(legacy_url=gone)(door.event(Sent()))

    assert refusal(door, result) == (502, "legacy_unreachable")
    assert port not in json.dumps(b64decode(result["body"]).decode())


@pytest.mark.parametrize("door", each("case161-tls", DOORS))
def test_legacy_that_never_answers_the_tls_handshake_is_a_504_of_ours(make_function: MakeFunction, door: Door) -> None:
    with RawLegacy() as server:
        function = make_function(legacy_url=server.origin.replace("http:", "https:"))

        assert ask(function, door, left_ms=800) == (504, "legacy_timeout")


@pytest.mark.parametrize("door", each("case162", DOORS))
def test_proxies_and_passwords_of_the_environment_are_ignored(
    make_function: MakeFunction, door: Door, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password S3CR3T\n", "utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    with RawLegacy(say(OK)) as server, RawLegacy() as other:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, other.origin)

        answer = ask(make_function(legacy_url=server.origin), door)

        assert (answer, other.connections) == (b"ok", [])
        assert b"authorization" not in server.requests[0].lower()


@pytest.mark.parametrize(
    ("door", "value"),
    [
        *each("case164-tab", DOORS, "a\x0bb"),
        *each("case164-escape", DOORS, "a\x1b[0m\x0c"),
        *each("case164-line", DOORS, "a\r\nX-Evil: 1"),
    ],
)
def test_header_that_cannot_be_written_is_a_400_and_harms_nobody(
    make_function: MakeFunction, door: Door, value: str
) -> None:
    with RawLegacy(say(OK)) as server:
        function = make_function(legacy_url=server.origin)

        refused = function(door.event(Sent("/", (("X-A", value),))))
        after = ask(function, door)

        assert refused["statusCode"] == 400
        assert (after, len(server.requests)) == (b"ok", 1)


@pytest.mark.parametrize(
    ("door", "written"),
    [
        *each("case164-location", DOORS, b"Location: http://h:notaport/\xe9 x"),
        *each("case164-idna", DOORS, b"Location: http://xn--\xff/"),
        *each("case164-cookie", DOORS, b"Refresh: ;;;\r\nSet-Cookie: a=1; Domain"),
    ],
)
def test_odd_header_of_legacy_is_relayed(make_function: MakeFunction, door: Door, written: bytes) -> None:
    with RawLegacy(say(b"HTTP/1.1 302 Found\r\n" + written + b"\r\nContent-Length: 0\r\n\r\n")) as server:
        result = make_function(legacy_url=server.origin)(door.event(Sent()))

    pairs = [line.decode("latin-1").partition(": ")[::2] for line in written.split(b"\r\n")]
    assert result["statusCode"] == 302
    assert result["headers"] == {name: value for name, value in pairs if name != "Set-Cookie"}
    assert result.get("cookies", []) == [value for name, value in pairs if name == "Set-Cookie"]


@pytest.mark.parametrize(
    ("door", "name", "answer"),
    [
        *each("case171", DOORS, x509.IPAddress(ip_address("127.0.0.1")), b"ok"),
        *each("case171-clients-name", DOORS, x509.DNSName(API_HOST), (502, "legacy_unreachable")),
    ],
)
def test_certificate_is_that_of_legacys_own_name_whatever_host_the_client_used(
    make_function: MakeFunction, tmp_path: Path, door: Door, name: x509.GeneralName, answer: object
) -> None:
    authority = Authority(tmp_path, name)
    with RawLegacy(say(OK), tls=authority.server) as server:
        function = make_function(legacy_url=server.origin, settings=Settings(legacy_ca_file=authority.ca_file))

        assert ask(function, door) == answer
        hosts = [request.split(b"\r\n")[1] for request in server.requests]
        assert hosts == ([b"Host: " + API_HOST.encode()] if answer == b"ok" else [])


METADATA = ["169.254.169.254", "169.254.170.2", "2852039166", "0xa9fea9fe", "[::ffff:169.254.169.254]"]


@pytest.mark.parametrize("host", [*METADATA, "[fe80::1]", "[fd00:ec2::254]"], ids="case172-{}".format)
@pytest.mark.parametrize("door", each("case172", DOORS))
def test_address_where_clouds_keep_credentials_is_never_asked(
    make_function: MakeFunction, door: Door, host: str
) -> None:
    """Nothing that is published can choose a host that gives away the function's own rights."""
    function = make_function(legacy_url=f"http://{host}", settings=Settings(tells_error_text=True))

    answer = ask(function, door)

    assert answer == (502, "legacy_unreachable")
    assert "metadata" in function.records[0]["exception"]


def test_case156_callers_at_the_same_connection_each_get_their_own(make_function: MakeFunction) -> None:
    """Nothing a client sends can reach another client's response."""

    def own(request: bytes) -> bytes:
        body = request.rpartition(b"\r\n\r\n")[2]
        return b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body) + EVIL

    with RawLegacy(echo(own)) as server:
        function = make_function(legacy_url=server.origin)

        answers = [ask(function, F, "POST", b"%d" % number) for number in range(20)]

    assert answers == [b"%d" % number for number in range(20)]
