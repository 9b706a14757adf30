"""The store in one folder, where it is more than any other: files, a lock, and what a killed publisher leaves."""

import fcntl
import json
import os
import signal
from itertools import count
from pathlib import Path

import pytest

from proxy.errors import TableUnreadable
from proxy.routing.compiled import digest_of
from proxy.stores.file import FileStore
from proxy.stores.file_history import FileHistory
from proxy.stores.history import StoreFailed
from tests.stores.entries import compiled_table, note_of, publish
from tests.stores.processes import publishers
from tests.stores.shelves import FileShelf
from tests.stores.test_contract_at_once import assert_whole

READ_S = 1.0


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_folder_that_is_not_there_is_no_store_to_which_nothing_was_published(directory: Path) -> None:
    store = FileStore(str(directory))
    with pytest.raises(TableUnreadable, match=r"/store: got no such folder, expected "):
        store.read(None, READ_S)

    directory.mkdir()

    assert store.read(None, READ_S).table is None
    assert repr(store) == f"<FileStore {directory}>"


def test_folder_is_made_by_who_publishes_first(directory: Path) -> None:
    history = FileHistory(directory / "of" / "tables")

    publish(history, 1)

    assert FileStore(f"{directory}/of/tables").read(None, READ_S).table is not None
    assert repr(history) == f"<FileHistory {directory}/of/tables>"


def test_store_holds_what_its_description_says(directory: Path) -> None:
    history = FileHistory(directory)
    for version in (1, 2):
        publish(history, version)

    files = sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())

    tables = [f"tables/{digest_of(compiled_table(version))}.json" for version in (1, 2)]
    assert [name for name in files if not name.startswith("documents/")] == sorted(
        ["head.json", "history.jsonl", "lock", *tables]
    )
    assert len([name for name in files if name.startswith("documents/") and name.endswith(".yaml")]) == 2


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"{",
        b"null",
        b"[1]",
        b"\xff" * 100,
        b"[" * 100_000,
        b'{"version": 1}',
        b'{"version": "1", "digest": "", "frozen": ""}',
        b'{"version": true, "digest": "", "frozen": ""}',
        b'{"version": -1, "digest": "", "frozen": ""}',
        b'{"version": 1, "digest": "", "frozen": ""}',
        b'{"version": 1, "digest": "%s", "frozen": ""}' % (b"../" * 22)[:64],
        b'{"version": 0, "digest": "", "frozen": "some day"}',
        b'{"version": 0, "digest": "", "frozen": ["all"]}',
    ],
)
def test_head_that_is_none_is_unreadable(directory: Path, head: bytes) -> None:
    """No readable table: the last good one, so that nothing but TableUnreadable may come out of reading one."""
    directory.mkdir()
    (directory / "head.json").write_bytes(head)

    with pytest.raises(TableUnreadable, match=r"/store: head.json: got \d+ bytes that are no head: ") as caught:
        FileStore(str(directory)).read(None, READ_S)

    assert caught.value.frozen is None


def test_head_that_is_a_folder_is_unreadable(directory: Path) -> None:
    (directory / "head.json").mkdir(parents=True)

    with pytest.raises(TableUnreadable, match=r"/store: head.json cannot be read: Is a directory$"):
        FileStore(str(directory)).read(None, READ_S)


def test_same_head_at_another_time_is_the_same_and_another_at_the_same_time_is_not(directory: Path) -> None:
    history, store = FileHistory(directory), FileStore(str(directory))
    publish(history, 1)
    head = directory / "head.json"
    os.utime(head, ns=(0, 0))
    first = store.read(None, READ_S)
    os.utime(head, ns=(1, 1))
    second = store.read(first, READ_S)

    head.write_bytes(head.read_bytes().replace(b'"frozen": ""', b'"frozen": "all"'))
    os.utime(head, ns=(1, 1))
    third = store.read(second, READ_S)

    assert second is first
    assert (third.frozen, third.table) == ("all", first.table)


