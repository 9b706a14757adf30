"""history.jsonl: an entry a line. How many bytes of it count, the head tells; what lies beyond is overwritten."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from proxy.stores.history import Entry, StoreFailed


class Line(NamedTuple):
    """One line of the history."""

    entry: Entry
    document: str = ""  # the SHA-256 of the text that made the version; "" for a freeze or a thaw

    def text(self) -> bytes:
        """Return the line as it is written."""
        fields = {**self.entry._asdict(), "document": self.document}
        # A name from a terminal may hold what is no text; nothing must stop a freeze.
        return json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


class Journal:
    """Reads and writes the history's file. Every method raises StoreFailed for what it cannot make out, and OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def newest_first(self, size: int) -> Iterator[Line]:
        """Return the lines in the first `size` bytes, which are those that count."""
        # Not all at once: a line that cannot be read hides what is older, and nothing that is newer.
        return map(self._line, reversed(self._counted(size).splitlines()))

    def at(self, size: int, position: int) -> Line:
        """Return the line that begins at a position."""
        return self._line(self._counted(size)[position:].partition(b"\n")[0])

    def append(self, size: int, line: Line) -> int:
        """Write a line after those that count, to the disk itself, and return how many bytes will count with it."""
        self._path.touch()
        self._counted(size)
        with self._path.open("rb+") as file:
            file.seek(size)
            # A publisher leaves one line at most when it is killed. More were written under a head that is lost.
            if file.read().count(b"\n") > 1:
                raise StoreFailed(f"{self._path}: got more entries than the head counts; restore the newest head")
            file.seek(size)
            file.truncate()
            written = file.write(line.text())
            file.flush()
            os.fsync(file.fileno())
        return size + written

    def _counted(self, size: int) -> bytes:
        if not size:
            return b""
        with self._path.open("rb") as file:
            data = file.read(size)
        if len(data) < size or not data.endswith(b"\n"):
            got = f"got {len(data)} bytes, expected {size}, the last one the end of a line"
            raise StoreFailed(f"{self._path}: {got}; restore it")
        return data

    def _line(self, data: bytes) -> Line:
        try:
            fields: dict[str, Any] = json.loads(data)  # Any: JSON
            document = fields.pop("document")
            lists = {name: tuple(fields[name]) for name in ("changes", "forced")}
            return Line(Entry(**{**fields, **lists}), document)
        except (ValueError, LookupError, TypeError, AttributeError) as exc:
            raise StoreFailed(f"{self._path}: got a line that is no entry: {exc!r}") from exc
