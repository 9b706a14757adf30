"""Application Load Balancer, in both modes: event -> Request, Response -> result."""

import json
from typing import Any

import pytest

from proxy.errors import BadRequest
from proxy.events import alb
from proxy.events.codec import ALB, ALB_SINGLE, Codec, codec_of
from proxy.message import Headers, Pair, Request, Response
from tests.samples import Context, captured

BODY = '{"name":"λ-widget","qty":2}'.encode()
PATH = "/v1/acme%2Fwest/items//caf%C3%A9%20menu"
TRACE_ROOT = "1-6ad1eea2-5b1c0d9e8f7a6b5c4d3e2f10"
CONTEXT = Context()
REST_OF_HEADERS = (
    (b"content-length", b"28"),
    (b"host", b"api.shop.example"),
    (b"x-amzn-trace-id", f"Root={TRACE_ROOT}".encode()),
    (b"x-forwarded-for", b"198.51.100.77, 203.0.113.24"),
    (b"x-forwarded-port", b"443"),
    (b"x-forwarded-proto", b"https"),
)


def decoded(event: dict[str, Any]) -> Request:
    return alb.decode(event, 123.5, CONTEXT)


def event_of(headers: dict[str, list[str]] | None = None, **changes: Any) -> dict[str, Any]:
    """A GET in multi-value mode; `changes` replace whole fields."""
    return {
        "requestContext": {"elb": {"targetGroupArn": "arn"}},
        "httpMethod": "GET",
        "path": "/",
        "multiValueQueryStringParameters": {},
        "multiValueHeaders": headers or {},
        "body": "",
        "isBase64Encoded": False,
        **changes,
    }


def test_recorded_event_gives_the_whole_request_with_repeats() -> None:
    event = captured("load_balancer")

    request = decoded(event)

    assert request == Request(
        method="POST",
        path=PATH,
        query="tag=a&tag=b&q=x%20y+z&sig=a%2Bb%3D&flag=&empty=&next=https%3A%2F%2Fshop.example%2Fa%3Fb%3D1",
        headers=Headers(
            (
                (b"accept", b"application/json, text/plain;q=0.5"),
                (b"accept", b"application/problem+json"),
                (b"authorization", b"Bearer eyJhbGciOi.legacy.token"),
                (b"cookie", b"sid=s%3Aab12; theme=dark"),
                (b"cookie", b'cart="1,2"'),
                (b"x-trace", b"t-1"),
                (b"x-trace", b"t-2"),
                (b"if-none-match", b'"abc", W/"def"'),
                (b"user-agent", b"legacy-client/4.2"),
                (b"content-type", b"application/json; charset=utf-8"),
                *REST_OF_HEADERS,
            )
        ),
        body=BODY,
        client_ip="203.0.113.24",
        scheme="https",
        host="api.shop.example",
        id=TRACE_ROOT,
        deadline=123.5,
        event=event,
        context=CONTEXT,
        dialect="alb",
    )


def test_recorded_event_of_the_other_mode_gives_the_last_of_each() -> None:
    event = captured("load_balancer_single")

    request = decoded(event)

    assert request == Request(
        method="POST",
        path=PATH,
        query="tag=b&q=x%20y+z&sig=a%2Bb%3D&flag=&empty=&next=https%3A%2F%2Fshop.example%2Fa%3Fb%3D1",
        headers=Headers(
            (
                (b"accept", b"application/problem+json"),
                (b"authorization", b"Bearer eyJhbGciOi.legacy.token"),
                (b"cookie", b'cart="1,2"'),
                (b"x-trace", b"t-2"),
                (b"if-none-match", b'"abc", W/"def"'),
                (b"user-agent", b"legacy-client/4.2"),
                (b"content-type", b"application/json; charset=utf-8"),
                *REST_OF_HEADERS,
            )
        ),
        body=BODY,
        client_ip="203.0.113.24",
        scheme="https",
        host="api.shop.example",
        id=TRACE_ROOT,
        deadline=123.5,
        event=event,
        context=CONTEXT,
        dialect="alb-single",
    )


