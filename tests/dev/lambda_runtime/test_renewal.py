"""Changed code: new workers take every event from then on, and the old ones finish what they are at."""

import asyncio
import json
import os
from dataclasses import replace
from typing import Any

import pytest

from proxy.dev.lambda_runtime import FunctionStartError, LocalFunction

from .lab import Lab, ask, is_running, until

OLD = """
import os, pathlib, time
def handler(event, context):
    if event == "wait":
        pathlib.Path("begun").touch()
        while not pathlib.Path("go").exists():
            time.sleep(0.01)
    if event == "die":
        os._exit(3)
    return {"code": "old", "pid": os.getpid(), "version": context.function_version}
"""
NEW = OLD.replace('"old"', '"the new"')  # longer: within a second, Python tells changed files by their size


def renewed(lab: Lab, function: LocalFunction, version: str = "2") -> asyncio.Task[int]:
    """Begin to renew it with new code, and return the task."""
    lab.write(NEW)
    return asyncio.create_task(function.renew(lab.config(version=version, workers=1)))


def test_event_after_a_renewal_gets_the_new_code_and_its_version(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> tuple[Any, int, Any]:
        before = await ask(function)
        count = await renewed(lab, function)
        return before, count, await ask(function)

    before, count, after = lab.run(OLD, scenario, workers=1, version="1")

    assert (before["code"], before["version"]) == ("old", "1")
    assert (after["code"], after["version"], count) == ("the new", "2", 1)


def test_event_that_is_under_way_is_finished_by_the_old_code(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> tuple[Any, Any]:
        slow = asyncio.create_task(ask(function, "wait"))
        await until((lab.root / "begun").exists)
        await renewed(lab, function)
        after = await ask(function)
        (lab.root / "go").touch()
        before = await slow
        await until(lambda: not is_running(before["pid"]))  # and then it goes
        return before, after

    before, after = lab.run(OLD, scenario, workers=1)

    assert (before["code"], after["code"]) == ("old", "the new")


def test_events_that_come_while_new_workers_start_wait_for_them(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> list[Any]:
        renewal = renewed(lab, function)
        await asyncio.sleep(0)  # it has begun
        answers = await asyncio.gather(*(ask(function) for _ in range(20)))
        await renewal
        return answers

    answers = lab.run(OLD, scenario, workers=2)

    assert {answer["code"] for answer in answers} == {"the new"}


def test_no_event_is_lost_or_refused_however_often_the_code_changes(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> tuple[list[Any], list[int]]:
        renewing = True
        answers = []

        async def asking() -> None:
            while renewing:
                answers.append(await ask(function))

        clients = [asyncio.create_task(asking()) for _ in range(4)]
        counts = [await function.renew(lab.config(version=str(number))) for number in range(2, 6)]
        renewing = False
        await asyncio.gather(*clients)
        return answers, counts

    answers, counts = lab.run(OLD, scenario, version="1")

    assert counts == [2] * 4
    assert [answer for answer in answers if "code" not in answer] == []


def test_renewal_that_is_overtaken_by_another_says_so(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> tuple[object, int, Any]:
        first = renewed(lab, function)
        await asyncio.sleep(0)
        count = await function.renew(lab.config(version="3"))
        return (await asyncio.gather(first, return_exceptions=True))[0], count, await ask(function)

    overtaken, count, answer = lab.run(OLD, scenario)

    assert isinstance(overtaken, FunctionStartError)
    assert (count, answer["version"]) == (2, "3")


def test_code_that_does_not_start_fails_its_events_until_it_does(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> tuple[Any, Any]:
        lab.write("raise RuntimeError('not so')")
        with pytest.raises(FunctionStartError, match="not so"):
            await function.renew(lab.config())
        failed = await ask(function)
        await renewed(lab, function)
        return failed, await ask(function)

    failed, after = lab.run(OLD, scenario)

    assert (failed["errorMessage"], after["code"]) == ("not so", "the new")


def test_old_worker_that_dies_at_its_last_event_is_not_replaced(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> tuple[Any, Any]:
        waiting = asyncio.create_task(ask(function, "wait"))
        await until((lab.root / "begun").exists)
        await renewed(lab, function)
        (lab.root / "go").touch()
        pid = (await waiting)["pid"]
        await until(lambda: not is_running(pid))
        dying = asyncio.create_task(ask(function, "die"))
        return await dying, await ask(function)

    failed, after = lab.run(OLD, scenario, workers=1)

    assert failed["errorType"] == "Runtime.ExitError"
    assert after["code"] == "the new"


def test_function_that_is_not_started_cannot_be_renewed(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> None:
        await function.stop()
        with pytest.raises(FunctionStartError, match="start it first"):
            await function.renew(replace(lab.config(), version="2"))

    lab.run(OLD, scenario)


def test_stopping_ends_old_workers_that_are_still_at_work(lab: Lab) -> None:
    pid_code = OLD.replace(".touch()", ".write_text(str(os.getpid()))")

    async def scenario(function: LocalFunction) -> int:
        slow = asyncio.create_task(function.invoke(json.dumps("wait").encode()))
        await until(lambda: (lab.root / "begun").exists() and (lab.root / "begun").read_text())
        await renewed(lab, function)
        await function.stop()
        await asyncio.gather(slow, return_exceptions=True)
        return int((lab.root / "begun").read_text())

    pid = lab.run(pid_code, scenario, workers=1)

    assert not is_running(pid)
    assert pid != os.getpid()
