"""AWS's own runtime interface emulator, as aws-sam-cli ships it, with a function in it.

It answers its caller only once the extensions are done, where AWS answers at once; and two calls at once crash it.
"""

import json
import os
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
DEADLINE_S = 30.0

Event = dict[str, Any]  # Any: JSON


class Emulator:
    """A running emulator. One call at a time."""

    def __init__(self, url: str, log: Path) -> None:
        self._url = url
        self._log = log

    def invoke(self, event: Event) -> Event:
        """Return the function's result."""
        answer = httpx.post(f"{self._url}/2015-03-31/functions/function/invocations", json=event, timeout=DEADLINE_S)
        result: Event = answer.json()
        return result

    def records(self) -> list[Event]:
        """Return the records that the function has written so far."""
        lines = self._log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith('{"level"')]


@contextmanager
def emulated(command: Sequence[str], variables: Mapping[str, str], log: Path, cwd: Path) -> Iterator[Emulator]:
    """Start the emulator with a command that runs the runtime client, and give it once it listens."""
    port, api_port = _free_port(), _free_port()
    started = [
        *(str(_executable()), "--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
        *("--runtime-api-address", f"127.0.0.1:{api_port}"),
        *command,
    ]
    with log.open("w") as output:
        process = subprocess.Popen(
            started, env={"PATH": os.environ["PATH"], **variables}, cwd=cwd, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_it_listens(port)
        yield Emulator(f"http://127.0.0.1:{port}", log)
    finally:
        process.terminate()
        process.wait()
        sys.stdout.write(log.read_text())  # pytest shows it where a test fails


def _executable() -> Path:
    machine = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
    found = list((ROOT / ".venv-sam").glob(f"lib/python*/site-packages/samcli/local/rapid/aws-lambda-rie-{machine}"))
    assert found, "no emulator: make one with `python3 -m venv .venv-sam && .venv-sam/bin/pip install aws-sam-cli`"
    return found[0]


def _free_port() -> int:
    # The emulator cannot take over a socket, so another process may get in between; it would fail to start, and say so.
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_listens(port: int) -> None:
    ends = time.monotonic() + DEADLINE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < ends, "the emulator does not listen"
        else:
            return
