"""HTTP API, payload format 2.0: event -> Request, Response -> result."""

from typing import Any

import pytest

from proxy.errors import BadRequest
from proxy.events import http_api
from proxy.message import Headers, Request, Response
from tests.samples import API_HOST, captured
from tests.samples import http_api as event_of

CONTEXT = object()


def decoded(event: dict[str, Any]) -> Request:
    return http_api.decode(event, 123.5, CONTEXT)


def test_recorded_event_gives_the_whole_request() -> None:
    event = captured("http_api_v2")

    request = decoded(event)

    assert request == Request(
        method="POST",
        # %2F, and which escapes the client used, were lost before the event was made.
        path="/v1/acme/west/items//caf%C3%A9%20menu",
        query="tag=a&tag=b&q=x%20y+z&sig=a%2Bb%3D&flag&empty=&next=https%3A%2F%2Fshop.example%2Fa%3Fb%3D1",
        headers=Headers(
            (
                (b"accept", b"application/json, text/plain;q=0.5,application/problem+json"),
                (b"authorization", b"Bearer eyJhbGciOi.legacy.token"),
                (b"content-length", b"28"),
                (b"content-type", b"application/json; charset=utf-8"),
                (b"host", b"h1h2h3h4h5.execute-api.eu-west-1.amazonaws.com"),
                (b"if-none-match", b'"abc", W/"def"'),
                (b"user-agent", b"legacy-client/4.2"),
                (b"x-amzn-trace-id", b"Root=1-6ad1eea2-3d0961ef901ad7f542fe0a44"),
                (b"x-forwarded-for", b"198.51.100.77, 203.0.113.24"),
                (b"x-forwarded-port", b"443"),
                (b"x-forwarded-proto", b"https"),
                (b"x-trace", b"t-1,t-2"),
                (b"cookie", b'sid=s%3Aab12; theme=dark; cart="1,2"'),
            )
        ),
        body='{"name":"λ-widget","qty":2}'.encode(),
        client_ip="203.0.113.24",
        scheme="https",
        host="h1h2h3h4h5.execute-api.eu-west-1.amazonaws.com",
        id="EXTIDexample=",
        deadline=123.5,
        event=event,
        context=CONTEXT,
    )


def test_form_body_comes_out_of_its_base64() -> None:
    request = decoded(captured("http_api_v2_form_b64"))

    assert request.body == b"name=a+b&note=%E2%82%AC"
    assert request.headers.get(b"content-type") == b"application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("stage", "raw_path", "path"),
    [
        ("$default", "/prod/x", "/prod/x"),
        ("prod", "/prod/x", "/x"),
        ("prod", "/prod", "/"),
        ("prod", "/prod/", "/"),
        ("prod", "/production/x", "/production/x"),
        ("prod", "/prod//x", "//x"),
        ("prod", "/x", "/x"),
        ("prod", "/prod/prod/x", "/prod/x"),
        (None, "/x", "/x"),
        (7, "/7/x", "/7/x"),
        ("$default", "", "/"),
        ("$default", None, "/"),
    ],
)
def test_stage_in_front_of_the_path_goes(stage: object, raw_path: str | None, path: str) -> None:
    event = event_of()
    event["requestContext"]["stage"] = stage
    event["rawPath"] = raw_path

    assert decoded(event).path == path


@pytest.mark.parametrize(
    ("cookies", "values"),
    [
        (None, []),
        ([], []),
        (["sid=1"], [b"sid=1"]),
        (["sid=s%3Aab.c==", 'cart="1,2"', "a", "=b", "a"], [b'sid=s%3Aab.c==; cart="1,2"; a; =b; a']),
    ],
)
def test_cookies_become_one_header_as_the_client_sent_it(cookies: list[str] | None, values: list[bytes]) -> None:
    assert decoded(event_of(cookies=cookies)).headers.all(b"cookie") == values


@pytest.mark.parametrize(
    ("changes", "headers"),
    [
        ({"headers": None}, ()),
        ({"headers": {}}, ()),
        ({"headers": {"x-trace": "t-1,t-2"}}, ((b"x-trace", b"t-1,t-2"),)),
    ],
)
def test_headers_that_are_absent_are_none(changes: dict[str, Any], headers: tuple[tuple[bytes, bytes], ...]) -> None:
    request = decoded({**event_of(), **changes})

    assert (request.headers.pairs, request.host) == (headers, API_HOST)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"rawPath": "/a\ufffd"}, "bad_path"),
        ({"rawPath": "http://evil.example/"}, "bad_path"),
        ({"rawPath": ["/"]}, "bad_path"),
        ({"rawQueryString": {"a": "b"}}, "bad_query"),
        ({"headers": ["host"]}, "bad_header"),
        ({"headers": {"x": None}}, "bad_header"),
        ({"headers": {"host": 7}}, "bad_header"),
        ({"cookies": "a=b"}, "bad_header"),
        ({"cookies": [1]}, "bad_header"),
        ({"cookies": ["a=b\r\nx: y"]}, "bad_header"),
        ({"body": 7}, "bad_body"),
        ({"body": "%", "isBase64Encoded": True}, "bad_body"),
        ({"requestContext": {"http": {"method": "GET", "sourceIp": 7}}}, "bad_event"),
        ({"requestContext": {"http": {"method": "GET"}, "requestId": []}}, "bad_event"),
        ({"requestContext": {"http": {}}}, "bad_method"),
        ({"requestContext": {"http": "GET"}}, "bad_event"),
    ],
)
def test_event_that_cannot_be_carried_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(BadRequest) as refused:
        decoded({**event_of(), **changes})

    assert refused.value.code == code


def test_response_goes_back_with_cookies_apart_and_repeats_joined() -> None:
    response = Response(
        299,
        Headers(
            (
                (b"Vary", b"Accept"),
                (b"Set-Cookie", b"a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT; SameSite=None; Partitioned"),
                (b"link", b"<a>; rel=next"),
                (b"vary", b"Origin"),
                (b"set-cookie", b";;;"),
                (b"Link", b"<b>; rel=prev"),
                (b"X-Name", b"caf\xe9"),
                (b"WWW-Authenticate", b"Basic"),
            )
        ),
        b"\x1f\x8b\xff",
    )

    result = http_api.encode(response)

    assert result == {
        "statusCode": 299,
        "headers": {
            "Vary": "Accept, Origin",
            "link": "<a>; rel=next, <b>; rel=prev",
            "X-Name": "caf\u00e9",
            "WWW-Authenticate": "Basic",
        },
        "cookies": ["a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT; SameSite=None; Partitioned", ";;;"],
        "body": "H4v/",
        "isBase64Encoded": True,
    }


def test_response_without_cookies_and_body_has_no_cookies_and_no_base64() -> None:
    result = http_api.encode(Response(204, Headers(((b"ETag", b'W/"x"'),)), b""))

    assert result == {"statusCode": 204, "headers": {"ETag": 'W/"x"'}, "body": "", "isBase64Encoded": False}


def test_legacys_own_envelope_is_a_body_and_never_an_answer_of_ours() -> None:
    result = http_api.encode(Response(200, Headers(), b'{"statusCode":500}'))

    assert result == {"statusCode": 200, "headers": {}, "body": "eyJzdGF0dXNDb2RlIjo1MDB9", "isBase64Encoded": True}
