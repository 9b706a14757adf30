"""From the client's request to the event of a load balancer, in both of its modes."""

from base64 import b64encode
from dataclasses import replace

import pytest

from proxy.dev.front_doors import ClientRequest
from proxy.dev.front_doors.headers import trace_id

from .samples import ALB, ALB_SINGLE, TIME, canonical_request, captured, get, post

TRACE_ID = trace_id("JKJaXmPLvHcESHA=", TIME)


def test_canonical_request_gives_the_recorded_event_with_multi_value_headers() -> None:
    event = ALB.event(canonical_request("00", "api.shop.example"))

    assert event == captured("alb_multi_value")


def test_canonical_request_gives_the_recorded_event_of_last_values() -> None:
    event = ALB_SINGLE.event(canonical_request("00", "api.shop.example"))

    assert event == captured("alb_single_value")


def test_bare_get_has_empty_maps_and_an_empty_body() -> None:
    headers = {
        "host": "api.shop.example",
        "x-amzn-trace-id": TRACE_ID,
        "x-forwarded-for": "203.0.113.24",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    }
    rest = {
        "requestContext": {"elb": {"targetGroupArn": ALB.target_group_arn}},
        "httpMethod": "GET",
        "path": "/",
        "body": "",
        "isBase64Encoded": False,
    }

    assert ALB_SINGLE.event(get()) == rest | {"queryStringParameters": {}, "headers": headers}
    assert ALB.event(get()) == rest | {
        "multiValueQueryStringParameters": {},
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
    }


@pytest.mark.parametrize("path", ["/a%2Fb", "/a%2fb%41", "//v1//orders/", "/%FF%zz", "/a/../b", "/a+b;c=1", "/{id}|x"])
def test_path_is_the_client_s(path: str) -> None:
    assert ALB.event(get(path.encode() + b"?a=1"))["path"] == path


@pytest.mark.parametrize(
    ("target", "parameters"),
    [
        (b"/?", {}),
        (b"/?&&", {}),
        (b"/?flag", {"flag": [""]}),
        (b"/?a=", {"a": [""]}),
        (b"/?=b", {"": ["b"]}),
        (b"/?b=1&a=2&b=3", {"b": ["1", "3"], "a": ["2"]}),
        (b"/?q=x%20y+z&sig=a%2Bb%3D", {"q": ["x%20y+z"], "sig": ["a%2Bb%3D"]}),
        (b"/?foo%5Ba%5D=1&foo[a]=2", {"foo%5Ba%5D": ["1"], "foo[a]": ["2"]}),
        (b"/?a=b=c;d=e", {"a": ["b=c;d=e"]}),
        (b"/?a=%zz%FF", {"a": ["%zz%FF"]}),
    ],
)
def test_query_is_split_and_not_decoded(target: bytes, parameters: dict[str, list[str]]) -> None:
    assert ALB.event(get(target))["multiValueQueryStringParameters"] == parameters
    last = {name: values[-1] for name, values in parameters.items()}
    assert ALB_SINGLE.event(get(target))["queryStringParameters"] == last


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param([(b"X-A", b"1"), (b"x-a", b"2")], {"x-a": ["1", "2"]}, id="repeats are kept, names are lowered"),
        pytest.param([(b"Cookie", b"a=1"), (b"Cookie", b"b=2")], {"cookie": ["a=1", "b=2"]}, id="cookies too"),
        pytest.param([(b"X-Empty", b"")], {"x-empty": [""]}, id="an empty value stays"),
        pytest.param([(b"X-Bytes", b"\xe9\xff")], {"x-bytes": ["\xe9\xff"]}, id="bytes above 0x7f are kept one by one"),
        pytest.param(
            [
                (b"Connection", b"keep-alive"),
                (b"Keep-Alive", b"timeout=5"),
                (b"TE", b"trailers"),
                (b"Trailer", b"X-Sum"),
                (b"Expect", b"100-continue"),
                (b"Proxy-Authorization", b"Basic eA=="),
            ],
            {"connection": ["keep-alive"]},
            id="of the fields of one connection one is passed on",
        ),
        pytest.param(
            [(b"X-Forwarded-Port", b"1"), (b"X-Forwarded-Proto", b"gopher"), (b"X-Forwarded-Host", b"evil")],
            {"x-forwarded-host": ["evil"]},
            id="port and protocol are overwritten, a forwarded host is not",
        ),
        pytest.param(
            [(b"X-Forwarded-For", b"10.0.0.1, 10.0.0.2"), (b"X-Forwarded-For", b"10.0.0.3")],
            {"x-forwarded-for": ["10.0.0.1, 10.0.0.2", "10.0.0.3, 203.0.113.24"]},
            id="the source is appended to the last line",
        ),
        pytest.param(
            [(b"X-Forwarded-For", b"")], {"x-forwarded-for": ["203.0.113.24"]}, id="the source replaces an empty claim"
        ),
    ],
)
def test_headers_of_the_event(headers: list[tuple[bytes, bytes]], expected: dict[str, list[str]]) -> None:
    request = get(b"/", *headers)

    added = {
        "host": ["api.shop.example"],
        "x-amzn-trace-id": [TRACE_ID],
        "x-forwarded-for": ["203.0.113.24"],
        "x-forwarded-port": ["443"],
        "x-forwarded-proto": ["https"],
    }
    assert ALB.event(request)["multiValueHeaders"] == added | expected
    last = {name: values[-1] for name, values in (added | expected).items()}
    assert ALB_SINGLE.event(request)["headers"] == last


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"Root=1-67891233-abcdef012345678912345678", "Self={};Root=1-67891233-abcdef012345678912345678"),
        (b"Root=1-1-1;CalledFrom=app", "Self={};Root=1-1-1;CalledFrom=app"),
        (b"Self=1-2-3; Root=1-1-1", "Self={};Root=1-1-1"),
        (b"Self=1-2-3", "Root={}"),
        (b"garbage", "Root={}"),
        (b"", "Root={}"),
    ],
)
def test_trace_of_the_client_goes_on_under_a_new_self(sent: bytes, expected: str) -> None:
    """docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html"""
    headers = ALB.event(get(b"/", (b"X-Amzn-Trace-Id", sent)))["multiValueHeaders"]

    assert isinstance(headers, dict)
    assert headers["x-amzn-trace-id"] == [expected.format(TRACE_ID.removeprefix("Root="))]


