"""What every store of tables offers to those who publish: versions that never change, and a head that names one.

A version is whole before the head names it, and the head moves only from the version that the publisher has seen. So
two publishers at once cannot both win, and one that is killed at any point leaves a head that names a whole version.
"""

from typing import Literal, NamedTuple, Protocol

from proxy.errors import FigError, TableUnreadable
from proxy.routing.compiled import load
from proxy.routing.table import Frozen

Kind = Literal["publish", "flip", "rollback", "freeze", "thaw"]


class Entry(NamedTuple):
    """One line of the history: who did what, when and why."""

    kind: Kind
    version: int  # that it made; for a freeze or a thaw, the one that was in force
    parent: int  # the version that it replaced; 0: there was none
    digest: str  # of the compiled table; "" for a freeze or a thaw
    who: str
    when: str  # ISO 8601 in UTC, to the millisecond: "2026-01-31T16:00:00.123Z"
    why: str
    changes: tuple[str, ...] = ()  # in words: "orders.read: legacy → canary 5 %"
    forced: tuple[str, ...] = ()  # what would have been refused without --force
    back_to: int | None = None  # of a rollback: the version that it has put in force again
    route: str = ""  # of a rollback that put back one route alone: its id


class Head(NamedTuple):
    """Which version is in force. Version 0: nothing has been published."""

    version: int = 0
    digest: str = ""
    frozen: Frozen = ""
    froze: Entry | None = None  # the freeze that is in force


class StoreFailed(FigError):
    """The store cannot be read or written; the message says which, where, why and the cure."""

    code = "store_failed"


class Moved(StoreFailed):
    """The head has moved since the publisher read it; `head` is where it is now. Nothing was written."""

    code = "moved"

    def __init__(self, expected: int, head: Head) -> None:
        super().__init__(f"got version {head.version} in force, expected {expected}: somebody has published meanwhile")
        self.head = head


class History(Protocol):
    """Where tables are published. Every method raises StoreFailed when the store does not answer or refuses."""

    def head(self) -> Head:
        """Return what is in force now."""

    def publish(self, entry: Entry, compiled: bytes, document: str) -> None:
        """Make `entry.version` from its parent, with the compiled table and the text of routes.yaml, and move the head.

        A freeze in force stays. Raises Moved if the head is not at `entry.parent`; nothing is changed then.
        """

    def compiled(self, version: int) -> bytes:
        """Return the compiled table of a version. Raises StoreFailed if there is no such version."""

    def document(self, version: int) -> str:
        """Return the text of routes.yaml that made a version. Raises StoreFailed if there is no such version."""

    def entries(self, limit: int) -> list[Entry]:
        """Return the newest entries, newest first, freezes and thaws among them."""

    def freeze(self, entry: Entry, frozen: Frozen) -> None:
        """Set the head's freeze ("" lifts it) whatever version is in force, and note it in the history."""


def verify(entry: Entry, data: bytes) -> None:
    """Make sure that a compiled table is whole, and the one that an entry speaks of. Raises StoreFailed.

    A head that names anything else would be refused by every function: the last moment to find out is before it moves.
    """
    try:
        table = load(data)
    except TableUnreadable as exc:
        raise StoreFailed(f"version {entry.version} cannot be published: {exc}") from exc
    wanted = (entry.parent + 1, entry.version, entry.digest)
    if (table.version, table.version, table.digest) != wanted:
        got = f"table version {table.version}, {table.digest[:12]}"
        expected = f"version {entry.version}, {entry.digest[:12]}, made from {entry.parent}"
        raise StoreFailed(f"version {entry.version} cannot be published: got {got}, expected {expected}")