def test_case174_health_check_is_a_request_without_host_or_client() -> None:
    event = captured("load_balancer_health")

    request = decoded(event)

    assert request == Request(
        method="GET",
        path="/healthz",
        query="",
        headers=Headers(((b"user-agent", b"ELB-HealthChecker/2.0"),)),
        body=b"",
        client_ip="",
        scheme="https",
        host="",
        id=Context.aws_request_id,
        deadline=123.5,
        event=event,
        context=CONTEXT,
        dialect="alb-single",
    )


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/capture/space%20value", id="case3-alb"),
        pytest.param("/a//b", id="case11-alb"),
        pytest.param("//evil.example/x", id="case24-alb"),
        pytest.param("/a%zz", id="case19-alb"),
        pytest.param("/%c3%bc%FC", id="case20-alb"),
        pytest.param("/a{b}\"<>`^|[]\\", id="case22-alb"),
    ],
)  # fmt: skip
def test_path_stays_as_the_client_wrote_it(path: str) -> None:
    assert decoded(event_of(path=path)).path == path


@pytest.mark.parametrize(
    ("lists", "query"),
    [
        pytest.param({"q": ["x%20y+z"], "sig": ["a%2Bb%3D"]}, "q=x%20y+z&sig=a%2Bb%3D", id="case39-alb-undecoded"),
        pytest.param({"foo%5Ba%5D": ["1", "2"]}, "foo%5Ba%5D=1&foo%5Ba%5D=2", id="case40-alb-keys"),
        pytest.param({"x": ["%0d%0aX:%201"]}, "x=%0d%0aX:%201", id="case43-alb-escaped"),
        pytest.param({"x": ["a b\r\n\u00e9"]}, "x=a%20b%0D%0A%C3%A9", id="case43-alb-raw"),
        pytest.param({"": ["v"], "flag": [""]}, "=v&flag=", id="alb-empty"),
        pytest.param({}, "", id="case42-alb-none"),
    ],
)
def test_query_is_joined_and_never_encoded_again(lists: dict[str, list[str]], query: str) -> None:
    assert decoded(event_of(multiValueQueryStringParameters=lists)).query == query


@pytest.mark.parametrize(
    ("headers", "client_ip"),
    [
        pytest.param({"x-forwarded-for": ["203.0.113.24"]}, "203.0.113.24", id="one-hop"),
        pytest.param({"x-forwarded-for": ["127.0.0.1,203.0.113.24"]}, "203.0.113.24", id="case63-alb-spoofed"),
        pytest.param({"x-forwarded-for": ["127.0.0.1", "10.0.0.1, 203.0.113.24"]}, "203.0.113.24", id="case64-alb"),
        pytest.param({"X-Forwarded-For": ["203.0.113.24"]}, "203.0.113.24", id="any-case"),
        pytest.param({"x-forwarded-for": ["127.0.0.1, 203.0.113.24:51234"]}, "203.0.113.24", id="with-port"),
        pytest.param({"x-forwarded-for": ["2001:db8::7"]}, "2001:db8::7", id="ipv6"),
        pytest.param({"x-forwarded-for": ["127.0.0.1, [2001:db8::7]:51234"]}, "2001:db8::7", id="ipv6-with-port"),
        pytest.param({"x-forwarded-for": [""]}, "", id="empty"),
        pytest.param({}, "", id="mode-remove"),
    ],
)
def test_client_is_the_right_most_hop(headers: dict[str, list[str]], client_ip: str) -> None:
    """Never an address that the client wrote itself."""
    assert decoded(event_of(headers)).client_ip == client_ip


@pytest.mark.parametrize(
    ("trace", "request_id"),
    [
        pytest.param([f"Root={TRACE_ROOT}"], TRACE_ROOT, id="root"),
        pytest.param([f"Self=1-6ad1eea2-000000000000000000000001;Root={TRACE_ROOT}"], TRACE_ROOT, id="behind-self"),
        pytest.param([f"Root={TRACE_ROOT};Sampled=1"], TRACE_ROOT, id="before-more"),
        pytest.param(["x", f"Root={TRACE_ROOT}"], TRACE_ROOT, id="second-line"),
        pytest.param([f"NotRoot={TRACE_ROOT}"], Context.aws_request_id, id="another-field"),
        pytest.param(["Root=what-a-client-wrote"], Context.aws_request_id, id="no-trace-id"),
        pytest.param([], Context.aws_request_id, id="absent"),
    ],
)
def test_request_id_is_the_traces_root_or_lambdas_own(trace: list[str], request_id: str) -> None:
    assert decoded(event_of({"x-amzn-trace-id": trace})).id == request_id