TEXT = '{"λ":1}'.encode()


@pytest.mark.parametrize(
    ("headers", "body", "is_text"),
    [
        ([(b"Content-Type", b"application/json")], TEXT, True),
        ([(b"Content-Type", b"Application/JSON ; charset=utf-8")], TEXT, True),
        ([(b"Content-Type", b"application/javascript")], TEXT, True),
        ([(b"Content-Type", b"application/xml")], TEXT, True),
        ([(b"Content-Type", b"text/csv")], TEXT, True),
        ([(b"Content-Type", b"text/plain")], b"\xff", False),
        ([(b"Content-Type", b"application/x-www-form-urlencoded")], b"a=1", False),
        ([(b"Content-Type", b"application/problem+json")], TEXT, False),
        ([], b"plain", False),
        ([(b"Content-Type", b"text/plain"), (b"Content-Encoding", b"gzip")], b"\x1f\x8b", False),
        ([(b"Content-Type", b"text/plain"), (b"Content-Encoding", b"identity")], b"plain", False),
    ],
)
def test_body_is_text_under_a_text_type_unless_it_is_encoded(
    headers: list[tuple[bytes, bytes]], body: bytes, is_text: bool
) -> None:
    event = ALB.event(post(body, *headers))

    expected = body.decode() if is_text else b64encode(body).decode()
    assert (event["body"], event["isBase64Encoded"]) == (expected, not is_text)


@pytest.mark.parametrize(
    ("request_", "length"),
    [
        (get(), None),
        (post(b"", (b"Content-Length", b"0")), ["0"]),
        (post(b"abc", (b"Content-Length", b"3")), ["3"]),
        (post(b"abc", (b"Transfer-Encoding", b"chunked")), ["3"]),
        (post(b"", (b"Transfer-Encoding", b"chunked"), (b"Content-Encoding", b"gzip")), ["0"]),
    ],
)
def test_content_length_is_there_for_every_announced_body(request_: ClientRequest, length: list[str] | None) -> None:
    headers = ALB.event(request_)["multiValueHeaders"]

    assert isinstance(headers, dict)
    assert (headers.get("content-length"), "transfer-encoding" in headers) == (length, False)


def test_method_passes_as_it_is() -> None:
    assert ALB.event(replace(get(), method="PROPFIND"))["httpMethod"] == "PROPFIND"
