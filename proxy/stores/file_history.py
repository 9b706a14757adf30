"""The history of a store in one folder (see `file`), for those who publish: a laptop, `fig dev`, a test.

Content is written first, then the entry, then the head by a rename, each of them synced, under a lock that the kernel
frees when its holder dies. The head is the truth: what lies beyond it was left by a publisher that was killed.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from proxy.errors import TableUnreadable
from proxy.routing.compiled import load
from proxy.routing.table import Frozen
from proxy.stores.file import HEAD, table_name
from proxy.stores.file_journal import Journal, Line
from proxy.stores.history import Entry, Head, Moved, StoreFailed, verify
from proxy.stores.store import published

_POLL_S = 0.01


class FileHistory:
    """Publishes to a folder, which is made if need be. Waits `timeout_s` at most for another publisher to be done."""

    def __init__(
        self,
        directory: Path,
        *,
        timeout_s: float = 10.0,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._directory = directory
        self._journal = Journal(directory / "history.jsonl")
        self._timeout_s = timeout_s
        self._now = now
        self._sleep = sleep

    def head(self) -> Head:
        """Return what is in force now. Raises StoreFailed."""
        with _told():
            head = self._head()
            froze = None if head.froze is None else self._journal.at(head.history, head.froze).entry
            return Head(head.version, head.digest, head.frozen, froze)

    def publish(self, entry: Entry, compiled: bytes, document: str) -> None:
        """Make a version and move the head to it. Raises Moved, StoreFailed."""
        verify(entry, compiled)
        text = document.encode()
        address = sha256(text).hexdigest()
        with _told(), self._locked():
            head = self._head()
            if head.version != entry.parent:
                raise Moved(entry.parent, self.head())
            self._replace(table_name(entry.digest), compiled)
            self._replace(_document_name(address), text)
            size = self._journal.append(head.history, Line(entry, address))
            self._replace(HEAD, head._replace(version=entry.version, digest=entry.digest, history=size).text())

    def compiled(self, version: int) -> bytes:
        """Return the compiled table of a version. Raises StoreFailed."""
        digest = self._version(version).entry.digest
        path = self._directory / table_name(digest)
        with _told():
            data = path.read_bytes()
        try:
            found = load(data)
        except TableUnreadable as exc:
            raise StoreFailed(f"{path}: {exc}") from exc
        if (found.version, found.digest) != (version, digest):
            raise StoreFailed(f"{path}: got {found!r}, expected version {version}")
        return data

    def document(self, version: int) -> str:
        """Return the text of routes.yaml that made a version. Raises StoreFailed."""
        address = self._version(version).document
        path = self._directory / _document_name(address)
        with _told():
            data = path.read_bytes()
        if sha256(data).hexdigest() != address:
            raise StoreFailed(f"{path}: got {len(data)} bytes that its name does not fit, expected version {version}'s")
        return data.decode()

    def entries(self, limit: int) -> list[Entry]:
        """Return the newest entries, newest first. Raises StoreFailed."""
        with _told():
            return [line.entry for line in islice(self._journal.newest_first(self._head().history), limit)]

    def freeze(self, entry: Entry, frozen: Frozen) -> None:
        """Set the freeze and note it. Raises StoreFailed."""
        with _told(), self._locked():
            head = self._head()
            size = self._journal.append(head.history, Line(entry))
            froze = head.history if frozen else None
            self._replace(HEAD, head._replace(frozen=frozen, froze=froze, history=size).text())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        for name in (table_name(""), _document_name("")):
            (self._directory / name).parent.mkdir(parents=True, exist_ok=True)
        ends = self._now() + self._timeout_s
        with (self._directory / "lock").open("w") as lock:
            while not _has_locked(lock.fileno()):
                if self._now() >= ends:
                    what = f"got no lock within {self._timeout_s:g} s; end the other publisher, and repeat"
                    raise StoreFailed(f"{self._directory}: {what}")
                self._sleep(_POLL_S)
            yield

    def _head(self) -> "_Head":
        path = self._directory / HEAD
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return _Head()
        try:
            return _Head.parse(data)
        except (ValueError, TypeError) as exc:
            raise StoreFailed(f"{path}: got {len(data)} bytes that are no head: {exc!r}; restore it") from exc

    def _version(self, version: int) -> Line:
        with _told():
            for line in self._journal.newest_first(self._head().history):
                if line.document and line.entry.version == version:
                    return line
        raise StoreFailed(f"{self._directory}: got no version {version} in the history; `fig history` lists them")

    def _replace(self, name: str, data: bytes) -> None:
        """Put a file in place as a whole. One name for what is unfinished: there is one publisher at a time."""
        path = self._directory / name
        unfinished = path.with_name(f"{path.name}.new")
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        # The rename, too, must outlive a power cut.
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def __repr__(self) -> str:
        return f"<FileHistory {self._directory}>"


class _Head(NamedTuple):
    """What head.json holds."""

    version: int = 0
    digest: str = ""
    frozen: Frozen = ""
    froze: int | None = None  # where in the history the entry of the freeze in force begins
    history: int = 0  # bytes of the history that count

    @classmethod
    def parse(cls, data: bytes) -> "_Head":
        head = cls(**json.loads(data))
        published(head.version, head.digest, head.frozen)
        if not isinstance(head.history, int) or not isinstance(head.froze, int | None):
            raise ValueError(f"got {head.history!r} and {head.froze!r} for places in the history")
        return head

    def text(self) -> bytes:
        return json.dumps(self._asdict()).encode() + b"\n"


def _document_name(address: str) -> str:
    return f"documents/{address}.yaml"


def _has_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _told() -> Iterator[None]:
    """Raise what the disk says as StoreFailed."""
    try:
        yield
    except OSError as exc:
        raise StoreFailed(f"{exc.filename or 'the disk'}: cannot be read or written: {exc.strerror}") from exc
