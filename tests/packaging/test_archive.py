"""The same files make the same bytes."""

import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

from proxy.packaging import archive


def folder(path: Path, names: Sequence[str], mode: int, time_s: int) -> Path:
    """Make a folder with files in it, in that order."""
    for name in names:
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"content of {name}\n" * 50)
        file.chmod(mode)
        os.utime(file, (time_s, time_s))
    return path


def test_order_permissions_and_times_of_the_files_do_not_show_in_the_zip(tmp_path: Path) -> None:
    names = ["b.py", "a/z.py", "a/b/c.py", "a.py"]
    first = folder(tmp_path / "first", names, 0o600, 1_700_000_000)
    second = folder(tmp_path / "second", names[::-1], 0o777, 1_800_000_000)

    archive.write_zip(first, tmp_path / "first.zip")
    archive.write_zip(second, tmp_path / "second.zip")

    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()


def test_zip_holds_files_that_any_user_can_read_at_the_first_time_a_zip_knows(tmp_path: Path) -> None:
    packed = folder(tmp_path / "task", ["b.py", "a/z.py"], 0o600, 1_700_000_000)

    archive.write_zip(packed, tmp_path / "task.zip")

    with zipfile.ZipFile(tmp_path / "task.zip") as made:
        told = [(entry.filename, entry.date_time, oct(entry.external_attr >> 16)) for entry in made.infolist()]
        assert told == [(name, (1980, 1, 1, 0, 0, 0), "0o100644") for name in ("a/z.py", "b.py")]
        assert made.read("b.py") == (packed / "b.py").read_bytes()


def test_settled_folder_has_the_permissions_and_the_time_of_the_zip(tmp_path: Path) -> None:
    packed = folder(tmp_path / "task", ["a/z.py"], 0o600, 1_700_000_000)
    packed.chmod(0o700)

    archive.settle(packed)

    told = [(oct(path.stat().st_mode), path.stat().st_mtime) for path in (packed, packed / "a", packed / "a/z.py")]
    assert told == [("0o40755", 315_532_800), ("0o40755", 315_532_800), ("0o100644", 315_532_800)]