def test_request_id_without_a_context_is_empty() -> None:
    assert alb.decode(event_of(), 123.5, None).id == ""


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"multiValueHeaders": {"host": ["a", "b"]}}, "bad_header", id="case62-alb"),
        pytest.param({"path": "http://evil.example/"}, "bad_path", id="case25-alb"),
        pytest.param({"path": "/\0"}, "bad_path", id="case26-alb"),
        pytest.param({"path": 7}, "bad_path", id="path-no-text"),
        pytest.param({"multiValueQueryStringParameters": {"q": ["\ud800"]}}, "bad_path", id="query-lone-surrogate"),
        pytest.param({"multiValueQueryStringParameters": {"q": [None]}}, "bad_query", id="query-null"),
        pytest.param({"multiValueHeaders": {"x": [True]}}, "bad_header", id="header-no-text"),
        pytest.param({"body": "x", "isBase64Encoded": True}, "bad_body", id="case91-alb"),
        pytest.param({"httpMethod": None}, "bad_method", id="method-null"),
    ],
)
def test_event_that_cannot_be_carried_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(BadRequest) as refused:
        decoded(event_of(**changes))

    assert refused.value.code == code


RESPONSE = Response(
    200,
    Headers(
        (
            (b"Date", b"Sun, 06 Nov 1994 08:49:37 GMT"),
            (b"Set-Cookie", b"a=1; Path=/"),
            (b"Vary", b"Accept"),
            (b"set-cookie", b"b=2"),
            (b"vary", b"Origin"),
            (b"Content-Type", b"text/plain"),
        )
    ),
    b"text",
)


@pytest.mark.parametrize(
    ("name", "result"),
    [
        (
            "load_balancer",
            {
                "statusCode": 200,
                "statusDescription": "200 OK",
                "multiValueHeaders": {
                    "Date": ["Sun, 06 Nov 1994 08:49:37 GMT"],
                    "Set-Cookie": ["a=1; Path=/", "b=2"],
                    "Vary": ["Accept", "Origin"],
                    "Content-Type": ["text/plain"],
                },
                "body": "dGV4dA==",
                "isBase64Encoded": True,
            },
        ),
        (
            "load_balancer_single",
            {
                "statusCode": 200,
                "statusDescription": "200 OK",
                "headers": {
                    "Date": "Sun, 06 Nov 1994 08:49:37 GMT",
                    "Set-Cookie": "b=2",
                    "Vary": "Accept, Origin",
                    "Content-Type": "text/plain",
                },
                "body": "dGV4dA==",
                "isBase64Encoded": True,
            },
        ),
    ],
)
def test_case111_answer_is_in_the_mode_of_the_event(name: str, result: dict[str, Any]) -> None:
    assert codec_of(captured(name)).encode(RESPONSE) == result


@pytest.mark.parametrize(
    ("status", "description"),
    [
        (204, "204 No Content"),
        (404, "404 Not Found"),
        (418, "418 I'm a Teapot"),
        (299, "299 Unknown"),
        (599, "599 Unknown"),
    ],
)
def test_every_status_has_a_description(status: int, description: str) -> None:
    assert ALB.encode(Response(status, Headers(), b""))["statusDescription"] == description


@pytest.mark.parametrize("codec", [ALB, ALB_SINGLE], ids=lambda codec: codec.name)
def test_largest_body_fits_into_a_load_balancers_json(codec: Codec) -> None:
    headers: tuple[Pair, ...] = ((b"X", b"x" * 10_000),)

    assert len(json.dumps(codec.encode(Response(200, Headers(headers), b"\0" * codec.max_body_bytes)))) < 1_000_000
