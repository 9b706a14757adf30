"""What every store of tables offers to the request path."""

from collections.abc import Callable
from typing import NamedTuple, Protocol, get_args

from proxy.errors import TableUnreadable
from proxy.routing import compiled
from proxy.routing.table import Frozen, Table

_HEXADECIMAL = frozenset("0123456789abcdef")
_FREEZES = dict(zip(get_args(Frozen), get_args(Frozen), strict=True))


class Snapshot(NamedTuple):
    """What was published, as it was read, and the mark by which a store can tell cheaply that nothing has changed."""

    table: Table | None  # None: nothing has been published yet
    frozen: Frozen
    mark: str


class Store(Protocol):
    """Where the published table lives, seen from the request path: it only reads."""

    def read(self, previous: Snapshot | None, timeout_s: float) -> Snapshot:
        """Return the current snapshot; `previous` itself if nothing has changed. Raises TableUnreadable in time."""


class Published(NamedTuple):
    """What a head tells a reader: the version in force, 0 if there is none, its table's digest, and the freeze."""

    version: int
    digest: str
    frozen: Frozen


NOTHING = ""  # the mark of a store without a head


def published(version: object, digest: object, frozen: object) -> Published:
    """Return a head's fields, checked: the digest leads to the table. Raises ValueError."""
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise ValueError(f"got version {version!r}, expected a whole number")
    if not isinstance(digest, str) or len(digest) != (64 if version else 0) or not _HEXADECIMAL.issuperset(digest):
        raise ValueError(f"got digest {digest!r} of version {version}, expected 64 hexadecimal digits")
    if not isinstance(frozen, str) or frozen not in _FREEZES:
        # A newer publisher may know more ways to freeze than this function.
        raise ValueError(f"got freeze {frozen!r}, expected one of {list(_FREEZES)}")
    return Published(version, digest, _FREEZES[frozen])


def nothing(previous: Snapshot | None) -> Snapshot:
    """Return the snapshot of a store without a head.

    Raises TableUnreadable if there has been one: whoever deleted it has not thawed what was frozen.
    """
    if previous is not None and previous.mark != NOTHING:
        version = previous.table.version if previous.table else 0
        raise TableUnreadable(f"got no head, expected version {version} or a later one: it was deleted")
    return Snapshot(None, "", NOTHING)


def follow(head: Published, mark: str, previous: Snapshot | None, fetch: Callable[[], bytes]) -> Snapshot:
    """Return the snapshot that a head names. `fetch` gives the compiled table, if `previous` does not hold it already.

    Raises TableUnreadable, which tells the freeze: that one counts, whatever has become of the table.
    """
    if not head.version:
        return Snapshot(None, head.frozen, mark)
    known = previous.table if previous else None
    if known is not None and (known.version, known.digest) == (head.version, head.digest):
        return Snapshot(known, head.frozen, mark)
    try:
        table = compiled.load(fetch())
    except TableUnreadable as exc:
        raise TableUnreadable(f"version {head.version}: {exc}", head.frozen) from exc
    if (table.version, table.digest) != (head.version, head.digest):
        expected = f"version {head.version}, {head.digest[:12]}, as the head says"
        raise TableUnreadable(f"got {table!r}, expected {expected}", head.frozen)
    return Snapshot(table, head.frozen, mark)
