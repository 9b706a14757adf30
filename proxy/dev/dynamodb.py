"""`python -m proxy.dev.dynamodb`: an embedded DynamoDB (moto's server) on a socket that was handed down, quiet."""

import argparse
import socket

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from proxy.dev.parent import end_with_parent


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
        app = DomainDispatcherApplication(create_backend_app)
        make_server(host, port, app, threaded=True, request_handler=_Quiet, fd=listener.fileno()).serve_forever()


if __name__ == "__main__":
    main()
