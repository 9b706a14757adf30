"""routes.yaml in its folder, and what `fig` remembers of it."""

import json
from pathlib import Path

import pytest

from proxy.errors import BadDocument
from proxy.publishing.workspace import Workspace
from proxy.routing.reader import MAX_BYTES


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "routes.yaml")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"caf\xe9", ": byte 3 is not UTF-8; save the file as UTF-8"),
        (b"#" * (MAX_BYTES + 1), f":1:1 got more than {MAX_BYTES} bytes, expected at most that many"),
        (None, ": cannot be read: No such file or directory"),
    ],
)
def test_file_that_cannot_be_read_is_told(workspace: Workspace, content: bytes | None, says: str) -> None:
    if content is not None:
        workspace.routes.write_bytes(content)

    with pytest.raises(BadDocument) as refused:
        workspace.text()

    assert refused.value.problems == [f"{workspace.routes}{says}"]


@pytest.mark.parametrize("text", ["version: 1\n", "version: 1\r\n# zwölf\r\n", ""])
def test_file_is_read_and_written_to_the_byte(workspace: Workspace, text: str) -> None:
    workspace.write(text)

    assert (workspace.routes.read_bytes(), workspace.text()) == (text.encode(), text)


def test_written_file_keeps_its_permissions_and_its_link(tmp_path: Path) -> None:
    real = tmp_path / "real.yaml"
    real.write_text("before")
    real.chmod(0o640)
    workspace = Workspace(tmp_path / "routes.yaml")
    workspace.routes.symlink_to(real)

    workspace.write("after")

    assert (real.read_text(), real.stat().st_mode & 0o777) == ("after", 0o640)
    assert workspace.routes.is_symlink()
    assert {path.name for path in tmp_path.iterdir()} == {"real.yaml", "routes.yaml"}


def test_file_that_cannot_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    # The name of the file itself still fits, that of the one beside it does not.
    workspace = Workspace(tmp_path / ("r" * 250))
    workspace.routes.write_text("before")

    with pytest.raises(OSError, match="File name too long"):
        workspace.write("after")

    assert workspace.routes.read_text() == "before"


def test_base_is_remembered_for_each_store_and_each_file(tmp_path: Path) -> None:
    one, other = Workspace(tmp_path / "routes.yaml"), Workspace(tmp_path / "other.yaml")

    one.note_base("file:a", 3)
    one.note_base("file:b", 4)
    one.note_base("file:a", 5)
    other.note_base("file:a", 6)

    assert [one.base("file:a"), one.base("file:b"), one.base("file:c")] == [5, 4, None]
    assert [other.base("file:a"), other.base("file:b")] == [6, None]


def test_stores_that_were_not_used_for_long_are_forgotten(workspace: Workspace) -> None:
    for number in range(25):
        workspace.note_base(f"file:{number}", number)

    assert [workspace.base(f"file:{number}") for number in (0, 4, 5, 24)] == [None, None, 5, 24]


def test_notes_stay_out_of_git_and_are_the_users_alone(workspace: Workspace) -> None:
    workspace.note_base("file:a", 3)

    folder = workspace.routes.parent / ".fig"
    assert (folder / ".gitignore").read_text() == "*\n"
    assert (folder / "base.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", '"text"', '{"routes.yaml: file:a": "3"}', "\udcff"])
def test_note_that_is_damaged_is_no_note(workspace: Workspace, content: str) -> None:
    workspace.put("base.json", {})
    (workspace.routes.parent / ".fig/base.json").write_bytes(content.encode("utf-8", "surrogateescape"))

    assert workspace.base("file:a") is None


def test_note_is_written_read_and_removed(workspace: Workspace) -> None:
    workspace.put("dev.json", {"url": "http://127.0.0.1:8080"})

    assert workspace.get("dev.json") == {"url": "http://127.0.0.1:8080"}
    workspace.remove("dev.json")
    workspace.remove("dev.json")
    assert workspace.get("dev.json") == {}


def test_folder_in_which_nothing_can_be_noted_is_no_reason_to_fail(workspace: Workspace) -> None:
    (workspace.routes.parent / ".fig").write_text("a file where the folder would be")

    workspace.note_base("file:a", 3)

    assert workspace.base("file:a") is None


def test_note_is_json_that_people_can_read(workspace: Workspace) -> None:
    workspace.note_base("file:a", 3)

    assert json.loads((workspace.routes.parent / ".fig/base.json").read_text()) == {"routes.yaml: file:a": 3}
