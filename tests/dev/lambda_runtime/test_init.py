"""Init may fail: everyone is told why, nothing spins, and mended code is picked up."""

import asyncio
import json
import time
from typing import Any

import pytest

from proxy.dev.lambda_runtime import FunctionStartError, LocalFunction

from .lab import Lab, ask, until

GOOD = "def handler(event, context): return 'well'"
NO_MODULE = "Unable to import module 'app': No module named 'nowhere'"
BROKEN = "print('tried')\nimport nowhere\ndef handler(event, context): pass\n"


async def start_failing(function: LocalFunction) -> str:
    """Start, and return the error's text."""
    with pytest.raises(FunctionStartError) as caught:
        await function.start()
    return str(caught.value)


@pytest.mark.parametrize(
    ("code", "handler", "text"),
    [
        ("import nowhere", "app.handler", f"Runtime.ImportModuleError: {NO_MODULE}"),
        ("x = 1", "app.handler", "Runtime.HandlerNotFound: Handler 'handler' missing on module 'app'"),
        ("def handler(:", "app.handler", "Runtime.UserCodeSyntaxError: Syntax error in module 'app': "),
        ("1 / 0", "app.handler", "ZeroDivisionError: division by zero"),
        (GOOD, "app", "Runtime.MalformedHandlerName: Bad handler 'app': "),
        ("import os; os._exit(4)", "app.handler", "Runtime.ExitError: Runtime exited with error: exit status 4"),
        ("import time; time.sleep(600)", "app.handler", "Sandbox.Timedout: Init timed out after 1.00 seconds"),
    ],
    ids=["import", "no handler", "syntax", "exception", "handler's name", "exit", "too slow"],
)
def test_failed_init_is_the_starts_error_and_is_reported_once(lab: Lab, code: str, handler: str, text: str) -> None:
    lab.write(code)
    init_limit_s = 1.0 if "sleep" in code else 10.0

    async def main() -> str:
        function = lab.function(handler=handler, workers=3, init_limit_s=init_limit_s)
        try:
            return await start_failing(function)
        finally:
            await function.stop()

    error = asyncio.run(main())

    assert error.startswith(text)
    assert len(lab.events) == 1
    assert lab.events[0].removeprefix(lab.events[0].split()[0]) == f" init failed: {error}"


def test_text_of_a_failed_init_shows_where(lab: Lab) -> None:
    lab.write("def broken():\n    1 / 0\nbroken()\n")

    async def main() -> str:
        function = lab.function(workers=1)
        try:
            return await start_failing(function)
        finally:
            await function.stop()

    error = asyncio.run(main())

    assert f'File "{lab.root}/app.py", line 2, in broken' in error


def test_invoker_gets_the_error_that_init_reported(lab: Lab) -> None:
    lab.write(BROKEN)

    async def main() -> Any:
        function = lab.function()
        await start_failing(function)
        answer = await function.invoke(b"{}")
        await function.stop()
        return answer

    answer = asyncio.run(main())

    assert answer.function_error == "Unhandled"
    assert json.loads(answer.payload) == {
        "errorMessage": NO_MODULE,
        "errorType": "Runtime.ImportModuleError",
        "requestId": "",
        "stackTrace": [],
    }


def test_invoker_of_a_function_that_exits_during_init_gets_an_exit_error(lab: Lab) -> None:
    lab.write("import os\nos._exit(0)\n")

    async def main() -> Any:
        function = lab.function()
        await start_failing(function)
        answer = await function.invoke(b"{}")
        await function.stop()
        return answer

    answer = asyncio.run(main())

    assert json.loads(answer.payload) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {answer.request_id} Error: Runtime exited without providing a reason",
    }


def test_a_storm_of_events_on_a_broken_function_is_answered_and_starts_few_processes(lab: Lab) -> None:
    """A worker rests for 0.25, 0.5, 1 .. 5 s after failed inits, so n of them take the first n - 1 rests at least."""
    lab.write(BROKEN)

    async def main() -> float:
        function = lab.function(workers=1)
        began = time.monotonic()
        await start_failing(function)
        while time.monotonic() < began + 1.5:
            answers = await asyncio.gather(*(ask(function) for _ in range(20)))
            assert {answer["errorType"] for answer in answers} == {"Runtime.ImportModuleError"}
        took_s = time.monotonic() - began
        await function.stop()
        return took_s

    took_s = asyncio.run(main())

    tries = [line for _, line in lab.lines].count("tried")
    assert tries >= 2
    assert sum(min(0.25 * 2**rest, 5.0) for rest in range(tries - 1)) <= took_s
    assert len(lab.events) == 1


def test_broken_function_is_left_alone_while_nobody_asks(lab: Lab) -> None:
    lab.write(BROKEN)

    async def main() -> None:
        function = lab.function(workers=1)
        await start_failing(function)
        with pytest.raises(AssertionError):
            await until(lambda: [line for _, line in lab.lines].count("tried") > 1, within_s=0.7)
        await function.stop()

    asyncio.run(main())


def test_mended_code_is_picked_up_by_a_later_event(lab: Lab) -> None:
    lab.write(BROKEN)

    async def main() -> list[Any]:
        function = lab.function()
        answers = []
        await start_failing(function)
        lab.write(GOOD)
        deadline = time.monotonic() + 20
        while "well" not in answers:
            assert time.monotonic() < deadline
            answers.append(await ask(function))
        await function.stop()
        return answers

    answers = asyncio.run(main())

    assert all(answer == "well" or answer["errorMessage"] == NO_MODULE for answer in answers)


def test_code_that_breaks_while_the_function_runs_is_reported_when_a_worker_is_replaced(lab: Lab) -> None:
    code = "import os\ndef handler(event, context): os._exit(1) if event else None\n"

    async def scenario(function: LocalFunction) -> Any:
        lab.write(BROKEN)
        await ask(function, "die")
        await until(lambda: len(lab.events) == 3)
        return await ask(function)

    answer = lab.run(code, scenario, workers=1)

    assert answer["errorMessage"] == NO_MODULE
    assert lab.events[1:] == [
        "worker-1 ended and is replaced: Runtime.ExitError: Runtime exited with error: exit status 1",
        f"worker-1 init failed: Runtime.ImportModuleError: {NO_MODULE}",
    ]


def test_start_is_content_with_one_worker_of_two(lab: Lab) -> None:
    code = """
    import os
    try:
        os.mkdir("only one may")
    except FileExistsError:
        os._exit(1)
    def handler(event, context): return event
    """

    async def scenario(function: LocalFunction) -> list[Any]:
        return [await ask(function, number) for number in range(10)]

    assert lab.run(code, scenario) == list(range(10))
    assert any(event.startswith("fig-proxy: 1 workers ready") for event in lab.events)


def test_code_root_that_is_not_there_is_an_init_failure(lab: Lab) -> None:
    async def main() -> str:
        function = LocalFunction(
            type(lab.config())("app.handler", code_root=lab.root / "nowhere"), lambda *_: None, lambda _: None
        )
        try:
            return await start_failing(function)
        finally:
            await function.stop()

    error = asyncio.run(main())

    assert error.startswith("Runtime.InvalidEntrypoint: cannot start worker-")
    assert "nowhere" in error
