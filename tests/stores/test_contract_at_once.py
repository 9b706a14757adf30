"""Publishers in several processes at once, and some that are killed: on every kind of store."""

import os
import random
import signal
import time
from itertools import chain
from typing import Any

from proxy.routing.table import NO_ROUTES, Table
from proxy.stores.cached import CachedTable
from proxy.stores.history import Entry, Head, Moved
from tests.stores.entries import compiled_table, document_of, publish
from tests.stores.processes import publishers
from tests.stores.shelves import Shelf

READ_S = 5.0
ALL = 10_000  # entries


class AtOnceContract:
    """Subclassed for the stores that a folder of tests can carry; `shelf` is an empty one."""

    publishers = 4
    rounds = 20
    versions = 24
    kills = 12
    freezes = 12

    def test_publishers_at_once_make_one_history_without_gaps(self, shelf: Shelf) -> None:
        """Every change of a route is a versioned, conditional write: exactly one publisher makes each version."""
        answers: list[list[dict[str, Any]]] = []
        with publishers(shelf.address, self.publishers) as processes:
            # Until two have tried the same version: on a busy machine they may come one after the other.
            while len(answers) < self.rounds and not any(answer["moved"] for answer in chain(*answers)):
                until = self.versions * (len(answers) + 1)
                for number, process in enumerate(processes):
                    process.tell(do="publish", who=f"p{number}", until=until)
                answers.append([process.answer() for process in processes])

        wins = [
            (version, f"p{number}")
            for each in answers
            for number, answer in enumerate(each)
            for version in answer["won"]
        ]
        won = dict(wins)
        made = range(1, until + 1)
        assert sorted(version for version, _ in wins) == list(made)
        assert [(entry.version, entry.parent, entry.who) for entry in reversed(shelf.history.entries(ALL))] == [
            (version, version - 1, won[version]) for version in made
        ]
        assert [shelf.history.compiled(version) for version in made] == [compiled_table(version) for version in made]
        assert [shelf.history.document(version) for version in made] == [
            document_of(version, won[version]) for version in made
        ]
        assert any(answer["moved"] for answer in chain(*answers))

    def test_freezes_and_versions_at_once_lose_nothing(self, shelf: Shelf) -> None:
        with publishers(shelf.address, 3) as processes:
            processes[0].tell(do="freeze", who="eve", count=self.freezes + 1)
            for process in processes[1:]:
                process.tell(do="publish", who="ada", until=self.versions)
            for process in processes:
                process.answer()

        entries = shelf.history.entries(ALL)
        assert sorted(entry.version for entry in entries if entry.digest) == list(range(1, self.versions + 1))
        assert len([entry for entry in entries if not entry.digest]) == self.freezes + 1
        # The last word was a freeze, and no publisher has lifted it.
        head = shelf.history.head()
        assert (head.version, head.frozen) == (self.versions, "all")
        assert head.froze == max((entry for entry in entries if not entry.digest), key=lambda entry: entry.when)

    def test_readers_see_whole_tables_in_order_while_others_publish(self, shelf: Shelf) -> None:
        """A bad document never replaces a good table, and half of one never does."""
        cached = CachedTable(shelf.store, NO_ROUTES, 10.0, lambda: 1000.0, lambda _: None)
        publish(shelf.history, 1)
        seen = []
        with publishers(shelf.address, 2) as processes:
            for process in processes:
                process.tell(do="publish", who="ada", until=self.versions)
            while cached.current().version < self.versions:
                cached.refresh(READ_S)
                seen.append(cached.current().version)
                assert cached.problem == ""
            for process in processes:
                process.answer()

        assert seen == sorted(seen)

    def test_publisher_that_is_killed_leaves_a_whole_version_and_room_for_the_next(self, shelf: Shelf) -> None:
        with publishers(shelf.address) as (process,):
            for _ in range(self.kills):
                process.tell(do="child", until=ALL, dies_at=0)
                pid = process.answer()
                time.sleep(random.uniform(0, 0.1))  # no wait for anything, but the moment that is tried
                os.kill(pid, signal.SIGKILL)
                assert process.answer() == -signal.SIGKILL

                assert_whole(shelf)
                publish_the_next(shelf)
        assert_whole(shelf)


def assert_whole(shelf: Shelf) -> None:
    """Fail unless the head names a whole version, and the history has every one before it."""
    head, table, entries = at_one_moment(shelf)
    version = head.version
    assert (table.version if table else 0) == version
    assert [entry.version for entry in entries if entry.digest] == list(range(version, 0, -1))
    if version:
        assert shelf.history.compiled(version) == compiled_table(version)


def at_one_moment(shelf: Shelf) -> tuple[Head, Table | None, list[Entry]]:
    """Return head, table and entries as they stood together.

    What a killed publisher had sent is still carried out by a database, after its death and between two reads. It had
    sent one change at most, so a second look is enough; the third is for the store that would move by itself.
    """
    for _ in range(3):
        head = shelf.history.head()
        found = head, shelf.store.read(None, READ_S).table, shelf.history.entries(ALL)
        if shelf.history.head() == head:
            return found
    raise AssertionError(f"got a head that still moves, now {head}, expected one change at most from a dead publisher")


def publish_the_next(shelf: Shelf) -> None:
    """Publish one version more; again if the killed publisher's last change came between."""
    version = shelf.history.head().version + 1
    try:
        publish(shelf.history, version, "next")
    except Moved:
        publish(shelf.history, version + 1, "next")


class TestEveryStore(AtOnceContract):
    """Those that need nothing but pip."""
