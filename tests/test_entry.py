"""The whole handler: event in, what legacy receives, and what goes back. The laws that hold by now."""

import json
import time
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from proxy.build import build
from proxy.entry import MARGIN_S
from proxy.errors import FigError, LegacyTimeout
from proxy.message import Headers, Request, Response
from proxy.routing.decide import Decision
from proxy.routing.table import Table
from proxy.settings import Settings
from tests.conftest import Function, MakeFunction
from tests.fakes import NothingBroken
from tests.raw_legacy import OK, RawLegacy, close, drip, echo, reset, say, stall
from tests.samples import URL_HOST, Context, captured, compiled, function_url, http_api

TYPED = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
VOUCHED = (
    b"X-Forwarded-For: 203.0.113.24\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: %(host)s\r\n"
    b'X-Forwarded-Port: 443\r\nForwarded: for=203.0.113.24;proto=https;host="%(host)s"\r\nVia: 1.1 fig-proxy\r\n\r\n'
)


class Answers(NothingBroken):
    """Backends that answer every request alike, and note the requests."""

    def __init__(self, answer: Response | BaseException | None = None) -> None:
        self.answer = answer or Response(200, Headers(((b"Content-Type", b"text/plain"),)), b"ok")
        self.requests: list[Request] = []

    def ask(self, decision: Decision, table: Table, request: Request) -> Response:
        self.requests.append(request)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def own_answer(result: dict[str, Any]) -> tuple[int, str]:
    """Status and code of an answer of the proxy's own. Any: JSON."""
    assert {name.lower() for name in result["headers"]} == {"content-type"}
    return result["statusCode"], json.loads(b64decode(result["body"]))["code"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
# Events that are nearly right get further than those that are not at all.
FIELDS = st.sampled_from(
    ["version", "rawPath", "rawQueryString", "cookies", "headers", "body", "isBase64Encoded", "requestContext", "path",
     "httpMethod", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters", "resource"]
)  # fmt: skip
CONTEXT_FIELDS = st.sampled_from(
    ["http", "domainName", "requestId", "stage", "elb", "identity", "connectionId", "path"]
)
HTTP_FIELDS = st.sampled_from(["method", "path", "sourceIp", "protocol"])
DAMAGED = st.builds(
    lambda event, fields, context, http: {
        **event,
        "requestContext": {
            **event["requestContext"],
            "http": {**event["requestContext"].get("http", {}), **http},
            **context,
        },
        **fields,
    },
    st.sampled_from([function_url(), http_api("POST", "/orders", "x=1", {"x": "1"}, b"body")]),
    st.dictionaries(FIELDS, JSON, max_size=3),
    st.dictionaries(CONTEXT_FIELDS, JSON, max_size=2),
    st.dictionaries(HTTP_FIELDS, JSON, max_size=2),
)


def test_any_event_gets_a_result_with_a_status_and_raises_nothing(make_function: MakeFunction) -> None:
    """The proxy must never be the reason a client is refused: whatever comes, an answer goes back."""
    function = make_function(compiled("a: GET /orders/{id} legacy"), backends=Answers())

    @hypothesis_settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(JSON | DAMAGED)
    def check(event: Any) -> None:  # Any: JSON
        result = function(event)
        assert isinstance(result["statusCode"], int)
        assert 200 <= result["statusCode"] < 500, result
        json.dumps(result)

    check()


@pytest.mark.parametrize("event", [None, {}, [], "text", 7, {"source": "aws.events"}, {"requestContext": {}}])
def test_event_that_is_no_request_is_answered_without_asking_anybody(
    make_function: MakeFunction, event: object
) -> None:
    answers = Answers()
    function = make_function(backends=answers)

    result = function(event)

    assert own_answer(result) == (400, "unsupported_event")
    assert answers.requests == []
    assert [(record["status"], record["correlation_id"]) for record in function.records] == [
        (400, Context.aws_request_id)
    ]


def test_defect_of_ours_is_a_500_with_a_code_and_is_told_in_the_log(make_function: MakeFunction) -> None:
    """The client gets our answer with a reason code, never the gateway's."""
    function = make_function(backends=Answers(ZeroDivisionError("SECRET")))

    result = function(function_url())

    assert own_answer(result) == (500, "internal")
    [record] = function.records
    assert (record["level"], record["exception_name"]) == ("ERROR", "ZeroDivisionError")
    assert "SECRET" not in json.dumps([result, record])


@pytest.mark.parametrize(
    ("error", "expected"), [(LegacyTimeout("x"), (504, "legacy_timeout")), (FigError("x"), (500, "internal"))]
)
@pytest.mark.parametrize("event", [function_url(), http_api()])
def test_error_goes_back_in_the_dialect_of_its_front_door(
    make_function: MakeFunction, event: dict[str, Any], error: FigError, expected: tuple[int, str]
) -> None:
    result = make_function(backends=Answers(error))(event)

    assert own_answer(result) == expected
    assert set(result) == {"statusCode", "headers", "body", "isBase64Encoded"}


@pytest.mark.parametrize(
    ("context", "left_s"), [(Context(10_000), 9.5), (Context(600), 0.1), (None, 28.5), (object(), 28.5)]
)
def test_request_must_be_answered_before_lambda_ends_the_invocation(
    make_function: MakeFunction, context: object | None, left_s: float
) -> None:
    """The client gets our 504, never the gateway's: our deadline is the function's less a margin."""
    answers = Answers()
    function, began = make_function(backends=answers), time.monotonic()

    function.entry(function_url(), context)

    [request] = answers.requests
    assert began + left_s - 0.001 <= request.deadline <= time.monotonic() + left_s
    assert MARGIN_S == 0.5


# Law 1.


@pytest.mark.parametrize(
    ("event", "received"),
    [
        (
            captured("function_url"),
            b"POST /v1/acme%2Fwest/items//caf%C3%A9%20menu?tag=a&tag=b&q=x%20y+z&sig=a%2Bb%3D&flag&empty="
            b"&next=https%3A%2F%2Fshop.example%2Fa%3Fb%3D1 HTTP/1.1\r\n"
            b"Host: abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws\r\n"
            b"accept: application/json, text/plain;q=0.5,application/problem+json\r\n"
            b"authorization: Bearer eyJhbGciOi.legacy.token\r\n"
            b"content-type: application/json; charset=utf-8\r\n"
            b'cookie: sid=s%3Aab12; theme=dark; cart="1,2"\r\n'
            b'if-none-match: "abc", W/"def"\r\n'
            b"user-agent: legacy-client/4.2\r\n"
            b"x-trace: t-1,t-2\r\n"
            b"Content-Length: 28\r\n"
            + VOUCHED % {b"host": b"abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws"}
            + '{"name":"λ-widget","qty":2}'.encode(),
        ),
        (
            captured("http_api_v2_form_b64"),
            b"POST /v1/acme/west/items//caf%C3%A9%20menu?tag=a&tag=b&q=x%20y+z&sig=a%2Bb%3D&flag&empty="
            b"&next=https%3A%2F%2Fshop.example%2Fa%3Fb%3D1 HTTP/1.1\r\n"
            b"Host: h1h2h3h4h5.execute-api.eu-west-1.amazonaws.com\r\n"
            b"accept: application/json, text/plain;q=0.5,application/problem+json\r\n"
            b"authorization: Bearer eyJhbGciOi.legacy.token\r\n"
            b"content-type: application/x-www-form-urlencoded\r\n"
            b'if-none-match: "abc", W/"def"\r\n'
            b"user-agent: legacy-client/4.2\r\n"
            b"x-trace: t-1,t-2\r\n"
            b'cookie: sid=s%3Aab12; theme=dark; cart="1,2"\r\n'
            b"Content-Length: 23\r\n"
            + VOUCHED % {b"host": b"h1h2h3h4h5.execute-api.eu-west-1.amazonaws.com"}
            + b"name=a+b&note=%E2%82%AC",
        ),
    ],
)
def test_recorded_event_reaches_legacy_as_the_client_wrote_it(
    make_function: MakeFunction, event: dict[str, Any], received: bytes
) -> None:
    """Bytes in equal bytes out, within what the front door can carry."""
    with RawLegacy(say(TYPED)) as server:
        result = make_function(legacy_url=server.origin)(event)

        assert server.requests == [received]
    assert result == {
        "statusCode": 200,
        "headers": {"Content-Type": "text/plain"},
        "body": "b2s=",
        "isBase64Encoded": True,
    }


VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=40)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=30).map(
    lambda text: text.strip(" ")
)
NAMES = st.from_regex(r"x-[a-z0-9_!#$%&'*+.^`|~-]{1,20}", fullmatch=True).filter(
    lambda name: not name.startswith(("x-fig-", "x-forwarded-", "x-amz")) and name != "x-real-ip"
)
HEADERS = st.dictionaries(NAMES, VALUES, max_size=6)


