"""From the function's result to the answer of a REST API, and its own answers."""

from dataclasses import replace

import pytest

from proxy.dev.front_doors import ClientAnswer, ClientRequest, Refusal, RestApi
from proxy.dev.front_doors.headers import trace_id

from .samples import REST_API, TEXT_REST_API, TIME, get, post

REQUEST_ID = "6f0d1f5e-1111-4222-8333-444455556666"
DATE = (b"date", b"Fri, 16 Oct 2026 09:30:10 GMT")
OWN_HEADERS = (
    DATE,
    (b"x-amzn-RequestId", REQUEST_ID.encode()),
    (b"x-amz-apigw-id", b"aInMb4AWIt1HTiY="),
    (b"X-Amzn-Trace-Id", trace_id(REQUEST_ID, TIME).encode()),
)
JSON_TYPE = (b"content-type", b"application/json")
GET = replace(get(), request_id=REQUEST_ID)


def own_answer(status: int, error_type: bytes, message: bytes) -> ClientAnswer:
    """An answer of the gateway's own."""
    fields = (JSON_TYPE, (b"x-amzn-ErrorType", error_type), *OWN_HEADERS)
    return ClientAnswer(status, fields, b'{"message": "%s"}' % message)


FAILED = own_answer(502, b"InternalServerErrorException", b"Internal server error")


def test_answer_carries_the_function_s_headers_and_then_the_gateway_s() -> None:
    payload = (
        b'{"statusCode":401,"multiValueHeaders":{"WWW-Authenticate":["Basic realm=x","Bearer"],'
        b'"Set-Cookie":["a=1","b=2"]},"headers":{"date":"then","X-Amzn-RequestId":"forged","x-amzn-trace-id":"forged"},"body":"no"}'
    )

    answer = REST_API.answer(GET, payload, None)

    assert answer == ClientAnswer(
        401,
        (
            (b"x-amzn-Remapped-WWW-Authenticate", b"Basic realm=x"),
            (b"x-amzn-Remapped-WWW-Authenticate", b"Bearer"),
            (b"Set-Cookie", b"a=1"),
            (b"Set-Cookie", b"b=2"),
            (b"x-amzn-Remapped-date", b"then"),
            JSON_TYPE,
            *OWN_HEADERS,
        ),
        b"no",
    )


def test_trace_id_of_the_client_comes_back() -> None:
    sent = b"Root=1-67891233-abcdef012345678912345678"

    answer = REST_API.answer(get(b"/", (b"X-Amzn-Trace-Id", sent)), b'{"statusCode":200}', None)

    assert answer.headers[-1] == (b"X-Amzn-Trace-Id", sent)


@pytest.mark.parametrize(
    ("binary_media_types", "accept", "is_decoded"),
    [
        ((), [b"image/png"], False),
        (("image/png",), [b"image/png"], True),
        (("image/png",), [b"image/png,image/*,*/*;q=0.8"], True),
        (("image/png",), [b"image/png", b"text/html"], True),
        (("image/png",), [b"text/html", b"image/png"], False),
        (("image/png",), [b"image/webp,image/png,*/*;q=0.8"], False),
        (("image/png",), [b"*/*"], False),
        (("image/png",), [], False),
        (("application/*",), [b"application"], False),
        (("*/*",), [b"text/html"], True),
        (("*/*",), [b"*/*"], True),
        (("*/*",), [], True),
    ],
)
def test_base64_is_decoded_only_if_the_client_asks_for_a_binary_type_first(
    binary_media_types: tuple[str, ...], accept: list[bytes], is_decoded: bool
) -> None:
    """Recorded live, but for */*, which is documented; without an Accept field reports have it decoded."""
    door = replace(REST_API, binary_media_types=binary_media_types)
    request = get(b"/", *((b"accept", value) for value in accept))

    answer = door.answer(request, b'{"statusCode":200,"body":"//79","isBase64Encoded":true}', None)

    assert answer.body == (b"\xff\xfe\xfd" if is_decoded else b"//79")


@pytest.mark.parametrize(
    ("door", "status", "body"),
    [(REST_API, 500, b'{"message": "Internal server error"}'), (TEXT_REST_API, 200, "èé+à)(".encode())],
    ids=["binary", "text"],
)
def test_body_that_is_no_base64_is_a_500_where_it_would_be_decoded(door: RestApi, status: int, body: bytes) -> None:
    payload = '{"statusCode":200,"body":"èé+à)(","isBase64Encoded":true}'.encode()

    answer = door.answer(GET, payload, None)

    assert (answer.status, answer.body) == (status, body)


