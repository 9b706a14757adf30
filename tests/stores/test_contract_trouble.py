"""What a function goes by when its store fails: on every kind of store, with everything that can happen to one."""

import re
from collections.abc import Callable

import pytest

from proxy.errors import FigError
from proxy.routing.compiled import load
from proxy.routing.table import NO_ROUTES, Table
from proxy.stores.cached import CachedTable
from tests.stores.entries import compiled_table, note_of, publish
from tests.stores.shelves import NO_TABLE, Shelf

READ_S = 5.0

Trouble = Callable[[Shelf], None]


TROUBLES: dict[str, tuple[Trouble, str]] = {
    "store down": (lambda shelf: shelf.take_down(), r"no such folder|NoAnswer|got no answer"),
    "store deleted": (lambda shelf: shelf.remove_all(), r"no such folder|ResourceNotFoundException"),
    "head deleted": (lambda shelf: shelf.remove_head(), r"got no head, expected version 2 or a later one"),
    "head damaged": (lambda shelf: shelf.spoil_head(), r"head(\.json)?: got .* no head"),
    "table damaged": (lambda shelf: shelf.put_table(3, NO_TABLE), r"version 3: "),
    "table deleted": (lambda shelf: shelf.put_table(3, None), r"version 3: .*(No such file|got no content#)"),
}


class TroubleContract:
    """Subclassed for the stores that a folder of tests can carry; `shelf` is an empty one."""

    @pytest.mark.parametrize("name", TROUBLES)
    def test_last_good_table_stays_and_the_failure_is_told(self, shelf: Shelf, name: str) -> None:
        """No readable table: the last good one."""
        happen, problem = TROUBLES[name]
        for version in (1, 2):
            publish(shelf.history, version)
        cached = function_of(shelf)
        cached.refresh(READ_S)
        publish(shelf.history, 3)
        happen(shelf)

        cached.refresh(READ_S)

        assert (cached.current().version, cached.failures) == (2, 1)
        assert re.search(problem, cached.problem), cached.problem

    @pytest.mark.parametrize("name", TROUBLES)
    def test_function_that_starts_in_trouble_goes_by_the_table_in_the_artifact(self, shelf: Shelf, name: str) -> None:
        """No readable table: the last good one, then the one in the artifact."""
        happen, _ = TROUBLES[name]
        for version in (1, 2, 3):
            publish(shelf.history, version)
        happen(shelf)
        baked = load(compiled_table(9, "baked"))
        cached = function_of(shelf, baked)

        cached.refresh(READ_S)

        # A store without a head is one to which nothing was published yet, to who has not seen another one.
        assert (cached.current(), cached.failures) == (baked, 0 if name == "head deleted" else 1)

    def test_function_goes_on_as_soon_as_the_store_does(self, shelf: Shelf) -> None:
        publish(shelf.history, 1)
        cached = function_of(shelf)
        good = shelf.head()
        seen = []

        for act in (lambda: None, shelf.spoil_head, lambda: shelf.put_head(good), lambda: publish(shelf.history, 2)):
            act()
            cached.refresh(READ_S)
            seen.append((cached.current().version, cached.failures, cached.problem == ""))

        assert seen == [(1, 0, True), (1, 1, False), (1, 1, True), (2, 1, True)]

    def test_version_that_goes_backwards_is_refused_until_a_later_one_comes(self, shelf: Shelf) -> None:
        publish(shelf.history, 1)
        head = shelf.head()
        publish(shelf.history, 2)
        cached = function_of(shelf)
        cached.refresh(READ_S)
        shelf.put_head(head)

        for _ in range(2):
            cached.refresh(READ_S)

        assert (cached.current().version, cached.failures) == (2, 2)
        assert cached.problem == "table: got version 1, expected version 2 or a later one"

    def test_freeze_counts_although_the_newest_table_cannot_be_read(self, shelf: Shelf) -> None:
        publish(shelf.history, 1)
        cached = function_of(shelf)
        cached.refresh(READ_S)
        publish(shelf.history, 2)
        shelf.history.freeze(note_of("freeze", 2, 100), "all")
        shelf.put_table(2, NO_TABLE)
        cached.refresh(READ_S)
        frozen = (cached.current().version, cached.current().frozen, cached.failures)

        shelf.history.freeze(note_of("thaw", 2, 200), "")
        cached.refresh(READ_S)

        assert frozen == (1, "all", 1)
        assert (cached.current().version, cached.current().frozen, cached.failures) == (1, "", 2)

    def test_freeze_counts_for_the_table_in_the_artifact_too(self, shelf: Shelf) -> None:
        publish(shelf.history, 1)
        shelf.history.freeze(note_of("freeze", 1, 100), "moving")
        shelf.put_table(1, None)
        cached = function_of(shelf, load(compiled_table(9, "baked")))

        cached.refresh(READ_S)

        assert (cached.current().version, cached.current().frozen) == (9, "moving")

    def test_freeze_counts_although_the_newest_table_is_refused(self, shelf: Shelf) -> None:
        publish(shelf.history, 1)
        cached = function_of(shelf, check=refuse_from(2))
        cached.refresh(READ_S)
        publish(shelf.history, 2)
        cached.refresh(READ_S)

        shelf.history.freeze(note_of("freeze", 2, 100), "all")
        cached.refresh(READ_S)

        assert (cached.current().version, cached.current().frozen) == (1, "all")
        assert (cached.failures, cached.problem) == (2, "version 2 is not for this function")

    def test_freeze_counts_although_the_store_was_started_anew(self, shelf: Shelf) -> None:
        publish(shelf.history, 1)
        publish(shelf.history, 2)
        cached = function_of(shelf)
        cached.refresh(READ_S)
        shelf.empty()
        shelf.history.freeze(note_of("freeze", 0, 500), "moving")

        cached.refresh(READ_S)

        assert (cached.current().version, cached.current().frozen) == (2, "moving")
        assert cached.problem == "table: got nothing, expected version 2 or a later one"

    @pytest.mark.parametrize("name", TROUBLES)
    def test_freeze_in_force_outlives_every_trouble(self, shelf: Shelf, name: str) -> None:
        """Nobody has thawed what was frozen, only because the store cannot be read."""
        happen, _ = TROUBLES[name]
        for version in (1, 2):
            publish(shelf.history, version)
        shelf.history.freeze(note_of("freeze", 2, 100), "all")
        cached = function_of(shelf)
        cached.refresh(READ_S)
        publish(shelf.history, 3)
        happen(shelf)

        cached.refresh(READ_S)

        assert (cached.current().version, cached.current().frozen) == (2, "all")


def function_of(shelf: Shelf, baked: Table = NO_ROUTES, check: Callable[[Table], None] = lambda _: None) -> CachedTable:
    """Return what a function on a shelf's store has, on a clock that stands still."""
    return CachedTable(shelf.store, baked, 10.0, lambda: 1000.0, lambda _: None, check)


def refuse_from(version: int) -> Callable[[Table], None]:
    """Return a check that lets no table from a version on pass."""

    def check(table: Table) -> None:
        if table.version >= version:
            raise FigError(f"version {table.version} is not for this function")

    return check


class TestEveryStore(TroubleContract):
    """Those that need nothing but pip."""
