"""The function's time-out runs from the event to the moment when runtime and extensions asked for the next one."""

import asyncio
import json
import time
from typing import Any

from proxy.dev.lambda_runtime import Invoked, LocalFunction

from .lab import Lab, ask, until

CODE = """
import os, time
def handler(event, context):
    time.sleep(event)
    return {"pid": os.getpid(), "left": context.get_remaining_time_in_millis()}
"""


def test_event_that_takes_too_long_is_a_timeout_and_its_worker_is_replaced(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> tuple[Any, Invoked, float, Any]:
        before = await ask(function, 0)
        began = time.monotonic()
        answer = await function.invoke(b"600")
        return before, answer, time.monotonic() - began, await ask(function, 0)

    before, answer, took_s, after = lab.run(CODE, scenario, workers=1, timeout_s=0.5)

    assert answer.function_error == "Unhandled"
    assert json.loads(answer.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {answer.request_id} Error: Task timed out after 0.50 seconds",
    }
    assert took_s >= 0.5
    assert before["pid"] != after["pid"]
    assert lab.events[1:] == ["worker-1 ended and is replaced: Sandbox.Timedout: Task timed out after 0.50 seconds"]


def test_time_in_the_line_does_not_count(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> list[Any]:
        return await asyncio.gather(*(ask(function, 0.3) for _ in range(4)))

    answers = lab.run(CODE, scenario, workers=1, timeout_s=1.0)

    assert len({answer["pid"] for answer in answers}) == 1
    assert all(answer["left"] <= 700 for answer in answers)


def test_slow_extension_costs_the_worker_but_not_the_answer(lab: Lab) -> None:
    code = """
    import http.client, json, os, threading, time
    def call(method, path, body=None, **headers):
        connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        connection.request(method, "/2020-01-01/extension/" + path, body, headers)
        response = connection.getresponse()
        response.read()
        return response.headers
    name = {"Lambda-Extension-Name": "slow"}
    me = call("POST", "register", '{"events": ["INVOKE"]}', **name)["Lambda-Extension-Identifier"]
    def work():
        call("GET", "event/next", **{"Lambda-Extension-Identifier": me})
        time.sleep(600)
    threading.Thread(target=work, daemon=True).start()
    def handler(event, context):
        return os.getpid()
    """

    async def scenario(function: LocalFunction) -> tuple[Any, Any]:
        first = await ask(function)
        assert len(lab.events) == 1
        await until(lambda: len(lab.events) == 2)
        return first, await ask(function)

    first, second = lab.run(code, scenario, workers=1, timeout_s=1.0)

    assert first != second
    assert lab.events[1] == "worker-1 ended and is replaced: Sandbox.Timedout: Task timed out after 1.00 seconds"