def test_function_error_and_malformed_result_are_a_502() -> None:
    assert REST_API.answer(GET, b'{"errorMessage":"boom"}', "Unhandled") == FAILED
    assert REST_API.answer(GET, b'{"statusCode":200,"cookies":[]}', None) == FAILED


@pytest.mark.parametrize(
    ("reason", "answer"),
    [
        (Refusal.MALFORMED_REQUEST, own_answer(400, b"BadRequestException", b"Bad Request")),
        (Refusal.HEADERS_TOO_LARGE, own_answer(431, b"BadRequestException", b"Request Header Fields Too Large")),
        (
            Refusal.BODY_TOO_LARGE,
            ClientAnswer(
                413,
                ((b"content-type", b"text; charset=utf-8"), DATE),
                b"HTTP content length exceeded 10485760 bytes.",
            ),
        ),
        (Refusal.EVENT_TOO_LARGE, own_answer(413, b"BadRequestException", b"Request Too Long")),
        (Refusal.TIMEOUT, own_answer(504, b"InternalServerErrorException", b"Endpoint request timed out")),
        (Refusal.THROTTLED, own_answer(500, b"InternalServerErrorException", b"Internal server error")),
        (Refusal.INVOKE_REJECTED, own_answer(500, b"InternalServerErrorException", b"Internal server error")),
        (Refusal.FUNCTION_FAILED, FAILED),
    ],
)
def test_refusals_are_the_gateway_s(reason: Refusal, answer: ClientAnswer) -> None:
    assert REST_API.refuse(reason, REQUEST_ID, TIME) == answer


def test_every_reason_has_an_answer_and_limits_are_aws_s() -> None:
    for reason in Refusal:
        assert REST_API.refuse(reason, "id", TIME).status >= 400

    limits = REST_API.limits
    assert (limits.head_bytes, limits.line_bytes, limits.body_bytes) == (10_240, 10_240, 10_485_760)
    assert (limits.event_bytes, limits.timeout_s) == (6_291_556, 29.0)


UNKNOWN_METHOD = own_answer(403, b"MissingAuthenticationTokenException", b"Missing Authentication Token")
BAD_REQUEST = own_answer(400, b"BadRequestException", b"Bad Request")
URL = len("https://api.shop.example")
VALUES = len("api.shop.example")


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (get(b"/a%zz|{}"), None),
        (get(b"/?a=%41%e9&b=;"), None),
        (get(b"/?a=%"), BAD_REQUEST),
        (get(b"/?a=%4"), BAD_REQUEST),
        (get(b"/?%zz"), BAD_REQUEST),
        (get(b"/?a|b"), BAD_REQUEST),
        (get(b"/?a={b"), BAD_REQUEST),
        (get(b"/?a=b}"), BAD_REQUEST),
        *((replace(get(), method=method), None) for method in ("DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")),
        *((replace(get(), method=method), UNKNOWN_METHOD) for method in ("TRACE", "PROPFIND", "get", "X-ODD")),
        (post(b"", (b"X-HTTP-Method-Override", b"DELETE")), None),
        (post(b"", (b"X-HTTP-Method-Override", b"PURGE")), UNKNOWN_METHOD),
        (get(b"/", (b"X-HTTP-Method-Override", b"PURGE")), None),
        (get(b"/" + b"a" * (10_240 - URL - 1)), None),
        (get(b"/" + b"a" * (10_240 - URL)), own_answer(414, b"BadRequestException", b"Request-URI Too Long")),
        (get(b"/", (b"A" * 20_000, b"a" * (10_240 - VALUES))), None),
        (
            get(b"/", (b"A", b"a" * (10_240 - VALUES + 1))),
            own_answer(431, b"BadRequestException", b"Request Header Fields Too Large"),
        ),
    ],
)
def test_head_that_the_gateway_does_not_take_is_answered_without_the_function(
    request_: ClientRequest, answer: ClientAnswer | None
) -> None:
    assert REST_API.reject(replace(request_, request_id=REQUEST_ID)) == answer


def test_request_id_is_a_random_uuid() -> None:
    assert REST_API.request_id(bytes(range(16))) == "00010203-0405-4607-8809-0a0b0c0d0e0f"
