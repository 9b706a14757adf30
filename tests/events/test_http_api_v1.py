"""HTTP API, payload format 1.0: event -> Request, Response -> result. What it shares with REST is tested there."""

from typing import Any

import pytest

from proxy.errors import BadRequest
from proxy.events import http_api_v1
from proxy.message import Headers, Request, Response
from tests.samples import captured

CONTEXT = object()
HOST = b"h1h2h3h4h5.execute-api.eu-west-1.amazonaws.com"


def decoded(event: dict[str, Any]) -> Request:
    return http_api_v1.decode(event, 123.5, CONTEXT)


def event_of(path: object, stage: object = "$default", domain: object = HOST.decode()) -> dict[str, Any]:
    return {
        "version": "1.0",
        "resource": "$default",
        "path": path,
        "httpMethod": "GET",
        "requestContext": {"stage": stage, "domainName": domain, "identity": {"sourceIp": "203.0.113.24"}},
    }


def test_recorded_event_gives_the_whole_request() -> None:
    event = captured("http_api_v1")

    request = decoded(event)

    assert request == Request(
        method="POST",
        # %2F, and which escapes the client used, were lost before the event was made.
        path="/v1/acme/west/items//caf%C3%A9%20menu",
        query="tag=a&tag=b&q=x%20y%20z&sig=a%2Bb%3D&flag=&empty=&next=https%3A%2F%2Fshop.example%2Fa%3Fb%3D1",
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
                (b"content-type", b"application/json; charset=utf-8"),
                (b"Content-Length", b"28"),
                (b"Host", HOST),
                (b"User-Agent", b"legacy-client/4.2"),
                (b"X-Amzn-Trace-Id", b"Root=1-6ad1eea2-5b1c0d9e8f7a6b5c4d3e2f10"),
                (b"X-Forwarded-For", b"198.51.100.77, 203.0.113.24"),
                (b"X-Forwarded-Port", b"443"),
                (b"X-Forwarded-Proto", b"https"),
            )
        ),
        body='{"name":"λ-widget","qty":2}'.encode(),
        client_ip="203.0.113.24",
        scheme="https",
        host=HOST.decode(),
        id="EXTIDexample=",
        deadline=123.5,
        event=event,
        context=CONTEXT,
        dialect="1.0",
    )


@pytest.mark.parametrize(
    ("path", "stage", "domain", "expected"),
    [
        pytest.param("/a b", "$default", HOST.decode(), "/a%20b", id="case4-http-api-v1-space"),
        pytest.param("/café", "$default", HOST.decode(), "/caf%C3%A9", id="case8-http-api-v1"),
        pytest.param("//a", "$default", HOST.decode(), "//a", id="case24-http-api-v1"),
        pytest.param("/50%?", "$default", HOST.decode(), "/50%25%3F", id="decoded-delimiters"),
        pytest.param("", "$default", HOST.decode(), "/", id="case17-http-api-v1-empty"),
        pytest.param(None, None, None, "/", id="case17-http-api-v1-absent"),
        pytest.param("/prod/x", "prod", HOST.decode(), "/x", id="case13-http-api-v1-stage"),
        pytest.param("/prod", "prod", HOST.decode(), "/", id="case13-http-api-v1-stage-alone"),
        pytest.param("/production/x", "prod", HOST.decode(), "/production/x", id="case13-http-api-v1-other"),
        pytest.param("/prod/x", "$default", HOST.decode(), "/prod/x", id="case13-http-api-v1-default"),
        pytest.param("/prod/x", "prod", "api.shop.example", "/prod/x", id="mapping-named-like-the-stage-stays"),
    ],
)
def test_path_is_encoded_again_without_the_stage(path: object, stage: object, domain: object, expected: str) -> None:
    assert decoded(event_of(path, stage, domain)).path == expected


@pytest.mark.parametrize("path", ["/a\ufffd", "/\ud800b", "*", "http://evil.example/", "/a\r\nb", ["/"]])
def test_path_that_cannot_be_carried_is_refused(path: object) -> None:
    with pytest.raises(BadRequest) as refused:
        decoded(event_of(path))

    assert refused.value.code == "bad_path"


def test_response_goes_back_as_lists_and_base64_with_what_legacy_said_of_itself() -> None:
    """Whether this front door remaps Date and Server is contested; nothing is dropped on a rumour."""
    response = Response(
        200,
        Headers(((b"Date", b"Sun, 06 Nov 1994 08:49:37 GMT"), (b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2"))),
        b"text",
    )

    result = http_api_v1.encode(response)

    assert result == {
        "statusCode": 200,
        "multiValueHeaders": {"Date": ["Sun, 06 Nov 1994 08:49:37 GMT"], "Set-Cookie": ["a=1", "b=2"]},
        "body": "dGV4dA==",
        "isBase64Encoded": True,
    }
