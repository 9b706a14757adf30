"""The Runtime API, call by call, with the test in the place of the runtime."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from proxy.dev.lambda_runtime.invocation import Invocation

from .lab import RawApi, raw_api, until

INVOCATION = "/2018-06-01/runtime/invocation"


async def receive(api: RawApi, event: bytes = b'{"n": 1}') -> tuple[Invocation, httpx.Response]:
    """Ask for the next event, give one, and return both sides of it."""
    asking = asyncio.create_task(api.next())
    await until(lambda: api.environment.is_idle)
    invocation = Invocation(event)
    api.environment.give(invocation)
    return invocation, await asking


def refusal(response: httpx.Response) -> tuple[int, str, str]:
    body = response.json()
    return response.status_code, body["errorType"], body["errorMessage"]


def test_next_gives_the_event_with_all_its_headers(tmp_path: Path) -> None:
    async def main() -> None:
        async with raw_api(tmp_path, timeout_s=3.0) as api:
            invocation, response = await receive(api)

            assert response.content == b'{"n": 1}'
            assert dict(response.headers) == {
                "content-type": "application/json",
                "content-length": "8",
                "lambda-runtime-aws-request-id": invocation.request_id,
                "lambda-runtime-deadline-ms": "1700000003000",
                "lambda-runtime-invoked-function-arn": "arn:aws:lambda:eu-west-1:123456789012:function:fig-proxy",
                "lambda-runtime-trace-id": invocation.trace_id,
            }

    asyncio.run(main())


@pytest.mark.parametrize(("path", "error"), [("response", None), ("error", "Unhandled")])
def test_posted_answer_is_accepted_and_reaches_the_invoker_untouched(
    tmp_path: Path, path: str, error: str | None
) -> None:
    async def main() -> None:
        async with raw_api(tmp_path) as api:
            invocation, _ = await receive(api)

            response = await api.post(f"{INVOCATION}/{invocation.request_id}/{path}", b" [1] ")

            assert (response.status_code, response.json()) == (202, {"status": "OK"})
            answer = invocation.answer.result()
            assert (answer.payload, answer.function_error) == (b" [1] ", error)

    asyncio.run(main())


@pytest.mark.parametrize("path", ["response", "error"])
def test_answer_to_another_request_is_refused_and_the_right_one_is_still_taken(tmp_path: Path, path: str) -> None:
    async def main() -> None:
        async with raw_api(tmp_path) as api:
            invocation, _ = await receive(api)

            wrong = await api.post(f"{INVOCATION}/7a4bf2e1-0000-4000-8000-000000000000/{path}")

            assert refusal(wrong) == (400, "InvalidRequestID", "Invalid request ID")
            assert not invocation.answer.done()
            assert (await api.post(f"{INVOCATION}/{invocation.request_id}/{path}")).status_code == 202

    asyncio.run(main())


def test_answer_before_any_event_is_refused(tmp_path: Path) -> None:
    async def main() -> None:
        async with raw_api(tmp_path) as api:
            assert refusal(await api.post(f"{INVOCATION}/x/response"))[:2] == (400, "InvalidRequestID")

    asyncio.run(main())


def test_second_answer_to_one_event_is_an_illegal_transition(tmp_path: Path) -> None:
    async def main() -> None:
        async with raw_api(tmp_path) as api:
            invocation, _ = await receive(api)
            await api.post(f"{INVOCATION}/{invocation.request_id}/response", b"1")

            again = await api.post(f"{INVOCATION}/{invocation.request_id}/error", b"2")

            assert refusal(again) == (
                403,
                "InvalidStateTransition",
                "State transition from RuntimeResponseSentState to InvocationErrorResponse failed for runtime. "
                "Error: State transition is not allowed",
            )
            assert invocation.answer.result().payload == b"1"

    asyncio.run(main())


def test_answer_after_the_environment_froze_is_too_late(tmp_path: Path) -> None:
    async def main() -> None:
        async with raw_api(tmp_path) as api:
            first, _ = await receive(api)
            await api.post(f"{INVOCATION}/{first.request_id}/response")
            await receive(api)

            late = await api.post(f"{INVOCATION}/{first.request_id}/response")

            assert refusal(late)[:2] == (400, "InvalidRequestID")

    asyncio.run(main())


def test_runtime_that_asks_again_before_it_answered_gets_the_same_event(tmp_path: Path) -> None:
    async def main() -> None:
        async with raw_api(tmp_path) as api:
            _, first = await receive(api)

            second = await api.next()

            assert (second.content, dict(second.headers)) == (first.content, dict(first.headers))

    asyncio.run(main())


def test_event_is_not_given_to_a_runtime_that_hung_up(tmp_path: Path) -> None:
    async def main() -> None:
        async with raw_api(tmp_path) as api:
            asking = asyncio.create_task(api.next())
            await until(lambda: api.environment.is_idle)

            asking.cancel()

            await until(lambda: not api.environment.is_idle)
            _, response = await receive(api)
            assert response.status_code == 200

    asyncio.run(main())


def test_init_error_ends_the_environment_with_what_was_posted(tmp_path: Path) -> None:
    body = {"errorType": "Runtime.Broken", "errorMessage": "no", "stackTrace": ["here"]}

    async def main() -> None:
        async with raw_api(tmp_path) as api:
            response = await api.post("/2018-06-01/runtime/init/error", json.dumps(body).encode())

            assert response.status_code == 202
            failure = api.environment.ended.result()
            assert str(failure) == "Runtime.Broken: no\nhere"
            assert json.loads(failure.payload("any")) == body

    asyncio.run(main())


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'{"errorType": 1}'])
def test_init_error_may_be_any_bytes(tmp_path: Path, body: bytes) -> None:
    async def main() -> str:
        async with raw_api(tmp_path) as api:
            headers = {"Lambda-Runtime-Function-Error-Type": "Runtime.Odd"}
            assert (await api.post("/2018-06-01/runtime/init/error", body, headers)).status_code == 202
            return str(api.environment.ended.result())

    assert asyncio.run(main()) == f"Runtime.Odd: {body.decode()}"


def test_init_error_after_init_is_an_illegal_transition(tmp_path: Path) -> None:
    async def main() -> None:
        async with raw_api(tmp_path) as api:
            await receive(api)

            response = await api.post("/2018-06-01/runtime/init/error")

            assert refusal(response) == (
                403,
                "InvalidStateTransition",
                "State transition from Running to InitError failed for runtime. Error: State transition is not allowed",
            )

    asyncio.run(main())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/2018-06-01/runtime/invocation", 404),
        ("GET", "/2018-06-01/runtime/restore/next", 404),
        ("GET", "/2019-01-01/runtime/invocation/next", 404),
        ("POST", "/2018-06-01/runtime/invocation//response", 404),
        ("POST", "/2018-06-01/runtime/invocation/a/b/response", 404),
        ("POST", "/2018-06-01/runtime/invocation/next", 405),
        ("GET", "/2020-01-01/extension/register", 405),
        ("PUT", "/2020-08-15/logs", 404),
    ],
)
def test_unknown_path_or_method_is_refused(tmp_path: Path, method: str, path: str, status: int) -> None:
    async def main() -> Any:
        async with raw_api(tmp_path) as api:
            return (await api.client.request(method, path)).status_code

    assert asyncio.run(main()) == status


def test_chunked_answer_with_expect_is_taken(tmp_path: Path) -> None:
    """curl, under awslambdaric, asks for 100 Continue before a large body."""

    async def main() -> bytes:
        async with raw_api(tmp_path) as api:
            invocation, _ = await receive(api)
            url = api.client.base_url
            reader, writer = await asyncio.open_connection(url.host, url.port)
            head = f"POST {INVOCATION}/{invocation.request_id}/response HTTP/1.1\r\nHost: x\r\n"
            writer.write(f"{head}Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(b"2\r\n12\r\n1\r\n3\r\n0\r\n\r\n")
            assert (await reader.readline()).startswith(b"HTTP/1.1 202")
            writer.close()
            await writer.wait_closed()
            return invocation.answer.result().payload

    assert asyncio.run(main()) == b"123"


def test_answer_that_breaks_off_is_no_answer(tmp_path: Path) -> None:
    async def main() -> None:
        async with raw_api(tmp_path) as api:
            invocation, _ = await receive(api)
            url = api.client.base_url
            _, writer = await asyncio.open_connection(url.host, url.port)
            head = (
                f"POST {INVOCATION}/{invocation.request_id}/response HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
            )
            writer.write(head.encode() + b"12")
            await writer.drain()
            writer.close()
            await writer.wait_closed()

            assert (await api.next()).status_code == 200
            assert not invocation.answer.done()

    asyncio.run(main())
