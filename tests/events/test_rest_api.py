"""REST API, payload format 1.0: event -> Request, Response -> result."""

import json
from typing import Any

import pytest

from proxy.errors import BadRequest
from proxy.events import rest_api
from proxy.events.codec import REST_API
from proxy.message import Headers, Pair, Request, Response
from tests.samples import captured

CONTEXT = object()
BODY = '{"name":"λ-widget","qty":2}'.encode()
HOST = b"r1r2r3r4r5.execute-api.eu-west-1.amazonaws.com"
TRACE = (b"X-Amzn-Trace-Id", b"Root=1-6ad1eea2-5b1c0d9e8f7a6b5c4d3e2f10")
PORT_AND_PROTO = ((b"X-Forwarded-Port", b"443"), (b"X-Forwarded-Proto", b"https"))


def event_of(path: object = "/", **changes: Any) -> dict[str, Any]:
    """A GET through stage "prod"; `changes` replace whole fields."""
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": "GET",
        "headers": None,
        "multiValueHeaders": None,
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"path": f"/prod{path}", "stage": "prod", "identity": {"sourceIp": "203.0.113.24"}},
        "body": None,
        "isBase64Encoded": False,
        **changes,
    }


def decoded(event: dict[str, Any]) -> Request:
    return rest_api.decode(event, 123.5, CONTEXT)


def test_recorded_event_gives_the_whole_request() -> None:
    event = captured("rest_api")

    request = decoded(event)

    assert request == Request(
        method="POST",
        path="/v1/acme%2Fwest/items//caf%C3%A9%20menu",
        # + or %20, and flag or flag=, was lost before the event was made.
        query="tag=a&tag=b&q=x%20y%20z&sig=a%2Bb%3D&flag=&empty=&next=https%3A%2F%2Fshop.example%2Fa%3Fb%3D1",
        headers=Headers(
            (
                (b"Accept", b"application/json, text/plain;q=0.5"),
                (b"Accept", b"application/problem+json"),
                (b"Authorization", b"Bearer eyJhbGciOi.legacy.token"),
                (b"Cookie", b"sid=s%3Aab12; theme=dark"),
                (b"Cookie", b'cart="1,2"'),
                (b"X-Trace", b"t-1"),
                (b"X-Trace", b"t-2"),
                (b"If-None-Match", b'"abc", W/"def"'),
                (b"User-Agent", b"legacy-client/4.2"),
                (b"Content-Type", b"application/json; charset=utf-8"),
                (b"Host", HOST),
                TRACE,
                (b"X-Forwarded-For", b"198.51.100.77, 203.0.113.24"),
                *PORT_AND_PROTO,
            )
        ),
        body=BODY,
        client_ip="203.0.113.24",
        scheme="https",
        host=HOST.decode(),
        id="2c4e6a80-1111-4222-8333-444455556666",
        deadline=123.5,
        event=event,
        context=CONTEXT,
        dialect="1.0",
    )


def test_custom_domain_keeps_its_base_path_and_a_binary_body_its_bytes() -> None:
    event = captured("rest_api_custom_domain")

    request = decoded(event)

    assert request == Request(
        method="POST",
        path="/shop/v1/acme%2Fwest/items//caf%C3%A9%20menu",
        query="tag=a&tag=b",
        headers=Headers(
            (
                (b"Content-Type", b"application/json; charset=utf-8"),
                (b"Host", b"api.shop.example"),
                TRACE,
                (b"X-Forwarded-For", b"198.51.100.77, 203.0.113.24, 192.0.2.99"),
                *PORT_AND_PROTO,
                (b"Via", b"1.1 fedcba9876543210.cloudfront.net (CloudFront)"),
                (b"X-Amz-Cf-Id", b"EXAMPLEcfid=="),
                (b"CloudFront-Forwarded-Proto", b"https"),
                (b"CloudFront-Is-Desktop-Viewer", b"true"),
                (b"CloudFront-Viewer-Country", b"NL"),
            )
        ),
        body=BODY,
        client_ip="203.0.113.24",
        scheme="https",
        host="api.shop.example",
        id="2c4e6a80-1111-4222-8333-444455556666",
        deadline=123.5,
        event=event,
        context=CONTEXT,
        dialect="1.0",
    )


