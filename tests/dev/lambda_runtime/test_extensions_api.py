"""The Extensions API, call by call, with the test in the place of the extensions. Error types as in AWS's emulator."""

import asyncio
import uuid
from pathlib import Path

import httpx
import pytest

from proxy.dev.lambda_runtime.invocation import Invocation

from .lab import RawApi, raw_api, until

REGISTER = "/2020-01-01/extension/register"
NEXT = "/2020-01-01/extension/event/next"
UNKNOWN = "7a4bf2e1-1111-4000-8000-000000000000"
ID = "Lambda-Extension-Identifier"
ERROR_TYPE = "Lambda-Extension-Function-Error-Type"


def refusal(response: httpx.Response) -> tuple[int, str, str]:
    body = response.json()
    return response.status_code, body["errorType"], body["errorMessage"]


async def registered(api: RawApi, name: str = "one", body: bytes = b'{"events": ["INVOKE"]}') -> str:
    return (await api.register(name, body)).headers[ID]


@pytest.mark.parametrize(
    ("name", "body", "error_type"),
    [
        ("", b'{"events": ["INVOKE"]}', "Extension.InvalidExtensionName"),
        ("x", b"", "InvalidRequestFormat"),
        ("x", b"[]", "InvalidRequestFormat"),
        ("x", b"not json", "InvalidRequestFormat"),
        ("x", b'{"events": "INVOKE"}', "InvalidRequestFormat"),
        ("x", b'{"events": [1]}', "InvalidRequestFormat"),
        ("x", b'{"events": ["SHUTDOWN"]}', "Extension.InvalidEventType"),
        ("x", b'{"events": ["INVOKE", "SHUTDOWN"]}', "Extension.InvalidEventType"),
        ("x", b'{"events": ["invoke"]}', "Extension.InvalidEventType"),
        ("one", b'{"events": ["INVOKE"]}', "Extension.InvalidExtensionState"),
    ],
)
def test_registration_that_is_wrong_is_refused(tmp_path: Path, name: str, body: bytes, error_type: str) -> None:
    async def main() -> httpx.Response:
        async with raw_api(tmp_path) as api:
            await api.register("one")
            return await api.register(name, body)

    response = asyncio.run(main())

    assert refusal(response)[:2] == (403, error_type)


@pytest.mark.parametrize("body", [b"{}", b'{"events": []}', b'{"events": null}', b'{"events": ["INVOKE"]}'])
def test_registration_is_answered_with_an_identifier_and_the_function(tmp_path: Path, body: bytes) -> None:
    async def main() -> httpx.Response:
        async with raw_api(tmp_path) as api:
            return await api.register("one", body)

    response = asyncio.run(main())

    assert response.status_code == 200
    assert response.json() == {"functionName": "fig-proxy", "functionVersion": "$LATEST", "handler": "app.handler"}
    assert uuid.UUID(response.headers[ID])


def test_registration_tells_the_account_to_those_who_ask(tmp_path: Path) -> None:
    async def main() -> httpx.Response:
        async with raw_api(tmp_path) as api:
            headers = {"Lambda-Extension-Name": "x", "Lambda-Extension-Accept-Feature": "other, accountId"}
            return await api.post(REGISTER, b"{}", headers)

    assert asyncio.run(main()).json()["accountId"] == "123456789012"


def test_shutdown_is_not_for_internal_extensions(tmp_path: Path) -> None:
    async def main() -> httpx.Response:
        async with raw_api(tmp_path) as api:
            return await api.register("x", b'{"events": ["SHUTDOWN"]}')

    assert refusal(asyncio.run(main())) == (
        403,
        "Extension.InvalidEventType",
        "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension",
    )


def test_eleventh_extension_is_refused(tmp_path: Path) -> None:
    async def main() -> list[httpx.Response]:
        async with raw_api(tmp_path) as api:
            return [await api.register(str(number)) for number in range(11)]

    responses = asyncio.run(main())

    assert [response.status_code for response in responses] == [200] * 10 + [403]
    assert refusal(responses[10]) == (403, "Extension.TooManyExtensions", "Extension limit (10) reached")


def test_registration_is_closed_by_the_runtimes_first_next(tmp_path: Path) -> None:
    async def main() -> httpx.Response:
        async with raw_api(tmp_path) as api:
            asking = asyncio.create_task(api.next())
            await until(lambda: api.environment.is_idle)
            response = await api.register()
            asking.cancel()
            return response

    assert refusal(asyncio.run(main())) == (
        403,
        "Extension.RegistrationClosed",
        "Extension registration closed already",
    )