def test_whatever_a_function_url_carries_arrives_and_whatever_legacy_answers_comes_back(
    make_function: MakeFunction,
) -> None:
    """Bytes in equal bytes out: target, query, repeated headers, cookies, body, status, both ways."""
    answers: list[bytes] = []
    with RawLegacy(echo(lambda _: answers[-1])) as server:
        function = make_function(legacy_url=server.origin)

        @hypothesis_settings(max_examples=150, deadline=None)
        @given(
            st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "pUrGe"]),
            VISIBLE.filter(lambda path: "?" not in path),
            VISIBLE,
            HEADERS,
            st.binary(max_size=2000),
            st.integers(200, 599).filter(lambda status: status not in (204, 205, 304)),
            st.lists(st.tuples(NAMES, VALUES), max_size=5, unique_by=lambda pair: pair[0]),
            st.lists(VALUES.filter(bool), max_size=3),
            st.binary(max_size=2000),
        )
        def check(
            method: str,
            path: str,
            query: str,
            headers: dict[str, str],
            body: bytes,
            status: int,
            answer_headers: list[tuple[str, str]],
            cookies: list[str],
            answer_body: bytes,
        ) -> None:
            lines = [f"{name}: {value}" for name, value in answer_headers]
            lines += ["Content-Type: a/b", *(f"Set-Cookie: {cookie}" for cookie in cookies)]
            head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(answer_body)}\r\n" + "\r\n".join(lines) + "\r\n\r\n"
            answers.append(head.encode("latin-1") + answer_body)

            result = function(function_url(method, f"/{path}", query, headers, body))

            target = f"/{path}?{query}" if query else f"/{path}"
            length = f"Content-Length: {len(body)}\r\n" if body or method in ("POST", "PUT", "PATCH") else ""
            sent = f"{method} {target} HTTP/1.1\r\nHost: {URL_HOST}\r\n"
            sent += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + length
            received = server.connections[-1][-1]
            assert received == sent.encode("latin-1") + VOUCHED % {b"host": URL_HOST.encode()} + body
            assert result["statusCode"] == status
            assert result["headers"] == {**dict(answer_headers), "Content-Type": "a/b"}
            assert result.get("cookies", []) == cookies
            assert b64decode(result["body"]) == answer_body

        check()


