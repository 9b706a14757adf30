"""Packages a function for `sam build`, with a virtual environment of its own if this Python lacks what that takes.

A clone and a Python are all that there is on the machine of somebody who deploys, so this is standard library alone.
Arguments are those of `fig package`.
"""

import argparse
import fcntl
import hashlib
import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parent
_BUILD_AREA = _HERE / ".aws-sam"
_CONSTRAINTS = _ROOT / "tests/constraints.txt"


def main() -> None:
    """Become `python -m proxy.packaging`."""
    if sys.version_info < (3, 11):  # noqa: UP036  # whoever deploys may have any
        sys.exit(f"got Python {sys.version.split()[0]}, expected 3.11 or newer; PYTHON=... names another one to make")
    sys.path.insert(0, str(_ROOT))
    from proxy.packaging.bytecode import interpreter_for
    from proxy.packaging.refusal import Refused

    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--python", required=True)
    try:
        interpreter_for(parser.parse_known_args()[0].python)  # before minutes go into anything else
    except Refused as exc:
        sys.exit(str(exc))
    needed = _needed()
    python = sys.executable if _has(needed) else _environment(needed)
    os.chdir(_ROOT)
    os.execv(python, [python, "-m", "proxy.packaging", *sys.argv[1:]])  # noqa: S606  # no shell, as it should be


def _needed() -> list[str]:
    """Return what packaging takes: what the function depends on, the command, and pip, which gets the wheels."""
    import tomllib

    project = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["cli"], "pip"]


def _has(needed: list[str]) -> bool:
    for requirement in needed:
        try:
            importlib.metadata.distribution(re.split(r"[^\w.-]", requirement)[0])
        except importlib.metadata.PackageNotFoundError:
            return False
    return True


def _environment(needed: list[str]) -> str:
    """Return the Python of an environment with all that is needed, in the versions that were tested.

    `sam build` packages several functions at once: one of them makes it, and the others wait.
    """
    made_of = hashlib.sha256(repr((sys.version, needed, _CONSTRAINTS.read_bytes())).encode()).hexdigest()
    folder = _BUILD_AREA / "packaging"
    mark = folder / "made-of"
    python = folder / "bin/python"
    _BUILD_AREA.mkdir(exist_ok=True)
    with (_BUILD_AREA / "packaging.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists() or mark.read_text() != made_of:
            _run(sys.executable, "-m", "venv", "--clear", str(folder))
            _run(str(python), "-m", "pip", "install", "-q", f"--constraint={_CONSTRAINTS}", *needed)
            mark.write_text(made_of)
    return str(python)


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False)  # noqa: S603  # Python, with requirements as pip reads them
    if done.returncode != 0:
        sys.exit(f"{' '.join(command[:4])}: failed; PYTHON=... names a Python that has fig-proxy[cli] to make")


if __name__ == "__main__":
    main()
