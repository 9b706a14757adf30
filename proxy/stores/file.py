"""A store in one file: the compiled table, replaced as a whole by a rename."""

import os

from proxy.errors import TableUnreadable
from proxy.routing.table import load
from proxy.stores.store import Snapshot


class FileStore:
    """Reads and writes one compiled table at a path. A reader sees the old table or the new one, never a part."""

    def __init__(self, path: str) -> None:
        self._path = path

    def read(self, previous: Snapshot | None) -> Snapshot:
        """Return the current snapshot; `previous` if the file is the same. Raises TableUnreadable."""
        try:
            stat = os.stat(self._path)  # noqa: PTH116  # pathlib would be one more import at every cold start
            # A rename gives a new inode, so two writes within one tick of the clock still differ.
            mark = f"{stat.st_ino}:{stat.st_mtime_ns}:{stat.st_size}"
            if previous is not None and previous.mark == mark:
                return previous
            with open(self._path, "rb") as file:  # noqa: PTH123  # the same
                return Snapshot(load(file.read()), mark)
        except OSError as exc:
            raise TableUnreadable(f"{self._path}: cannot be read: {exc.strerror}") from exc

    def write(self, compiled: bytes) -> None:
        """Put a compiled table in place of the one that is there; a crash at any point leaves one whole table."""
        import tempfile  # 3 ms; only writers pay
        from pathlib import Path

        path = Path(self._path)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
            try:
                file.write(compiled)
                file.flush()
                # A temporary file is its writer's alone, but the function is another user.
                os.fchmod(file.fileno(), 0o644)
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except OSError:
                Path(file.name).unlink(missing_ok=True)
                raise

    def __repr__(self) -> str:
        return f"<FileStore {self._path}>"
