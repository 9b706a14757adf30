"""The store in one file."""

import os
import threading
from pathlib import Path

import pytest

from proxy.errors import TableUnreadable
from proxy.stores.file import FileStore
from tests.samples import compiled, table

ROUTES = "a: GET /a legacy"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "routes.json"


def test_table_that_was_written_is_read(path: Path) -> None:
    store = FileStore(str(path))

    store.write(compiled(ROUTES, version=7))

    assert store.read(None).table == table(ROUTES, version=7)
    assert repr(store) == f"<FileStore {path}>"


def test_file_that_did_not_change_is_not_read_again(path: Path) -> None:
    store = FileStore(str(path))
    store.write(compiled(ROUTES))

    first = store.read(None)
    second = store.read(first)

    assert second is first


def test_file_of_the_same_size_and_time_is_read_again_after_a_write(path: Path) -> None:
    store = FileStore(str(path))
    store.write(compiled(ROUTES, version=1))
    first = store.read(None)
    store.write(compiled(ROUTES, version=2))
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, int(first.mark.split(":")[1])))

    second = store.read(first)

    assert (first.table.version, second.table.version) == (1, 2)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"null", compiled(ROUTES)[:100], compiled(ROUTES).replace(b"legacy", b"ledacy", 1), b"\xff" * 100],
    ids=["empty", "cut at once", "null", "truncated", "corrupt", "no text"],
)
def test_file_without_a_whole_table_is_unreadable(path: Path, data: bytes) -> None:
    """No readable table: the last good one, so that nothing but TableUnreadable may come out of reading one."""
    path.write_bytes(data)

    with pytest.raises(TableUnreadable, match=r"^table: got "):
        FileStore(str(path)).read(None)


def test_file_that_is_not_there_or_a_folder_is_unreadable(path: Path) -> None:
    path.mkdir()

    with pytest.raises(TableUnreadable, match=r"absent: cannot be read: No such file or directory$"):
        FileStore(f"{path}/absent").read(None)
    with pytest.raises(TableUnreadable, match=r"routes.json: cannot be read: Is a directory$"):
        FileStore(str(path)).read(None)


def test_table_that_one_user_wrote_can_be_read_by_another(path: Path) -> None:
    FileStore(str(path)).write(compiled(ROUTES))

    assert oct(path.stat().st_mode & 0o777) == "0o644"


def test_write_leaves_one_file(path: Path) -> None:
    store = FileStore(str(path))

    for version in range(5):
        store.write(compiled(ROUTES, version=version))

    assert [file.name for file in path.parent.iterdir()] == ["routes.json"]


def test_write_that_fails_leaves_the_table_and_nothing_else(path: Path) -> None:
    path.mkdir()
    (path / "in the way").touch()

    with pytest.raises(OSError, match="directory"):
        FileStore(str(path)).write(compiled(ROUTES))

    assert [file.name for file in path.parent.iterdir()] == ["routes.json"]


def test_readers_see_the_old_table_or_the_new_one_while_it_is_replaced(path: Path) -> None:
    """A bad document never replaces a good table, and half of one never does."""
    store = FileStore(str(path))
    store.write(compiled(ROUTES, version=0))
    ended = threading.Event()
    problems: list[TableUnreadable] = []
    seen: list[list[int]] = [[], [], []]

    def read(versions: list[int]) -> None:
        snapshot = None
        while not ended.is_set():
            try:
                snapshot = store.read(snapshot)
            except TableUnreadable as exc:
                problems.append(exc)
                return
            versions.append(snapshot.table.version)

    readers = [threading.Thread(target=read, args=(versions,)) for versions in seen]
    for reader in readers:
        reader.start()
    for version in range(1, 200):
        # Tables of different sizes, so that a part of one could not pass for the other.
        more = "\n".join(f"r{number}: GET /r{number} legacy" for number in range(version % 7))
        store.write(compiled(f"{ROUTES}\n{more}", version=version))
    ended.set()
    for reader in readers:
        reader.join()

    assert problems == []
    assert all(versions == sorted(versions) for versions in seen)
    assert store.read(None).table.version == 199
