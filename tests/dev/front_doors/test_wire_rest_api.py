"""A REST API as a client meets it: bytes on a socket."""

import asyncio
import json
from dataclasses import replace

import pytest

from proxy.dev.lambda_runtime import Invoked

from .samples import REST_API
from .wire import GET, HOST, CoroutineFunction, Event, RawClient, Rejected, echo, exchange, running


def test_request_reaches_the_function_in_the_client_s_case(rest_api: int) -> None:
    answer = exchange(
        rest_api,
        b"POST //v1/a%2Fb/?b=2&a=x%20+;a=1 HTTP/1.1\r\nhOST: shop.example\r\nX-MiXeD: 1\r\nx-mixed: 2\r\nX-MiXeD: 3\r\n"
        b"authorization: Bearer x\r\nConnection: close\r\nX-HTTP-Method-Override: PUT\r\nContent-Length: 3\r\n\r\nabc",
    )

    event = answer.event()
    headers, context = event["multiValueHeaders"], event["requestContext"]
    assert isinstance(headers, dict)
    assert isinstance(context, dict)
    assert (event["path"], context["path"]) == ("/v1/a%2Fb/", "/prod//v1/a%2Fb/")
    assert event["multiValueQueryStringParameters"] == {"b": ["2"], "a": ["x  ", "1"]}
    assert (event["httpMethod"], event["body"], event["isBase64Encoded"]) == ("PUT", "YWJj", True)
    trace_id = headers.pop("X-Amzn-Trace-Id")
    assert headers == {
        "hOST": ["shop.example"],
        "X-MiXeD": ["1", "3"],
        "x-mixed": ["2"],
        "Authorization": ["Bearer x"],
        "X-Forwarded-For": ["127.0.0.1"],
        "X-Forwarded-Port": [str(rest_api)],
        "X-Forwarded-Proto": ["http"],
    }
    assert answer.values(b"x-amzn-trace-id") == [trace_id[0].encode()]


def test_answer_is_framed_dated_and_unsigned_by_the_server(rest_api: int) -> None:
    answer = exchange(rest_api, GET)

    assert answer.status_line == b"HTTP/1.1 200 OK"
    assert sorted(name for name, _ in answer.headers) == [
        b"X-Amzn-Trace-Id",
        b"content-length",
        b"content-type",
        b"date",
        b"x-amz-apigw-id",
        b"x-amzn-RequestId",
    ]


def test_repeated_and_renamed_headers_are_lines_of_their_own() -> None:
    async def handler(_: Event) -> object:
        fields = {"Set-Cookie": ["a=1", "b=2"], "Content-Length": ["999"], "Connection": ["close"], "Server": ["old"]}
        return {"statusCode": 200, "multiValueHeaders": fields, "body": "abc"}

    with running(REST_API, CoroutineFunction(handler)) as port, RawClient(port) as client:
        for _ in range(2):
            client.send(GET)
            answer = client.answer()

            assert (answer.values(b"set-cookie"), answer.body) == ([b"a=1", b"b=2"], b"abc")
            assert (answer.values(b"content-length"), answer.values(b"connection")) == ([b"3"], [])
            assert answer.values(b"x-amzn-remapped-content-length") == [b"999"]
            assert answer.values(b"x-amzn-remapped-connection") == [b"close"]
            assert answer.values(b"x-amzn-remapped-server") == [b"old"]


def test_head_and_204_have_no_body_and_the_connection_goes_on() -> None:
    async def handler(event: Event) -> object:
        return {"statusCode": str(event["path"])[1:], "body": "content"}

    with running(REST_API, CoroutineFunction(handler)) as port, RawClient(port) as client:
        client.send(b"HEAD /200 HTTP/1.1\r\n" + HOST + b"\r\n")
        head = client.answer(to_head=True)
        bodies = {}
        for status in (204, 200):
            client.send(b"GET /%d HTTP/1.1\r\n" % status + HOST + b"\r\n")
            answer = client.answer()
            bodies[answer.status] = (answer.values(b"content-length"), answer.body)

    assert (head.status, head.values(b"content-length")) == (200, [b"7"])
    assert bodies == {204: ([], b""), 200: ([b"7"], b"content")}


