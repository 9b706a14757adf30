"""A front door on a real socket, a function in this process behind it, and a client that sees every byte."""

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from proxy.dev.front_doors import FrontDoor
from proxy.dev.front_doors.http_server import serve
from proxy.dev.lambda_runtime import Invoked, LambdaRejected, loopback_socket

DEADLINE_S = 20.0

HOST = b"Host: shop.example\r\n"
GET = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"

Event = dict[str, object]
Handler = Callable[[Event], Awaitable[object]]


class Rejected(LambdaRejected):
    """Lambda's Invoke API said no, with that status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"rejected with {status}")
        self.status = status


class CoroutineFunction:
    """A Lambda function whose handler is a coroutine; keeps the events it was given."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.events: list[Event] = []

    async def invoke(self, event: bytes) -> Invoked:
        """What the handler returned; an Invoked goes through as it is."""
        self.events.append(json.loads(event))
        result = await self._handler(self.events[-1])
        return result if isinstance(result, Invoked) else Invoked(json.dumps(result).encode(), None, "request-1")


async def echo(event: Event) -> object:
    """The event, as the body of a 200."""
    return {"statusCode": 200, "body": json.dumps(event)}


@contextmanager
def running(door: FrontDoor, function: CoroutineFunction) -> Iterator[int]:
    """A server for that door and function in a thread with its own event loop; gives its port."""
    sock = loopback_socket()
    port: int = sock.getsockname()[1]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = serve(door, function, sock)
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(DEADLINE_S)
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(DEADLINE_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(DEADLINE_S)
        loop.close()


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """An answer as it came: `status_line` without the line end, names in the server's case."""

    status_line: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def status(self) -> int:
        return int(self.status_line.split(b" ")[1])

    def values(self, name: bytes) -> list[bytes]:
        """The values of every line of that header; `name` is lower case."""
        return [value for key, value in self.headers if key.lower() == name]

    def event(self) -> Event:
        """The event that the echo function put into the body."""
        event: Event = json.loads(self.body)
        return event


class RawClient:
    """One connection; what it sends is exactly what it is told to."""

    def __init__(self, port: int) -> None:
        self._sock = socket.create_connection(("127.0.0.1", port), DEADLINE_S)
        self._reader = self._sock.makefile("rb")

    def __enter__(self) -> "RawClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """The connection is closed, whatever the server still has to say."""
        self._reader.close()
        self._sock.close()

    def send(self, data: bytes) -> None:
        """The bytes are on their way."""
        self._sock.sendall(data)

    def answer(self, to_head: bool = False) -> WireAnswer:
        """The next answer on the connection, interim ones included."""
        status_line = self._reader.readline().removesuffix(b"\r\n")
        if not status_line:
            raise EOFError("the server closed the connection")
        headers = []
        while line := self._reader.readline().removesuffix(b"\r\n"):
            name, _, value = line.partition(b": ")
            headers.append((name, value))
        lengths = [int(value) for name, value in headers if name.lower() == b"content-length"]
        body = b"" if to_head or not lengths else self._reader.read(lengths[0])
        return WireAnswer(status_line, tuple(headers), body)

    def is_closed_by_server(self) -> bool:
        """Whether nothing more will come; waits for the server's decision."""
        return self._reader.read(1) == b""


def exchange(port: int, request: bytes) -> WireAnswer:
    """The answer to that request on a connection of its own."""
    with RawClient(port) as client:
        client.send(request)
        return client.answer(to_head=request.startswith(b"HEAD "))
