"""The current table of an environment, over the life of one."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from proxy.errors import BadSettings, TableUnreadable
from proxy.routing.table import NO_ROUTES, Frozen, Table
from proxy.stores.cached import BEFORE_DECIDING_S, BEHIND_ANSWER_S, START_S, CachedTable
from proxy.stores.store import Snapshot

TTL_S = 10.0
BAKED = Table(version=9, digest="baked")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Scripted:
    """A store that answers with what a test put into it, the last for ever: snapshots, or why there is none."""

    def __init__(self, *answers: Snapshot | TableUnreadable) -> None:
        self.answers = list(answers)
        self.reads: list[tuple[str, float]] = []  # the mark of the previous snapshot, and the time limit

    def read(self, previous: Snapshot | None, timeout_s: float) -> Snapshot:
        self.reads.append((previous.mark if previous else "", timeout_s))
        answer = self.answers[min(len(self.reads), len(self.answers)) - 1]
        if isinstance(answer, TableUnreadable):
            raise answer
        return previous if previous is not None and previous.mark == answer.mark else answer


class Slow(Scripted):
    """A store that always takes the whole time that it is given, and then fails; the clock goes on meanwhile."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(TableUnreadable("table: too slow"))
        self._clock = clock

    def read(self, previous: Snapshot | None, timeout_s: float) -> Snapshot:
        self._clock.now_s += timeout_s
        return super().read(previous, timeout_s)


