"""A second opinion on the function: AWS's own runtime interface emulator, as aws-sam-cli ships it.

It answers its caller only once the extensions are done, where AWS answers at once; and two calls at once crash it.
"""

import json
import os
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.bench import events

pytestmark = pytest.mark.external

ROOT = Path(__file__).parents[2]
DEADLINE_S = 30.0


class Emulator:
    """The emulator with the real function in it, before the sample legacy system."""

    def __init__(self, function: subprocess.Popen[str], url: str, log: Path) -> None:
        self._function = function
        self._url = url
        self._log = log

    def invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return the function's result. Any: JSON."""
        answer = httpx.post(f"{self._url}/2015-03-31/functions/function/invocations", json=event, timeout=DEADLINE_S)
        result: dict[str, Any] = answer.json()
        return result

    def records(self) -> list[dict[str, Any]]:
        """Return the records that the function has written so far."""
        lines = self._log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith('{"level"')]


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    """The emulator, answering."""
    machine = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
    found = list((ROOT / ".venv-sam").glob(f"lib/python*/site-packages/samcli/local/rapid/aws-lambda-rie-{machine}"))
    assert found, "no emulator: make one with `python3 -m venv .venv-sam && .venv-sam/bin/pip install aws-sam-cli`"
    legacy = subprocess.Popen(
        [sys.executable, "-m", "proxy.dev.sample_legacy", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert legacy.stdout is not None
    legacy_url = legacy.stdout.readline().split()[-1]
    port, api_port = _free_port(), _free_port()
    log = tmp_path / "log"
    with log.open("w") as output:
        function = subprocess.Popen(
            [
                *(str(found[0]), "--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
                *("--runtime-api-address", f"127.0.0.1:{api_port}"),
                *(sys.executable, "-m", "awslambdaric", "proxy.lambda_http.handler"),
            ],
            env={"PATH": os.environ["PATH"], "LEGACY_URL": legacy_url, "LAMBDA_TASK_ROOT": str(ROOT)},
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        _wait_until_it_listens(port)
        yield Emulator(function, f"http://127.0.0.1:{port}", log)
    finally:
        for process in (function, legacy):
            process.terminate()
            process.wait()
        legacy.stdout.close()


def test_request_is_forwarded_and_noted_after_the_answer_in_awss_own_emulator(emulator: Emulator) -> None:
    results = [emulator.invoke(events.http_api("GET", f"/orders/O-500{number}")) for number in (1, 2, 3)]

    assert [result["statusCode"] for result in results] == [200, 200, 200]
    # The emulator answers once the extension is done, so the records are there already.
    noted = [(record["status"], record["side"], record["route"]) for record in emulator.records()]
    assert noted == [(200, "legacy", "unlisted")] * 3


def test_event_of_no_front_door_is_answered_in_awss_own_emulator(emulator: Emulator) -> None:
    result = emulator.invoke({"source": "aws.events"})

    assert result["statusCode"] == 400
    assert emulator.records()[0]["code"] == "unsupported_event"


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