def test_case16_root_with_nulls_is_a_bare_request() -> None:
    event = captured("rest_api_root")

    request = decoded(event)

    assert request == Request(
        method="GET",
        path="/",
        query="",
        headers=Headers(
            (
                (b"User-Agent", b"legacy-client/4.2"),
                (b"Host", HOST),
                TRACE,
                (b"X-Forwarded-For", b"203.0.113.24"),
                *PORT_AND_PROTO,
            )
        ),
        body=b"",
        client_ip="203.0.113.24",
        scheme="https",
        host=HOST.decode(),
        id="2c4e6a80-1111-4222-8333-444455556666",
        deadline=123.5,
        event=event,
        context=CONTEXT,
        dialect="1.0",
    )


def test_slashes_at_the_front_are_as_many_as_the_client_wrote() -> None:
    assert decoded(captured("rest_api_double_slash")).target == "//v1/orders"


def test_event_of_a_console_test_is_a_request_without_client_or_host() -> None:
    event = {"resource": "/", "path": "/", "httpMethod": "GET", "requestContext": {}}

    assert decoded(event) == Request(
        "GET", "/", "", Headers(), b"", "", "https", "", "", 123.5, event=event, context=CONTEXT, dialect="1.0"
    )


@pytest.mark.parametrize(
    ("path", "context_path", "stage", "expected"),
    [
        pytest.param("/v1/orders", "/prod//v1/orders", "prod", "//v1/orders", id="two"),
        pytest.param("/v1//orders", "/prod///v1//orders", "prod", "///v1//orders", id="three"),
        pytest.param("/", "/prod//", "prod", "//", id="nothing-else"),
        pytest.param("/v1/orders", "/prod/v1/orders", "prod", "/v1/orders", id="one"),
        pytest.param("/v1/orders", "/prod//v2/orders", "prod", "/v1/orders", id="another-path"),
        pytest.param("/v1/orders", "/prod//v1/orders/", "prod", "/v1/orders", id="another-end"),
        pytest.param("/prod//x", "/prod//x", "prod", "/prod//x", id="base-path-named-like-the-stage"),
        pytest.param("/v1/orders", "//v1/orders", "prod", "/v1/orders", id="custom-domain-is-not-recorded"),
        pytest.param("/v1/orders", "/production//v1/orders", "prod", "/v1/orders", id="another-stage"),
        pytest.param("/v1/orders", None, "prod", "/v1/orders", id="no-context-path"),
        pytest.param("/v1/orders", "/prod//v1/orders", None, "/v1/orders", id="no-stage"),
        pytest.param("/v1/orders", ["/prod//v1/orders"], 7, "/v1/orders", id="no-text"),
    ],
)
def test_only_slashes_at_the_front_are_taken_from_the_context(
    path: str, context_path: object, stage: object, expected: str
) -> None:
    event = event_of(path, requestContext={"path": context_path, "stage": stage})

    assert decoded(event).path == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/v1/a%2Fb", "/v1/a%2Fb", id="case2-encoded-slash"),
        pytest.param("/items/", "/items/", id="case10-slash-at-the-end"),
        pytest.param("/a//b", "/a//b", id="case11-double-slash-inside"),
        pytest.param("", "/", id="case17-empty"),
        pytest.param(None, "/", id="case17-absent"),
        pytest.param("/a%", "/a%", id="case19-lone-percent"),
        pytest.param("/a%zz", "/a%zz", id="case19-no-hex"),
        pytest.param("/%c3%bc", "/%c3%bc", id="case20-lower-hex"),
        pytest.param("/%FC", "/%FC", id="case20-no-utf-8"),
        pytest.param("/a;v=1/b:c@d+e'(f)*!$&,=", "/a;v=1/b:c@d+e'(f)*!$&,=", id="case21-sub-delims"),
        pytest.param("/a{b}\"<>`^|[]\\", "/a{b}\"<>`^|[]\\", id="case22-unwise"),
        pytest.param("/a b\u00e9", "/a%20b%C3%A9", id="what-no-request-line-may-hold"),
    ],
)  # fmt: skip
def test_path_stays_as_the_client_wrote_it(path: str | None, expected: str) -> None:
    """Never from pathParameters.proxy, which lose a slash at the end."""
    assert decoded(event_of(path, pathParameters={"proxy": "elsewhere"})).path == expected


