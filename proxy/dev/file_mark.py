"""What tells a file that was written from the one that was there before."""

import os
from pathlib import Path


def mark_of(path: Path) -> str:
    """Return a text that differs once the file has been written, replaced or removed."""
    try:
        stat = os.stat(path)  # noqa: PTH116  # one call, for three fields
    except OSError as exc:
        return f"unreadable: {exc.errno}"
    return f"{stat.st_ino}:{stat.st_mtime_ns}:{stat.st_size}"
