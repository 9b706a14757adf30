"""The same files, whoever packs them and when: one time, two permissions, one order."""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_TIME: Final = (1980, 1, 1, 0, 0, 0)  # the first that a zip can tell
_TIME_S: Final = 315_532_800  # the same, in UTC, for folders that somebody else zips
# Lambda's user is not the one who packed. Source: docs.aws.amazon.com/lambda/latest/dg/python-package.html
_FILE, _FOLDER = 0o644, 0o755
_LEVEL: Final = 9  # 2 s for all of it, once


def settle(folder: Path) -> None:
    """Give everything in a folder, and the folder itself, the permissions and the time of an artifact."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(_FOLDER if path.is_dir() else _FILE)
        os.utime(path, (_TIME_S, _TIME_S))


def files(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder, in the order in which they are packed: by name, each folder's together."""
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def write_zip(folder: Path, archive: Path) -> None:
    """Pack a folder: the same content makes the same bytes, as long as the same zlib compresses them."""
    with zipfile.ZipFile(archive, "w") as packed:
        for path in files(folder):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _TIME)
            entry.create_system = 3  # Unix, so that permissions count; else it would be this machine's system
            entry.external_attr = (0o100000 | _FILE) << 16
            packed.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, _LEVEL)