# Law 8.


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (function_url(path="//evil.example/x"), b"GET //evil.example/x HTTP/1.1"),
        (function_url(path="/@evil.example/x"), b"GET /@evil.example/x HTTP/1.1"),
        (function_url(path="/\\evil.example/x"), b"GET /\\evil.example/x HTTP/1.1"),
        (function_url(path="/http://evil.example/"), b"GET /http://evil.example/ HTTP/1.1"),
        (function_url(path="/x#@evil.example"), b"GET /x#@evil.example HTTP/1.1"),
        (function_url(path="/%0d%0aX:%201"), b"GET /%0d%0aX:%201 HTTP/1.1"),
        (function_url(query="\r\nX: 1"), b"GET /?%0D%0AX:%201 HTTP/1.1"),
        (function_url(headers={"host": "evil.example"}), b"GET / HTTP/1.1"),
        (function_url(headers={"x-forwarded-host": "evil.example", "forwarded": "host=evil"}), b"GET / HTTP/1.1"),
        (http_api(path="//evil.example/x"), b"GET //evil.example/x HTTP/1.1"),
        (http_api(path="/x?y"), b"GET /x%3Fy HTTP/1.1"),
    ],
)
def test_request_goes_to_legacy_whatever_host_it_names(
    make_function: MakeFunction, event: dict[str, Any], line: bytes
) -> None:
    """Nothing a client sends can choose a host outside the function's allow-list."""
    with RawLegacy(say(TYPED)) as server:
        settings = Settings(legacy_hosts=frozenset({f"127.0.0.1:{server.port}"}))

        result = make_function(legacy_url=server.origin, settings=settings)(event)

        assert result["statusCode"] == 200
        assert [request.split(b"\r\n")[0] for request in server.requests] == [line]
        assert b"\r\nX-Forwarded-Host: %s\r\n" % event["headers"]["host"].encode() in server.requests[0]
        assert b"forwarded: " not in server.requests[0]