def test_publisher_waits_its_time_for_another_and_then_says_so(directory: Path) -> None:
    publish(FileHistory(directory), 1)
    now = [0.0]
    history = FileHistory(directory, timeout_s=2, now=lambda: now[0], sleep=lambda s: now.__setitem__(0, now[0] + s))

    with (directory / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for act in (lambda: publish(history, 2), lambda: history.freeze(note_of("freeze", 1, 9), "all")):
            with pytest.raises(
                StoreFailed, match=r"/store: got no lock within 2 s; end the other publisher, and repeat$"
            ):
                act()

    assert now[0] >= 4
    assert publish(history, 2) == history.entries(1)[0]


def test_folder_that_cannot_be_written_is_told(directory: Path) -> None:
    directory.write_text("a file in the way")

    with pytest.raises(StoreFailed, match=r"store/head.json: cannot be read or written: Not a directory$"):
        FileHistory(directory).head()
    with pytest.raises(StoreFailed, match=r"store.*: cannot be read or written: "):
        publish(FileHistory(directory), 1)


def test_history_that_is_shorter_than_the_head_says_is_told_and_never_filled_up(directory: Path) -> None:
    history = FileHistory(directory)
    publish(history, 1)
    path = directory / "history.jsonl"
    cut = path.read_bytes()[:-10]
    path.write_bytes(cut)

    for act in (lambda: publish(history, 2), lambda: history.entries(1)):
        with pytest.raises(StoreFailed, match=r"history.jsonl: got \d+ bytes, expected \d+, .*; restore it$"):
            act()

    assert path.read_bytes() == cut


@pytest.mark.parametrize("leftover", [b"{", b'{"kind": "publish", "version": 2}\n', b"\xff" * 10_000, b"\n"])
def test_what_a_killed_publisher_has_left_is_written_over(directory: Path, leftover: bytes) -> None:
    """The head is the truth."""
    history = FileHistory(directory)
    publish(history, 1)
    with (directory / "history.jsonl").open("ab") as file:
        file.write(leftover)
    (directory / "head.json.new").write_bytes(leftover)
    before = history.entries(10)

    entry = publish(history, 2)

    assert ([*before], history.entries(10)) == (before, [entry, *before])
    assert len((directory / "history.jsonl").read_text().splitlines()) == 2


def test_document_that_was_changed_is_told(directory: Path) -> None:
    history = FileHistory(directory)
    publish(history, 1)
    (path,) = (directory / "documents").iterdir()
    path.write_text("version: 1\nroutes: []\n")

    with pytest.raises(StoreFailed, match=r"\.yaml: got 22 bytes that its name does not fit, expected version 1's$"):
        history.document(1)


def test_version_whose_table_was_exchanged_is_told(directory: Path) -> None:
    history = FileHistory(directory)
    publish(history, 1)
    (directory / f"tables/{digest_of(compiled_table(1))}.json").write_bytes(compiled_table(7))

    with pytest.raises(StoreFailed, match=r"\.json: got <Table version 7, .*>, expected version 1$"):
        history.compiled(1)


def test_history_is_text_that_people_can_read(directory: Path) -> None:
    history = FileHistory(directory)
    history.freeze(note_of("freeze", 0, 1, "Zoë"), "all")

    (line,) = (directory / "history.jsonl").read_text("utf-8").splitlines()

    assert '"who": "Zoë"' in line
    assert json.loads(line)["changes"] == ["r: live → legacy (frozen)"]


@pytest.mark.parametrize("published", [0, 2])
def test_publisher_that_is_killed_before_any_of_its_calls_leaves_a_whole_version(
    tmp_path: Path, published: int
) -> None:
    """Content, then the entry, then the head: at no point does the head name what is not there."""
    shelf = FileShelf(tmp_path / "store")
    endings: list[int] = []
    with publishers(shelf.address) as (process,):
        for number in count(1):
            shelf.empty()
            for version in range(published):
                publish(shelf.history, version + 1)
            process.tell(do="child", until=published + 1, dies_at=number)
            process.answer()
            endings.append(process.answer())
            if not endings[-1]:
                break

            assert shelf.history.head().version in (published, published + 1)
            assert_whole(shelf)
            # Whatever the killed one has left, what comes next is whole, too.
            publish(shelf.history, shelf.history.head().version + 1)
            assert_whole(shelf)

    assert set(endings[:-1]) == {-signal.SIGKILL}
    assert len(endings) > 30
