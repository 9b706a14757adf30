"""What is told of an artifact's size."""

from pathlib import Path

from proxy.packaging.size import MB, Size, measure


def test_size_is_that_of_the_files_by_what_lies_at_the_top(tmp_path: Path) -> None:
    files = {
        "big/a.py": 3000,
        "big/b/c.so": 4000,
        "one.py": 500,
        "big-1.0.dist-info/METADATA": 20,
        "x-2.dist-info/METADATA": 1,
    }
    for name, length in files.items():
        (tmp_path / "task" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "task" / name).write_bytes(b"x" * length)
    zipped = tmp_path / "task.zip"
    zipped.write_bytes(b"x" * 77)

    size = measure(tmp_path / "task", zipped)

    assert size == Size(77, 7521, {"big": 7000, "one.py": 500, "metadata of packages": 21})
    assert measure(tmp_path / "task", None).zipped is None


def test_largest_parts_are_told_against_the_limits() -> None:
    parts = {name: (9 - number) * MB for number, name in enumerate("abcdefgh")}

    lines = Size(51 * MB, 44 * MB, parts).lines()

    assert lines == [
        "zipped      51.0 MB of   50.0 MB that Lambda takes in one call (upload it to a bucket first)",
        "unzipped    44.0 MB of  250.0 MB",
        *(f"     {9 - number}.0 MB  {name}" for number, name in enumerate("abcdef")),
        "     5.0 MB  everything else",
    ]


def test_folder_has_no_zipped_size_to_tell() -> None:
    assert Size(None, 1 * MB, {"a": 1 * MB}).lines()[0] == "unzipped     1.0 MB of  250.0 MB"
