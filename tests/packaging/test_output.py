"""Where the artifact goes: all of it, or nothing."""

import zipfile
from pathlib import Path

import pytest

from proxy.packaging.output import placed
from proxy.packaging.refusal import Misuse, Refused


def make_zip(path: Path, content: str) -> None:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("content", content)


def content_of(path: Path) -> str:
    with zipfile.ZipFile(path) as packed:
        return packed.read("content").decode()


@pytest.mark.parametrize("name", ["fig.zip", "build/deep/fig.zip"])
def test_zip_takes_its_place_when_it_is_whole(tmp_path: Path, name: str) -> None:
    output = tmp_path / name

    with placed(output) as made:
        make_zip(made, "new")
        assert not output.exists()

    assert content_of(output) == "new"
    assert list(output.parent.iterdir()) == [output]


def test_earlier_zip_is_replaced(tmp_path: Path) -> None:
    output = tmp_path / "fig.zip"
    make_zip(output, "old")

    with placed(output) as made:
        make_zip(made, "new")

    assert content_of(output) == "new"


@pytest.mark.parametrize("is_there", [True, False])
def test_folder_is_filled_at_once_whether_it_is_there_or_not(tmp_path: Path, is_there: bool) -> None:
    output = tmp_path / "task"
    if is_there:
        output.mkdir()

    with placed(output) as made:
        made.mkdir()
        (made / "module.py").write_text("")
        assert [path.name for path in tmp_path.iterdir() if path == output] == (["task"] if is_there else [])

    assert [path.name for path in output.iterdir()] == ["module.py"]
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize(
    ("ending", "seen"),
    [
        (KeyboardInterrupt(), KeyboardInterrupt),
        (SystemExit(3), SystemExit),
        (RuntimeError(), RuntimeError),
        (OSError(28, "No space left on device"), Refused),
    ],
)
@pytest.mark.parametrize("name", ["fig.zip", "task"])
def test_nothing_is_left_of_what_was_not_finished(
    tmp_path: Path, name: str, ending: BaseException, seen: type[BaseException]
) -> None:
    def work(made: Path) -> None:
        made.write_text("half")
        raise ending

    with pytest.raises(seen), placed(tmp_path / name) as made:
        work(made)

    assert list(tmp_path.iterdir()) == []


def test_earlier_zip_stays_when_the_next_one_is_not_finished(tmp_path: Path) -> None:
    output = tmp_path / "fig.zip"
    make_zip(output, "old")

    with pytest.raises(KeyboardInterrupt), placed(output):
        raise KeyboardInterrupt

    assert content_of(output) == "old"
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("text.zip", "which is there and is no zip; remove it, or name another file"),
        ("folder.zip", "which is there and is no zip; remove it, or name another file"),
        ("text", "which is a file, expected FILE.zip or a folder"),
        ("full", "a folder that is not empty; remove it, or name another one"),
        ("text/fig.zip", "which cannot be written (File exists); name another one"),
        ("text/task", "which cannot be written (File exists); name another one"),
    ],
)
def test_output_that_cannot_be_taken_is_refused_before_any_work(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "folder.zip").mkdir()
    (tmp_path / "full").mkdir()
    for precious in ("text.zip", "text", "full/text"):
        (tmp_path / precious).write_text("precious")

    with pytest.raises(Misuse) as caught, placed(tmp_path / name):
        raise AssertionError("work was done")

    assert str(caught.value) == f"--output: got {tmp_path / name}, {said}"
    assert {(tmp_path / precious).read_text() for precious in ("text.zip", "text", "full/text")} == {"precious"}


def test_folder_that_somebody_else_fills_meanwhile_is_not_touched(tmp_path: Path) -> None:
    output = tmp_path / "task"

    def work(made: Path) -> None:
        made.mkdir()
        output.mkdir()
        (output / "theirs").write_text("precious")

    with pytest.raises(Misuse, match="not empty"), placed(output) as made:
        work(made)

    assert [path.name for path in output.iterdir()] == ["theirs"]
    assert list(tmp_path.iterdir()) == [output]
