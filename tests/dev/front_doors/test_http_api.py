"""From the client's request to the event of an HTTP API, payload format 2.0."""

from base64 import b64encode
from dataclasses import replace

import pytest

from proxy.dev.front_doors import ClientRequest
from proxy.dev.front_doors.headers import trace_id

from .samples import HTTP_API, TIME, canonical_request, captured, get, post


def test_canonical_request_gives_the_recorded_event() -> None:
    event = HTTP_API.event(canonical_request("EXTIDexample="))

    assert event == captured("http_api_v2")


def test_form_gives_the_recorded_event_with_a_base64_body() -> None:
    request = canonical_request("EXTIDexample=")
    form = ((b"Content-Type", b"application/x-www-form-urlencoded"), (b"Content-Length", b"23"))
    kept = tuple(pair for pair in request.headers if pair[0] not in (b"Content-Type", b"Content-Length"))

    event = HTTP_API.event(replace(request, headers=kept + form, body=b"name=a+b&note=%E2%82%AC"))

    assert event == captured("http_api_v2_form_b64")


def test_bare_get_behind_a_custom_domain_has_no_keys_for_what_it_lacks() -> None:
    event = HTTP_API.event(get(b"/"))

    assert event == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {
            "host": "api.shop.example",
            "x-amzn-trace-id": trace_id("JKJaXmPLvHcESHA=", TIME),
            "x-forwarded-for": "203.0.113.24",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "111122223333",
            "apiId": "h1h2h3h4h5",
            "domainName": "api.shop.example",
            "domainPrefix": "api",
            "http": {
                "method": "GET",
                "path": "/",
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.24",
                "userAgent": "",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "16/Oct/2026:09:30:10 +0000",
            "timeEpoch": 1792143010000,
        },
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize(
    ("target", "raw_path"),
    [
        (b"/a%2Fb", "/a/b"),
        (b"/a%2fb", "/a/b"),
        (b"/%41", "/A"),
        (b"//v1//orders/", "//v1//orders/"),
        (b"/a/../b/./c", "/a/../b/./c"),
        (b"/caf%C3%A9%20menu", "/café menu"),
        (b"/a+b;c=1", "/a+b;c=1"),
        (b"/a%3Fb?c", "/a?b"),
        (b"/a%23b", "/a#b"),
        (b"/%FF", "/\ufffd"),
        (b"/%zz%", "/%zz%"),
        (b"/{id}|x", "/{id}|x"),
    ],
)
def test_path_is_decoded_and_so_loses_how_it_was_written(target: bytes, raw_path: str) -> None:
    event = HTTP_API.event(get(target))

    context = event["requestContext"]
    assert isinstance(context, dict)
    assert (event["rawPath"], context["http"]["path"]) == (raw_path, raw_path)


@pytest.mark.parametrize(
    ("target", "raw_query", "parameters"),
    [
        (b"/", "", None),
        (b"/?", "", None),
        (b"/?&&", "&&", None),
        (b"/?flag", "flag", {"flag": ""}),
        (b"/?a=", "a=", {"a": ""}),
        (b"/?=b", "=b", {"": "b"}),
        (b"/?b=1&a=2&b=3", "b=1&a=2&b=3", {"b": "1,3", "a": "2"}),
        (b"/?q=a+b%20c%2Bd", "q=a+b%20c%2Bd", {"q": "a b c+d"}),
        (b"/?a=b=c&d;e=f", "a=b=c&d;e=f", {"a": "b=c", "d;e": "f"}),
        (b"/?x=1?y=2", "x=1?y=2", {"x": "1?y=2"}),
        (b"/?c=%FF", "c=%FF", {"c": "\ufffd"}),
        (b"/?j={|}", "j={|}", {"j": "{|}"}),
    ],
)
def test_query_is_verbatim_as_text_and_decoded_and_joined_as_map(
    target: bytes, raw_query: str, parameters: dict[str, str] | None
) -> None:
    event = HTTP_API.event(get(target))

    assert (event["rawQueryString"], event.get("queryStringParameters")) == (raw_query, parameters)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param([(b"X-A", b"1"), (b"x-a", b"2")], {"x-a": "1,2"}, id="repeats are joined without a space"),
        pytest.param([(b"X-Empty", b"")], {"x-empty": ""}, id="an empty value stays"),
        pytest.param([(b"X-Bytes", b"\xe9\xff")], {"x-bytes": "\xe9\xff"}, id="bytes above 0x7f are kept one by one"),
        pytest.param(
            [
                (b"Connection", b"keep-alive, X-Mine"),
                (b"Keep-Alive", b"timeout=5"),
                (b"TE", b"trailers"),
                (b"Trailer", b"X-Sum"),
                (b"Upgrade", b"h2c"),
                (b"Expect", b"100-continue"),
                (b"Proxy-Authorization", b"Basic eA=="),
                (b"Proxy-Connection", b"keep-alive"),
                (b"X-Mine", b"1"),
            ],
            {"x-mine": "1"},
            id="fields of one connection are dropped, those it names are kept",
        ),
        pytest.param([(b"Cookie", b"a=1")], {}, id="cookies are no header"),
        pytest.param(
            [(b"X-Forwarded-Port", b"1"), (b"X-Forwarded-Proto", b"gopher"), (b"X-Forwarded-Host", b"evil")],
            {"x-forwarded-host": "evil"},
            id="port and protocol are overwritten, a forwarded host is not",
        ),
    ],
)
def test_headers_of_the_event(headers: list[tuple[bytes, bytes]], expected: dict[str, str]) -> None:
    event = HTTP_API.event(get(b"/", *headers))

    added = {
        "host": "api.shop.example",
        "x-amzn-trace-id": trace_id("JKJaXmPLvHcESHA=", TIME),
        "x-forwarded-for": "203.0.113.24",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    }
    assert event["headers"] == added | expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([], "203.0.113.24"),
        ([b"198.51.100.77"], "198.51.100.77, 203.0.113.24"),
        ([b"10.0.0.1, 10.0.0.2", b"10.0.0.3"], "10.0.0.1, 10.0.0.2,10.0.0.3, 203.0.113.24"),
    ],
)
def test_source_is_appended_to_what_the_client_claims(sent: list[bytes], expected: str) -> None:
    event = HTTP_API.event(get(b"/", *((b"X-Forwarded-For", value) for value in sent)))

    assert isinstance(event["headers"], dict)
    assert event["headers"]["x-forwarded-for"] == expected


