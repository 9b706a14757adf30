"""routes.yaml on disk -> the table that the workers read; a bad document never replaces a good table."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from proxy.backends import handler_source
from proxy.dev.file_mark import mark_of
from proxy.dev.function_variables import url_problem
from proxy.errors import FigError
from proxy.publishing.author import Author, local_user
from proxy.publishing.publish import publish
from proxy.publishing.workspace import Workspace
from proxy.routing.document import Document
from proxy.routing.reader import read
from proxy.stores.history import Entry, History, StoreFailed

_POLL_S = 0.2
_EDITED = "routes.yaml was edited"
_TOLD = 20  # entries of others that are told at once


class Publisher:
    """Checks and publishes one routes.yaml, now and whenever it changes; tells what others publish meanwhile."""

    def __init__(self, routes: Path, code_root: Path) -> None:
        self._workspace = Workspace(routes)
        self._roots = handler_source.import_roots(code_root)
        self._mark = ""
        self._is_refused = False
        self._trouble = ""  # what was told last, if it is not over
        self._told: Entry | None = None  # the newest entry that was told
        self.version = 0
        self.document = Document(version=1)
        self.text = ""

    def check(self) -> None:
        """Read the file; keep its text, and what it says in `document`. Raises BadDocument, changing nothing.

        A URL whose ${NAME} has no value here is a mistake: the function would refuse the table.
        """
        self._mark = self._mark_of_file()
        text = self._workspace.text()
        self.document = read(text, str(self._workspace.routes), self._handler_problem, url_problem)
        self.text = text

    def publish(self, history: History, why: str = _EDITED) -> list[str]:
        """Publish what was checked as the next version; return what changed, in words. Raises FigError.

        Here a route may jump from legacy to migrated: that is what a person tries out. It is recorded as such. What
        others have published since is never undone.
        """
        author = Author(local_user(), why)
        published = publish(history, self.text, self.document, author, self.version or None, may_jump=True)
        if published is None:
            self.version = history.head().version
            return []
        self.version = published.entry.version
        self._told = published.entry
        return list(published.entry.changes)

    def look_again(self) -> None:
        """Check the file once more if it was refused: a handler that it names may be there by now."""
        if self._is_refused:
            self._mark = ""

    async def watch(
        self, history: History, on_event: Callable[[str], None], prepare: Callable[[], Awaitable[None]]
    ) -> None:
        """Publish every change of the file, for ever; tell what changed, or everything that is wrong.

        `prepare` is awaited between checking and publishing: what the document needs must be there first.
        """
        while True:
            await asyncio.sleep(_POLL_S)
            try:
                if self._mark_of_file() != self._mark:
                    await self._publish(history, on_event, prepare)
                for entry in await asyncio.to_thread(self._news, history):
                    on_event(_in_words(entry))
                self._trouble = ""
            except FigError as exc:
                self._tell_trouble(str(exc), on_event)

    def _tell_trouble(self, what: str, on_event: Callable[[str], None]) -> None:
        # A store that is down is asked again and again, but told once.
        if what != self._trouble:
            on_event(f"{what}\ntable version {self.version} stays in force")
        self._trouble = what

    async def _publish(
        self, history: History, on_event: Callable[[str], None], prepare: Callable[[], Awaitable[None]]
    ) -> None:
        before = self.version
        try:
            self._is_refused = True
            await asyncio.to_thread(self.check)
            self._is_refused = False
            await prepare()
            changes = await asyncio.to_thread(self.publish, history)
        except StoreFailed:
            self._mark = ""  # what was written meanwhile is published when the store is back
            raise
        if changes:
            on_event("\n".join([f"table version {self.version} published", *(f"  {line}" for line in changes)]))
        elif self.version == before:  # else a command has published it and then written the file
            on_event(f"table version {self.version} says the same, nothing was published")

    def _news(self, history: History) -> list[Entry]:
        """Return what others have published, oldest first."""
        newest = history.entries(1)
        if newest[:1] == [self._told] or not newest:
            return []
        entries = history.entries(_TOLD)
        known = entries.index(self._told) if self._told in entries else len(entries)
        self._told = entries[0]
        return entries[:known][::-1]

    def _handler_problem(self, reference: str) -> str | None:
        return handler_source.problem_with(reference, self._roots)

    def _mark_of_file(self) -> str:
        return mark_of(self._workspace.routes)


def _in_words(entry: Entry) -> str:
    what = f"table version {entry.version} published by {entry.who} ({entry.kind}: {entry.why})"
    if not entry.digest:
        what = f"{entry.kind} by {entry.who}: {entry.why}"
    return "\n".join([what, *(f"  {line}" for line in entry.changes)])
