"""People who publish, what they publish, and a store in which something happens at the wrong moment."""

from collections.abc import Callable
from datetime import UTC, datetime

from proxy.publishing.author import Author
from proxy.publishing.publish import Published, publish
from proxy.routing.document import Document
from proxy.routing.reader import read
from proxy.routing.table import Frozen
from proxy.stores.history import Entry, Head, History, StoreFailed

WHEN = "2026-01-31T16:00:00.123Z"
DOCUMENT = """\
version: 1
routes:
  - id: orders.read  # the big one
    match: GET /orders/{id}
    handler: migrated.orders.api:handler
    stage: legacy
  - id: orders.list
    match: GET /orders
    handler: migrated.orders.api:handler
    stage: shadow
  - id: customers.read
    match: GET /customers/{id}
    handler: migrated.customers.api:handler
    stage: canary
    percent: 5
"""


def author(name: str = "ada", why: str = "a reason", *, is_forcing: bool = False) -> Author:
    """Somebody, always at the same time."""
    return Author(name, why, is_forcing, lambda: datetime(2026, 1, 31, 16, 0, 0, 123456, UTC))


def document(text: str = DOCUMENT) -> Document:
    """What a text says."""
    return read(text)


def put(history: History, text: str = DOCUMENT, name: str = "ada") -> Published:
    """Publish a text as it is, whatever it skips."""
    published = publish(history, text, read(text), author(name, is_forcing=True))
    assert published is not None
    return published


def with_line(text: str, before: str, after: str) -> str:
    """A text in which one line says something else."""
    assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times in the text"
    return text.replace(before, after)


class Interrupted:
    """A history to which something happens just before it is written to, once: everybody has read it by then."""

    def __init__(self, history: History, happen: Callable[[], object]) -> None:
        self._history = history
        self._happens = [happen]

    def head(self) -> Head:
        return self._history.head()

    def publish(self, entry: Entry, compiled: bytes, document: str) -> None:
        while self._happens:
            self._happens.pop()()
        self._history.publish(entry, compiled, document)

    def compiled(self, version: int) -> bytes:
        return self._history.compiled(version)

    def document(self, version: int) -> str:
        return self._history.document(version)

    def entries(self, limit: int) -> list[Entry]:
        return self._history.entries(limit)

    def freeze(self, entry: Entry, frozen: Frozen) -> None:
        while self._happens:
            self._happens.pop()()
        self._history.freeze(entry, frozen)


class Failing(Interrupted):
    """A history whose first calls fail, of each method that is named."""

    def __init__(self, history: History, **failures: int) -> None:
        super().__init__(history, lambda: None)
        self._failures = failures

    def _fail(self, method: str) -> None:
        left = self._failures.get(method, 0)
        if left:
            self._failures[method] = left - 1
            raise StoreFailed(f"the store does not answer {method}, {left}")

    def head(self) -> Head:
        self._fail("head")
        return super().head()

    def compiled(self, version: int) -> bytes:
        self._fail("compiled")
        return super().compiled(version)

    def freeze(self, entry: Entry, frozen: Frozen) -> None:
        self._fail("freeze")
        super().freeze(entry, frozen)
