"""The sample legacy system as a process of its own, started once for the tests that need a wire."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass
class LegacyProcess:
    """A running shop: where it listens, and the lines of its log."""

    process: subprocess.Popen[str]
    port: int
    seen: list[str] = field(default_factory=list)

    def next_log_line_with(self, text: str) -> str:
        """Wait for the log's next line that holds a text and return it without its line feed."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.seen.append(line)
            if text in line:
                return line.rstrip("\n")
        raise AssertionError(f"the log ended without {text}: {self.seen}")


@pytest.fixture(scope="session")
def legacy_process() -> Iterator[LegacyProcess]:
    """A shop on a free port of 127.0.0.1, as a person would start it."""
    command = [sys.executable, "-m", "proxy.dev.sample_legacy", "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        try:
            assert process.stdout is not None
            found = re.fullmatch(r"listening http://127\.0\.0\.1:(\d+)\n", process.stdout.readline())
            assert found is not None
            yield LegacyProcess(process, int(found[1]))
        finally:
            process.terminate()
