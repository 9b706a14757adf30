"""A load balancer as a client meets it: bytes on a socket."""

import asyncio
from dataclasses import replace

import pytest

from proxy.dev.front_doors import Alb
from proxy.dev.lambda_runtime import Invoked

from .samples import ALB, ALB_SINGLE
from .wire import GET, HOST, CoroutineFunction, Event, RawClient, Rejected, echo, exchange, running

BAD_GATEWAY = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
    b"<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)
DOORS = pytest.mark.parametrize("door", [ALB, ALB_SINGLE], ids=lambda door: door.name)


def test_request_reaches_the_function_as_the_client_wrote_it(alb: int) -> None:
    answer = exchange(
        alb,
        b"PUT //v1/a%2Fb/../c%zz?b=2&a=1&&flag&x=%20+&a=%zz HTTP/1.1\r\nhOST: shop.example\r\nX-Tag: 1\r\nx-tag: 2\r\n"
        b"Cookie: a=1\r\nCookie: b=2\r\nX-Forwarded-For: 6.6.6.6\r\nContent-Type: text/plain\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    )

    event = answer.event()
    headers = event["multiValueHeaders"]
    assert isinstance(headers, dict)
    assert (event["httpMethod"], event["path"]) == ("PUT", "//v1/a%2Fb/../c%zz")
    assert event["multiValueQueryStringParameters"] == {"b": ["2"], "a": ["1", "%zz"], "flag": [""], "x": ["%20+"]}
    assert (event["body"], event["isBase64Encoded"]) == ("abc", False)
    assert headers.pop("x-amzn-trace-id")[0].startswith("Root=1-")
    assert headers == {
        "host": ["shop.example"],
        "x-tag": ["1", "2"],
        "cookie": ["a=1", "b=2"],
        "content-type": ["text/plain"],
        "content-length": ["3"],
        "x-forwarded-for": ["6.6.6.6, 127.0.0.1"],
        "x-forwarded-port": [str(alb)],
        "x-forwarded-proto": ["http"],
    }


def test_answer_is_framed_dated_and_signed_by_the_load_balancer(alb: int) -> None:
    answer = exchange(alb, GET)

    assert answer.status_line == b"HTTP/1.1 200 OK"
    assert answer.values(b"server") == [b"awselb/2.0"]
    assert sorted(name for name, _ in answer.headers) == [b"content-length", b"content-type", b"date", b"server"]


@pytest.mark.parametrize(
    ("door", "headers", "cookies"),
    [
        (
            ALB,
            {"multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]}, "headers": {"Set-Cookie": "c=3"}},
            [b"a=1", b"b=2"],
        ),
        (ALB_SINGLE, {"multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]}, "headers": {"Set-Cookie": "c=3"}}, [b"c=3"]),
        (ALB_SINGLE, {"headers": {"Set-Cookie": "a=1", "SET-Cookie": "b=2"}}, [b"a=1", b"b=2"]),
    ],
)
def test_headers_of_the_target_group_s_mode_reach_the_client(
    door: Alb, headers: dict[str, object], cookies: list[bytes]
) -> None:
    async def handler(_: Event) -> object:
        return {"statusCode": 200, **headers}

    with running(door, CoroutineFunction(handler)) as port:
        answer = exchange(port, GET)

    assert answer.values(b"set-cookie") == cookies


def test_reason_phrase_is_the_function_s_for_one_answer_only() -> None:
    async def handler(event: Event) -> object:
        phrase = {"statusDescription": "200 Totally Fine"} if event["path"] == "/fine" else {}
        return {"statusCode": 200, "body": "content", **phrase}

    with running(ALB, CoroutineFunction(handler)) as port, RawClient(port) as client:
        fine = b"POST /fine HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\nExpect: 100-continue\r\n\r\n"
        client.send(fine + GET)
        lines = [client.answer().status_line for _ in range(3)]
        client.send(b"HEAD /fine HTTP/1.1\r\n" + HOST + b"\r\n")
        lines.append(client.answer(to_head=True).status_line)

    assert lines == [
        b"HTTP/1.1 100 Continue",
        b"HTTP/1.1 200 Totally Fine",
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 200 Totally Fine",
    ]


def test_head_204_and_304_have_no_body_and_the_connection_goes_on() -> None:
    async def handler(event: Event) -> object:
        fields = {"Content-Length": ["999"], "Connection": ["close"]}
        return {"statusCode": int(str(event["path"])[1:]), "multiValueHeaders": fields, "body": "content"}

    with running(ALB, CoroutineFunction(handler)) as port, RawClient(port) as client:
        client.send(b"HEAD /200 HTTP/1.1\r\n" + HOST + b"\r\n")
        head = client.answer(to_head=True)
        bodies = {}
        for status in (204, 304, 200):
            client.send(b"GET /%d HTTP/1.1\r\n" % status + HOST + b"\r\n")
            answer = client.answer()
            bodies[answer.status] = (answer.values(b"content-length"), answer.body)

    assert (head.status, head.values(b"content-length")) == (200, [b"7"])
    assert bodies == {204: ([], b""), 304: ([], b""), 200: ([b"7"], b"content")}


@pytest.mark.parametrize(
    ("request_", "status_line"),
    [
        (b"GARBAGE\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
        (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", b"HTTP/1.1 400 Bad Request"),
        (GET.replace(HOST, HOST + b"Upgrade: websocket\r\nConnection: upgrade\r\n"), b"HTTP/1.1 400 Bad Request"),
        (b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n", b"HTTP/1.1 405 Not Allowed"),
        (b"GET /" + b"a" * 16_500 + b" HTTP/1.1\r\n" + HOST + b"\r\n", b"HTTP/1.1 414 Request-URI Too Large"),
        (GET.replace(HOST, HOST + b"A: " + b"a" * 16_381 + b"\r\n"), b"HTTP/1.1 400 Bad Request"),
        (GET.replace(HOST, HOST + b"A: " + b"a" * 200_000 + b"\r\n"), b"HTTP/1.1 400 Bad Request"),
        (GET.replace(HOST, HOST + b"X-Forwarded-For: " + b"::1," * 30 + b"::1\r\n"), b"HTTP/1.1 463 "),
    ],
    ids=lambda value: value[:20] if value.startswith((b"G", b"O", b"T")) else None,
)
def test_bad_request_is_answered_with_a_page(alb: int, request_: bytes, status_line: bytes) -> None:
    answer = exchange(alb, request_)

    title = status_line.removeprefix(b"HTTP/1.1 ").strip()
    assert (answer.status_line, answer.values(b"content-type")) == (status_line, [b"text/html"])
    assert answer.body.startswith(b"<html>\r\n<head><title>" + title + b"</title>")


@pytest.mark.parametrize(("size", "status"), [(60_000, 200), (70_000, 400)])
def test_head_may_have_64_k(alb: int, size: int, status: int) -> None:
    lines = b"".join(b"A: " + b"a" * 9_995 + b"\r\n" for _ in range(size // 10_000))

    assert exchange(alb, GET.replace(HOST, HOST + lines)).status == status


def test_body_may_have_a_megabyte(alb: int) -> None:
    with RawClient(alb) as client:
        statuses = []
        for size in (1_048_577, 500_000):
            head = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % size
            client.send(head + b"x" * size)
            statuses.append(client.answer().status)

    assert statuses == [413, 200]


@DOORS
def test_function_that_takes_too_long_is_a_502(door: Alb) -> None:
    async def never(_: Event) -> object:
        return await asyncio.Event().wait()

    tiny = replace(door, limits=replace(door.limits, timeout_s=0.02))
    with running(tiny, CoroutineFunction(never)) as port:
        answer = exchange(port, GET)

    assert (answer.status_line, answer.body) == (b"HTTP/1.1 502 Bad Gateway", BAD_GATEWAY)


@DOORS
@pytest.mark.parametrize("raised", [Rejected(429), Rejected(500), ZeroDivisionError("secret")])
def test_rejected_invocation_is_a_502_without_a_traceback(door: Alb, raised: Exception) -> None:
    async def refuse(_: Event) -> object:
        raise raised

    with running(door, CoroutineFunction(refuse)) as port:
        answer = exchange(port, GET)

    assert (answer.status, answer.body) == (502, BAD_GATEWAY)


@DOORS
@pytest.mark.parametrize(
    "result",
    [
        Invoked(b'{"errorMessage":"secret"}', "Unhandled", "request-1"),
        {"statusCode": 200, "body": None},
        {"statusCode": 200, "body": "x" * 1_048_576},
    ],
    ids=["error", "null", "large"],
)
def test_failed_function_is_a_502(door: Alb, result: object) -> None:
    async def fail(_: Event) -> object:
        return result

    with running(door, CoroutineFunction(fail)) as port:
        answer = exchange(port, GET)

    assert (answer.status, answer.body) == (502, BAD_GATEWAY)


def test_tiny_limits_are_the_door_s() -> None:
    tiny = replace(ALB, limits=replace(ALB.limits, body_bytes=3, head_bytes=70, line_bytes=40, result_bytes=30))

    with running(tiny, CoroutineFunction(echo)) as port:
        large_body = exchange(port, b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\n\r\nabcd")
        large_head = exchange(port, GET.replace(HOST, HOST + b"A: 123456789012\r\nB: 123456789012\r\n"))
        long_line = exchange(port, GET.replace(HOST, HOST + b"A: 12345678901234567890123456789012345678\r\n"))
        large_result = exchange(port, GET)

    statuses = (large_body.status, large_head.status, long_line.status, large_result.status)
    assert statuses == (413, 400, 400, 502)
