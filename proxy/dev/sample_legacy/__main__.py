"""`python -m proxy.dev.sample_legacy`: the shop as a process, on a port or on a socket that was handed down."""

import argparse
import signal
import socket
import sys

from proxy.dev.parent import end_with_parent
from proxy.dev.sample_legacy.app import create_app
from proxy.dev.sample_legacy.server import serve


def main() -> None:
    """Serve until SIGTERM, or until the parent's end of the pipe is closed."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if arguments.parent_pipe is not None:
        end_with_parent(arguments.parent_pipe)
    if arguments.fd is not None:
        listener = socket.socket(fileno=arguments.fd)
    else:
        listener = socket.create_server(("127.0.0.1", arguments.port))
        sys.stdout.write(f"listening http://127.0.0.1:{listener.getsockname()[1]}\n")
        sys.stdout.flush()
    with listener:
        serve(create_app(), listener)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sample_legacy", description="A sample legacy system: a shop.")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--fd", type=int, help="file descriptor of a socket that already listens")
    where.add_argument("--port", type=int, help="port on 127.0.0.1; 0 picks a free one")
    parser.add_argument("--parent-pipe", type=int, metavar="FD", help="exit when this pipe reaches its end")
    return parser.parse_args()


if __name__ == "__main__":
    main()
