"""What every store of tables offers to the request path."""

from typing import NamedTuple, Protocol

from proxy.routing.table import Table


class Snapshot(NamedTuple):
    """A table as it was read, and the mark by which the store can tell cheaply that nothing has changed."""

    table: Table
    mark: str


class Store(Protocol):
    """Where the published table lives, seen from the request path: it only reads."""

    def read(self, previous: Snapshot | None) -> Snapshot:
        """Return the current snapshot; `previous` itself if nothing has changed. Raises TableUnreadable."""
