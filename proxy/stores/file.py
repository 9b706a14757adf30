"""A store in one folder, seen from the request path; `file_history` writes it.

head.json                 which version is in force, and the freeze; replaced as a whole by a rename
tables/<digest>.json      compiled tables
documents/<sha256>.yaml   the texts of routes.yaml that they were made from
history.jsonl             an entry a line; the head tells how many bytes of it count
"""

import json
import os

from proxy.errors import TableUnreadable
from proxy.stores.store import Published, Snapshot, follow, nothing, published

HEAD = "head.json"


def table_name(digest: str) -> str:
    """Return where a compiled table lies in the folder."""
    return f"tables/{digest}.json"


class FileStore:
    """Reads the table in force from a folder. A reader sees what was published before or after, never a part."""

    def __init__(self, directory: str) -> None:
        self._directory = directory

    def read(self, previous: Snapshot | None, timeout_s: float) -> Snapshot:  # noqa: ARG002  # a disk answers at once
        """Return the current snapshot; `previous` itself if nothing has changed. Raises TableUnreadable."""
        try:
            return self._read(previous)
        except TableUnreadable as exc:
            raise TableUnreadable(f"{self._directory}: {exc}", exc.frozen) from exc

    def _read(self, previous: Snapshot | None) -> Snapshot:
        try:
            data = self._bytes(HEAD)
        except FileNotFoundError as exc:
            if not os.path.isdir(self._directory):  # noqa: PTH112  # pathlib would be one more import at cold start
                raise TableUnreadable("got no such folder, expected the one that tables are published to") from exc
            return nothing(previous)
        except OSError as exc:
            raise TableUnreadable(f"{HEAD} cannot be read: {exc.strerror}") from exc
        # The whole head is the mark: a time and an inode can be those of an earlier file, and a head is short.
        mark = data.decode("latin-1")
        if previous is not None and previous.mark == mark:
            return previous
        head = _published(data)
        return follow(head, mark, previous, lambda: self._table(head.digest))

    def _table(self, digest: str) -> bytes:
        try:
            return self._bytes(table_name(digest))
        except OSError as exc:
            raise TableUnreadable(f"{table_name(digest)} cannot be read: {exc.strerror}") from exc

    def _bytes(self, name: str) -> bytes:
        with open(f"{self._directory}/{name}", "rb") as file:  # noqa: PTH123  # the same
            return file.read()

    def __repr__(self) -> str:
        return f"<FileStore {self._directory}>"


def _published(data: bytes) -> Published:
    try:
        fields = json.loads(data)
        return published(fields["version"], fields["digest"], fields["frozen"])
    except (ValueError, LookupError, TypeError, RecursionError) as exc:
        raise TableUnreadable(f"{HEAD}: got {len(data)} bytes that are no head: {exc!r}") from exc
