"""Bytecode for the artifact: each cold start without it compiles every module again, for /var/task cannot be written.

It is marked as never to be checked against its source (PEP 552). Bytecode with a time stamp in it counts as stale as
soon as something that zips gives the files other times, and start-up doubles with nobody being told.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from proxy.packaging.process import run
from proxy.packaging.refusal import Refused

ROOT: Final = "/var/task"  # where Lambda unpacks: what tracebacks show, on whatever machine this is compiled

_ASKS: Final = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable, sep='\\n')"
_PROBE_S: Final = 30


def interpreter_for(python: str, which: Callable[[str], str | None] = shutil.which) -> Path:
    """Return an interpreter of a minor version such as "3.13": this one, or pythonX.Y on PATH. Raises Refused.

    Another version would not do: bytecode is of one minor version, and the others ignore it without a word.
    """
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if python == here:
        return Path(sys.executable)
    found = which(f"python{python}")
    version, path = _ask(found) if found else ("", "")
    if version != python:
        search = f"{found} does not run as one" if found else "there is none on PATH"
        raise Refused(
            f"--python: got {python}, expected a version of which there is an interpreter to compile bytecode with: "
            f"{search}, and this is {here}; install python{python}, or change the function's Runtime, "
            "and --python with it (sam build takes it from the template)"
        )
    return Path(path)


def compile_all(folder: Path, interpreter: Path, own: Iterable[Path]) -> None:
    """Compile every module in a folder. Raises Refused if one of our `own` cannot be compiled.

    Others may: what a package brings along for another Python, nothing imports.
    """
    modes = ["-q", "-f", "--invalidation-mode", "unchecked-hash"]
    # One process, and paths as they are in Lambda: the same sources make the same bytes.
    command = [str(interpreter), "-I", "-S", "-m", "compileall", *modes, "-s", str(folder), "-p", ROOT, str(folder)]
    done = run(command)
    missing = [path for path in own if not list((path.parent / "__pycache__").glob(f"{path.stem}.cpython-*.pyc"))]
    if missing:
        raise Refused(
            f"compileall cannot compile what the function consists of:\n{(done.stdout + done.stderr).strip()}"
        )


def _ask(found: str) -> tuple[str, str]:
    """Return version and path of what may be an interpreter; "" for one that does not run, as a manager's shim may."""
    try:
        done = run([found, "-I", "-c", _ASKS], _PROBE_S)
        version, path = done.stdout.splitlines()
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return "", ""
    return version, path