@pytest.mark.parametrize("make", [function_url, http_api])
@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"path": "http://evil.example/x"}, "bad_path"),
        ({"path": "@evil.example/x"}, "bad_path"),
        ({"path": ":80@evil.example/"}, "bad_path"),
        ({"path": "*"}, "bad_path"),
        ({"path": "/a\r\nX-Evil: 1"}, "bad_path"),
        ({"path": "/a\x00"}, "bad_path"),
        ({"path": "/a\tb"}, "bad_path"),
        ({"headers": {"x": "1\r\nx-evil: 2"}}, "bad_header"),
        ({"headers": {"x": "\x00"}}, "bad_header"),
        ({"headers": {"x\r\ny": "1"}}, "bad_header"),
        ({"headers": {"host": "good.example\r\nX-Evil: 1"}}, "bad_header"),
        ({"headers": {"host": " spaced.example"}, "method": "GET / HTTP/1.1\r\nX:"}, "bad_method"),
        ({"cookies": ["a=1\r\nx-evil: 2"]}, "bad_header"),
        ({"headers": {"x": "\x0b"}}, "bad_request"),
    ],
)
def test_request_that_could_become_another_is_refused_without_reaching_legacy(
    make_function: MakeFunction, make: Callable[..., dict[str, Any]], how: dict[str, Any], code: str
) -> None:
    """Nothing a client sends can choose a host, inject a header or reach another client's response."""
    with RawLegacy(say(TYPED)) as server:
        result = make_function(legacy_url=server.origin)(make(**how))

        assert own_answer(result) == (400, code)
        assert server.requests == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}", "http://127.0.0.1:{port}/", "${{LEGACY_URL}}"])
def test_table_cannot_send_requests_where_the_function_may_not_go(make_function: MakeFunction, url: str) -> None:
    """Nothing that is published can choose a host outside the function's allow-list."""
    with RawLegacy(say(TYPED)) as server:
        table = compiled("a: GET /a legacy", legacy=url.format(port=server.port))
        settings = Settings(legacy_hosts=frozenset({"legacy.example.com"}))

        result = make_function(table, server.origin, settings=settings)(function_url(path="/a"))

        assert own_answer(result) == (502, "legacy_unreachable")
        assert server.connections == []


