"""The current table of this environment: fresh enough when a decision is taken, and never worse than the last good one.

Age of the table      what `current` does
below TTL / 2         nothing
TTL / 2 to TTL        refreshes after the answer: the client does not wait
above TTL             refreshes first, so that an environment that slept for an hour never serves a stale stage; if
                      there is too little time for that, once more after the answer
"""

import time
from collections.abc import Callable
from dataclasses import replace

from proxy.errors import FigError, TableUnreadable
from proxy.routing.table import Frozen, Table
from proxy.stores.store import Snapshot, Store

START_S = 1.0  # nobody waits for the first read yet, but a start that hangs is no start
BEFORE_DECIDING_S = 0.2  # a client waits
BEHIND_ANSWER_S = 2.0

Defer = Callable[[Callable[[float], None]], None]


class CachedTable:
    """Holds the last good table. Its order of trust: the store, the last good one, the baked one, all to legacy.

    `check` raises FigError for a table that this function must not use. `now` is time.monotonic, `wall` time.time.
    """

    def __init__(
        self,
        store: Store | None,
        baked: Table,
        ttl_s: float,
        now: Callable[[], float],
        defer: Defer,
        check: Callable[[Table], None] = lambda _: None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._ttl_s = ttl_s
        self._now = now
        self._defer = defer
        self._wall = wall
        self._check = check
        self._baked = baked
        self._table = baked
        self._good: Table | None = None  # the last good one of the store
        self._seen: Snapshot | None = None  # what was read last, whether it was taken or refused
        self._refusal = ""  # why that one was refused
        self._checked_at = self._checked_wall = -1e9
        self._refresh_is_due = False
        self.failures = 0  # reads that gave no table to use; told in the next record
        self.problem = ""  # why the newest read gave none; "" when it did

    def current(self) -> Table:
        """Return the table to decide by. Never raises, and waits at most BEFORE_DECIDING_S."""
        if self._store is not None:
            # A frozen environment's monotonic clock may stand still, and anybody's wall clock may be set back.
            age = max(self._now() - self._checked_at, self._wall() - self._checked_wall)
            if age > self._ttl_s:
                self.refresh(BEFORE_DECIDING_S)
                if self.problem and self._now() - self._checked_at > BEFORE_DECIDING_S / 2:
                    # Where requests are rare, what takes longer than a client waits would otherwise never be read.
                    self._refresh_behind_answer()
            elif age > self._ttl_s / 2:
                self._refresh_behind_answer()
        return self._table

    def refresh(self, timeout_s: float) -> None:
        """Read the store; on failure keep what is there, and count it. A freeze counts even then."""
        self._refresh_is_due = False
        self._checked_at, self._checked_wall = self._now(), self._wall()
        try:
            frozen: Frozen | None = self._read(timeout_s)
            self.problem = ""
        except FigError as exc:
            self.failures += 1
            self.problem = str(exc)
            frozen = exc.frozen if isinstance(exc, TableUnreadable) else None
        if frozen is not None and frozen != self._table.frozen:
            self._table = replace(self._table, frozen=frozen)

    def _refresh_behind_answer(self) -> None:
        if not self._refresh_is_due:
            self._refresh_is_due = True
            self._defer(lambda deadline: self.refresh(min(BEHIND_ANSWER_S, deadline - self._now())))

    def _read(self, timeout_s: float) -> Frozen:
        """Take the newest table, and return the freeze. Raises TableUnreadable if there is none, or it is refused."""
        assert self._store is not None, "only a table with a store is refreshed"
        snapshot = self._store.read(self._seen, timeout_s)
        if snapshot is not self._seen:
            self._seen = snapshot
            self._refusal = self._why_not(snapshot.table)
            if not self._refusal:
                self._good = snapshot.table
                self._table = replace(snapshot.table or self._baked, frozen=snapshot.frozen)
        if self._refusal:
            raise TableUnreadable(self._refusal, snapshot.frozen)
        return snapshot.frozen

    def _why_not(self, table: Table | None) -> str:
        """Return why a table of the store is not to be used; "" if it is."""
        version = table.version if table else 0
        if self._good is not None and version < self._good.version:
            got = f"version {version}" if version else "nothing"
            return f"table: got {got}, expected version {self._good.version} or a later one"
        try:
            if table is not None and table is not self._good:
                self._check(table)
        except FigError as exc:
            return str(exc)
        return ""

    def __repr__(self) -> str:
        return f"<CachedTable {self._table!r} ttl {self._ttl_s:g}s, {self.failures} failed reads>"
