"""What an artifact is made for, and how pip is told so."""

import sys
from dataclasses import dataclass
from typing import Final, Literal

Architecture = Literal["arm64", "x86_64"]
Python = Literal["3.11", "3.12", "3.13", "3.14"]  # Lambda's runtimes that this code runs on

# The newest glibc that wheels may need: python3.11 runs on Amazon Linux 2, the later ones on Amazon Linux 2023.
# Source: docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
_GLIBC_MINORS: Final[dict[Python, int]] = {"3.11": 26, "3.12": 34, "3.13": 34, "3.14": 34}
_OLDEST_GLIBC_MINOR: Final = 17  # manylinux2014 (PEP 599), below which nobody builds any more
_MACHINES: Final[dict[Architecture, str]] = {"arm64": "aarch64", "x86_64": "x86_64"}


@dataclass(frozen=True, slots=True)
class Target:
    """A runtime of Lambda on a machine."""

    python: str
    """Minor version: "3.13"."""
    machine: str
    """As pip calls it; empty: the machine that packages, and the Python that does."""
    glibc_minor: int = 0

    def pip_options(self) -> list[str]:
        """Return what makes pip choose wheels for this target, and for no other."""
        if not self.machine:
            return []
        # pip takes a tag by its letters, so each older glibc has to be named, too.
        tags = [f"manylinux_2_{minor}" for minor in range(self.glibc_minor, _OLDEST_GLIBC_MINOR - 1, -1)]
        platforms = [f"--platform={tag}_{self.machine}" for tag in (*tags, "manylinux2014")]
        return ["--implementation=cp", f"--python-version={self.python}", *platforms]


def lambda_target(architecture: Architecture, python: Python) -> Target:
    """Return a runtime of Lambda's."""
    return Target(python, _MACHINES[architecture], _GLIBC_MINORS[python])


def this_machine() -> Target:
    """Return this machine, with the Python that runs: for tests and benches, which start what they packaged."""
    return Target(f"{sys.version_info[0]}.{sys.version_info[1]}", "")
