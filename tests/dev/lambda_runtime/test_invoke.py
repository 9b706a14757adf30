"""What an event becomes on its way to the handler and back."""

import asyncio
import json
import time
from typing import Any

from proxy.dev.lambda_runtime import Invoked, LocalFunction

from .lab import Lab, ask

ECHO = """
import os
def handler(event, context):
    return {"event": event, "pid": os.getpid()}
"""


def test_result_of_the_handler_is_the_payload(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> Invoked:
        return await function.invoke('{"a": [1, 2.5, null, "\u00e9"]}'.encode())

    answer = lab.run("def handler(event, context): return event", scenario)

    assert json.loads(answer.payload) == {"a": [1, 2.5, None, "\u00e9"]}
    assert answer.function_error is None
    assert len(answer.request_id) == 36


def test_exception_of_the_handler_is_an_unhandled_error_with_its_stack(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> Invoked:
        return await function.invoke(b"{}")

    answer = lab.run("def handler(event, context):\n    raise KeyError('lost')\n", scenario)

    assert answer.function_error == "Unhandled"
    assert json.loads(answer.payload) == {
        "errorMessage": "'lost'",
        "errorType": "KeyError",
        "requestId": answer.request_id,
        "stackTrace": [f"  File \"{lab.root}/app.py\", line 2, in handler\n    raise KeyError('lost')\n"],
    }


def test_exception_with_an_enormous_message_arrives(lab: Lab) -> None:
    """awslambdaric repeats the message in a header of up to 1 MB."""

    async def scenario(function: LocalFunction) -> Any:
        return await ask(function)

    answer = lab.run("def handler(event, context):\n    raise ValueError('x' * 500_000)\n", scenario)

    assert answer["errorMessage"] == "x" * 500_000


def test_result_that_is_no_json_is_a_marshal_error(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> Any:
        return await ask(function)

    answer = lab.run("def handler(event, context): return {1, 2}", scenario)

    assert answer["errorType"] == "Runtime.MarshalError"


def test_context_tells_function_and_time_left(lab: Lab) -> None:
    code = """
    def handler(event, context):
        names = ("aws_request_id", "function_name", "function_version", "invoked_function_arn", "memory_limit_in_mb",
                 "log_group_name", "log_stream_name")
        return {**{name: getattr(context, name) for name in names}, "left": context.get_remaining_time_in_millis()}
    """

    async def scenario(function: LocalFunction) -> tuple[Invoked, float]:
        began = time.monotonic()
        answer = await function.invoke(b"{}")
        return answer, (time.monotonic() - began) * 1000

    answer, took_ms = lab.run(code, scenario, name="orders", memory_mb=1024, timeout_s=7.0, region="eu-north-1")

    context = json.loads(answer.payload)
    left, stream = context.pop("left"), context.pop("log_stream_name")
    assert context == {
        "aws_request_id": answer.request_id,
        "function_name": "orders",
        "function_version": "$LATEST",
        "invoked_function_arn": "arn:aws:lambda:eu-north-1:123456789012:function:orders",
        "memory_limit_in_mb": "1024",
        "log_group_name": "/aws/lambda/orders",
    }
    assert 7000 - took_ms - 2 <= left <= 7000
    assert "/[$LATEST]" in stream


def test_fifty_invocations_at_once_over_two_workers_each_get_their_own_answer(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> list[Any]:
        return await asyncio.gather(*(ask(function, number) for number in range(50)))

    answers = lab.run(ECHO, scenario)

    assert [answer["event"] for answer in answers] == list(range(50))
    assert len({answer["pid"] for answer in answers}) == 2


def test_a_process_works_on_one_event_at_a_time(lab: Lab) -> None:
    code = """
    import os, time
    busy = 0
    def handler(event, context):
        global busy
        busy += 1
        time.sleep(0.01)
        seen, busy = busy, busy - 1
        return seen
    """

    async def scenario(function: LocalFunction) -> list[Any]:
        return await asyncio.gather(*(ask(function) for _ in range(10)))

    assert lab.run(code, scenario) == [1] * 10


def test_events_wait_in_the_order_they_came(lab: Lab) -> None:
    code = """
    order = []
    def handler(event, context):
        order.append(event)
        return order
    """

    async def scenario(function: LocalFunction) -> Any:
        answers = await asyncio.gather(*(ask(function, number) for number in range(20)))
        return answers[-1]

    assert lab.run(code, scenario, workers=1) == list(range(20))


def test_event_whose_invoker_gave_up_waiting_is_not_run(lab: Lab) -> None:
    code = """
    import time
    seen = []
    def handler(event, context):
        seen.append(event)
        time.sleep(0.2 if event == "slow" else 0)
        return seen
    """

    async def scenario(function: LocalFunction) -> Any:
        slow = asyncio.create_task(ask(function, "slow"))
        given_up = asyncio.create_task(ask(function, "given up"))
        last = asyncio.create_task(ask(function, "last"))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.gather(slow, given_up, return_exceptions=True)
        return await last

    assert lab.run(code, scenario, workers=1) == ["slow", "last"]


def test_invoker_that_gives_up_during_its_event_leaves_a_worker_that_answers_the_next(lab: Lab) -> None:
    code = """
    import time
    def handler(event, context):
        time.sleep(event)
        return event
    """

    async def scenario(function: LocalFunction) -> Any:
        with_a_limit = asyncio.wait_for(ask(function, 0.3), timeout=0.05)
        assert isinstance((await asyncio.gather(with_a_limit, return_exceptions=True))[0], TimeoutError)
        return await ask(function, 0)

    assert lab.run(code, scenario, workers=1) == 0


def test_output_is_heard_line_by_line_even_when_a_line_has_megabytes(lab: Lab) -> None:
    code = """
    import sys
    def handler(event, context):
        print("one\\ntwo")
        print("", file=sys.stderr)
        print("y" * 3_000_000)
        print("no end", end="")
    """

    async def scenario(function: LocalFunction) -> None:
        await function.invoke(b"{}")

    lab.run(code, scenario, workers=1)

    assert lab.lines == [("worker-1", line) for line in ("one", "two", "", "y" * 3_000_000, "no end")]


def test_lines_of_a_traceback_are_heard_apart(lab: Lab) -> None:
    """awslambdaric joins them with carriage returns, which a terminal would print over one another."""

    async def scenario(function: LocalFunction) -> None:
        await function.invoke(b"{}")

    lab.run("def handler(event, context):\n    1 / 0\n", scenario, workers=1)

    lines = [line.replace("\u00a0", " ") for _, line in lab.lines]
    assert lines == [
        "[ERROR] ZeroDivisionError: division by zero",
        "Traceback (most recent call last):",
        f'  File "{lab.root}/app.py", line 2, in handler',
        "    1 / 0",
    ]
