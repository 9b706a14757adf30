"""SnapStart: init ends in a snapshot, and an environment is restored from it when there is something to do."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from proxy.dev.lambda_runtime import FunctionStartError, Invoked, LocalFunction
from proxy.dev.lambda_runtime.environment import Environment
from proxy.dev.lambda_runtime.invocation import Invocation
from proxy.dev.lambda_runtime.variables import function_variables

from .lab import Lab, RawApi, ask, raw_api, until

RESTORE_NEXT = "/2018-06-01/runtime/restore/next"
RESTORE_ERROR = "/2018-06-01/runtime/restore/error"
HOOKS = """
from snapshot_restore_py import register_after_restore, register_before_snapshot
print("init")
register_before_snapshot(lambda: print("before the snapshot"))
register_after_restore(lambda: print("after the restore"))
def handler(event, context):
    print("invoked")
    return event
"""


def test_hooks_run_around_the_snapshot_and_the_restore_waits_for_the_first_event(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> tuple[list[str], Any]:
        lines = [line for _, line in lab.lines]
        return lines, [await ask(function, number) for number in range(2)]

    lines, answers = lab.run(HOOKS, scenario, workers=1, snap_start=True)

    assert (lines, answers) == (["init", "before the snapshot"], [0, 1])
    assert [line for _, line in lab.lines] == [*lines, "after the restore", "invoked", "invoked"]


def test_event_that_comes_before_the_snapshot_is_answered_after_the_restore(lab: Lab) -> None:
    lab.write(HOOKS)

    async def main() -> Any:
        function = lab.function(workers=1, snap_start=True)
        starting = asyncio.ensure_future(function.start())
        await asyncio.sleep(0)  # it runs, and has no worker that is ready
        try:
            return await ask(function, "early")
        finally:
            await starting
            await function.stop()

    assert asyncio.run(main()) == "early"


def test_only_as_many_snapshots_are_restored_as_there_are_events(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> Any:
        return await ask(function, "one")

    answer = lab.run(HOOKS, scenario, workers=3, snap_start=True)

    assert answer == "one"
    assert [line for _, line in lab.lines].count("after the restore") == 1


def test_environment_of_a_function_with_snapstart_has_no_credentials_that_could_expire_in_it(lab: Lab) -> None:
    plain, snap_start = (function_variables(lab.config(snap_start=each)) for each in (False, True))

    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} == set(plain) - set(snap_start)
    assert [each["AWS_LAMBDA_INITIALIZATION_TYPE"] for each in (plain, snap_start)] == ["on-demand", "snap-start"]


FAILING_HOOK = """
import snapshot_restore_py
def fails(): raise ValueError("the hook failed")
snapshot_restore_py.{register}(fails)
def handler(event, context): return event
"""


def test_hook_that_fails_before_the_snapshot_is_the_starts_error(lab: Lab) -> None:
    lab.write(FAILING_HOOK.format(register="register_before_snapshot"))

    async def main() -> str:
        function = lab.function(workers=1, snap_start=True)
        try:
            with pytest.raises(FunctionStartError) as failed:
                await function.start()
            return str(failed.value)
        finally:
            await function.stop()

    assert asyncio.run(main()).startswith("ValueError: the hook failed\n")


def test_hook_that_fails_after_the_restore_is_the_invokers_error(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> Invoked:
        return await function.invoke(b"{}")

    answer = lab.run(FAILING_HOOK.format(register="register_after_restore"), scenario, workers=1, snap_start=True)

    error = json.loads(answer.payload)
    assert (answer.function_error, error["errorType"], error["errorMessage"]) == (
        "Unhandled",
        "ValueError",
        "the hook failed",
    )


# The API itself.


def run(root: Path, scenario: Callable[[RawApi], Awaitable[None]], **settings: Any) -> None:
    async def main() -> None:
        async with raw_api(root, snap_start=True, **settings) as api:
            await scenario(api)

    asyncio.run(main())


def refusal(response: Any) -> tuple[int, str]:  # Any: httpx's response
    return response.status_code, json.loads(response.content)["errorType"]


def test_runtime_waits_for_the_restore_and_then_for_its_first_event(tmp_path: Path) -> None:
    async def scenario(api: RawApi) -> None:
        environment = api.environment
        restoring = asyncio.ensure_future(api.client.get(RESTORE_NEXT))
        await until(lambda: environment.has_snapshot)
        assert (environment.is_idle, environment.has_started, restoring.done()) == (False, False, False)

        environment.restore()
        restored = await restoring
        asking = asyncio.ensure_future(api.next())
        await until(lambda: environment.is_idle)
        environment.give(Invocation(b'"event"'))

        assert (restored.status_code, restored.content) == (200, b"")
        assert (environment.has_started, (await asking).content) == (True, b'"event"')

    run(tmp_path, scenario)


def test_snapshot_is_taken_when_the_extensions_are_done_as_well(tmp_path: Path) -> None:
    async def scenario(api: RawApi) -> None:
        environment = api.environment
        identifier = (await api.register()).headers["Lambda-Extension-Identifier"]
        restoring = asyncio.ensure_future(api.client.get(RESTORE_NEXT))
        await until(lambda: "RestoreReady" in repr(environment))
        was_taken = environment.has_snapshot
        waiting = asyncio.ensure_future(api.extension_next(identifier))
        await until(lambda: environment.has_snapshot)

        late = await api.register("late")
        environment.restore()
        await restoring

        assert (was_taken, refusal(late)) == (False, (403, "Extension.RegistrationClosed"))
        waiting.cancel()

    run(tmp_path, scenario)


def test_restore_is_asked_for_once_and_before_any_event(tmp_path: Path) -> None:
    async def scenario(api: RawApi) -> None:
        restoring = asyncio.ensure_future(api.client.get(RESTORE_NEXT))
        await until(lambda: api.environment.has_snapshot)

        refused = [await api.client.get(RESTORE_NEXT), await api.next(), await api.post(RESTORE_ERROR)]
        api.environment.restore()
        await restoring
        refused.append(await api.client.get(RESTORE_NEXT))

        assert [refusal(response) for response in refused] == [(403, "InvalidStateTransition")] * 4

    run(tmp_path, scenario)


def test_failed_restore_ends_the_environment_with_what_was_reported(tmp_path: Path) -> None:
    async def scenario(api: RawApi) -> None:
        restoring = asyncio.ensure_future(api.client.get(RESTORE_NEXT))
        await until(lambda: api.environment.has_snapshot)
        api.environment.restore()
        await restoring

        headers = {"Lambda-Runtime-Function-Error-Type": "Runtime.AfterRestoreError"}
        accepted = await api.post(RESTORE_ERROR, b'{"errorMessage": "no table"}', headers)

        assert accepted.status_code == 202
        assert str(api.environment.ended.result()) == "Runtime.AfterRestoreError: no table"
        assert refusal(await api.next()) == (403, "InvalidStateTransition")

    run(tmp_path, scenario)


def test_restore_that_takes_too_long_ends_the_environment(tmp_path: Path) -> None:
    async def main() -> str:
        config = Lab(tmp_path).config(snap_start=True)
        environment = Environment(config, lambda: None, restore_limit_s=0.01)
        environment.next_for_restore()
        environment.restore()
        return str(await asyncio.wait_for(environment.ended, 20))

    assert asyncio.run(main()) == "Sandbox.Timedout: Restore timed out after 0.01 seconds"


def test_snapshot_waits_for_its_restore_as_long_as_it_takes(tmp_path: Path) -> None:
    """Init is over: its limit must not end what waits."""

    async def main() -> bool:
        environment = Environment(Lab(tmp_path).config(snap_start=True), lambda: None, init_limit_s=0.01)
        environment.next_for_restore()
        done, _ = await asyncio.wait((environment.ended,), timeout=0.1)
        environment.abandon()
        return bool(done)

    assert not asyncio.run(main())


@pytest.mark.parametrize(("method", "path"), [("GET", RESTORE_NEXT), ("POST", RESTORE_ERROR)])
def test_function_without_snapstart_has_nothing_to_restore(tmp_path: Path, method: str, path: str) -> None:
    async def main() -> int:
        async with raw_api(tmp_path) as api:
            return (await api.client.request(method, path)).status_code

    assert asyncio.run(main()) == 404


def test_function_that_stops_before_its_restore_leaves_nobody_waiting(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> Invoked | None:
        del function
        return None

    assert lab.run(HOOKS, scenario, snap_start=True) is None
    assert [line for _, line in lab.lines].count("after the restore") == 0
