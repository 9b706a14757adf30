"""Dispatch to a migrated handler that is a Lambda function of its own."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from proxy.aws.call import Answer, AwsError
from proxy.aws.sigv4 import Unsigned
from proxy.backends.function import Function
from proxy.backends.services import Services
from proxy.errors import FigError, MigratedBadResult, MigratedFailed, MigratedTimeout
from proxy.message import Headers, Response
from proxy.settings import Settings
from tests.raw_legacy import RawLegacy, say
from tests.samples import function_url, request

GOOD = {"statusCode": 201, "headers": {"X": "1"}, "body": "{}"}


class Lambda:
    """Lambda's Invoke, answering as the test says, and noting what it was asked."""

    def __init__(self, answer: Answer | Exception) -> None:
        self.answer = answer
        self.asked: list[tuple[Unsigned, float]] = []

    def __call__(self, asked: Unsigned, timeout_s: float) -> Answer:
        self.asked.append((asked, timeout_s))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def told(body: object, status: int = 200, *headers: tuple[bytes, bytes]) -> Answer:
    return Answer(status, Headers(headers), body if isinstance(body, bytes) else json.dumps(body).encode())


def function(service: Callable[[Unsigned, float], Answer], name: str = "orders-prod", now: float = 0.0) -> Function:
    return Function(name, service, lambda: now)


def test_function_gets_the_event_as_it_came_and_its_result_goes_back_untouched() -> None:
    """Nothing a client sends can pick a side: x-fig- headers are removed before dispatch."""
    event = function_url("POST", "/orders", "x=1", {"x-trace": "t-1", "X-Fig-Side": "migrated"}, b"body")
    service = Lambda(told(GOOD))

    answer = function(service)(request(event=event))

    [(asked, _)] = service.asked
    headers = {"host": event["headers"]["host"], "x-trace": "t-1"}
    assert (asked.method, asked.path) == ("POST", "/2015-03-31/functions/orders-prod/invocations")
    assert json.loads(asked.body) == {**event, "headers": headers}
    assert answer == Response(201, Headers(), b"", result=GOOD)


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("orders-prod:live", "orders-prod%3Alive"),
        (
            "arn:aws:lambda:eu-west-1:111122223333:function:orders:7",
            "arn%3Aaws%3Alambda%3Aeu-west-1%3A111122223333%3Afunction%3Aorders%3A7",
        ),
    ],
)
def test_alias_and_arn_are_one_segment_of_the_path(name: str, escaped: str) -> None:
    service = Lambda(told(GOOD))

    function(service, name)(request(event={}))

    assert service.asked[0][0].path == f"/2015-03-31/functions/{escaped}/invocations"


@pytest.mark.parametrize("name", [b"X-Amzn-Trace-Id", b"x-amzn-trace-id"])
def test_trace_of_the_request_goes_on_in_the_function(name: bytes) -> None:
    service = Lambda(told(GOOD))

    function(service)(request(event={}, headers=((name, b"Root=1-68f0a1b2-0123456789abcdef01234567"),)))

    assert service.asked[0][0].headers == ((b"x-amzn-trace-id", b"Root=1-68f0a1b2-0123456789abcdef01234567"),)


def test_function_is_waited_for_until_the_requests_deadline() -> None:
    service, asked = Lambda(told(GOOD)), request(event={})

    function(service, now=asked.deadline - 3.0)(asked)

    assert service.asked[0][1] == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (AwsError("lambda: no answer", code="Timeout"), MigratedTimeout, "lambda: no answer"),
        (AwsError("lambda: refused", code="NoAnswer"), MigratedFailed, "lambda: refused"),
        (told(b"", 404), MigratedFailed, "got status 404"),
        (told({}, 429), MigratedFailed, "got status 429"),
        (told({"errorMessage": "s3cret"}, 200, (b"X-Amz-Function-Error", b"Unhandled")), MigratedFailed, "(Unhandled)"),
        (told(b""), MigratedBadResult, "0 bytes that are no JSON"),
        (told(b"<html>"), MigratedBadResult, "6 bytes that are no JSON"),
        (told(b"[" * 100_000), MigratedBadResult, "100000 bytes that are no JSON"),
        (told({"statusCode": 99}), MigratedBadResult, "orders-prod"),
    ],
)
def test_function_that_fails_is_our_error_and_is_invoked_once(
    answer: Answer | Exception, kind: type[FigError], says: str
) -> None:
    """A write is never executed twice. The client gets our 502 or 504 with a reason code."""
    service = Lambda(answer)

    with pytest.raises(FigError) as failed:
        function(service)(request("POST", event={}))

    assert (type(failed.value), len(service.asked)) == (kind, 1)
    assert says in str(failed.value)
    assert "s3cret" not in str(failed.value)


def test_function_is_invoked_over_a_real_socket_with_a_signature() -> None:
    body = json.dumps(GOOD).encode()
    with RawLegacy(say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))) as server:
        settings = Settings(region="eu-west-1", lambda_url=server.origin, access_key="AKIDEXAMPLE", secret_key="s3cret")
        services = Services(settings)

        answer = function(services.functions().send)(request(event={"a": 1}))
        services.renew()

    assert answer.result == GOOD
    head, _, sent = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /2015-03-31/functions/orders-prod/invocations HTTP/1.1\r\n")
    assert b"Credential=AKIDEXAMPLE/" in head
    assert b"/eu-west-1/lambda/aws4_request" in head
    assert b"s3cret" not in head
    assert sent == b'{"a":1}'


def test_services_are_made_once() -> None:
    services = Services(Settings(region="eu-west-1"))

    made: list[Any] = [services.dynamodb(), services.functions()]

    assert [services.dynamodb(), services.functions()] == made
