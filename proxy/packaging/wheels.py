"""What the function depends on, from pip: wheels for its runtime, each in the version that the tests were run with."""

import re
import shutil
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from proxy.packaging.process import run
from proxy.packaging.refusal import Misuse, Refused
from proxy.packaging.target import Target

_SDK: Final = "boto3"
# Of a distribution's own files, importlib.metadata is asked at run time for its version and its plugins alone:
# pydantic looks for plugins whenever it is first used.
_METADATA: Final = ("METADATA", "entry_points.txt")
_NOT_NEEDED: Final = ("bin", "*/tests", "**/__pycache__", "**/*.pyi", "**/py.typed")


def requirements(project: Path, *, with_boto3: bool) -> list[str]:
    """Return what the project's pyproject.toml depends on. Raises Misuse if there is none that says so."""
    path = project / "pyproject.toml"
    try:
        dependencies = tomllib.loads(path.read_text("utf-8"))["project"]["dependencies"]
        if not isinstance(dependencies, list) or not all(isinstance(line, str) for line in dependencies):
            raise TypeError(f"{dependencies!r}")
    except OSError as exc:
        raise Misuse(f"got no {path} ({exc.strerror}), expected one; run this where pyproject.toml lies") from exc
    except (ValueError, LookupError, TypeError) as exc:
        raise Misuse(f"{path}: got no dependencies under [project] ({exc}), expected those of the function") from exc
    return [line for line in dependencies if with_boto3 or _name(line) != _SDK]


def install(target: Target, interpreter: Path, needed: Sequence[str], constraints: Path, folder: Path) -> None:
    """Install wheels into a folder, and strip them. Raises Refused with pip's own reason.

    pip runs on the target's Python: it evaluates conditions such as `python_version < "3.13"` for the one that it runs
    on, whatever --python-version says. Conditions on the machine are evaluated for this one.
    """
    other = [] if interpreter == Path(sys.executable) else [f"--python={interpreter}"]
    options = ["--no-input", "--disable-pip-version-check", "--no-user", "--no-compile", f"--target={folder}"]
    # No source distribution is ever built: that would run its code here, and give another artifact on each machine.
    options += ["--only-binary=:all:", f"--constraint={constraints}", *target.pip_options()]
    done = run([sys.executable, "-m", "pip", *other, "install", *options, *needed])
    if done.returncode != 0:
        raise Refused(
            f"pip found no way to install what pyproject.toml depends on:\n{_reason(done.stdout, done.stderr)}"
        )
    if unpinned := _unpinned(folder, constraints.read_text("utf-8", "replace")):
        raise Refused(
            f"{constraints}: got no line for {', '.join(unpinned)}, expected one for all that is installed: "
            "tomorrow's artifact would be another one without; add what stands here once it is tested"
        )
    strip(folder)


def strip(folder: Path) -> None:
    """Remove what nobody needs at run time: scripts, tests, types, and what installers note down for themselves."""
    for pattern in _NOT_NEEDED:
        for path in list(folder.glob(pattern)):
            _remove(path)
    for path in [path for info in folder.glob("*.dist-info") for path in info.iterdir()]:
        if path.name not in _METADATA:
            _remove(path)
    # A folder that held types alone; a zip has none that are empty.
    for path in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        if not any(path.iterdir()):
            path.rmdir()


def installed(folder: Path) -> dict[str, str]:
    """Return the versions of what is installed in a folder, by normalised name."""
    named = (path.name.removesuffix(".dist-info").partition("-") for path in sorted(folder.glob("*.dist-info")))
    return {_name(name): version for name, _, version in named}


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _reason(told: str, complained: str) -> str:
    """Return what pip gave as its reason: why it could not ask, its errors, and which versions are in conflict."""
    lines = [line.strip() for line in complained.splitlines()]
    broken = [line.partition("after connection broken by ")[2] for line in lines if "connection broken by" in line]
    errors = [line for line in lines if line.startswith("ERROR: ")]
    _, heading, conflict = told.partition("The conflict is caused by:")
    conflict = conflict.partition("\n\n")[0]
    return "\n".join([*broken[:1], *errors, *([heading + conflict] if heading else [])]) or complained.strip()


def _unpinned(folder: Path, constraints: str) -> list[str]:
    pinned = {_name(line) for line in constraints.splitlines() if "==" in line}
    return [f"{name}=={version}" for name, version in installed(folder).items() if name not in pinned]


def _name(requirement: str) -> str:
    # PEP 503: what counts as one name.
    match = re.match(r"\s*([A-Za-z0-9._-]+)", requirement)
    return re.sub(r"[-_.]+", "-", match[1]).lower() if match else ""