def test_proxys_own_headers_reach_no_side(make_function: MakeFunction) -> None:
    """Nothing a client sends can pick a side: x-fig-* is removed before forwarding and dispatch."""
    table = compiled("seen: GET /seen migrated tests.backends.handlers:returns")
    headers = {"x-fig-side": "migrated", "X-Fig-Route": "seen", "x-kept": "1"}
    with RawLegacy(say(TYPED)) as server:
        function = make_function(table, server.origin)

        function(function_url(path="/forwarded", headers=headers))
        event = function_url(path="/seen", headers=headers)
        event["returns"] = {"statusCode": 200, "body": "seen"}
        dispatched = function(event)

        assert b"x-fig" not in server.requests[0].lower()
        assert b"x-kept: 1" in server.requests[0]
    assert dispatched == {"statusCode": 200, "body": "seen"}


# Law 9.

SECRET = "S3CR3T"
SIDES: dict[str, Response | Exception | str] = {
    "answers": Response(200, Headers(((b"Set-Cookie", SECRET.encode()), (b"X", SECRET.encode()))), SECRET.encode()),
    "fails": LegacyTimeout(f"legacy: {SECRET}"),
    "is broken": ValueError(f"input {SECRET}"),
    "raises": "tests.backends.handlers:raises",
    "leaves": "tests.backends.handlers:leaves",
}


@pytest.mark.parametrize("side", list(SIDES))
def test_nothing_of_a_request_or_an_answer_reaches_the_log(make_function: MakeFunction, side: str) -> None:
    """No header value, cookie, token or body reaches a log unredacted; nor does a query or a raw path."""
    behind = SIDES[side]
    table = compiled(f"a: ANY /{{rest+}} migrated {behind}") if isinstance(behind, str) else compiled()
    function = make_function(table, backends=None if isinstance(behind, str) else Answers(behind))
    words = st.sampled_from([SECRET, f"a{SECRET}b", f"%41{SECRET}", f"é{SECRET}", f'"{SECRET}\\'])
    bad = st.sampled_from(["", "\r\n", "\x00", "\ud800", "\x0b"])

    @hypothesis_settings(max_examples=40, deadline=None)
    @given(words, words, words, bad, st.sampled_from([function_url, http_api]))
    def check(path: str, query: str, value: str, damage: str, make: Callable[..., dict[str, Any]]) -> None:
        event = make("POST", f"/{path}", query, {"authorization": value + damage, "x-fig-side": value})
        event |= {"body": value + damage, "cookies": [value], "isBase64Encoded": False}
        event["requestContext"]["authorizer"] = {"jwt": {"claims": {"sub": value}}}
        function.lines.clear()

        function(event)

        assert len(function.lines) == 1
        assert SECRET not in function.lines[0]

    check()


def test_developers_own_machine_may_show_the_text_of_errors(make_function: MakeFunction) -> None:
    settings = Settings(tells_error_text=True)
    function = make_function(backends=Answers(ValueError("the text")), settings=settings)

    function(function_url())

    assert function.records[0]["exception"] == "the text"


# Law 10.


