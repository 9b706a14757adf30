"""The folder that a person works in: routes.yaml, and in `.fig/` what `fig` knows of it."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from proxy.errors import BadDocument
from proxy.routing.reader import MAX_BYTES

_KEPT = 20  # stores whose version is remembered; each `fig dev` has one of its own


class Workspace:
    """A routes.yaml, and the version of each store that it was last the same as."""

    def __init__(self, routes: Path) -> None:
        self.routes = routes
        self.folder = routes.parent / ".fig"
        """Where `fig` keeps its own files."""

    def text(self) -> str:
        """Return the text of routes.yaml. Raises BadDocument if there is none that can be read."""
        name = str(self.routes)  # as it was named, for an editor to jump there
        try:
            with self.routes.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
            if len(data) > MAX_BYTES:
                raise BadDocument([f"{name}:1:1 got more than {MAX_BYTES} bytes, expected at most that many"])
            return data.decode()
        except OSError as exc:
            raise BadDocument([f"{name}: cannot be read: {exc.strerror}"]) from exc
        except UnicodeDecodeError as exc:
            raise BadDocument([f"{name}: byte {exc.start} is not UTF-8; save the file as UTF-8"]) from exc

    def above(self) -> str:
        """Return how to get to a document of that name in a folder above, as the end of a message; "" without one."""
        if self.routes.parent != Path():
            return ""
        for depth, folder in enumerate(Path.cwd().parents, 1):
            if (folder / self.routes).is_file():
                up = "/".join([".."] * depth)
                return f"; there is one in {up}, go there or take --routes {up}/{self.routes}"
        return ""

    def write(self, text: str) -> None:
        """Put a text in place of routes.yaml, as a whole; its permissions stay. Raises OSError."""
        mode = self.routes.stat().st_mode & 0o777 if self.routes.exists() else 0o644
        _replace(self.routes.resolve(), text.encode(), mode)  # resolved: a link stays a link

    def base(self, store: str) -> int | None:
        """Return the version of a store that the file was taken from; None if that is not known."""
        version = self._bases().get(self._key(store))
        return version if isinstance(version, int) else None

    def note_base(self, store: str, version: int) -> None:
        """Remember that the file is the same as a version of a store."""
        key = self._key(store)
        bases = {name: known for name, known in self._bases().items() if name != key}
        self.put("base.json", {**dict(list(bases.items())[1 - _KEPT :]), key: version})

    def put(self, name: str, content: dict[str, Any]) -> bool:  # Any: JSON
        """Write a file of `fig`'s own, and tell whether that could be done: mostly it is no reason to fail."""
        try:
            self.folder.mkdir(exist_ok=True)
            ignore = self.folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n")
            _replace(self.folder / name, json.dumps(content).encode(), 0o600)
        except OSError:
            return False
        return True

    def get(self, name: str) -> dict[str, Any]:  # Any: JSON
        """Return a file of `fig`'s own; empty if there is none."""
        try:
            content = json.loads((self.folder / name).read_text())
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def remove(self, name: str) -> None:
        """Remove a file of `fig`'s own, if it is there."""
        (self.folder / name).unlink(missing_ok=True)

    def _key(self, store: str) -> str:
        return f"{self.routes.name}: {store}"  # a folder may hold several documents

    def _bases(self) -> dict[str, Any]:
        return self.get("base.json")


def _replace(path: Path, content: bytes, mode: int) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except OSError:
            Path(file.name).unlink(missing_ok=True)
            raise
