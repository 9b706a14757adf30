"""From the function's result to the answer of an HTTP API, and its own answers."""

import pytest

from proxy.dev.front_doors import ClientAnswer, Refusal

from .samples import HTTP_API, TIME, get

OWN_HEADERS = ((b"date", b"Fri, 16 Oct 2026 09:30:10 GMT"), (b"apigw-requestid", b"JKJaXmPLvHcESHA="))
JSON_TYPE = (b"content-type", b"application/json")


def test_answer_carries_the_function_s_headers_and_then_the_gateway_s() -> None:
    payload = (
        b'{"statusCode":401,"headers":{"WWW-Authenticate":"Basic","Server":"old","Date":"x"},'
        b'"cookies":["a=1; Path=/","b=2"],"body":"no"}'
    )

    answer = HTTP_API.answer(get(), payload, None)

    assert answer == ClientAnswer(
        401,
        (
            (b"WWW-Authenticate", b"Basic"),
            (b"Server", b"old"),
            (b"set-cookie", b"a=1; Path=/"),
            (b"set-cookie", b"b=2"),
            JSON_TYPE,
            *OWN_HEADERS,
        ),
        b"no",
    )


def test_function_error_and_malformed_result_are_a_502() -> None:
    expected = ClientAnswer(502, (JSON_TYPE, *OWN_HEADERS), b'{"message":"Internal Server Error"}')

    assert HTTP_API.answer(get(), b'{"errorMessage":"boom"}', "Unhandled") == expected
    assert HTTP_API.answer(get(), b'{"statusCode":"ok"}', None) == expected


@pytest.mark.parametrize(
    ("reason", "status", "body"),
    [
        (Refusal.MALFORMED_REQUEST, 400, b'{"message":"Bad Request"}'),
        (Refusal.HEADERS_TOO_LARGE, 431, b'{"message":"Request Header Fields Too Large"}'),
        (Refusal.BODY_TOO_LARGE, 413, b'{"message":"Request Entity Too Large"}'),
        (Refusal.EVENT_TOO_LARGE, 413, b'{"message":"Request Entity Too Large"}'),
        (Refusal.TIMEOUT, 503, b'{"message":"Service Unavailable"}'),
        (Refusal.THROTTLED, 500, b'{"message":"Internal Server Error"}'),
        (Refusal.INVOKE_REJECTED, 500, b'{"message":"Internal Server Error"}'),
        (Refusal.FUNCTION_FAILED, 502, b'{"message":"Internal Server Error"}'),
    ],
)
def test_refusals_are_the_gateway_s_json(reason: Refusal, status: int, body: bytes) -> None:
    answer = HTTP_API.refuse(reason, "JKJaXmPLvHcESHA=", TIME)

    assert answer == ClientAnswer(status, (JSON_TYPE, *OWN_HEADERS), body)


def test_every_reason_has_an_answer_and_limits_are_aws_s() -> None:
    for reason in Refusal:
        assert HTTP_API.refuse(reason, "id", TIME).status >= 400

    limits = HTTP_API.limits
    assert (limits.head_bytes, limits.body_bytes, limits.timeout_s) == (10_240, 10_485_760, 30.0)


def test_request_id_has_the_gateway_s_shape() -> None:
    assert HTTP_API.request_id(bytes(range(16))) == "AAECAwQFBgcICQo="