@pytest.mark.parametrize(
    ("headers", "error_type"),
    [
        ({}, "Extension.MissingExtensionIdentifier"),
        ({ID: "not-a-uuid"}, "Extension.InvalidExtensionIdentifier"),
        ({ID: UNKNOWN}, "Extension.UnknownExtensionIdentifier"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", NEXT), ("POST", "/2020-01-01/extension/init/error"), ("POST", "/2020-01-01/extension/exit/error")],
)
def test_caller_that_is_not_registered_is_refused(
    tmp_path: Path, method: str, path: str, headers: dict[str, str], error_type: str
) -> None:
    async def main() -> httpx.Response:
        async with raw_api(tmp_path) as api:
            return await api.client.request(method, path, headers={**headers, ERROR_TYPE: "Extension.Any"})

    assert refusal(asyncio.run(main()))[:2] == (403, error_type)


@pytest.mark.parametrize("path", ["init", "exit"])
def test_error_report_without_a_type_is_refused(tmp_path: Path, path: str) -> None:
    async def main() -> httpx.Response:
        async with raw_api(tmp_path) as api:
            return await api.post(f"/2020-01-01/extension/{path}/error", b"{}", {ID: await registered(api)})

    assert refusal(asyncio.run(main())) == (403, "Extension.MissingHeader", f"{ERROR_TYPE} not found")


def test_init_error_after_the_first_next_is_an_illegal_transition(tmp_path: Path) -> None:
    async def main() -> tuple[str, httpx.Response]:
        async with raw_api(tmp_path) as api:
            identifier = await registered(api)
            asking = asyncio.create_task(api.extension_next(identifier))
            await until(lambda: not api.environment.extensions.working)
            headers = {ID: identifier, ERROR_TYPE: "Extension.Late"}
            response = await api.post("/2020-01-01/extension/init/error", b"{}", headers)
            asking.cancel()
            return identifier, response

    identifier, response = asyncio.run(main())

    assert refusal(response) == (
        403,
        "Extension.InvalidExtensionState",
        f"State transition from Ready to InitError failed for extension {identifier}. "
        "Error: State transition is not allowed",
    )


def test_next_twice_at_once_is_an_illegal_transition(tmp_path: Path) -> None:
    async def main() -> tuple[str, httpx.Response]:
        async with raw_api(tmp_path) as api:
            identifier = await registered(api)
            asking = asyncio.create_task(api.extension_next(identifier))
            await until(lambda: not api.environment.extensions.working)
            response = await api.extension_next(identifier)
            asking.cancel()
            return identifier, response

    identifier, response = asyncio.run(main())

    assert refusal(response) == (
        403,
        "Extension.InvalidExtensionState",
        f"State transition from Ready to Ready failed for extension {identifier}. "
        "Error: State transition is not allowed",
    )


def test_environment_is_idle_only_when_runtime_and_every_extension_asked(tmp_path: Path) -> None:
    async def main() -> list[bool]:
        async with raw_api(tmp_path) as api:
            one, two = await registered(api, "one"), await registered(api, "two", b"{}")
            extensions, seen = api.environment.extensions, []
            asking = [asyncio.create_task(api.next())]
            await until(lambda: "Ready" in repr(api.environment))
            seen.append(api.environment.is_idle)
            asking.append(asyncio.create_task(api.extension_next(one)))
            await until(lambda: extensions.working == ["two"])
            seen.append(api.environment.is_idle)
            asking.append(asyncio.create_task(api.extension_next(two)))
            await until(lambda: extensions.working == [])
            seen.append(api.environment.is_idle)
            for task in asking:
                task.cancel()
            return seen

    assert asyncio.run(main()) == [False, False, True]


def test_event_goes_to_the_extensions_that_registered_for_it_in_the_moment_the_runtime_gets_it(tmp_path: Path) -> None:
    async def main() -> tuple[Invocation, httpx.Response, httpx.Response, bool]:
        async with raw_api(tmp_path, timeout_s=3.0) as api:
            one, two = await registered(api, "one"), await registered(api, "two", b"{}")
            listening = asyncio.create_task(api.extension_next(one))
            deaf = asyncio.create_task(api.extension_next(two))
            asking = asyncio.create_task(api.next())
            await until(lambda: api.environment.is_idle)
            invocation = Invocation(b"{}")
            api.environment.give(invocation)
            event, runtime_event = await listening, await asking
            deaf.cancel()
            return invocation, event, runtime_event, deaf.done()

    invocation, event, runtime_event, deaf_was_called = asyncio.run(main())

    assert event.json() == {
        "eventType": "INVOKE",
        "deadlineMs": 1_700_000_003_000,
        "requestId": invocation.request_id,
        "invokedFunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:fig-proxy",
        "tracing": {"type": "X-Amzn-Trace-Id", "value": invocation.trace_id},
    }
    assert uuid.UUID(event.headers["Lambda-Extension-Event-Identifier"])
    assert runtime_event.headers["Lambda-Runtime-Deadline-Ms"] == "1700000003000"
    assert not deaf_was_called


def test_extension_that_never_asks_makes_init_time_out(tmp_path: Path) -> None:
    async def main() -> str:
        async with raw_api(tmp_path, init_limit_s=0.2) as api:
            await registered(api)
            asking = asyncio.create_task(api.next())
            await until(api.environment.ended.done)
            asking.cancel()
            return str(api.environment.ended.result())

    assert asyncio.run(main()) == "Sandbox.Timedout: Init timed out after 0.20 seconds"