@pytest.mark.parametrize(
    ("lists", "query"),
    [
        pytest.param({"q": ["x y z"]}, "q=x%20y%20z", id="case33-rest-space"),
        pytest.param({"sig": ["a+b="]}, "sig=a%2Bb%3D", id="case34-rest-plus"),
        pytest.param({"tag": ["a", "b"]}, "tag=a&tag=b", id="case35-rest-repeats"),
        pytest.param({"tag": ["b", "a", "b"], "x": ["1"]}, "tag=b&tag=a&tag=b&x=1", id="case35-rest-order"),
        pytest.param(
            {"a[b]": ["1"], "x.y": ["2"], "é": ["3"], "": ["v"]}, "a%5Bb%5D=1&x.y=2&%C3%A9=3&=v", id="case37-rest-keys"
        ),
        pytest.param({"a": ["1;b=2"]}, "a=1%3Bb%3D2", id="case38-rest-semicolon"),
        pytest.param({"x": ["a\r\nX: 1"]}, "x=a%0D%0AX%3A%201", id="case43-rest-crlf"),
        pytest.param({"x": ["%0d%0a"]}, "x=%250d%250a", id="case43-rest-escaped-twice"),
        pytest.param({"flag": [""]}, "flag=", id="rest-flag"),
        pytest.param(
            {"safe": ["AZaz09-._~"], "u": ["λ/?#&=%"]}, "safe=AZaz09-._~&u=%CE%BB%2F%3F%23%26%3D%25", id="all"
        ),
        pytest.param({"x": []}, "", id="no-value"),
    ],
)
def test_query_is_encoded_again(lists: dict[str, list[str]], query: str) -> None:
    event = event_of(multiValueQueryStringParameters=lists)

    assert decoded(event).query == query


@pytest.mark.parametrize(
    ("lists", "single", "query"),
    [
        pytest.param({"a": ["1", "2"]}, {"a": "2"}, "a=1&a=2", id="case42-lists-win"),
        pytest.param({}, {"a": "2"}, "a=2", id="case42-empty-lists"),
        pytest.param(None, {"a": "2"}, "a=2", id="case42-null-lists"),
        pytest.param({}, {}, "", id="case42-both-empty"),
        pytest.param(None, None, "", id="case42-both-null"),
    ],
)
def test_single_map_counts_only_if_there_are_no_lists(lists: object, single: object, query: str) -> None:
    event = event_of(multiValueQueryStringParameters=lists, queryStringParameters=single)

    assert decoded(event).query == query


@pytest.mark.parametrize(
    ("lists", "single", "pairs"),
    [
        pytest.param({"X-Trace": ["t-1", "t-2"]}, None, [(b"X-Trace", b"t-1"), (b"X-Trace", b"t-2")], id="case46-rest"),
        pytest.param({"X": ["1"]}, {"X": "1", "Y": "2"}, [(b"X", b"1")], id="case48-rest-lists-only"),
        pytest.param({}, {"X": "1"}, [(b"X", b"1")], id="case42-rest-single"),
        pytest.param({"tEsT-HEADeR": ["1"]}, None, [(b"tEsT-HEADeR", b"1")], id="case49-rest-case"),
        pytest.param({"X": [" a\t"]}, None, [(b"X", b"a")], id="case71-rest-white-space"),
        pytest.param({"X": ["é", "λ"]}, None, [(b"X", b"\xe9"), (b"X", b"\xce\xbb")], id="case74-rest-beyond-ascii"),
        pytest.param(None, None, [], id="case80-rest-null-maps"),
        pytest.param(
            {"Cookie": ["a=1; b=2", "c=3"]}, None, [(b"Cookie", b"a=1; b=2"), (b"Cookie", b"c=3")], id="case85-rest"
        ),
    ],
)
def test_headers_come_as_pairs(lists: object, single: object, pairs: list[Pair]) -> None:
    assert decoded(event_of(multiValueHeaders=lists, headers=single)).headers == Headers(tuple(pairs))


