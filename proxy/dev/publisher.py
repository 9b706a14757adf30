"""routes.yaml on disk -> the table that the workers read; a bad document never replaces a good table."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from proxy.backends import handler_source
from proxy.errors import BadDocument
from proxy.routing.compile import compile_table
from proxy.routing.document import MAX_BYTES, Document, read
from proxy.stores.file import FileStore

_POLL_S = 0.2


class Publisher:
    """Checks, compiles and publishes one routes.yaml, now and whenever it changes."""

    def __init__(self, routes: Path, store: FileStore, code_root: Path) -> None:
        self._routes = routes
        self._store = store
        self._roots = handler_source.import_roots(code_root)
        self._mark = ""
        self.version = 0
        self.document = Document(version=1)

    def publish(self) -> list[str]:
        """Publish the file as the next version; return what changed, in words. Raises BadDocument, changing nothing."""
        self._mark = self._mark_of_file()
        document = read(self._text(), self._routes.name, self._handler_problem)
        changes = _changes(self.document, document) if self.version else []
        self._store.write(compile_table(document, self.version + 1))
        self.version += 1
        self.document = document
        return changes

    async def watch(self, on_event: Callable[[str], None]) -> None:
        """Publish every change of the file, for ever; tell what changed, or everything that is wrong."""
        while True:
            await asyncio.sleep(_POLL_S)
            if self._mark_of_file() == self._mark:
                continue
            try:
                changes = await asyncio.to_thread(self.publish)
            except BadDocument as exc:
                on_event("\n".join([*exc.problems, f"table version {self.version} stays in force"]))
            except OSError as exc:
                on_event(f"the table cannot be written: {exc.strerror}\ntable version {self.version} stays in force")
            else:
                on_event("\n".join([f"table version {self.version} published", *(f"  {line}" for line in changes)]))

    def _handler_problem(self, reference: str) -> str | None:
        return handler_source.problem_with(reference, self._roots)

    def _text(self) -> str:
        try:
            with self._routes.open("rb") as file:
                return file.read(MAX_BYTES + 1).decode()
        except OSError as exc:
            raise BadDocument([f"{self._routes.name}: cannot be read: {exc.strerror}"]) from exc
        except UnicodeDecodeError as exc:
            raise BadDocument([f"{self._routes.name}: byte {exc.start} is not UTF-8; save the file as UTF-8"]) from exc

    def _mark_of_file(self) -> str:
        try:
            stat = os.stat(self._routes)  # noqa: PTH116  # the same call as the store's, for the same three fields
        except OSError as exc:
            return f"unreadable: {exc.errno}"
        return f"{stat.st_ino}:{stat.st_mtime_ns}:{stat.st_size}"


def _changes(before: Document, after: Document) -> list[str]:
    old = {route.id: route for route in before.routes}
    new = {route.id: route for route in after.routes}
    lines = [f"{name}: added, {route.stage}" for name, route in new.items() if name not in old]
    lines += [f"{name}: removed, legacy answers" for name in old if name not in new]
    for name in old.keys() & new.keys():
        if old[name].stage != new[name].stage:
            lines.append(f"{name}: {old[name].stage} → {new[name].stage}")
        elif old[name] != new[name]:
            lines.append(f"{name}: changed")
    return sorted(lines)
