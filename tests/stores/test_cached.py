"""The current table of an environment, over the life of one."""

from collections.abc import Callable

import pytest

from proxy.errors import TableUnreadable
from proxy.routing.table import NO_ROUTES, Table
from proxy.stores.cached import CachedTable
from proxy.stores.store import Snapshot
from tests.samples import table

TTL_S = 10.0


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Scripted:
    """A store that answers with what a test put into it; None cannot be read."""

    def __init__(self, *versions: int | None) -> None:
        self.versions = list(versions)
        self.reads = 0

    def read(self, previous: Snapshot | None) -> Snapshot:
        self.reads += 1
        version = self.versions[min(self.reads, len(self.versions)) - 1]
        if version is None:
            raise TableUnreadable(f"table: read {self.reads} failed")
        if previous is not None and previous.table.version == version:
            return previous
        return Snapshot(table(version=version), str(version))


class Behind:
    """What runs after an answer, when the test says so."""

    def __init__(self) -> None:
        self.jobs: list[Callable[[float], None]] = []

    def __call__(self, job: Callable[[float], None]) -> None:
        self.jobs.append(job)

    def run(self) -> None:
        while self.jobs:
            self.jobs.pop(0)(0.0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.mark.parametrize(
    ("age_s", "reads_before_the_answer", "version", "reads_behind_it"),
    [
        (0.0, 1, 1, 0),
        (4.9, 1, 1, 0),
        (5.0, 1, 1, 0),
        (5.1, 1, 1, 1),
        (9.9, 1, 1, 1),
        (10.0, 1, 1, 1),
        (10.1, 2, 2, 0),
        (3600.0, 2, 2, 0),
    ],
)
def test_table_is_refreshed_by_its_age(
    clock: Clock, behind: Behind, age_s: float, reads_before_the_answer: int, version: int, reads_behind_it: int
) -> None:
    """Below half its TTL nothing, up to its TTL behind the answer, above it first."""
    store = Scripted(1, 2)
    cached = CachedTable(store, None, TTL_S, clock, behind)
    cached.current()
    clock.now_s += age_s

    current, reads = cached.current(), store.reads
    behind.run()

    assert (current.version, reads, store.reads - reads) == (version, reads_before_the_answer, reads_behind_it)


def test_refresh_behind_an_answer_is_asked_for_once_and_seen_by_the_next(clock: Clock, behind: Behind) -> None:
    store = Scripted(1, 2)
    cached = CachedTable(store, None, TTL_S, clock, behind)
    cached.current()
    clock.now_s += 6

    before = [cached.current().version for _ in range(5)]
    waiting = len(behind.jobs)
    behind.run()

    assert (before, waiting, cached.current().version, store.reads) == ([1] * 5, 1, 2, 2)


def test_refresh_that_was_dropped_is_made_when_the_table_is_too_old(clock: Clock, behind: Behind) -> None:
    store = Scripted(1, 2, 3)
    cached = CachedTable(store, None, TTL_S, clock, behind)
    cached.current()
    clock.now_s += 6
    cached.current()
    behind.jobs.clear()
    clock.now_s += 5

    versions = [cached.current().version]
    clock.now_s += 6
    cached.current()
    behind.run()
    versions.append(cached.current().version)

    assert versions == [2, 3]


def test_store_that_fails_leaves_the_last_good_table_and_is_counted(clock: Clock, behind: Behind) -> None:
    """No readable table: the last good one."""
    cached = CachedTable(Scripted(1, None, None, 2), Scripted(9), TTL_S, clock, behind)
    seen: list[tuple[int, int, str]] = []

    for _ in range(4):
        seen.append((cached.current().version, cached.failures, cached.problem))
        clock.now_s += TTL_S + 1

    assert seen == [
        (1, 0, ""),
        (1, 1, "table: read 2 failed"),
        (1, 2, "table: read 3 failed"),
        (2, 2, ""),
    ]


def test_store_that_fails_is_not_asked_again_before_its_time(clock: Clock, behind: Behind) -> None:
    store = Scripted(None)
    cached = CachedTable(store, None, TTL_S, clock, behind)

    for _ in range(10):
        cached.current()

    assert store.reads == 1


@pytest.mark.parametrize(
    ("store", "baked", "version", "failures"),
    [
        (Scripted(1), Scripted(9), 1, 0),
        (Scripted(None), Scripted(9), 9, 1),
        (None, Scripted(9), 9, 0),
        (Scripted(1), Scripted(None), 1, 0),
        (Scripted(1), None, 1, 0),
    ],
)
def test_table_comes_from_the_store_and_then_from_the_artifact(
    clock: Clock, behind: Behind, store: Scripted | None, baked: Scripted | None, version: int, failures: int
) -> None:
    """No readable table: the last good one, then the one in the artifact."""
    cached = CachedTable(store, baked, TTL_S, clock, behind)

    assert (cached.current().version, cached.failures) == (version, failures)


@pytest.mark.parametrize(
    ("store", "baked"), [(None, None), (Scripted(None), None), (None, Scripted(None)), (Scripted(None), Scripted(None))]
)
def test_without_any_table_legacy_answers_everything(
    clock: Clock, behind: Behind, store: Scripted | None, baked: Scripted | None
) -> None:
    """No readable table: the last good one, then the one in the artifact, then legacy."""
    current = CachedTable(store, baked, TTL_S, clock, behind).current()

    assert (current, current.match("GET", "/")) == (NO_ROUTES, None)


def test_table_without_a_store_never_ages(clock: Clock, behind: Behind) -> None:
    cached = CachedTable(None, Scripted(9), TTL_S, clock, behind)
    clock.now_s += 1e6

    assert (cached.current().version, behind.jobs) == (9, [])


def test_table_that_did_not_change_stays_the_same_object(clock: Clock, behind: Behind) -> None:
    cached = CachedTable(Scripted(1), None, TTL_S, clock, behind)
    first: Table = cached.current()
    clock.now_s += TTL_S + 1

    assert cached.current() is first


def test_cached_table_shows_its_table_and_its_failures(clock: Clock, behind: Behind) -> None:
    cached = CachedTable(Scripted(1, None), None, TTL_S, clock, behind)
    first = cached.current()
    clock.now_s += TTL_S + 1
    cached.current()

    assert repr(cached) == f"<CachedTable {first!r} ttl 10s, 1 failed reads>"
