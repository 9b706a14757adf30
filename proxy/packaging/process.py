"""The tools that packaging runs: pip, compileall, and what may be an interpreter."""

import subprocess
from collections.abc import Sequence


def run(command: Sequence[str], timeout_s: float | None = None) -> "subprocess.CompletedProcess[str]":
    """Run a command without a terminal, and return how it ended and what it said.

    It ends with us: an interrupted `run` kills it. Raises OSError, subprocess.TimeoutExpired.
    """
    return subprocess.run(  # noqa: S603  # interpreters, with options of ours and requirements as pip reads them
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout_s, check=False
    )