@pytest.mark.parametrize(
    ("sent", "is_kept"),
    [
        (b"Root=1-67891233-abcdef012345678912345678", True),
        (b"Self=1-1-1;Root=1-67891233-abcdef012345678912345678;Sampled=1", True),
        (b"no root", False),
        (b"Root=1\r\nX-Injected: 1", False),
    ],
)
def test_trace_id_of_the_client_is_kept_if_it_has_a_root(sent: bytes, is_kept: bool) -> None:
    event = HTTP_API.event(get(b"/", (b"X-Amzn-Trace-Id", sent)))

    assert isinstance(event["headers"], dict)
    expected = sent.decode() if is_kept else trace_id("JKJaXmPLvHcESHA=", TIME)
    assert event["headers"]["x-amzn-trace-id"] == expected


@pytest.mark.parametrize(
    ("lines", "cookies"),
    [
        ([], None),
        ([b""], None),
        ([b" ; ;"], None),
        ([b"a=1"], ["a=1"]),
        ([b'a=1;b="x,y";  c'], ["a=1", 'b="x,y"', "c"]),
        ([b"a=1; a=2", b"a=3"], ["a=1", "a=2", "a=3"]),
    ],
)
def test_cookies_are_split_and_their_key_is_absent_without_any(lines: list[bytes], cookies: list[str] | None) -> None:
    event = HTTP_API.event(get(b"/", *((b"Cookie", line) for line in lines)))

    assert event.get("cookies") == cookies


TEXT = '{"λ":1}'.encode()


@pytest.mark.parametrize(
    ("content_type", "body", "is_text"),
    [
        (b"application/json", TEXT, True),
        (b"Application/JSON ; charset=utf-8", TEXT, True),
        (b"application/xml", TEXT, True),
        (b"application/javascript", TEXT, True),
        (b"text/plain", TEXT, True),
        (b"text/csv;header=present", TEXT, True),
        (b"text/plain", b"", True),
        (b"text/plain", b"\xff\xfe", False),
        (b"application/problem+json", TEXT, False),
        (b"application/x-www-form-urlencoded", b"a=1", False),
        (b"multipart/form-data; boundary=x", b"--x--", False),
        (b"application/octet-stream", b"\x00", False),
        (None, b"plain", False),
    ],
)
def test_body_is_text_under_a_text_type_and_base64_under_any_other(
    content_type: bytes | None, body: bytes, is_text: bool
) -> None:
    headers = [(b"Content-Type", content_type)] if content_type else []

    event = HTTP_API.event(post(body, *headers))

    if not body:
        assert ("body" in event, event["isBase64Encoded"]) == (False, False)
    elif is_text:
        assert (event["body"], event["isBase64Encoded"]) == (body.decode(), False)
    else:
        assert (event["body"], event["isBase64Encoded"]) == (b64encode(body).decode(), True)


@pytest.mark.parametrize(
    ("request_", "length"),
    [
        (get(), None),
        (post(b"", (b"Content-Length", b"0")), "0"),
        (post(b"abc", (b"Content-Length", b"3")), "3"),
        (post(b"abc", (b"Transfer-Encoding", b"chunked")), "3"),
        (post(b"", (b"Transfer-Encoding", b"chunked")), "0"),
    ],
)
def test_content_length_is_there_for_every_announced_body(request_: ClientRequest, length: str | None) -> None:
    event = HTTP_API.event(request_)

    assert isinstance(event["headers"], dict)
    assert (event["headers"].get("content-length"), "transfer-encoding" in event["headers"]) == (length, False)
