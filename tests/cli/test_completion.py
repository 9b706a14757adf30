"""What the shell completes: ids of routes, whatever state the file is in, and stages."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from proxy.cli.app import app
from tests.cli.person import Person

ODD = """\
version: 1
routes:
  - {id: "a.flow", match: GET /a}
  - match: GET /b
    id: b.later
  - id: c.broken
    stage: [
# - id: d.comment
"""


def completed(words: str) -> list[str]:
    """Return what bash is offered for the last word."""
    env = {"_FIG_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    return CliRunner(env=env).invoke(app, [], prog_name="fig").stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("flip --routes {} ", ["orders.read", "orders.list", "customers.read"]),
        ("flip --routes {} orders.r", ["orders.read"]),
        ("flip --routes {} nothing", []),
        ("flip --routes {} orders.read ", ["legacy", "shadow", "canary", "live", "migrated", "retired"]),
        ("flip --routes {} orders.read l", ["legacy", "live"]),
        ("rollback --routes {} --route cust", ["customers.read"]),
    ],
)
def test_routes_and_stages_are_completed(tmp_path: Path, words: str, offered: list[str]) -> None:
    person = Person(tmp_path / "folder", tmp_path / "store")

    assert completed(f"fig {words.format(person.routes)}") == offered


def test_routes_of_a_file_that_is_broken_are_completed_all_the_same(tmp_path: Path) -> None:
    person = Person(tmp_path / "folder", tmp_path / "store", ODD)

    assert completed(f"fig flip --routes {person.routes} ") == ["a.flow", "b.later", "c.broken"]


def test_file_that_is_not_there_completes_nothing(tmp_path: Path) -> None:
    assert completed(f"fig flip --routes {tmp_path / 'nope.yaml'} ") == []
