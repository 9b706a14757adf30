"""A worker may die at any moment: its invoker hears of it, everyone else notices nothing."""

import asyncio
import json
import os
import signal
from typing import Any

import pytest

from proxy.dev.lambda_runtime import FunctionStopped, Invoked, LocalFunction

from .lab import Lab, ask, is_known, is_running, until

CODE = """
import os, signal, sys
def handler(event, context):
    exec(event or "")
    return os.getpid()
"""


@pytest.mark.parametrize(
    ("act", "message"),
    [
        ("os._exit(1)", "Runtime exited with error: exit status 1"),
        ("os._exit(0)", "Runtime exited without providing a reason"),
        ("os._exit(77)", "Runtime exited with error: exit status 77"),
        ("sys.exit(3)", "Runtime exited with error: exit status 3"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "Runtime exited with error: signal: killed"),
        ("os.kill(os.getpid(), signal.SIGTERM)", "Runtime exited with error: signal: terminated"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "Runtime exited with error: signal: segmentation fault"),
        ("os.abort()", "Runtime exited with error: signal: aborted"),
    ],
)
def test_death_during_an_event_is_told_to_the_invoker_and_the_next_event_is_served(
    lab: Lab, act: str, message: str
) -> None:
    async def scenario(function: LocalFunction) -> tuple[Invoked, Any]:
        return await function.invoke(json.dumps(act).encode()), await ask(function)

    answer, next_answer = lab.run(CODE, scenario, workers=1)

    assert answer.function_error == "Unhandled"
    assert json.loads(answer.payload) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {answer.request_id} Error: {message}",
    }
    assert isinstance(next_answer, int)
    assert lab.events[1:] == [f"worker-1 ended and is replaced: Runtime.ExitError: {message}"]


def test_worker_that_dies_idle_is_replaced_again_and_again(lab: Lab) -> None:
    code = "import os\nprint(os.getpid())\ndef handler(event, context): return os.getpid()\n"

    async def scenario(function: LocalFunction) -> Any:
        for _ in range(3):
            heard = len(lab.events)
            os.kill(int(lab.lines[-1][1]), signal.SIGKILL)
            await until(lambda: len(lab.events) > heard)  # noqa: B023  # awaited before the loop moves on
            await until(lambda: "Ready" in repr(function))
        return await ask(function)

    answer = lab.run(code, scenario, workers=1)

    pids = [int(line) for _, line in lab.lines]
    assert len(set(pids)) == 4
    assert answer == pids[-1]
    killed = "worker-1 ended and is replaced: Runtime.ExitError: Runtime exited with error: signal: killed"
    assert lab.events[1:] == [killed] * 3


def test_worker_that_keeps_dying_by_itself_is_no_hot_loop(lab: Lab) -> None:
    code = """
    import os, threading, time
    threading.Timer(0.05, os._exit, (9,)).start()
    print(time.time())
    def handler(event, context): pass
    """

    async def scenario(function: LocalFunction) -> None:
        await until(lambda: len(lab.lines) == 4)

    lab.run(code, scenario, workers=1)

    # The first is replaced at once, the second after 0.25 s, the third after 0.5 s.
    _, _, third, fourth = (float(line) for _, line in lab.lines)
    assert fourth - third > 0.5


