"""The embedded DynamoDB of `fig dev`, for as long as a test run needs it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def embedded_dynamodb() -> Iterator[str]:
    """Start it on a free port, and give its URL. Its socket listens at once, so who asks too early waits a moment."""
    ours, theirs = os.pipe()
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        port = listener.getsockname()[1]
        # It reads the pipe, and ends when this process does, whatever happens to it.
        handed = (listener.fileno(), ours)
        arguments = ["--fd", str(handed[0]), "--parent-pipe", str(handed[1])]
        process = subprocess.Popen(
            [sys.executable, "-m", "proxy.dev.dynamodb", *arguments],
            pass_fds=handed,
            env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        )
    os.close(ours)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        os.close(theirs)
        process.wait()
