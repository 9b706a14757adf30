"""From the client's request to the event of a REST API, payload format 1.0."""

from base64 import b64encode
from dataclasses import replace

import pytest

from proxy.dev.front_doors.headers import trace_id

from .samples import REST_API, TEXT_REST_API, TIME, canonical_request, captured, get, post

REQUEST_ID = "6f0d1f5e-1111-4222-8333-444455556666"
TRACE_ID = trace_id("JKJaXmPLvHcESHA=", TIME)


def test_canonical_request_gives_the_recorded_event() -> None:
    event = TEXT_REST_API.event(canonical_request(REQUEST_ID, REST_API.domain_name))

    assert event == captured("rest_v1")


def test_canonical_request_to_an_api_of_binary_types_has_a_base64_body() -> None:
    event = REST_API.event(canonical_request(REQUEST_ID, REST_API.domain_name))

    body = b64encode('{"name":"λ-widget","qty":2}'.encode()).decode()
    assert event == captured("rest_v1") | {"body": body, "isBase64Encoded": True}


def test_get_of_the_root_gives_the_recorded_event_with_nulls() -> None:
    request = canonical_request(REQUEST_ID, REST_API.domain_name)

    event = REST_API.event(replace(request, method="GET", target=b"/", body=b""))

    assert event == captured("rest_v1_get_root_nulls")


def test_bare_get_has_null_for_the_user_agent_and_the_hosts_that_aws_and_the_client_say() -> None:
    event = REST_API.event(get(b"/orders"))

    context, headers = event["requestContext"], event["headers"]
    assert isinstance(context, dict)
    assert (context["domainName"], context["domainPrefix"]) == (
        "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
        "a1b2c3d4e5",
    )
    assert context["identity"]["userAgent"] is None
    assert headers == {
        "Host": "api.shop.example",
        "X-Amzn-Trace-Id": TRACE_ID,
        "X-Forwarded-For": "203.0.113.24",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
    }


@pytest.mark.parametrize(
    ("target", "resource", "path", "context_path", "proxy"),
    [
        (b"/a%2Fb", "/{proxy+}", "/a%2Fb", "/prod/a%2Fb", "a%2Fb"),
        (b"/caf%c3%a9%41+b;c", "/{proxy+}", "/caf%c3%a9%41+b;c", "/prod/caf%c3%a9%41+b;c", "caf%c3%a9%41+b;c"),
        (b"/items/", "/{proxy+}", "/items/", "/prod/items/", "items"),
        (b"/items//", "/{proxy+}", "/items//", "/prod/items//", "items/"),
        (b"/a//b", "/{proxy+}", "/a//b", "/prod/a//b", "a//b"),
        (b"//v1/orders", "/{proxy+}", "/v1/orders", "/prod//v1/orders", "v1/orders"),
        (b"/a/../b", "/{proxy+}", "/a/../b", "/prod/a/../b", "a/../b"),
        (b"/a%zz%", "/{proxy+}", "/a%zz%", "/prod/a%zz%", "a%zz%"),
        (b"/", "/", "/", "/prod/", None),
        (b"///?a=1", "/", "/", "/prod///", None),
    ],
)
def test_path_is_as_written_but_for_the_slashes_that_aws_takes(
    target: bytes, resource: str, path: str, context_path: str, proxy: str | None
) -> None:
    event = REST_API.event(get(target))

    context = event["requestContext"]
    assert isinstance(context, dict)
    assert (event["resource"], context["resourcePath"]) == (resource, resource)
    assert (event["path"], context["path"]) == (path, context_path)
    assert event["pathParameters"] == (None if proxy is None else {"proxy": proxy})


