"""The ASGI server under the Runtime API and the front doors."""

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable

import httpx
import pytest

from proxy.dev.lambda_runtime import AsgiServer, loopback_socket
from proxy.dev.lambda_runtime.server import App, Receive, Scope, Send


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-path", scope["raw_path"])]})
    await send({"type": "http.response.body", "body": b"hello"})


def serve(app: App, scenario: Callable[[AsgiServer], Awaitable[None]], **settings: int) -> None:
    async def main() -> None:
        server = AsgiServer(app, loopback_socket(), **settings)  # type: ignore[arg-type]  # mypy sees one type for all
        await server.start()
        try:
            await scenario(server)
        finally:
            await server.stop()

    asyncio.run(main())


async def get(server: AsgiServer, path: str = "/", headers: dict[str, str] | None = None) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(f"http://127.0.0.1:{server.port}{path}", headers=headers)


def test_answer_has_only_the_headers_of_the_application() -> None:
    async def scenario(server: AsgiServer) -> None:
        response = await get(server, "/a%2Fb")

        assert response.headers.multi_items() == [("x-path", "/a%2Fb"), ("transfer-encoding", "chunked")]

    serve(hello, scenario)


def test_signals_stay_the_callers() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGHUP)

    async def scenario(server: AsgiServer) -> None:
        await get(server)
        assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGHUP)) == before

    serve(hello, scenario)


@pytest.mark.parametrize(("size", "status"), [(9_000, b"200"), (20_000, b"400")])
def test_headers_that_come_in_pieces_are_bounded(size: int, status: bytes) -> None:
    async def scenario(server: AsgiServer) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * size)
        await writer.drain()
        if status == b"200":
            writer.write(b"\r\n\r\n")

        assert (await reader.readline()).split()[1] == status

        writer.close()
        await writer.wait_closed()

    serve(hello, scenario, max_header_bytes=10_000)


def test_stop_closes_idle_connections_and_the_port() -> None:
    async def main() -> None:
        server = AsgiServer(hello, loopback_socket())
        await server.start()
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.get(f"http://127.0.0.1:{server.port}/")

            await server.stop()
            await server.stop()

            with pytest.raises(httpx.ConnectError):
                await client.get(f"http://127.0.0.1:{server.port}/")

    asyncio.run(main())


def test_stop_lets_an_answer_under_way_finish() -> None:
    began, finish = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        began.set()
        await finish.wait()
        await hello(scope, receive, send)

    async def main() -> None:
        server = AsgiServer(slow, loopback_socket(), grace_s=20.0)
        await server.start()
        answer = asyncio.create_task(get(server))
        await began.wait()
        stopping = asyncio.create_task(server.stop())
        await asyncio.sleep(0)
        finish.set()

        assert (await answer).text == "hello"
        await stopping

    asyncio.run(main())


def test_stop_does_not_wait_for_an_application_that_never_answers() -> None:
    began = asyncio.Event()

    async def polite(scope: Scope, receive: Receive, send: Send) -> None:
        began.set()
        while (await receive())["type"] != "http.disconnect":
            pass

    async def main() -> None:
        server = AsgiServer(polite, loopback_socket(), grace_s=0.05)
        await server.start()
        answer = asyncio.create_task(get(server))
        await began.wait()

        await server.stop()

        with pytest.raises(httpx.RemoteProtocolError):
            await answer

    asyncio.run(main())


def test_stop_before_start_closes_the_socket() -> None:
    sock = loopback_socket()

    asyncio.run(AsgiServer(hello, sock).stop())

    assert sock.fileno() == -1


def test_port_that_is_taken_is_an_os_error() -> None:
    with loopback_socket() as taken:
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            loopback_socket(taken.getsockname()[1])


def test_ipv6_and_unix_sockets_are_served_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = str(tmp_path_factory.mktemp("s") / "s")

    async def main() -> bytes:
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(path)
        server = AsgiServer(hello, sock)
        await server.start()
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        await server.stop()
        return answer

    assert asyncio.run(main()).startswith(b"HTTP/1.1 200 OK\r\n")
