"""The front doors as a client meets them: bytes on a socket."""

import pytest

from proxy.dev.front_doors import ClientRequest, HttpApi

from .samples import HTTP_API
from .wire import GET, HOST, CoroutineFunction, Event, RawClient, echo, exchange, running


def test_request_reaches_the_function_as_the_client_wrote_it(function_url: int) -> None:
    answer = exchange(
        function_url,
        b"GET //v1/a%2Fb/../c%zz?b=2&a=1&&flag&x=%20+ HTTP/1.1\r\n" + HOST + b"X-Tag: 1\r\nx-tag: 2\r\n"
        b"Cookie: a=1\r\nCookie: b=2\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n",
    )

    event = answer.event()
    headers = event["headers"]
    assert isinstance(headers, dict)
    assert (event["rawPath"], event["rawQueryString"]) == ("//v1/a%2Fb/../c%zz", "b=2&a=1&&flag&x=%20+")
    assert (headers["x-tag"], headers["cookie"], event["cookies"]) == ("1,2", "a=1; b=2", ["a=1", "b=2"])
    assert headers["x-forwarded-for"] == "127.0.0.1"


def test_http_api_names_the_host_and_the_port_that_the_client_used(http_api: int) -> None:
    event = exchange(http_api, b"GET / HTTP/1.1\r\nHost: Shop.Example:8080\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n").event()

    headers, context = event["headers"], event["requestContext"]
    assert isinstance(headers, dict)
    assert isinstance(context, dict)
    assert (headers["host"], context["domainName"]) == ("Shop.Example:8080", "Shop.Example")
    assert headers["x-forwarded-for"] == "6.6.6.6, 127.0.0.1"
    assert (headers["x-forwarded-proto"], headers["x-forwarded-port"]) == ("http", str(http_api))
    assert context["http"]["sourceIp"] == "127.0.0.1"


def test_door_gets_header_names_in_the_client_s_case() -> None:
    seen = []

    class Watching(HttpApi):
        def event(self, request: ClientRequest) -> Event:
            seen.append(request.headers)
            return super().event(request)

    with running(Watching(), CoroutineFunction(echo)) as port:
        exchange(port, b"GET / HTTP/1.1\r\nhOST: x\r\nX-MiXeD: 1\r\nx-mixed: 2\r\n\r\n")

    assert seen == [((b"hOST", b"x"), (b"X-MiXeD", b"1"), (b"x-mixed", b"2"))]


@pytest.mark.parametrize(
    ("target", "raw_path", "host"),
    [
        (b"http://other.example:81/a%2Fb", "/a%2Fb", "other.example"),
        (b"https://other.example", "/", "other.example"),
        (b"/http://x/", "/http://x/", "shop.example"),
    ],
)
def test_host_of_an_absolute_target_replaces_the_host_field(
    http_api: int, target: bytes, raw_path: str, host: str
) -> None:
    """RFC 9112, 3.2.2."""
    event = exchange(http_api, b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n").event()

    context = event["requestContext"]
    assert isinstance(context, dict)
    assert (event["rawPath"], context["domainName"]) == (raw_path.replace("%2F", "/"), host)


@pytest.mark.parametrize("method", [b"GET", b"POST", b"DELETE", b"PATCH", b"OPTIONS", b"PROPFIND", b"get", b"X-ODD"])
def test_method_passes_as_it_is(http_api: int, method: bytes) -> None:
    event = exchange(http_api, method + b" / HTTP/1.1\r\n" + HOST + b"\r\n").event()

    context = event["requestContext"]
    assert isinstance(context, dict)
    assert context["http"]["method"] == method.decode()


def test_answer_is_framed_dated_and_unsigned_by_the_server(http_api: int) -> None:
    answer = exchange(http_api, GET)

    assert answer.status_line == b"HTTP/1.1 200 OK"
    assert sorted(name for name, _ in answer.headers) == [
        b"apigw-requestid",
        b"content-length",
        b"content-type",
        b"date",
    ]


def test_two_pipelined_requests_and_one_later_share_a_connection(http_api: int) -> None:
    with RawClient(http_api) as client:
        client.send(GET.replace(b"/ ", b"/1 ", 1) + GET.replace(b"/ ", b"/2 ", 1))
        paths = [client.answer().event()["rawPath"], client.answer().event()["rawPath"]]
        client.send(GET.replace(b"/ ", b"/3 ", 1))
        paths.append(client.answer().event()["rawPath"])

    assert paths == ["/1", "/2", "/3"]


def test_connection_close_and_http_1_0_end_the_connection(http_api: int) -> None:
    for request in (GET.replace(HOST, HOST + b"Connection: close\r\n"), b"GET / HTTP/1.0\r\n\r\n"):
        with RawClient(http_api) as client:
            client.send(request)

            assert (client.answer().status, client.is_closed_by_server()) == (200, True)


@pytest.mark.parametrize(
    "head", [b"OPTIONS * HTTP/1.1\r\n", b"CONNECT shop.example:443 HTTP/1.1\r\n", b"GET http://u@x/ HTTP/1.1\r\n"]
)
def test_targets_that_no_event_can_hold_are_a_400(http_api: int, head: bytes) -> None:
    answer = exchange(http_api, head + HOST + b"\r\n")

    assert (answer.status, answer.body) == (400, b'{"message":"Bad Request"}')


def test_chunked_upload_has_a_length_in_the_event(http_api: int) -> None:
    event = exchange(
        http_api,
        b"POST / HTTP/1.1\r\n"
        + HOST
        + b"Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
        b"3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\nX-Sum: 1\r\n\r\n",
    ).event()

    headers = event["headers"]
    assert isinstance(headers, dict)
    assert (event["body"], headers["content-length"]) == ("abcdefg", "7")
    assert {"transfer-encoding", "trailer", "x-sum"}.isdisjoint(headers)


def test_head_204_and_304_have_no_body_and_the_connection_goes_on() -> None:
    async def handler(event: Event) -> object:
        return {"statusCode": str(event["rawPath"])[1:], "headers": {"Content-Length": "999"}, "body": "content"}

    with running(HTTP_API, CoroutineFunction(handler)) as port, RawClient(port) as client:
        client.send(b"HEAD /200 HTTP/1.1\r\n" + HOST + b"\r\n")
        head = client.answer(to_head=True)
        bodies = {}
        for status in (204, 304, 200):
            client.send(b"GET /%d HTTP/1.1\r\n" % status + HOST + b"\r\n")
            answer = client.answer()
            bodies[answer.status] = (answer.values(b"content-length"), answer.body)

    assert (head.status, head.values(b"content-length")) == (200, [b"7"])
    assert bodies == {204: ([], b""), 304: ([], b""), 200: ([b"7"], b"content")}
