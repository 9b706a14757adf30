"""Where the artifact goes: all of it at once, or nothing. Whatever ends the work, no half artifact is left behind."""

import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from proxy.packaging.refusal import Misuse, Refused

SUFFIX: Final = ".zip"


def check(output: Path) -> None:
    """Raise Misuse for what is there already and is no artifact of ours to replace.

    A zip is replaced; a folder has to be empty, as the one is that `sam build` has made.
    """
    if output.suffix == SUFFIX and (output.is_dir() or (output.exists() and not zipfile.is_zipfile(output))):
        raise Misuse(f"--output: got {output}, which is there and is no zip; remove it, or name another file")
    if output.suffix != SUFFIX and output.exists():
        if not output.is_dir():
            raise Misuse(f"--output: got {output}, which is a file, expected FILE{SUFFIX} or a folder")
        if any(output.iterdir()):
            raise Misuse(f"--output: got {output}, a folder that is not empty; remove it, or name another one")


@contextmanager
def placed(output: Path) -> Iterator[Path]:
    """Give a path; what is there when the block ends well becomes the output, in one step. Raises Misuse, Refused.

    It lies beside the output, for a step from one file system to another would not be one.
    """
    place = output.resolve()
    try:
        check(output)
        place.parent.mkdir(parents=True, exist_ok=True)
        aside = tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{place.name}.")
    except OSError as exc:
        raise _unwritable(output, exc) from exc
    with aside as folder:
        made = Path(folder) / f"made{place.suffix}"
        try:
            yield made
        except OSError as exc:  # the disk is full, or a file went away
            raise Refused(f"{output}: the artifact could not be finished: {exc}") from exc
        try:
            check(output)
            os.replace(made, place)  # noqa: PTH105  # a folder takes the place of an empty one, too
        except OSError as exc:
            raise _unwritable(output, exc) from exc


def _unwritable(output: Path, exc: OSError) -> Misuse:
    return Misuse(f"--output: got {output}, which cannot be written ({exc.strerror}); name another one")
