"""The current table of this environment: fresh enough when a decision is taken, and never worse than the last good one.

Age of the table      what `current` does
below TTL / 2         nothing
TTL / 2 to TTL        refreshes after the answer: the client does not wait
above TTL             refreshes first, so that an environment that slept for an hour never serves a stale stage
"""

from collections.abc import Callable

from proxy.errors import TableUnreadable
from proxy.routing.table import NO_ROUTES, Table
from proxy.stores.store import Snapshot, Store

Defer = Callable[[Callable[[float], None]], None]


class CachedTable:
    """Holds the last good table. Its order of trust: the store, the last good one, the baked one, all to legacy."""

    def __init__(
        self, store: Store | None, baked: Store | None, ttl_s: float, now: Callable[[], float], defer: Defer
    ) -> None:
        self._store = store
        self._ttl_s = ttl_s
        self._now = now
        self._defer = defer
        self._snapshot: Snapshot | None = None
        self._fallback = self._read_baked(baked)
        self._checked_at = -1e9
        self._refresh_is_due = False
        self.failures = 0  # reads that failed; told in the next record
        self.problem = ""  # why the newest read failed; "" when it did not

    def current(self) -> Table:
        """Return the table to decide by. Never raises, never waits when the table is younger than its TTL."""
        if self._store is not None:
            age = self._now() - self._checked_at
            if age > self._ttl_s:
                self.refresh()
            elif age > self._ttl_s / 2 and not self._refresh_is_due:
                self._refresh_is_due = True
                self._defer(lambda _deadline: self.refresh())
        return self._snapshot.table if self._snapshot else self._fallback

    def refresh(self) -> None:
        """Read the store; on failure keep what is there, and count it."""
        assert self._store is not None, "only a table with a store is refreshed"
        self._refresh_is_due = False
        self._checked_at = self._now()
        try:
            self._snapshot = self._store.read(self._snapshot)
            self.problem = ""
        except TableUnreadable as exc:
            self.failures += 1
            self.problem = str(exc)

    def _read_baked(self, baked: Store | None) -> Table:
        if baked is None:
            return NO_ROUTES
        try:
            return baked.read(None).table
        except TableUnreadable:
            return NO_ROUTES  # law: no readable table, then legacy answers everything

    def __repr__(self) -> str:
        table = self._snapshot.table if self._snapshot else self._fallback
        return f"<CachedTable {table!r} ttl {self._ttl_s:g}s, {self.failures} failed reads>"
