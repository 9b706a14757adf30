"""Which files of the handlers have changed, and whether Python can read them."""

import os
import py_compile
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from proxy.dev.source import Source


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A code root with one handler."""
    write(tmp_path, "migrated/books/api.py", "first = 1\n")
    return tmp_path


def write(root: Path, path: str, text: str) -> Path:
    """Write a file under the root."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_file_that_was_written_added_or_removed_is_told_once(root: Path) -> None:
    write(root, "migrated/gone.py", "")
    source = Source(root)
    before = source.changed()

    write(root, "migrated/books/api.py", "second = 22\n")
    write(root, "migrated/books/models.py", "")
    (root / "migrated/gone.py").unlink()

    assert before == []
    assert source.changed() == ["migrated/books/api.py", "migrated/books/models.py", "migrated/gone.py"]
    assert source.changed() == []


def test_what_is_no_source_is_not_told(root: Path) -> None:
    source = Source(root)

    for path in ("migrated/notes.md", "migrated/.books.py.swp.py", "migrated/__pycache__/a.py", "other/api.py"):
        write(root, path, "")

    assert source.changed() == []


def test_folder_that_is_made_later_is_seen(tmp_path: Path) -> None:
    source = Source(tmp_path)

    write(tmp_path, "migrated/books/api.py", "")

    assert source.changed() == ["migrated/books/api.py"]


def test_bytecode_of_a_changed_file_is_forgotten(root: Path) -> None:
    """Python takes a file of the same size, saved within the same second, for the one that it has compiled."""
    source = Source(root)
    file = root / "migrated/books/api.py"
    second = 1_800_000_000 * 10**9
    os.utime(file, ns=(second, second))
    source.changed()
    py_compile.compile(str(file))

    file.write_text("third = 3\n", encoding="utf-8")
    os.utime(file, ns=(second + 1000, second + 1000))
    source.changed()

    assert not Path(cache_from_source(str(file))).exists()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("def handler(event, context):\n    return {}\n", []),
        ("def handler(event, context)\n", ["migrated/books/api.py:1: expected ':'"]),
        ("a = 1\nreturn a\n", ["migrated/books/api.py:2: 'return' outside function"]),
    ],
)
def test_file_that_python_cannot_read_is_told_with_its_line(root: Path, text: str, problem: list[str]) -> None:
    write(root, "migrated/books/api.py", text)

    assert Source(root).problems() == problem
    assert Source(root).problems(["migrated/gone.py"]) == []


def test_digest_tells_code_apart_by_what_it_says_alone(root: Path) -> None:
    first = Source(root).digest()
    write(root, "migrated/books/api.py", "first = 1\n")
    same = Source(root).digest()
    write(root, "migrated/books/api.py", "first = 2\n")

    assert (first == same, first == Source(root).digest()) == (True, False)