class Behind:
    """What runs after an answer, when the test says so."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.jobs: list[Callable[[float], None]] = []

    def __call__(self, job: Callable[[float], None]) -> None:
        self.jobs.append(job)

    def run(self, left_s: float = 60.0) -> None:
        while self.jobs:
            self.jobs.pop(0)(self._clock() + left_s)


def snapshot(version: int, frozen: Frozen = "") -> Snapshot:
    """Return what a store has when a version is in force; 0 is none."""
    table = Table(version=version, digest=f"{version:064}") if version else None
    return Snapshot(table, frozen, f"{version} {frozen}")


ONE = snapshot(1)


def failed(number: int = 1, frozen: Frozen | None = None) -> TableUnreadable:
    """Return why a read gave nothing."""
    return TableUnreadable(f"table: read {number} failed", frozen)


def refuse(*versions: int) -> Callable[[Table], None]:
    """Return a check that refuses some versions."""

    def check(table: Table) -> None:
        if table.version in versions:
            raise BadSettings(f"version {table.version} refused")

    return check


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def behind(clock: Clock) -> Behind:
    return Behind(clock)


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
    store = Scripted(snapshot(1), snapshot(2))
    cached = CachedTable(store, NO_ROUTES, TTL_S, clock, behind)
    cached.current()
    clock.now_s += age_s

    current, reads = cached.current(), len(store.reads)
    behind.run()

    assert (current.version, reads, len(store.reads) - reads) == (version, reads_before_the_answer, reads_behind_it)


def test_store_gets_less_time_where_a_client_waits(clock: Clock, behind: Behind) -> None:
    store = Scripted(snapshot(1))
    cached = CachedTable(store, NO_ROUTES, TTL_S, clock, behind)
    cached.refresh(START_S)
    clock.now_s += TTL_S + 1
    cached.current()
    for left_s in (60.0, 0.5):
        clock.now_s += 6
        cached.current()
        behind.run(left_s)

    assert [limit for _, limit in store.reads] == [START_S, BEFORE_DECIDING_S, BEHIND_ANSWER_S, 0.5]


def test_refresh_behind_an_answer_is_asked_for_once_and_seen_by_the_next(clock: Clock, behind: Behind) -> None:
    store = Scripted(snapshot(1), snapshot(2))
    cached = CachedTable(store, NO_ROUTES, TTL_S, clock, behind)
    cached.current()
    clock.now_s += 6

    before = [cached.current().version for _ in range(5)]
    waiting = len(behind.jobs)
    behind.run()

    assert (before, waiting, cached.current().version, len(store.reads)) == ([1] * 5, 1, 2, 2)


def test_refresh_that_was_dropped_is_made_when_the_table_is_too_old(clock: Clock, behind: Behind) -> None:
    store = Scripted(snapshot(1), snapshot(2), snapshot(3))
    cached = CachedTable(store, NO_ROUTES, TTL_S, clock, behind)
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


def test_table_that_takes_longer_than_a_client_waits_is_read_behind_the_answer(clock: Clock, behind: Behind) -> None:
    """Where requests are rarer than the TTL, no other refresh would ever have the time."""
    store = Slow(clock)
    cached = CachedTable(store, BAKED, TTL_S, clock, behind)

    version = cached.current().version
    behind.run()

    assert (version, [limit for _, limit in store.reads]) == (9, [BEFORE_DECIDING_S, BEHIND_ANSWER_S])


def test_store_that_fails_at_once_is_not_asked_again_before_its_time(clock: Clock, behind: Behind) -> None:
    store = Scripted(failed())
    cached = CachedTable(store, NO_ROUTES, TTL_S, clock, behind)

    for _ in range(10):
        cached.current()
        behind.run()

    assert len(store.reads) == 1


def test_store_that_fails_leaves_the_last_good_table_and_is_counted(clock: Clock, behind: Behind) -> None:
    """No readable table: the last good one."""
    store = Scripted(snapshot(1), failed(2), failed(3), snapshot(2))
    cached = CachedTable(store, BAKED, TTL_S, clock, behind)
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


@pytest.mark.parametrize(
    ("store", "baked", "table", "failures"),
    [
        (Scripted(ONE), BAKED, ONE.table, 0),
        (Scripted(snapshot(0)), BAKED, BAKED, 0),
        (Scripted(failed()), BAKED, BAKED, 1),
        (None, BAKED, BAKED, 0),
        (Scripted(ONE), NO_ROUTES, ONE.table, 0),
        (Scripted(snapshot(0)), NO_ROUTES, NO_ROUTES, 0),
        (Scripted(failed()), NO_ROUTES, NO_ROUTES, 1),
        (None, NO_ROUTES, NO_ROUTES, 0),
    ],
)
def test_table_comes_from_the_store_and_then_from_the_artifact(
    clock: Clock, behind: Behind, store: Scripted | None, baked: Table, table: Table, failures: int
) -> None:
    """No readable table: the last good one, then the one in the artifact, then legacy."""
    cached = CachedTable(store, baked, TTL_S, clock, behind)

    assert (cached.current(), cached.failures) == (table, failures)


def test_table_without_a_store_never_ages(clock: Clock, behind: Behind) -> None:
    cached = CachedTable(None, BAKED, TTL_S, clock, behind)
    clock.now_s += 1e6

    assert (cached.current(), behind.jobs) == (BAKED, [])


def test_table_that_did_not_change_stays_the_same_object(clock: Clock, behind: Behind) -> None:
    cached = CachedTable(Scripted(snapshot(1)), NO_ROUTES, TTL_S, clock, behind)
    first = cached.current()
    clock.now_s += TTL_S + 1

    assert cached.current() is first


@pytest.mark.parametrize("baked", [BAKED, NO_ROUTES])
def test_freeze_before_anything_is_published_holds_for_the_table_in_the_artifact(
    clock: Clock, behind: Behind, baked: Table
) -> None:
    cached = CachedTable(Scripted(snapshot(0, "all")), baked, TTL_S, clock, behind)

    assert cached.current() == replace(baked, frozen="all")


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        ([snapshot(1), snapshot(1, "all")], (1, "all", 0)),
        ([snapshot(1, "all"), snapshot(1)], (1, "", 0)),
        ([snapshot(1, "moving"), snapshot(2, "all")], (2, "all", 0)),
        ([snapshot(1), failed(frozen="all")], (1, "all", 1)),
        ([snapshot(1, "all"), failed(frozen="")], (1, "", 1)),
        ([snapshot(1, "all"), failed()], (1, "all", 1)),
        ([snapshot(2), snapshot(1, "all")], (2, "all", 1)),
        ([snapshot(2, "all"), snapshot(1)], (2, "", 1)),
        ([snapshot(2), snapshot(0, "all")], (2, "all", 1)),
        # What is in force again is in force again, whatever was told in between.
        ([snapshot(1), failed(frozen="all"), snapshot(1)], (1, "", 1)),
        ([failed(frozen="all"), failed()], (9, "all", 2)),
        ([failed(frozen="all"), snapshot(1)], (1, "", 1)),
        # 7 is refused.
        ([snapshot(1), snapshot(7, "all")], (1, "all", 1)),
        ([snapshot(1), snapshot(7, "all"), snapshot(7)], (1, "", 2)),
        ([snapshot(7, "moving")], (9, "moving", 1)),
    ],
)
def test_freeze_counts_whatever_becomes_of_the_table(
    clock: Clock, behind: Behind, answers: list[Snapshot | TableUnreadable], wanted: tuple[int, Frozen, int]
) -> None:
    cached = CachedTable(Scripted(*answers), BAKED, TTL_S, clock, behind, refuse(7))

    for _ in answers:
        cached.refresh(1)

    assert (cached.current().version, cached.current().frozen, cached.failures) == wanted


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        ([snapshot(2), snapshot(1)], (2, 1, "table: got version 1, expected version 2 or a later one")),
        ([snapshot(2), snapshot(0)], (2, 1, "table: got nothing, expected version 2 or a later one")),
        ([snapshot(2), snapshot(1), snapshot(1)], (2, 2, "table: got version 1, expected version 2 or a later one")),
        ([snapshot(2), snapshot(1), snapshot(2)], (2, 1, "")),
        ([snapshot(2), snapshot(1), snapshot(3)], (3, 1, "")),
        # Nothing was taken of the one in the artifact: what is published first may have any number.
        ([snapshot(1)], (1, 0, "")),
        # 7 is refused.
        ([snapshot(1), snapshot(7)], (1, 1, "version 7 refused")),
        ([snapshot(1), snapshot(7), snapshot(7)], (1, 2, "version 7 refused")),
        ([snapshot(1), snapshot(7), snapshot(8)], (8, 1, "")),
        ([snapshot(7)], (9, 1, "version 7 refused")),
        # A refused one is not one that others must come after.
        ([snapshot(1), snapshot(7), snapshot(6)], (6, 1, "")),
    ],
)
def test_table_that_must_not_be_used_is_refused_and_told_for_as_long_as_it_is_in_force(
    clock: Clock, behind: Behind, answers: list[Snapshot | TableUnreadable], wanted: tuple[int, int, str]
) -> None:
    """A bad document never replaces a good table."""
    cached = CachedTable(Scripted(*answers), BAKED, TTL_S, clock, behind, refuse(7))

    for _ in answers:
        cached.refresh(1)

    assert (cached.current().version, cached.failures, cached.problem) == wanted


def test_refused_table_is_not_fetched_again_and_again(clock: Clock, behind: Behind) -> None:
    """The store gets what was read last, taken or not, to compare with."""
    store = Scripted(snapshot(1), snapshot(7))
    cached = CachedTable(store, BAKED, TTL_S, clock, behind, refuse(7))

    for _ in range(4):
        cached.refresh(1)

    assert [mark for mark, _ in store.reads] == ["", "1 ", "7 ", "7 "]


def test_table_is_checked_once(clock: Clock, behind: Behind) -> None:
    checked: list[int] = []
    one = snapshot(1)
    store = Scripted(one, one, Snapshot(one.table, "all", "frozen"), snapshot(2))
    cached = CachedTable(store, BAKED, TTL_S, clock, behind, lambda table: checked.append(table.version))

    for _ in range(4):
        cached.refresh(1)

    assert checked == [1, 2]


def test_cached_table_shows_its_table_and_its_failures(clock: Clock, behind: Behind) -> None:
    cached = CachedTable(Scripted(snapshot(1), failed()), NO_ROUTES, TTL_S, clock, behind)
    first = cached.current()
    clock.now_s += TTL_S + 1
    cached.current()

    assert repr(cached) == f"<CachedTable {first!r} ttl 10s, 1 failed reads>"


@pytest.mark.parametrize(("monotonic_s", "wall_s"), [(0.0, 3600.0), (3600.0, -60.0)])
def test_environment_that_slept_never_serves_a_stale_stage_whichever_clock_stood_still(
    monotonic_s: float, wall_s: float
) -> None:
    """An environment that slept for an hour must not serve a stale stage."""
    clock, wall = Clock(), Clock()
    tables = CachedTable(Scripted(ONE, snapshot(2)), BAKED, TTL_S, clock, Behind(clock), wall=wall)
    tables.refresh(START_S)

    clock.now_s += monotonic_s
    wall.now_s += wall_s

    assert tables.current().version == 2
