"""Lambda function URL: event -> Request, Response -> result. What it shares with an HTTP API is tested there."""

from typing import Any

import pytest

from proxy.errors import BadRequest
from proxy.events import function_url
from proxy.message import Headers, Request, Response
from tests.samples import captured
from tests.samples import function_url as event_of


def decoded(event: dict[str, Any]) -> Request:
    return function_url.decode(event, 123.5, None)


def test_recorded_event_gives_the_whole_request_with_the_clients_own_target() -> None:
    """Bytes in equal bytes out: a function URL keeps the path encoded."""
    event = captured("function_url")

    request = decoded(event)

    assert request == Request(
        method="POST",
        path="/v1/acme%2Fwest/items//caf%C3%A9%20menu",
        query="tag=a&tag=b&q=x%20y+z&sig=a%2Bb%3D&flag&empty=&next=https%3A%2F%2Fshop.example%2Fa%3Fb%3D1",
        headers=Headers(
            (
                (b"accept", b"application/json, text/plain;q=0.5,application/problem+json"),
                (b"authorization", b"Bearer eyJhbGciOi.legacy.token"),
                (b"content-length", b"28"),
                (b"content-type", b"application/json; charset=utf-8"),
                (b"cookie", b'sid=s%3Aab12; theme=dark; cart="1,2"'),
                (b"host", b"abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws"),
                (b"if-none-match", b'"abc", W/"def"'),
                (b"user-agent", b"legacy-client/4.2"),
                (b"x-amzn-tls-cipher-suite", b"TLS_AES_128_GCM_SHA256"),
                (b"x-amzn-tls-version", b"TLSv1.3"),
                (b"x-amzn-trace-id", b"Root=1-6ad1eea2-ce0cfb1b0f24bac765e2b8f2"),
                (b"x-forwarded-for", b"203.0.113.24"),
                (b"x-forwarded-port", b"443"),
                (b"x-forwarded-proto", b"https"),
                (b"x-trace", b"t-1,t-2"),
            )
        ),
        body='{"name":"λ-widget","qty":2}'.encode(),
        client_ip="203.0.113.24",
        scheme="https",
        host="abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws",
        id="0a1b2c3d-0000-4111-8222-333344445555",
        deadline=123.5,
        event=event,
        context=None,
    )


def test_bare_get_gives_an_empty_query_and_body() -> None:
    request = decoded(captured("function_url_get_minimal"))

    assert (request.method, request.target, request.body) == ("GET", "/", b"")


@pytest.mark.parametrize(
    ("headers", "cookies", "values"),
    [
        ({"cookie": "sid=1;theme=dark"}, ["sid=1", "theme=dark"], [b"sid=1;theme=dark"]),
        ({}, ["sid=1", "theme=dark"], [b"sid=1; theme=dark"]),
        ({"cookie": ""}, ["sid=1"], [b""]),
        ({}, None, []),
    ],
)
def test_cookies_that_stand_twice_in_the_event_are_sent_once(
    headers: dict[str, str], cookies: list[str] | None, values: list[bytes]
) -> None:
    assert decoded(event_of(headers=headers, cookies=cookies)).headers.all(b"cookie") == values


@pytest.mark.parametrize(
    ("raw_path", "path"),
    [(None, "/"), ("", "/"), ("/capture/space%20value", "/capture/space%20value"), ("/a//b", "/a//b")],
)
def test_path_stays_as_the_client_wrote_it(raw_path: str | None, path: str) -> None:
    assert decoded(event_of(rawPath=raw_path)).path == path


@pytest.mark.parametrize(
    ("proto", "scheme"), [("http", "http"), ("https", "https"), ("ftp", "https"), ("http, https", "https")]
)
def test_scheme_is_what_the_front_door_says_and_https_in_doubt(proto: str, scheme: str) -> None:
    assert decoded(event_of(headers={"x-forwarded-proto": proto})).scheme == scheme


@pytest.mark.parametrize("path", ["*", "@evil.example/", "http://evil.example/x", "/a\r\nb"])
def test_path_that_could_name_another_host_or_line_is_refused(path: str) -> None:
    """Nothing a client sends can choose a host or inject a header."""
    with pytest.raises(BadRequest) as refused:
        decoded(event_of(path=path))

    assert refused.value.code == "bad_path"


def test_response_goes_back_in_the_same_format_as_an_http_apis() -> None:
    result = function_url.encode(Response(418, Headers(((b"Set-Cookie", b"a=1"), (b"X", b"1"))), b"tea"))

    assert result == {
        "statusCode": 418,
        "headers": {"X": "1"},
        "cookies": ["a=1"],
        "body": "dGVh",
        "isBase64Encoded": True,
    }
