"""What a client meets on the wire when something is wrong: with its request, the function, or its neighbours."""

import asyncio
import json
import threading
from contextlib import ExitStack
from dataclasses import replace

import pytest

from proxy.dev.front_doors import FrontDoor, FunctionUrl, HttpApi
from proxy.dev.lambda_runtime import Invoked

from .samples import FUNCTION_URL, HTTP_API
from .wire import DEADLINE_S, GET, HOST, CoroutineFunction, Event, RawClient, Rejected, echo, exchange, running

DOORS = pytest.mark.parametrize("door", [HTTP_API, FUNCTION_URL], ids=lambda door: door.name)


@DOORS
@pytest.mark.parametrize(
    "request_",
    [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\x00\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
def test_malformed_http_is_a_400_in_the_door_s_words_and_the_end(
    door: FrontDoor, request_: bytes, http_api: int, function_url: int
) -> None:
    port, key = (http_api, "message") if door is HTTP_API else (function_url, "Message")
    with RawClient(port) as client:
        client.send(request_)
        answer = client.answer()

        assert (answer.status, json.loads(answer.body)) == (400, {key: "Bad Request"})
        assert answer.values(b"connection") == [b"close"]
        assert client.is_closed_by_server()


@pytest.mark.parametrize(
    ("value_bytes", "status"), [(10_240 - 24, 200), (10_240 - 23, 431), (40_000, 431), (200_000, 431)]
)
def test_http_api_takes_10240_bytes_of_request_line_and_header_values(
    http_api: int, value_bytes: int, status: int
) -> None:
    # "GET / HTTP/1.1" and "shop.example" take 26; the names do not count.
    request = GET.replace(HOST, HOST + b"X-Long: " + b"x" * (value_bytes - 2) + b"\r\n")

    assert exchange(http_api, request).status == status


def test_function_url_refuses_large_heads_in_lambda_s_words(function_url: int) -> None:
    for size in (12_000, 200_000):
        answer = exchange(function_url, GET.replace(HOST, HOST + b"Cookie: " + b"x" * size + b"\r\n"))

        assert answer.status == 413
        assert answer.body.startswith(b'{"Message":"Request must be smaller than 6291456 bytes')


def test_body_of_lambda_s_size_passes_after_100_continue(function_url: int) -> None:
    body = b"x" * 6_200_000
    with RawClient(function_url) as client:
        head = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Type: text/plain\r\nExpect: 100-continue\r\n"
        client.send(head + b"Content-Length: %d\r\n\r\n" % len(body))
        interim = client.answer()
        client.send(body)
        answer = client.answer()

    assert (interim.status, answer.status) == (100, 200)
    assert answer.event()["body"] == body.decode()
    headers = answer.event()["headers"]
    assert isinstance(headers, dict)
    assert "expect" not in headers


def test_body_above_the_limit_is_refused_before_it_is_sent(http_api: int) -> None:
    with RawClient(http_api) as client:
        head = b"POST / HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 10485761\r\n\r\n"
        client.send(head)
        answer = client.answer()

        assert (answer.status, answer.body) == (413, b'{"message":"Request Entity Too Large"}')
        assert client.is_closed_by_server()


def test_bodies_that_are_too_large_for_door_or_lambda_are_a_413_and_the_connection_goes_on(http_api: int) -> None:
    too_large_for_door = b"Content-Length: 10485761\r\n\r\n" + b"x" * 10_485_761
    too_large_chunked = b"Transfer-Encoding: chunked\r\n\r\n" + b"a00001\r\n" + b"x" * 0xA00001 + b"\r\n0\r\n\r\n"
    too_large_for_lambda = b"Content-Length: 4800000\r\n\r\n" + b"x" * 4_800_000
    with RawClient(http_api) as client:
        for rest in (too_large_for_door, too_large_chunked, too_large_for_lambda):
            client.send(b"POST / HTTP/1.1\r\n" + HOST + rest)
            answer = client.answer()

            assert (answer.status, answer.body) == (413, b'{"message":"Request Entity Too Large"}')
        client.send(GET)
        assert client.answer().status == 200


@pytest.mark.parametrize(
    ("door", "status", "body"),
    [
        (HttpApi(limits=replace(HTTP_API.limits, timeout_s=0.02)), 503, b'{"message":"Service Unavailable"}'),
        (FunctionUrl(limits=replace(FUNCTION_URL.limits, timeout_s=0.02)), 502, b"Internal Server Error"),
    ],
    ids=["http-api", "function-url"],
)
def test_function_that_takes_too_long_is_given_up(door: FrontDoor, status: int, body: bytes) -> None:
    async def never(_: Event) -> object:
        return await asyncio.Event().wait()

    with running(door, CoroutineFunction(never)) as port:
        answer = exchange(port, GET)

    assert (answer.status, answer.body) == (status, body)


@pytest.mark.parametrize(
    ("door", "raised", "status", "body"),
    [
        (HTTP_API, Rejected(429), 500, b'{"message":"Internal Server Error"}'),
        (HTTP_API, Rejected(413), 413, b'{"message":"Request Entity Too Large"}'),
        (HTTP_API, Rejected(500), 500, b'{"message":"Internal Server Error"}'),
        (HTTP_API, ZeroDivisionError("secret"), 500, b'{"message":"Internal Server Error"}'),
        (FUNCTION_URL, Rejected(429), 429, b'{"Message":"Rate Exceeded."}'),
        (FUNCTION_URL, ZeroDivisionError("secret"), 502, b"Internal Server Error"),
    ],
)
def test_rejected_invocation_is_answered_without_a_traceback(
    door: FrontDoor, raised: Exception, status: int, body: bytes
) -> None:
    async def refuse(_: Event) -> object:
        raise raised

    with running(door, CoroutineFunction(refuse)) as port:
        answer = exchange(port, GET)

    assert (answer.status, answer.body) == (status, body)


def test_function_error_is_a_502() -> None:
    async def fail(_: Event) -> object:
        return Invoked(b'{"errorMessage":"secret"}', "Unhandled", "request-1")

    with running(HTTP_API, CoroutineFunction(fail)) as port:
        answer = exchange(port, GET)

    assert (answer.status, answer.body) == (502, b'{"message":"Internal Server Error"}')


def test_client_that_goes_away_disturbs_nobody() -> None:
    started, release = threading.Event(), threading.Event()

    async def handler(event: Event) -> object:
        if event["rawPath"] == "/slow":
            started.set()
            await asyncio.to_thread(release.wait, DEADLINE_S)
        return await echo(event)

    function = CoroutineFunction(handler)
    with running(HTTP_API, function) as port:
        leaves_before_the_answer, leaves_inside_its_body = RawClient(port), RawClient(port)
        leaves_before_the_answer.send(GET.replace(b"/ ", b"/slow ", 1))
        leaves_inside_its_body.send(b"POST /half HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\nhalf")
        assert started.wait(DEADLINE_S)
        leaves_before_the_answer.close()
        leaves_inside_its_body.close()
        with RawClient(port) as stays:
            stays.send(GET)
            first = stays.answer().status
            release.set()
            stays.send(GET)
            second = stays.answer().status

    assert (first, second) == (200, 200)
    assert [event["rawPath"] for event in function.events] == ["/slow", "/", "/"]


def test_200_clients_at_once_get_their_own_answers() -> None:
    clients, here, everybody = 200, [], asyncio.Event()

    async def handler(event: Event) -> object:
        # Nobody is answered before everybody is here, so all exchanges overlap.
        here.append(event)
        if len(here) == clients:
            everybody.set()
        await everybody.wait()
        return await echo(event)

    with running(HTTP_API, CoroutineFunction(handler)) as port, ExitStack() as connections:
        opened = [connections.enter_context(RawClient(port)) for _ in range(clients)]
        for number, client in enumerate(opened):
            client.send(b"POST /%d HTTP/1.1\r\n" % number + HOST + b"Content-Type: text/plain\r\n")
            client.send(b"X-Number: %d\r\nContent-Length: 3\r\n\r\n%03d" % (number, number))
        answers = [client.answer().event() for client in opened]

    assert [answer["rawPath"] for answer in answers] == [f"/{number}" for number in range(clients)]
    assert [answer["body"] for answer in answers] == [f"{number:03}" for number in range(clients)]
    contexts = [answer["requestContext"] for answer in answers]
    assert len({context["requestId"] for context in contexts if isinstance(context, dict)}) == clients
