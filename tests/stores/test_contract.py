"""What holds for every kind of store: what was published is read, and nothing that was published changes."""

import pytest

from proxy.routing import compiled
from proxy.routing.compiled import digest_of, load
from proxy.stores.dynamodb_items import PART_BYTES
from proxy.stores.history import Entry, Head, Moved, StoreFailed
from proxy.stores.store import Snapshot
from tests.stores.entries import compiled_table, document_of, entry_of, note_of, publish, when
from tests.stores.shelves import NO_TABLE, Shelf

READ_S = 5.0


class StoreContract:
    """Subclassed for the stores that a folder of tests can carry; `shelf` is an empty one."""

    def test_nothing_is_in_force_before_anything_is_published(self, shelf: Shelf) -> None:
        publish(shelf.history, 1)  # a folder that nobody has published to is no store
        shelf.remove_head()

        snapshot = shelf.store.read(None, READ_S)

        assert (snapshot, shelf.history.head()) == (Snapshot(None, "", ""), Head())

    def test_table_that_was_published_is_read(self, shelf: Shelf) -> None:
        data = compiled_table(1, "über-uns")

        shelf.history.publish(entry_of(data, 1), data, document_of(1))

        snapshot = shelf.store.read(None, READ_S)
        assert snapshot.table is not None
        assert (snapshot.table.version, snapshot.table.digest, snapshot.frozen) == (1, digest_of(data), "")
        assert [route.id for route in snapshot.table.routes] == ["über-uns"]
        assert shelf.history.head() == Head(1, digest_of(data))

    def test_store_that_did_not_change_gives_the_same_snapshot(self, shelf: Shelf) -> None:
        publish(shelf.history, 1)
        first = shelf.store.read(None, READ_S)

        assert shelf.store.read(first, READ_S) is first

    def test_next_version_is_read_and_so_is_a_freeze(self, shelf: Shelf) -> None:
        publish(shelf.history, 1)
        snapshots = [shelf.store.read(None, READ_S)]
        publish(shelf.history, 2)
        snapshots.append(shelf.store.read(snapshots[-1], READ_S))
        shelf.history.freeze(note_of("freeze", 2, 3), "moving")
        snapshots.append(shelf.store.read(snapshots[-1], READ_S))

        assert [(one.table and one.table.version, one.frozen) for one in snapshots] == [(1, ""), (2, ""), (2, "moving")]
        assert snapshots[2].table is snapshots[1].table

    def test_every_version_stays_as_it_was_published(self, shelf: Shelf) -> None:
        entries = [publish(shelf.history, version, who) for version, who in ((1, "ada"), (2, "bob"), (3, "ada"))]

        tables = [shelf.history.compiled(version) for version in (1, 2, 3)]

        assert tables == [compiled_table(version) for version in (1, 2, 3)]
        assert [shelf.history.document(version) for version in (1, 2, 3)] == [
            document_of(1, "ada"),
            document_of(2, "bob"),
            document_of(3, "ada"),
        ]
        assert shelf.history.entries(10) == entries[::-1]

    def test_entry_comes_back_with_everything_that_was_said(self, shelf: Shelf) -> None:
        data = compiled_table(1)
        entry = Entry(
            kind="flip",
            version=1,
            parent=0,
            digest=digest_of(data),
            who="arn:aws:sts::111122223333:assumed-role/Zoë",
            when="2026-01-31T16:00:00.123Z",
            why="Grüße\n\r\u2028 \x00 🌳 'quoted' \"twice\"",
            changes=("orders.read: legacy → canary 5 %", ""),
            forced=("orders.read: skips shadow",),
            back_to=0,
            route="orders.read",
        )

        shelf.history.publish(entry, data, "# naïve 🌳\r\nversion: 1\n")

        assert shelf.history.entries(1) == [entry]
        assert shelf.history.document(1) == "# naïve 🌳\r\nversion: 1\n"

    def test_name_that_is_no_text_stops_nobody(self, shelf: Shelf) -> None:
        shelf.history.freeze(note_of("freeze", 0, 1, who="b\udcf6b"), "all")

        assert (shelf.history.head().frozen, shelf.history.entries(1)[0].who) == ("all", "b?b")

    def test_as_many_entries_as_are_asked_for_newest_first(self, shelf: Shelf) -> None:
        for version in range(1, 13):
            publish(shelf.history, version)

        assert [entry.version for entry in shelf.history.entries(3)] == [12, 11, 10]
        assert [entry.version for entry in shelf.history.entries(100)] == list(range(12, 0, -1))

    def test_table_and_changes_of_any_size_are_stored(self, shelf: Shelf) -> None:
        data = compiled_table(1, size=20_000)
        changes = tuple(f"orders.{number}: legacy → canary 5 %" for number in range(20_000))
        document = "version: 1\n" + "\n".join(f"# {route.id}" for route in load(data).routes)
        assert len(document) > PART_BYTES

        shelf.history.publish(entry_of(data, 1, changes=changes), data, document)

        snapshot = shelf.store.read(None, READ_S)
        assert snapshot.table is not None
        assert (snapshot.table.digest, len(snapshot.table.routes)) == (digest_of(data), 20_000)
        assert (shelf.history.compiled(1), shelf.history.document(1)) == (data, document)
        assert shelf.history.entries(1)[0].changes == changes

    @pytest.mark.parametrize("parent", [0, 1, 3, 7])
    def test_publisher_that_has_not_seen_the_head_is_told_where_it_is(self, shelf: Shelf, parent: int) -> None:
        """Every change of a route is a versioned, conditional write."""
        for version in (1, 2):
            publish(shelf.history, version)
        before = (shelf.history.head(), shelf.history.entries(10))

        with pytest.raises(Moved) as caught:
            publish(shelf.history, parent + 1, "bob", "other")

        assert caught.value.head == before[0]
        assert str(caught.value).startswith(f"got version 2 in force, expected {parent}: ")
        assert (shelf.history.head(), shelf.history.entries(10)) == before
        assert shelf.history.document(2) == document_of(2)

    @pytest.mark.parametrize(
        ("data", "version"),
        [(NO_TABLE, 1), (compiled_table(1)[:-1], 1), (compiled_table(2), 1), (compiled_table(1), 2)],
        ids=["no table", "cut off", "another version", "made from another"],
    )
    def test_what_no_function_would_read_is_never_published(self, shelf: Shelf, data: bytes, version: int) -> None:
        """A bad document never replaces a good table."""
        entry = Entry("publish", version, 0, digest_of(compiled_table(version)), "ada", when(1), "")

        with pytest.raises(StoreFailed, match=f"^version {version} cannot be published: "):
            shelf.history.publish(entry, data, "")

        assert (shelf.history.head(), shelf.history.entries(1)) == (Head(), [])

    def test_entry_of_another_table_is_never_published(self, shelf: Shelf) -> None:
        with pytest.raises(StoreFailed, match=r"^version 1 cannot be published: got table version 1, "):
            shelf.history.publish(entry_of(compiled_table(1, "a"), 1), compiled_table(1, "b"), "")

    def test_old_content_can_be_published_again_as_a_new_version(self, shelf: Shelf) -> None:
        publish(shelf.history, 1, name="good")
        publish(shelf.history, 2, name="bad")
        data = compiled.as_version(shelf.history.compiled(1), 3)

        shelf.history.publish(entry_of(data, 3, kind="rollback"), data, shelf.history.document(1))

        snapshot = shelf.store.read(None, READ_S)
        assert snapshot.table is not None
        assert (snapshot.table.version, snapshot.table.routes[0].id) == (3, "good")
        assert shelf.history.document(3) == document_of(1)

    def test_freeze_stays_while_others_publish_until_it_is_lifted(self, shelf: Shelf) -> None:
        publish(shelf.history, 1)
        freeze = note_of("freeze", 1, 100)
        shelf.history.freeze(freeze, "all")
        publish(shelf.history, 2)
        frozen = (shelf.history.head(), shelf.store.read(None, READ_S).frozen)

        thaw = note_of("thaw", 2, 200)
        shelf.history.freeze(thaw, "")

        assert frozen == (Head(2, digest_of(compiled_table(2)), "all", freeze), "all")
        assert shelf.history.head() == Head(2, digest_of(compiled_table(2)))
        assert shelf.store.read(None, READ_S).frozen == ""
        assert shelf.history.entries(10) == [thaw, publish_entry(2), freeze, publish_entry(1)]

    def test_second_freeze_takes_the_place_of_the_first(self, shelf: Shelf) -> None:
        first, second = note_of("freeze", 0, 100), note_of("freeze", 0, 101, "bob")

        shelf.history.freeze(first, "moving")
        shelf.history.freeze(second, "all")

        assert shelf.history.head() == Head(frozen="all", froze=second)
        assert shelf.history.entries(10) == [second, first]

    def test_store_can_be_frozen_before_anything_is_published(self, shelf: Shelf) -> None:
        freeze = note_of("freeze", 0, 100)
        shelf.history.freeze(freeze, "moving")
        before = (shelf.history.head(), shelf.store.read(None, READ_S))

        publish(shelf.history, 1)

        assert before[0] == Head(frozen="moving", froze=freeze)
        assert (before[1].table, before[1].frozen) == (None, "moving")
        assert shelf.history.head() == Head(1, digest_of(compiled_table(1)), "moving", freeze)
        assert shelf.history.entries(10) == [publish_entry(1), freeze]

    def test_version_that_nobody_made_cannot_be_had(self, shelf: Shelf) -> None:
        publish(shelf.history, 1)
        shelf.history.freeze(note_of("freeze", 1, 100), "all")

        for ask in (shelf.history.compiled, shelf.history.document):
            with pytest.raises(StoreFailed, match=r"got no version 2 in the history; `fig history` lists them$"):
                ask(2)

    def test_damaged_version_is_told_and_the_others_can_be_had(self, shelf: Shelf) -> None:
        for version in (1, 2, 3):
            publish(shelf.history, version)
        shelf.put_table(1, NO_TABLE)
        shelf.spoil_entry(2)

        with pytest.raises(StoreFailed):
            shelf.history.compiled(1)
        with pytest.raises(StoreFailed, match=r"got an item that is no entry|got a line that is no entry"):
            shelf.history.entries(10)

        assert shelf.history.compiled(3) == compiled_table(3)
        assert shelf.history.entries(1) == [publish_entry(3)]
        assert publish(shelf.history, 4) == shelf.history.entries(1)[0]

    def test_version_with_the_table_of_another_is_told(self, shelf: Shelf) -> None:
        publish(shelf.history, 1)
        publish(shelf.history, 2)
        shelf.put_table(2, None)

        with pytest.raises(StoreFailed):
            shelf.history.compiled(2)

    def test_head_that_is_lost_is_no_leave_to_start_anew(self, shelf: Shelf) -> None:
        """Versions never change: those that a lost head knew are not written over."""
        publish(shelf.history, 1)
        publish(shelf.history, 2)
        shelf.remove_head()

        with pytest.raises(StoreFailed, match=r"restore the newest head$"):
            publish(shelf.history, 1, "bob")

    def test_damaged_head_is_told_and_nothing_is_published(self, shelf: Shelf) -> None:
        publish(shelf.history, 1)
        head = shelf.head()
        shelf.spoil_head()

        for act in (shelf.history.head, lambda: publish(shelf.history, 2)):
            with pytest.raises(StoreFailed, match=r"that (is|are) no head: .*; restore it$"):
                act()

        shelf.put_head(head)
        assert publish(shelf.history, 2) == shelf.history.entries(1)[0]


def publish_entry(version: int) -> Entry:
    """Return the entry that `publish` makes."""
    return entry_of(compiled_table(version), version)


class TestEveryStore(StoreContract):
    """Those that need nothing but pip."""
