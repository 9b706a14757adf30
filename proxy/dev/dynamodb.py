"""`python -m proxy.dev.dynamodb`: an embedded DynamoDB (moto's server) on a socket that was handed down, quiet."""

import argparse
import socket
import threading
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from proxy.dev.parent import end_with_parent

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class OneAtATime:
    """Answers one call after the other, each on the whole of what those before it wrote.

    moto (5.2.5) answers each connection in a thread and locks nothing: a transaction checks its conditions before it
    writes, and one that is cancelled puts back a copy of the whole table from before, over what others wrote meanwhile.
    So two publishers could win at once, and lose the entry of a third. In DynamoDB neither can happen.
    """

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app
        self._lock = threading.Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a call when its turn has come. Raises ConnectionError for one whose client is gone."""
        if "CONTENT_LENGTH" in environ:
            # Before its turn, so that a client that dawdles or has died holds up nobody.
            size = int(environ["CONTENT_LENGTH"] or 0)
            body = environ["wsgi.input"].read(size)
            if len(body) < size:
                raise ConnectionError(f"got {len(body)} bytes of a body, expected {size}")
            environ = {**environ, "wsgi.input": BytesIO(body)}
        with self._lock:
            return self._app(environ, start_response)


class _Quiet(WSGIRequestHandler):
    """One connection, kept open from call to call, without a log line for each."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: a call of a handler is no news."""


def main() -> None:
    """Serve until told to end, or until the parent's end of the pipe is closed."""
    parser = argparse.ArgumentParser(prog="dynamodb", description="An embedded DynamoDB.")
    parser.add_argument("--fd", type=int, required=True, help="file descriptor of a listening socket")
    parser.add_argument("--parent-pipe", type=int, required=True, metavar="FD", help="exit when this pipe ends")
    arguments = parser.parse_args()
    end_with_parent(arguments.parent_pipe)
    with socket.socket(fileno=arguments.fd) as listener:
        host, port = listener.getsockname()[:2]
        # moto chooses the service by the host or by the credential scope; both are the SDK's, so one app serves all.
        app = OneAtATime(DomainDispatcherApplication(create_backend_app))
        make_server(host, port, app, threaded=True, request_handler=_Quiet, fd=listener.fileno()).serve_forever()


if __name__ == "__main__":
    main()