@pytest.mark.parametrize(
    ("values", "scheme"),
    [
        pytest.param(["https"], "https", id="https"),
        pytest.param(["http"], "http", id="http"),
        pytest.param(["http", "https"], "https", id="the-front-doors-own-comes-last"),
        pytest.param(["ftp"], "https", id="in-doubt"),
        pytest.param([], "https", id="absent"),
    ],
)
def test_scheme_is_what_the_front_door_says(values: list[str], scheme: str) -> None:
    assert decoded(event_of(multiValueHeaders={"X-Forwarded-Proto": values})).scheme == scheme


@pytest.mark.parametrize(
    ("body", "is_base64", "octets"),
    [
        pytest.param("eyLOuyI6MX0=", True, '{"λ":1}'.encode(), id="case94-rest-binary-json"),
        pytest.param("/9j/AA==", True, b"\xff\xd8\xff\x00", id="case91-rest"),
        pytest.param('{"b":1.0,"a":1e3,"a":2}', False, b'{"b":1.0,"a":1e3,"a":2}', id="case96-rest"),
        pytest.param("\ufeffa\r\n\0\u2028😀", False, "\ufeffa\r\n\0\u2028😀".encode(), id="case97-rest"),
        pytest.param(None, False, b"", id="case98-rest-null"),
        pytest.param("", False, b"", id="case98-rest-empty"),
    ],
)
def test_body_comes_byte_for_byte(body: str | None, is_base64: bool, octets: bytes) -> None:
    assert decoded(event_of(body=body, isBase64Encoded=is_base64)).body == octets


@pytest.mark.parametrize(
    "content_type",
    [
        "image/png",
        "application/octet-stream",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "text/plain; charset=iso-8859-1",
        'text/html;CHARSET="windows-1252"',
        None,
    ],
)
def test_case95_body_that_the_gateway_has_damaged_is_never_forwarded_as_good(content_type: str | None) -> None:
    headers = {"Content-Type": [content_type]} if content_type else None
    event = event_of(body="\ufffdPNG\r\n", multiValueHeaders=headers)

    with pytest.raises(BadRequest) as refused:
        decoded(event)

    assert (refused.value.status, refused.value.code) == (400, "damaged_body")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "TEXT/html; charset=UTF-8",
        'text/plain; charset="utf8"',
        "application/json",
        "application/vnd.api+json; charset=utf-8",
        "application/atom+xml",
        "application/javascript",
    ],
)
def test_case95_replacement_character_of_a_clients_own_text_is_forwarded(content_type: str) -> None:
    event = event_of(body="\ufffd?", multiValueHeaders={"content-type": [content_type]})

    assert decoded(event).body == b"\xef\xbf\xbd?"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"path": "http://evil.example/x"}, "bad_path", id="case25-absolute"),
        pytest.param({"path": "@evil.example/x"}, "bad_path", id="case25-user"),
        pytest.param({"path": "*"}, "bad_path", id="case25-asterisk"),
        pytest.param({"path": "/a\r\nb"}, "bad_path", id="case26-crlf"),
        pytest.param({"path": "/a\x7f"}, "bad_path", id="case26-del"),
        pytest.param({"path": ["/"]}, "bad_path", id="path-in-a-list"),
        pytest.param({"multiValueQueryStringParameters": {"q": ["caf\ufffd"]}}, "bad_query", id="query-no-utf-8"),
        pytest.param({"multiValueQueryStringParameters": {"\udc80": ["x"]}}, "bad_query", id="query-lone-surrogate"),
        pytest.param({"multiValueQueryStringParameters": {"q": "x"}}, "bad_query", id="query-no-list"),
        pytest.param({"multiValueQueryStringParameters": {"q": [1]}}, "bad_query", id="query-no-text"),
        pytest.param({"queryStringParameters": {"q": None}}, "bad_query", id="query-null"),
        pytest.param({"queryStringParameters": "q=x"}, "bad_query", id="query-no-map"),
        pytest.param({"multiValueHeaders": {"Host": ["a", "b"]}}, "bad_header", id="case62-two-hosts"),
        pytest.param({"multiValueHeaders": {"Host": ["a"], "host": ["a"]}}, "bad_header", id="case62-two-spellings"),
        pytest.param({"multiValueHeaders": {"X Y": ["1"]}}, "bad_header", id="case73-space"),
        pytest.param({"multiValueHeaders": {"X:Y": ["1"]}}, "bad_header", id="case73-colon"),
        pytest.param({"multiValueHeaders": {"": ["1"]}}, "bad_header", id="case73-empty"),
        pytest.param({"multiValueHeaders": {":path": ["/"]}}, "bad_header", id="case73-pseudo"),
        pytest.param({"multiValueHeaders": {"X": ["a\r\nY: b"]}}, "bad_header", id="header-crlf"),
        pytest.param({"multiValueHeaders": {"X": "a"}}, "bad_header", id="header-no-list"),
        pytest.param({"multiValueHeaders": [1]}, "bad_header", id="headers-no-map"),
        pytest.param({"body": "%", "isBase64Encoded": True}, "bad_body", id="case91-bad-base64"),
        pytest.param({"body": {"a": 1}}, "bad_body", id="body-no-text"),
        pytest.param({"httpMethod": "GE T"}, "bad_method", id="method-no-token"),
        pytest.param({"requestContext": {"identity": {"sourceIp": 7}}}, "bad_event", id="client-ip-no-text"),
        pytest.param({"requestContext": {"domainName": {}}}, "bad_event", id="domain-no-text"),
    ],
)
def test_event_that_cannot_be_carried_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(BadRequest) as refused:
        decoded({**event_of(), **changes})

    assert refused.value.code == code


