"""Stands between a publisher and DynamoDB, and does to single calls what networks do: losing them, or their answers."""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import urlsplit


class Lost(Exception):
    """A call, or its answer, gets no further: its connection is closed."""


class Reply(NamedTuple):
    """What the service answers."""

    status: int
    body: bytes


class Between:
    """Passes calls on. `before` and `after` see each one's number, from 1, and the name of its operation.

    `before` may return an answer of its own in place of the service's, and both may raise Lost.
    """

    def __init__(self, endpoint: str) -> None:
        self.before: Callable[[int, str], Reply | None] = lambda _number, _operation: None
        self.after: Callable[[int, str], None] = lambda _number, _operation: None
        self.operations: list[str] = []
        self.url = ""
        self._host = urlsplit(endpoint).netloc
        self._lock = threading.Lock()

    def pass_on(self, headers: dict[str, str], body: bytes) -> Reply:
        """Return the answer to a call. Raises Lost."""
        operation = headers["X-Amz-Target"].rpartition(".")[2]
        with self._lock:
            self.operations.append(operation)
            number = len(self.operations)
        reply = self.before(number, operation) or self._ask(headers, body)
        self.after(number, operation)
        return reply

    def _ask(self, headers: dict[str, str], body: bytes) -> Reply:
        connection = http.client.HTTPConnection(self._host, timeout=30)
        try:
            connection.request("POST", "/", body, headers)
            response = connection.getresponse()
            return Reply(response.status, response.read())
        finally:
            connection.close()


def error(code: str, message: str = "why", **fields: object) -> Reply:
    """Return an answer that is an error."""
    kind = f"com.amazonaws.dynamodb.v20120810#{code}"
    return Reply(400, json.dumps({"__type": kind, "message": message, **fields}).encode())


@contextmanager
def between(endpoint: str) -> Iterator[Between]:
    """Give one that listens on a port of its own."""
    middle = Between(endpoint)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Answer, or close the connection without a word."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.close_connection = True
            try:
                reply = middle.pass_on(dict(self.headers), body)
            except Lost:
                return
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(reply.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = False  # joined when it closes

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing: a publisher that was killed answers no more."""

    server = Server(("127.0.0.1", 0), Handler)
    middle.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield middle
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
