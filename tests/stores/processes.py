"""Publishers in processes of their own, as a test sees them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any


class Process:
    """One publisher; see `publisher` for what it can be told."""

    def __init__(self, address: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.stores.publisher", address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            text=True,
        )

    def tell(self, **command: object) -> None:
        """Tell it what to do; it begins at once."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        """Return what it answers next. Any: JSON."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the publisher ended with {self._process.wait()}"
        return json.loads(line)

    def end(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        with self._process:
            pass


@contextmanager
def publishers(address: str, count: int = 1) -> Iterator[list[Process]]:
    """Give so many publishers that wait to be told what to do."""
    with ExitStack() as stack:
        started = [Process(address) for _ in range(count)]
        for process in started:
            stack.callback(process.end)
        for process in started:
            process.answer()
        yield started
