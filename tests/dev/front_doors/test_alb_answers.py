"""From the function's result to the answer of a load balancer, and its own pages."""

from dataclasses import replace

import pytest

from proxy.dev.front_doors import Alb, ClientAnswer, ClientRequest, Refusal

from .samples import ALB, ALB_SINGLE, TIME, get

OWN_HEADERS = ((b"server", b"awselb/2.0"), (b"date", b"Fri, 16 Oct 2026 09:30:10 GMT"))


def page(status: int, words: bytes) -> ClientAnswer:
    """A page of the load balancer's own."""
    title = (b"%d %s" % (status, words)).strip()
    body = (
        b"<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<center><h1>%s</h1></center>\r\n</body>\r\n</html>\r\n"
    )
    return ClientAnswer(status, (*OWN_HEADERS, (b"content-type", b"text/html")), body % (title, title), words)


BAD_REQUEST = page(400, b"Bad Request")
BAD_GATEWAY = page(502, b"Bad Gateway")


def test_answer_has_the_function_s_phrase_server_and_date_as_it_has_them() -> None:
    payload = (
        b'{"statusCode":401,"statusDescription":"401 Go Away","multiValueHeaders":{"WWW-Authenticate":["Basic"],'
        b'"Server":["old"],"Date":["then"],"Set-Cookie":["a=1","b=2"],"Content-Type":["text/plain"]},"body":"no"}'
    )

    answer = ALB.answer(get(), payload, None)

    assert answer == ClientAnswer(
        401,
        (
            (b"WWW-Authenticate", b"Basic"),
            (b"Server", b"old"),
            (b"Date", b"then"),
            (b"Set-Cookie", b"a=1"),
            (b"Set-Cookie", b"b=2"),
            (b"Content-Type", b"text/plain"),
        ),
        b"no",
        b"Go Away",
    )


def test_server_and_date_are_added_where_the_function_has_none() -> None:
    answer = ALB_SINGLE.answer(get(), b'{"statusCode":200}', None)

    assert answer == ClientAnswer(200, ((b"content-type", b"application/octet-stream"), *OWN_HEADERS))


@pytest.mark.parametrize("door", [ALB, ALB_SINGLE], ids=lambda door: door.name)
def test_function_error_malformed_and_large_results_are_a_502_page(door: Alb) -> None:
    large = b'{"statusCode":200,"body":"%s"}' % (b"x" * 1024 * 1024)

    assert len(BAD_GATEWAY.body) == 122
    assert door.answer(get(), b'{"errorMessage":"boom"}', "Unhandled") == BAD_GATEWAY
    assert door.answer(get(), b'{"statusCode":200,"body":null}', None) == BAD_GATEWAY
    assert door.answer(get(), large, None) == BAD_GATEWAY


@pytest.mark.parametrize(("extra", "status"), [(0, 200), (1, 502)])
def test_result_may_have_a_megabyte_of_json(extra: int, status: int) -> None:
    rest = len(b'{"statusCode":200,"body":""}')
    payload = b'{"statusCode":200,"body":"%s"}' % (b"x" * (1024 * 1024 - rest + extra))

    assert ALB.answer(get(), payload, None).status == status


@pytest.mark.parametrize(
    ("reason", "answer"),
    [
        (Refusal.MALFORMED_REQUEST, BAD_REQUEST),
        (Refusal.HEADERS_TOO_LARGE, BAD_REQUEST),
        (Refusal.BODY_TOO_LARGE, page(413, b"Request Entity Too Large")),
        (Refusal.EVENT_TOO_LARGE, page(413, b"Request Entity Too Large")),
        (Refusal.TIMEOUT, BAD_GATEWAY),
        (Refusal.THROTTLED, BAD_GATEWAY),
        (Refusal.INVOKE_REJECTED, BAD_GATEWAY),
        (Refusal.FUNCTION_FAILED, BAD_GATEWAY),
    ],
)
def test_refusals_are_pages(reason: Refusal, answer: ClientAnswer) -> None:
    assert ALB.refuse(reason, "any", TIME) == answer


def test_every_reason_has_an_answer_and_limits_are_aws_s() -> None:
    for reason in Refusal:
        assert ALB.refuse(reason, "id", TIME).status >= 400

    limits = ALB.limits
    assert (limits.head_bytes, limits.line_bytes) == (65_536, 16_383)
    assert (limits.body_bytes, limits.result_bytes, limits.timeout_s) == (1_048_576, 1_048_576, 900.0)


LINE = 16_383
HOPS = b", ".join([b"10.0.0.1"] * 30)


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (get(b"/a%zz|{}?%"), None),
        (replace(get(), method="PROPFIND"), None),
        (replace(get(), method="TRACE"), page(405, b"Not Allowed")),
        (get(b"/", (b"Upgrade", b"websocket"), (b"Connection", b"upgrade")), BAD_REQUEST),
        (get(b"/" + b"a" * (LINE - len("GET / HTTP/1.1"))), None),
        (get(b"/" + b"a" * (LINE - len("GET / HTTP/1.1") + 1)), page(414, b"Request-URI Too Large")),
        (get(b"/", (b"A", b"a" * (LINE - len("A: ")))), None),
        (get(b"/", (b"A", b"a" * (LINE - len("A: ") + 1))), BAD_REQUEST),
        (get(b"/", *((b"A", b"a" * 16_000),) * 4), None),
        (get(b"/", *((b"A", b"a" * 16_000),) * 4, (b"B", b"b" * 1_600)), BAD_REQUEST),
        (get(b"/", (b"X-Forwarded-For", HOPS)), None),
        (get(b"/", (b"X-Forwarded-For", HOPS), (b"X-Forwarded-For", b"10.0.0.2")), page(463, b"")),
    ],
)
def test_head_that_the_load_balancer_does_not_take_is_answered_without_the_function(
    request_: ClientRequest, answer: ClientAnswer | None
) -> None:
    assert ALB.reject(request_) == answer


def test_request_id_is_hexadecimal() -> None:
    assert ALB.request_id(bytes(range(16))) == "000102030405060708090a0b0c0d0e0f"
