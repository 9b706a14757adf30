"""A second opinion on the function as the checkout has it: AWS's own runtime interface emulator."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench import events
from tests.external.emulator import ROOT, Emulator, emulated

pytestmark = pytest.mark.external


@pytest.fixture
def legacy_url() -> Iterator[str]:
    """The sample legacy system, started."""
    process = subprocess.Popen(
        [sys.executable, "-m", "proxy.dev.sample_legacy", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as said:
        try:
            yield said.readline().split()[-1]
        finally:
            process.terminate()
            process.wait()


@pytest.fixture
def emulator(legacy_url: str, tmp_path: Path) -> Iterator[Emulator]:
    """The emulator, answering, with the sample legacy system behind the function."""
    command = [sys.executable, "-m", "awslambdaric", "proxy.lambda_http.handler"]
    variables = {"LEGACY_URL": legacy_url, "LAMBDA_TASK_ROOT": str(ROOT)}
    with emulated(command, variables, tmp_path / "log", ROOT) as running:
        yield running


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