def test_other_worker_serves_on_while_one_dies(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> list[Any]:
        die = "os._exit(1)"
        return await asyncio.gather(*(ask(function, die if number % 5 == 0 else None) for number in range(20)))

    answers = lab.run(CODE, scenario)

    dead = [isinstance(answer, dict) and answer["errorType"] == "Runtime.ExitError" for answer in answers]
    assert dead == [number % 5 == 0 for number in range(20)]


def test_stop_leaves_no_process_no_zombie_and_no_grandchild(lab: Lab) -> None:
    code = """
    import os, subprocess, time
    def handler(event, context):
        time.sleep(0.05)  # so that both workers get their share
        return [os.getpid(), subprocess.Popen(["sleep", "600"]).pid]
    """

    async def scenario(function: LocalFunction) -> list[Any]:
        return await asyncio.gather(*(ask(function) for _ in range(4)))

    answers = lab.run(code, scenario)

    workers = {worker for worker, _ in answers}
    assert len(workers) == 2
    assert not any(is_known(worker) for worker in workers)
    # Whoever adopts orphans here reaps the grandchildren, in a moment or never.
    asyncio.run(until(lambda: not any(is_running(grandchild) for _, grandchild in answers)))


def test_stop_twice_is_stop_once(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> None:
        await function.stop()
        await function.stop()

    lab.run(CODE, scenario)


def test_stop_in_the_moment_of_a_death_still_cleans_up(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> int:
        pid = await ask(function)
        await ask(function, "os._exit(1)")
        await function.stop()
        return int(pid)

    assert not is_known(lab.run(CODE, scenario, workers=1))


def test_stop_during_start_is_a_start_error(lab: Lab) -> None:
    async def main() -> Any:
        function = lab.function()
        starting = asyncio.create_task(function.start())
        await asyncio.sleep(0)
        await function.stop()
        return (await asyncio.gather(starting, return_exceptions=True))[0]

    lab.write(CODE)

    assert str(asyncio.run(main())) == "fig-proxy: stopped before its workers were ready"


def test_start_after_stop_serves_again(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> tuple[int, int]:
        before = await ask(function)
        await function.stop()
        await function.start()
        return before, await ask(function)

    before, after = lab.run(CODE, scenario)

    assert before != after


def test_invokers_are_told_when_the_function_stops_under_them(lab: Lab) -> None:
    code = """
    import time
    def handler(event, context): time.sleep(600)
    """

    async def scenario(function: LocalFunction) -> list[Any]:
        invokers = [asyncio.create_task(function.invoke(b"{}")) for _ in range(3)]
        await asyncio.sleep(0)
        await function.stop()
        return await asyncio.gather(*invokers, return_exceptions=True)

    answers = lab.run(code, scenario, workers=1)

    assert [type(answer) for answer in answers] == [FunctionStopped] * 3
    assert (answers[0].status, answers[0].error_type) == (500, "ServiceException")


def test_invoke_without_start_is_refused(lab: Lab) -> None:
    with pytest.raises(FunctionStopped, match="fig-proxy is not running; start it first"):
        asyncio.run(lab.function().invoke(b"{}"))


def test_stop_lets_a_worker_with_an_extension_hear_sigterm(lab: Lab) -> None:
    """Lambda sends SIGTERM and waits 500 ms, but only where an extension is registered."""
    code = """
    import http.client, json, os, signal, sys, threading

    def call(method, path, **headers):
        connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        body = json.dumps({"events": []}) if method == "POST" else None
        connection.request(method, "/2020-01-01/extension/" + path, body, headers)
        response = connection.getresponse()
        return response, response.read()

    def listen():
        while True:
            if signal.SIGTERM in signal.sigwait({signal.SIGTERM}) if False else [signal.sigwait({signal.SIGTERM})]:
                os.write(1, b"heard\\n")
                os._exit(0)

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    threading.Thread(target=listen, daemon=True).start()
    if EXTENSION:
        response, _ = call("POST", "register", **{"Lambda-Extension-Name": "flush"})
        me = response.headers["Lambda-Extension-Identifier"]
        threading.Thread(
            target=call, args=("GET", "event/next"), kwargs={"Lambda-Extension-Identifier": me}, daemon=True
        ).start()
    def handler(event, context): pass
    """

    async def scenario(function: LocalFunction) -> None:
        await function.stop()

    lab.run(code.replace("EXTENSION", "True"), scenario, workers=1)
    assert lab.lines == [("worker-1", "heard")]

    lab.lines.clear()
    lab.run(code.replace("EXTENSION", "False"), scenario, workers=1)
    assert lab.lines == []