def test_response_goes_back_in_the_four_keys_that_a_rest_api_knows() -> None:
    """Any other key, or a header that is no list, is a 502; `headers` beside `multiValueHeaders` doubles values."""
    response = Response(
        401,
        Headers(
            (
                (b"Vary", b"Accept"),
                (b"Set-Cookie", b"a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT"),
                (b"Date", b"Sun, 06 Nov 1994 08:49:37 GMT"),
                (b"vary", b"Origin"),
                (b"set-cookie", b";;;"),
                (b"WWW-Authenticate", b"Basic"),
                (b"www-authenticate", b"Bearer"),
                (b"SERVER", b"legacy/1"),
                (b"X-Name", b"caf\xe9"),
                (b"Content-Type", b"text/plain; charset=utf-8"),
            )
        ),
        "λ\r\n".encode(),
    )

    result = rest_api.encode(response)

    assert result == {
        "statusCode": 401,
        "multiValueHeaders": {
            "Vary": ["Accept", "Origin"],
            "Set-Cookie": ["a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT", ";;;"],
            "WWW-Authenticate": ["Basic", "Bearer"],
            "X-Name": ["caf\u00e9"],
            "Content-Type": ["text/plain; charset=utf-8"],
        },
        "body": "λ\r\n",
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize(
    ("octets", "text", "is_base64"),
    [
        pytest.param(b"", "", False, id="case149-rest-empty"),
        pytest.param("<p>λ</p>".encode(), "<p>λ</p>", False, id="case146-rest-utf-8"),
        pytest.param(b"<p>\xe9</p>", "PHA+6TwvcD4=", True, id="case147-rest-latin-1"),
        pytest.param(b"\x1f\x8b\xff", "H4v/", True, id="case148-rest-gzip"),
        pytest.param("\ufeff\0\u2028😀".encode(), "\ufeff\0\u2028😀", False, id="case97-rest-odd-text"),
        pytest.param(b'{"statusCode":500}', '{"statusCode":500}', False, id="case141-rest-envelope"),
        pytest.param(b"\xed\xa0\x80", "7aCA", True, id="case155-rest-half-a-surrogate-pair"),
    ],
)
def test_body_goes_back_as_text_where_it_is_text(octets: bytes, text: str, is_base64: bool) -> None:
    result = rest_api.encode(Response(200, Headers(), octets))

    assert (result["body"], result["isBase64Encoded"]) == (text, is_base64)


@pytest.mark.parametrize(
    ("character", "is_base64"),
    [pytest.param(b"x", False, id="plain"), pytest.param(b"\x1f", True, id="six-bytes-of-JSON-each")],
)
def test_case150_largest_body_fits_into_lambdas_json(character: bytes, is_base64: bool) -> None:
    result = REST_API.encode(Response(200, Headers(), character * REST_API.max_body_bytes))

    assert result["isBase64Encoded"] is is_base64
    assert len(json.dumps(result)) < 6_291_556