@pytest.mark.parametrize(
    ("target", "parameters"),
    [
        (b"/", None),
        (b"/?", None),
        (b"/?&&", None),
        (b"/?flag", {"flag": [""]}),
        (b"/?a=", {"a": [""]}),
        (b"/?=b", {"": ["b"]}),
        (b"/?b=1&a=2&b=3", {"b": ["1", "3"], "a": ["2"]}),
        (b"/?q=a+b%20c%2Bd", {"q": ["a b c+d"]}),
        (b"/?a=b=c;d=e&f=1;2", {"a": ["b=c"], "d": ["e"], "f": ["1"], "2": [""]}),
        (b"/?%C3%A9%5B%5D=%E2%82%AC", {"é[]": ["€"]}),
        (b"/?c=%FF", {"c": ["\ufffd"]}),
        (b"/?x=1?y=2", {"x": ["1?y=2"]}),
    ],
)
def test_query_is_decoded_and_split_at_semicolons(target: bytes, parameters: dict[str, list[str]] | None) -> None:
    event = REST_API.event(get(target))

    assert event["multiValueQueryStringParameters"] == parameters
    last = None if parameters is None else {name: values[-1] for name, values in parameters.items()}
    assert event["queryStringParameters"] == last


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param([(b"tEsT-HEADeR", b"aValUE")], {"tEsT-HEADeR": ["aValUE"]}, id="the case of names is kept"),
        pytest.param([(b"X-A", b"1"), (b"x-a", b"2"), (b"X-A", b"3")], {"X-A": ["1", "3"], "x-a": ["2"]}, id="case"),
        pytest.param([(b"authorization", b"Bearer x")], {"Authorization": ["Bearer x"]}, id="but not of this one"),
        pytest.param([(b"Authorization", b"AWS4-HMAC-SHA256 Credential=x")], {}, id="a signature is not passed on"),
        pytest.param([(b"Cookie", b"a=1"), (b"Cookie", b"b=2")], {"Cookie": ["a=1", "b=2"]}, id="cookies are headers"),
        pytest.param([(b"X-Empty", b"")], {"X-Empty": [""]}, id="an empty value stays"),
        pytest.param([(b"X-Bytes", b"\xe9\xff")], {"X-Bytes": ["\xe9\xff"]}, id="bytes above 0x7f are kept"),
        pytest.param(
            [
                (name, b"x")
                for name in (
                    b"Connection",
                    b"Content-Length",
                    b"Content-MD5",
                    b"EXPECT",
                    b"Max-Forwards",
                    b"Proxy-Authenticate",
                    b"Server",
                    b"te",
                    b"Trailer",
                    b"Transfer-Encoding",
                    b"Upgrade",
                    b"WWW-Authenticate",
                )
            ],
            {},
            id="recorded as dropped",
        ),
        pytest.param(
            [(b"Proxy-Authorization", b"x"), (b"Keep-Alive", b"x"), (b"Via", b"x"), (b"Date", b"x"), (b"Range", b"x")],
            {"Proxy-Authorization": ["x"], "Keep-Alive": ["x"], "Via": ["x"], "Date": ["x"], "Range": ["x"]},
            id="not recorded as dropped",
        ),
        pytest.param(
            [(b"x-forwarded-port", b"1"), (b"X-FORWARDED-PROTO", b"gopher"), (b"X-Forwarded-Host", b"evil")],
            {"X-Forwarded-Host": ["evil"]},
            id="port and protocol are overwritten, a forwarded host is not",
        ),
        pytest.param(
            [(b"x-forwarded-for", b"10.0.0.1, 10.0.0.2"), (b"X-Forwarded-For", b"10.0.0.3")],
            {"X-Forwarded-For": ["10.0.0.1, 10.0.0.2", "10.0.0.3, 203.0.113.24"]},
            id="the source is appended to the last line",
        ),
        pytest.param(
            [(b"x-amzn-trace-id", b"Root=1-67891233-abcdef012345678912345678;Sampled=1")],
            {"X-Amzn-Trace-Id": ["Root=1-67891233-abcdef012345678912345678;Sampled=1"]},
            id="the client's trace is kept",
        ),
        pytest.param(
            [(b"X-HTTP-Method-Override", b"PUT")],
            {"X-HTTP-Method-Override": ["PUT"]},
            id="a GET cannot be another method",
        ),
    ],
)
def test_headers_of_the_event(headers: list[tuple[bytes, bytes]], expected: dict[str, list[str]]) -> None:
    event = REST_API.event(get(b"/", *headers))

    added = {
        "Host": ["api.shop.example"],
        "X-Amzn-Trace-Id": [TRACE_ID],
        "X-Forwarded-For": ["203.0.113.24"],
        "X-Forwarded-Port": ["443"],
        "X-Forwarded-Proto": ["https"],
    }
    assert event["multiValueHeaders"] == added | expected
    assert event["headers"] == {name: values[-1] for name, values in (added | expected).items()}
    assert event["httpMethod"] == "GET"


def test_post_may_name_another_method_which_takes_the_header_away() -> None:
    event = REST_API.event(post(b"", (b"x-http-method-override", b"PATCH")))

    context, headers = event["requestContext"], event["headers"]
    assert isinstance(context, dict)
    assert isinstance(headers, dict)
    assert (event["httpMethod"], context["httpMethod"]) == ("PATCH", "PATCH")
    assert "x-http-method-override" not in headers


PNG = b"\x89PNG\xff"


@pytest.mark.parametrize(
    ("binary_media_types", "content_type", "body", "expected"),
    [
        (("*/*",), b"text/plain", b"abc", ("YWJj", True)),
        (("*/*",), None, b"abc", ("YWJj", True)),
        (("*/*",), b"image/png", b"", (None, False)),
        (("image/png",), b"image/PNG; x=y", PNG, (b64encode(PNG).decode(), True)),
        (("image/*",), b"image/png", PNG, (b64encode(PNG).decode(), True)),
        (("image/png",), b"text/plain", "λ".encode(), ("λ", False)),
        (("image/png",), None, b"abc", ("abc", False)),
        ((), b"image/png", PNG, ("\ufffdPNG\ufffd", False)),
    ],
)
def test_body_is_base64_under_a_binary_type_and_otherwise_text_which_may_destroy_it(
    binary_media_types: tuple[str, ...], content_type: bytes | None, body: bytes, expected: tuple[str | None, bool]
) -> None:
    door = replace(REST_API, binary_media_types=binary_media_types)

    event = door.event(post(body, *([(b"Content-Type", content_type)] if content_type else [])))

    assert (event["body"], event["isBase64Encoded"]) == expected