@pytest.mark.parametrize(
    ("request_", "status", "message"),
    [
        (b"GARBAGE\r\n\r\n", 400, "Bad Request"),
        (b"GET /?a=% HTTP/1.1\r\n" + HOST + b"\r\n", 400, "Bad Request"),
        (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", 400, "Bad Request"),
        (b"PROPFIND / HTTP/1.1\r\n" + HOST + b"\r\n", 403, "Missing Authentication Token"),
        (b"GET /" + b"a" * 10_300 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414, "Request-URI Too Long"),
        (GET.replace(HOST, HOST + b"A: " + b"a" * 10_300 + b"\r\n"), 431, "Request Header Fields Too Large"),
        (GET.replace(HOST, HOST + b"A: " + b"a" * 200_000 + b"\r\n"), 431, "Request Header Fields Too Large"),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else None,
)
def test_bad_request_is_answered_in_the_gateway_s_words(
    rest_api: int, request_: bytes, status: int, message: str
) -> None:
    answer = exchange(rest_api, request_)

    assert (answer.status, json.loads(answer.body)) == (status, {"message": message})
    assert len(answer.values(b"x-amzn-errortype")) == 1


def test_bodies_that_are_too_large_for_gateway_or_lambda_are_a_413_and_the_connection_goes_on(rest_api: int) -> None:
    with RawClient(rest_api) as client:
        client.send(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 10485761\r\n\r\n" + b"x" * 10_485_761)
        for_gateway = client.answer()
        client.send(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 4800000\r\n\r\n" + b"x" * 4_800_000)
        for_lambda = client.answer()
        client.send(GET)
        after = client.answer()

    assert (for_gateway.status, for_gateway.body) == (413, b"HTTP content length exceeded 10485760 bytes.")
    assert for_gateway.values(b"content-type") == [b"text; charset=utf-8"]
    assert (for_lambda.status, for_lambda.body) == (413, b'{"message": "Request Too Long"}')
    assert after.status == 200


def test_tiny_limits_are_the_door_s() -> None:
    tiny = replace(REST_API, limits=replace(REST_API.limits, body_bytes=3, head_bytes=20, line_bytes=40))

    with running(tiny, CoroutineFunction(echo)) as port:
        large_body = exchange(port, b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\n\r\nabcd")
        large_head = exchange(port, GET.replace(HOST, HOST + b"A: 123456789\r\n"))
        long_url = exchange(port, GET.replace(b"/ ", b"/2345678901234567890123 ", 1))

    assert (large_body.status, large_body.body) == (413, b"HTTP content length exceeded 3 bytes.")
    assert (large_head.status, long_url.status) == (431, 414)


def test_function_that_takes_too_long_is_a_504() -> None:
    async def never(_: Event) -> object:
        return await asyncio.Event().wait()

    tiny = replace(REST_API, limits=replace(REST_API.limits, timeout_s=0.02))
    with running(tiny, CoroutineFunction(never)) as port:
        answer = exchange(port, GET)

    assert (answer.status, answer.body) == (504, b'{"message": "Endpoint request timed out"}')


@pytest.mark.parametrize(
    ("raised", "status", "message"),
    [
        (Rejected(429), 500, "Internal server error"),
        (Rejected(413), 413, "Request Too Long"),
        (ZeroDivisionError("secret"), 500, "Internal server error"),
    ],
)
def test_rejected_invocation_is_answered_without_a_traceback(raised: Exception, status: int, message: str) -> None:
    async def refuse(_: Event) -> object:
        raise raised

    with running(REST_API, CoroutineFunction(refuse)) as port:
        answer = exchange(port, GET)

    assert (answer.status, json.loads(answer.body)) == (status, {"message": message})


def test_function_error_is_a_502_of_36_bytes() -> None:
    async def fail(_: Event) -> object:
        return Invoked(b'{"errorMessage":"secret"}', "Unhandled", "request-1")

    with running(REST_API, CoroutineFunction(fail)) as port:
        answer = exchange(port, GET)

    assert (answer.status, answer.values(b"content-length")) == (502, [b"36"])
    assert answer.body == b'{"message": "Internal server error"}'