@pytest.mark.parametrize(
    ("act", "status", "code"),
    [
        (close(), 502, "legacy_broken"),
        (reset(), 502, "legacy_broken"),
        (reset(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok"), 502, "legacy_broken"),
        (close(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok"), 502, "legacy_broken"),
        (say(b"HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok"), 502, "legacy_broken"),
        (say(b"HTTP/1.1 200 OK\r\nContent-Length: 4800000\r\n\r\n" + b"x" * 4_800_000), 502, "response_too_large"),
        (stall(), 504, "legacy_timeout"),
        (drip(b"x" * 500, 0.02, start=b"HTTP/1.1 200 OK\r\n\r\n"), 504, "legacy_timeout"),
    ],
)
def test_failure_of_legacy_is_our_answer_with_a_reason_code_in_time(
    make_function: MakeFunction, act: Callable[..., bool], status: int, code: str
) -> None:
    """The client gets our 502 or 504 with a reason code, never the gateway's."""
    left_ms = 900 if status == 504 else 20_000
    with RawLegacy(act) as server:
        function, began = make_function(legacy_url=server.origin), time.monotonic()

        result = function(function_url("POST", "/orders", body=b"x"), Context(left_ms))

        assert own_answer(result) == (status, code)
        assert time.monotonic() - began < 3
        assert len(server.requests) == 1
    assert [(record["status"], record["code"]) for record in function.records] == [(status, code)]


def test_legacy_that_is_not_there_is_our_502(make_function: MakeFunction) -> None:
    """The client gets our 502 with a reason code, never the gateway's."""
    with RawLegacy() as server:
        gone = server.origin

    assert own_answer(make_function(legacy_url=gone)(function_url())) == (502, "legacy_unreachable")


@pytest.mark.parametrize(
    ("name", "returned", "expected"),
    [
        ("raises", None, (502, "migrated_failed")),
        ("leaves", None, (502, "migrated_failed")),
        ("absent", None, (502, "migrated_failed")),
        ("returns", {"statusCode": "soon"}, (502, "migrated_bad_result")),
        ("returns", {"statusCode": 200, "body": "x" * 6_300_000}, (502, "response_too_large")),
    ],
)
def test_failure_of_a_migrated_handler_is_our_answer_with_a_reason_code(
    make_function: MakeFunction, name: str, returned: object, expected: tuple[int, str]
) -> None:
    """The client gets our 502 with a reason code, never the gateway's."""
    function = make_function(compiled(f"a: GET / migrated tests.backends.handlers:{name}"))

    assert own_answer(function({**function_url(), "returns": returned})) == expected


@pytest.mark.parametrize("returned", [{"statusCode": 200, "body": "é"}, {"orders": []}, {}])
def test_result_of_a_migrated_handler_goes_back_untouched(
    make_function: MakeFunction, returned: dict[str, Any]
) -> None:
    function = make_function(compiled("a: GET / migrated tests.backends.handlers:returns"))

    assert function({**function_url(), "returns": returned}) == returned


@pytest.mark.parametrize("returned", [None, "text", [1, 2], 7])
def test_result_of_a_migrated_handler_that_is_no_map_goes_back_untouched(
    make_function: MakeFunction, returned: object
) -> None:
    function = make_function(compiled("a: GET / migrated tests.backends.handlers:returns"))

    assert function.entry({**function_url(), "returns": returned}, Context()) == returned


# The build.


def test_function_that_lambda_starts_registers_and_answers(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    registered = b"HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: x\r\nContent-Length: 0\r\n\r\n"
    with RawLegacy(say(registered), stall()) as api:
        entry = build(Settings(runtime_api=f"127.0.0.1:{api.port}", baked_table=f"{tmp_path}/absent"))

        assert api.requests[0].startswith(b"POST /2020-01-01/extension/register HTTP/1.1\r\n")
        result = entry(function_url(), Context())
        entry._after.work()

    assert isinstance(result, dict)
    assert own_answer(result) == (502, "legacy_unreachable")
    assert json.loads(capfd.readouterr().out)["code"] == "legacy_unreachable"


def test_function_whose_registration_is_refused_answers_all_the_same() -> None:
    with RawLegacy(say(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")) as api:
        entry = build(Settings(runtime_api=f"127.0.0.1:{api.port}"), write=lambda _: None)

    result = entry(function_url(), Context())

    assert isinstance(result, dict)
    assert own_answer(result) == (502, "legacy_unreachable")


def test_surplus_of_one_callers_answer_never_reaches_another(make_function: MakeFunction) -> None:
    """Nothing a client sends can reach another client's response."""
    evil = b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 4\r\n\r\nEVIL"
    with RawLegacy(say(OK + evil), say(TYPED)) as server:
        function: Function = make_function(legacy_url=server.origin)

        bodies = [b64decode(function(function_url())["body"]) for _ in range(2)]

    assert bodies == [b"ok", b"ok"]
