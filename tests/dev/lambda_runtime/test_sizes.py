"""6 MB there, 6 MB back, to the byte."""

import json

import pytest

from proxy.dev.lambda_runtime import Invoked, LocalFunction, RequestTooLarge
from proxy.dev.lambda_runtime.limits import MAX_PAYLOAD_BYTES

from .lab import Lab, ask

REPEAT = 'def handler(event, context): return "x" * event'
QUOTES = 2


def test_limit_is_six_mebibytes_and_a_hundred_bytes() -> None:
    assert MAX_PAYLOAD_BYTES == 6_291_556


def test_event_of_exactly_the_limit_arrives_and_one_byte_more_is_refused_before_a_worker_sees_it(lab: Lab) -> None:
    code = """
    def handler(event, context):
        print("seen")
        return len(event)
    """
    largest = b'"' + b"x" * (MAX_PAYLOAD_BYTES - QUOTES) + b'"'

    async def scenario(function: LocalFunction) -> Invoked:
        with pytest.raises(RequestTooLarge) as caught:
            await function.invoke(largest + b" ")
        assert (caught.value.status, caught.value.error_type) == (413, "RequestTooLargeException")
        return await function.invoke(largest)

    answer = lab.run(code, scenario)

    assert json.loads(answer.payload) == MAX_PAYLOAD_BYTES - QUOTES
    assert [line for _, line in lab.lines] == ["seen"]


@pytest.mark.parametrize("size", [5_000_000, MAX_PAYLOAD_BYTES], ids=["5 MB", "the limit"])
def test_large_response_arrives(lab: Lab, size: int) -> None:
    async def scenario(function: LocalFunction) -> Invoked:
        return await function.invoke(b"%d" % (size - QUOTES))

    answer = lab.run(REPEAT, scenario)

    assert answer.function_error is None
    assert answer.payload == b'"' + b"x" * (size - QUOTES) + b'"'


@pytest.mark.parametrize("size", [MAX_PAYLOAD_BYTES + 1, 7_000_000, 20_000_000], ids=["limit + 1", "7 MB", "20 MB"])
def test_too_large_response_is_an_error_and_the_next_event_is_served(lab: Lab, size: int) -> None:
    """awslambdaric doesn't survive the refusal, here as in the cloud."""

    async def scenario(function: LocalFunction) -> tuple[Invoked, object]:
        return await function.invoke(b"%d" % (size - QUOTES)), await ask(function, 3)

    answer, next_answer = lab.run(REPEAT, scenario, workers=1)

    assert answer.function_error == "Unhandled"
    assert json.loads(answer.payload) == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }
    assert next_answer == "xxx"
    assert lab.events[1:] == [
        "worker-1 ended and is replaced: Runtime.ExitError: Runtime exited with error: exit status 1"
    ]
