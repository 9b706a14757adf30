"""The function in this process answers as the one in a process of its own."""

import asyncio
import json
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest

from proxy.dev.lambda_runtime import (
    FunctionStartError,
    FunctionStopped,
    InProcessFunction,
    Invoked,
    LocalFunction,
    RequestTooLarge,
)
from proxy.dev.lambda_runtime.limits import MAX_PAYLOAD_BYTES

from .lab import Lab

T = TypeVar("T")


@pytest.fixture(autouse=True)
def _forget_modules() -> Iterator[None]:
    """Each test has an `app` of its own, so none may find the last one's."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name == "app":
            del sys.modules[name]


def run(lab: Lab, code: str, scenario: Callable[[InProcessFunction], Awaitable[T]], **settings: Any) -> T:
    lab.write(code)

    async def main() -> T:
        function = InProcessFunction(
            lab.config(**settings),
            on_log=lambda worker, line: lab.lines.append((worker, line)),
            on_event=lab.events.append,
        )
        try:
            await function.start()
            return await scenario(function)
        finally:
            await function.stop()

    return asyncio.run(main())


@pytest.mark.parametrize(
    "code",
    [
        "def handler(event, context): return event",
        "def handler(event, context): return None",
        "def handler(event, context): return b'raw'",
        "def handler(event, context): return {1, 2}",
        "def handler(event, context): raise KeyError('lost')",
        "def handler(event, context): return 'x' * 7_000_000",
        "import sys\ndef handler(event, context): sys.exit(3)",
        "import sys\ndef handler(event, context): sys.exit()",
        "import sys\ndef handler(event, context): sys.exit('why')",
        "def handler(event, context): raise KeyboardInterrupt",
        "def handler(event, context): raise GeneratorExit",
        "import datetime\ndef handler(event, context): return datetime.datetime.now()",
    ],
)
@pytest.mark.parametrize("event", [b'{"a": [1, 2.50, "\xc3\xa9"]}', b"not json"])
def test_both_kinds_of_function_give_the_same_answer(lab: Lab, code: str, event: bytes) -> None:
    async def here(function: InProcessFunction) -> Invoked:
        return await function.invoke(event)

    async def there(function: LocalFunction) -> Invoked:
        return await function.invoke(event)

    answers = [run(lab, code, here), lab.run(code, there, workers=1)]

    assert _without_id(answers[0]) == _without_id(answers[1])


def _without_id(answer: Invoked) -> tuple[bytes, str | None]:
    return answer.payload.replace(answer.request_id.encode(), b"ID"), answer.function_error


def test_handler_runs_in_one_thread_that_is_not_the_loops(lab: Lab) -> None:
    code = "import threading\ndef handler(event, context): return threading.get_ident()"

    async def scenario(function: InProcessFunction) -> list[Any]:
        answers = await asyncio.gather(*(function.invoke(b"{}") for _ in range(5)))
        return [json.loads(answer.payload) for answer in answers]

    threads = run(lab, code, scenario)

    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


def test_context_is_awslambdarics(lab: Lab) -> None:
    code = """
    def handler(event, context):
        return {"type": type(context).__name__, "id": context.aws_request_id, "arn": context.invoked_function_arn,
                "name": context.function_name, "version": context.function_version,
                "memory": context.memory_limit_in_mb, "group": context.log_group_name,
                "stream": context.log_stream_name is not None, "left": context.get_remaining_time_in_millis() > 28_000}
    """

    async def scenario(function: InProcessFunction) -> Invoked:
        return await function.invoke(b"{}")

    answer = run(lab, code, scenario, name="orders")

    assert json.loads(answer.payload) == {
        "type": "LambdaContext",
        "id": answer.request_id,
        "arn": "arn:aws:lambda:eu-west-1:123456789012:function:orders",
        "name": "orders",
        "version": "$LATEST",
        "memory": "512",
        "group": "/aws/lambda/orders",
        "stream": True,
        "left": True,
    }


def test_environment_is_the_functions_while_it_runs_and_as_before_when_it_stopped(lab: Lab) -> None:
    code = "import os\ndef handler(event, context): return [os.environ['OWN'], os.environ['AWS_REGION']]"
    before = dict(os.environ), list(sys.path)

    async def scenario(function: InProcessFunction) -> Any:
        return json.loads((await function.invoke(b"{}")).payload)

    answer = run(lab, code, scenario, environment={"OWN": "yes"}, region="eu-north-1")

    assert answer == ["yes", "eu-north-1"]
    assert (dict(os.environ), sys.path) == before


def test_error_of_the_handler_is_logged(lab: Lab) -> None:
    async def scenario(function: InProcessFunction) -> None:
        await function.invoke(b"{}")

    run(lab, "def handler(event, context): 1 / 0", scenario)

    assert lab.lines[0] == ("in-process", "[ERROR] ZeroDivisionError: division by zero")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("import nowhere", "Runtime.ImportModuleError: Unable to import module 'app': No module named 'nowhere'"),
        ("x = 1", "Runtime.HandlerNotFound: Handler 'handler' missing on module 'app'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_handler_that_cannot_be_imported_is_the_starts_error(lab: Lab, code: str, text: str) -> None:
    before = dict(os.environ)

    async def scenario(function: InProcessFunction) -> None:
        raise AssertionError

    with pytest.raises(FunctionStartError) as caught:
        run(lab, code, scenario)

    assert str(caught.value) == text
    assert dict(os.environ) == before


def test_event_over_the_limit_and_event_after_stop_are_refused(lab: Lab) -> None:
    async def scenario(function: InProcessFunction) -> None:
        with pytest.raises(RequestTooLarge):
            await function.invoke(b"x" * (MAX_PAYLOAD_BYTES + 1))
        await function.stop()
        await function.stop()
        with pytest.raises(FunctionStopped):
            await function.invoke(b"{}")

    run(lab, "def handler(event, context): pass", scenario)
