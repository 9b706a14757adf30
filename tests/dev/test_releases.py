"""The numbers of a function's versions."""

from pathlib import Path

from proxy.dev.releases import Numbers
from proxy.publishing.workspace import Workspace

HERE, THERE = "http://127.0.0.1:8000", "http://127.0.0.1:8001"


def test_versions_of_a_database_that_stays_go_on_where_they_ended(tmp_path: Path) -> None:
    """Else the evidence of other code would count for this one."""
    workspace = Workspace(tmp_path / "routes.yaml")
    numbers = Numbers(workspace, HERE)

    first = numbers.first("a digest")
    numbers.note("4", "another")
    same, other = Numbers(workspace, HERE).first("another"), Numbers(workspace, HERE).first("a third")

    assert (first, same, other) == ("1", "4", "5")
    assert Numbers(workspace, THERE).first("a third") == "1"


def test_note_that_is_none_begins_at_1(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "routes.yaml")
    workspace.put("code.json", {HERE: "?", THERE: {"version": "?"}})

    assert [Numbers(workspace, place).first("a digest") for place in (HERE, THERE)] == ["1", "1"]
