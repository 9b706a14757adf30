"""How large an artifact is, against what Lambda takes."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from proxy.packaging import archive

# Source: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html; its MB are 1024 × 1024 bytes
MB: Final = 1024 * 1024
MAX_UPLOAD: Final = 50 * MB  # in one call; from a bucket it may be larger
MAX_UNZIPPED: Final = 250 * MB
_LARGEST: Final = 6


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of an artifact."""

    zipped: int | None  # None: a folder, which somebody else zips
    unzipped: int
    parts: dict[str, int]  # by what lies at the top, the largest first

    def lines(self) -> list[str]:
        """Return it for people."""
        zipped = []
        if self.zipped is not None:
            more = " (upload it to a bucket first)" if self.zipped > MAX_UPLOAD else ""
            zipped = [f"zipped    {_mb(self.zipped)} of {_mb(MAX_UPLOAD)} that Lambda takes in one call{more}"]
        largest = list(self.parts.items())[:_LARGEST]
        others = self.unzipped - sum(size for _, size in largest)
        return [
            *zipped,
            f"unzipped  {_mb(self.unzipped)} of {_mb(MAX_UNZIPPED)}",
            *(f"  {_mb(size)}  {name}" for name, size in [*largest, ("everything else", others)]),
        ]


def measure(folder: Path, zipped: Path | None) -> Size:
    """Return the size of what is in a folder, and of the zip that was made of it."""
    parts: Counter[str] = Counter()
    for path in archive.files(folder):
        name = path.relative_to(folder).parts[0]
        parts["metadata of packages" if name.endswith(".dist-info") else name] += path.stat().st_size
    return Size(zipped.stat().st_size if zipped else None, parts.total(), dict(parts.most_common()))


def _mb(size: int) -> str:
    return f"{size / MB:6.1f} MB"
