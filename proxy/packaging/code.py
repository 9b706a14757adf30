"""The function's own code in the artifact: what its entries import of `proxy`, and the migrated handlers."""

import shutil
from pathlib import Path
from typing import Final

from proxy.packaging.modules import reachable

PROXY: Final = Path(__file__).parents[1]
HANDLERS: Final = "migrated"


def entries() -> list[str]:
    """Return the modules that Lambda may be told to start."""
    return sorted(f"{PROXY.name}.{path.stem}" for path in PROXY.glob("lambda_*.py"))


def modules() -> dict[str, Path]:
    """Return the modules of `proxy` that belong into the artifact, by name."""
    return reachable(PROXY.parent, entries())


def copy(project: Path, folder: Path) -> list[Path]:
    """Copy the function's code into a folder, and return its modules there.

    Hidden files stay behind: an editor's, or secrets that were for this machine.
    """
    for path in modules().values():
        _copy_file(path, folder / path.relative_to(PROXY.parent))
    handlers = project / HANDLERS
    if handlers.is_dir():
        not_wanted = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(handlers, folder / HANDLERS, ignore=not_wanted, copy_function=_copy_file)
    return [path for room in (PROXY.name, HANDLERS) for path in sorted((folder / room).rglob("*.py"))]


def _copy_file(source: str | Path, copied: str | Path) -> None:
    # The content alone: the artifact has permissions and times of its own.
    copied = Path(copied)
    copied.parent.mkdir(parents=True, exist_ok=True)
    copied.write_bytes(Path(source).read_bytes())
