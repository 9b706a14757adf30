"""From the client's request to the event of a function URL, and from the result to the answer."""

from dataclasses import replace

import pytest

from proxy.dev.front_doors import ClientAnswer, Refusal
from proxy.dev.front_doors.headers import trace_id

from .samples import FUNCTION_URL, TIME, canonical_request, captured, get

REQUEST_ID = "0a1b2c3d-0000-4111-8222-333344445555"
OWN_HEADERS = (
    (b"date", b"Fri, 16 Oct 2026 09:30:10 GMT"),
    (b"x-amzn-RequestId", REQUEST_ID.encode()),
    (b"x-amzn-trace-id", trace_id(REQUEST_ID, TIME).encode()),
)
JSON_TYPE = (b"content-type", b"application/json")
TOO_LARGE = b'{"Message":"Request must be smaller than 6291456 bytes for the InvokeFunction operation"}'


def test_canonical_request_gives_the_recorded_event() -> None:
    event = FUNCTION_URL.event(canonical_request(REQUEST_ID, FUNCTION_URL.domain_name))

    assert event == captured("function_url")


def test_bare_get_gives_the_recorded_event() -> None:
    request = canonical_request(REQUEST_ID, FUNCTION_URL.domain_name)
    dropped = (b"Cookie", b"Content-Type", b"Content-Length", b"X-Forwarded-For")
    kept = tuple(pair for pair in request.headers if pair[0] not in dropped)

    event = FUNCTION_URL.event(replace(request, method="GET", target=b"/", headers=kept, body=b""))

    assert event == captured("function_url_get_minimal")


@pytest.mark.parametrize(
    ("target", "raw_path", "decoded"),
    [
        (b"/a%2Fb", "/a%2Fb", "/a/b"),
        (b"/a%2fb%41", "/a%2fb%41", "/a/bA"),
        (b"//v1//orders/", "//v1//orders/", "//v1//orders/"),
        (b"/%FF%zz", "/%FF%zz", "/\ufffd%zz"),
        (b"/a/../b", "/a/../b", "/a/../b"),
    ],
)
def test_raw_path_is_the_client_s_and_only_http_path_is_decoded(target: bytes, raw_path: str, decoded: str) -> None:
    event = FUNCTION_URL.event(get(target))

    context = event["requestContext"]
    assert isinstance(context, dict)
    assert (event["rawPath"], context["http"]["path"]) == (raw_path, decoded)


def test_function_sees_the_clients_host_and_under_domain_name_its_own() -> None:
    event = FUNCTION_URL.event(get(b"/", (b"X-Forwarded-For", b"6.6.6.6"), (b"X-Amzn-Tls-Version", b"SSLv2")))

    own = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws"
    assert isinstance(event["headers"], dict)
    assert isinstance(event["requestContext"], dict)
    assert event["headers"] == {
        "host": "api.shop.example",
        "x-amzn-tls-cipher-suite": "TLS_AES_128_GCM_SHA256",
        "x-amzn-tls-version": "TLSv1.3",
        "x-amzn-trace-id": trace_id("JKJaXmPLvHcESHA=", TIME),
        "x-forwarded-for": "203.0.113.24",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    }
    assert event["requestContext"]["domainName"] == own


def test_challenge_and_other_reserved_headers_are_renamed() -> None:
    payload = (
        b'{"statusCode":401,"headers":{"WWW-Authenticate":"Basic realm=x","Server":"old","Date":"then",'
        b'"Content-Type":"text/plain","X-Amzn-RequestId":"forged"},"body":"no"}'
    )

    answer = FUNCTION_URL.answer(replace(get(), request_id=REQUEST_ID), payload, None)

    assert answer == ClientAnswer(
        401,
        (
            (b"x-amzn-Remapped-www-authenticate", b"Basic realm=x"),
            (b"x-amzn-Remapped-server", b"old"),
            (b"x-amzn-Remapped-date", b"then"),
            (b"Content-Type", b"text/plain"),
            *OWN_HEADERS,
        ),
        b"no",
    )


def test_function_error_and_malformed_result_are_a_502_without_json() -> None:
    request = replace(get(), request_id=REQUEST_ID)
    expected = ClientAnswer(502, (JSON_TYPE, *OWN_HEADERS), b"Internal Server Error")

    assert FUNCTION_URL.answer(request, b'{"errorMessage":"boom"}', "Unhandled") == expected
    assert FUNCTION_URL.answer(request, b"{", None) == expected


@pytest.mark.parametrize(
    ("reason", "status", "body"),
    [
        (Refusal.MALFORMED_REQUEST, 400, b'{"Message":"Bad Request"}'),
        (Refusal.HEADERS_TOO_LARGE, 413, TOO_LARGE),
        (Refusal.BODY_TOO_LARGE, 413, TOO_LARGE),
        (Refusal.EVENT_TOO_LARGE, 413, TOO_LARGE),
        (Refusal.TIMEOUT, 502, b"Internal Server Error"),
        (Refusal.INVOKE_REJECTED, 502, b"Internal Server Error"),
        (Refusal.FUNCTION_FAILED, 502, b"Internal Server Error"),
        (Refusal.THROTTLED, 429, b'{"Message":"Rate Exceeded."}'),
    ],
)
def test_refusals_are_lambda_s(reason: Refusal, status: int, body: bytes) -> None:
    answer = FUNCTION_URL.refuse(reason, REQUEST_ID, TIME)

    assert answer == ClientAnswer(status, (JSON_TYPE, *OWN_HEADERS), body)


def test_limits_are_lambda_s_and_every_reason_has_an_answer() -> None:
    for reason in Refusal:
        assert FUNCTION_URL.refuse(reason, "id", TIME).status >= 400

    limits = FUNCTION_URL.limits
    assert (limits.body_bytes, limits.event_bytes, limits.timeout_s) == (6_291_456, 6_291_556, 900.0)


def test_request_id_is_a_random_uuid() -> None:
    assert FUNCTION_URL.request_id(bytes(range(16))) == "00010203-0405-4607-8809-0a0b0c0d0e0f"
