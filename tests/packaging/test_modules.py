"""Which modules an entry reaches."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from proxy.packaging.modules import reachable


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize(
    ("code", "reached"),
    [
        pytest.param("import house.room", {"house.room"}, id="import"),
        pytest.param("import house.room as r", {"house.room"}, id="import-as"),
        pytest.param("from house import room", {"house.room"}, id="module-from-package"),
        pytest.param("from house.room import door", {"house.room"}, id="name-from-module"),
        pytest.param("from . import room", {"house.room"}, id="relative"),
        pytest.param("from .attic.box import lid", {"house.attic", "house.attic.box"}, id="relative-below"),
        pytest.param("def late():\n    import house.room", {"house.room"}, id="inside-a-function"),
        pytest.param("try:\n    import house.room\nexcept ImportError:\n    pass", {"house.room"}, id="inside-a-try"),
        pytest.param("import house.attic.box", {"house.attic", "house.attic.box"}, id="packages-above"),
        pytest.param(
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import house.room", set(), id="for-types"
        ),
        pytest.param("import typing\nif typing.TYPE_CHECKING:\n    import house.room", set(), id="for-types-dotted"),
        pytest.param(
            "if TYPE_CHECKING:\n    import house.room\nelse:\n    import house.attic",
            {"house.attic"},
            id="else-of-types",
        ),
        pytest.param("import json, other.thing", set(), id="other-packages"),
        pytest.param("import house.nowhere", set(), id="not-there"),
    ],
)
def test_entry_reaches_what_it_imports_and_nothing_else(tmp_path: Path, code: str, reached: set[str]) -> None:
    others = ("room", "attic/__init__", "attic/box")
    write(tmp_path, {"house/__init__.py": "", "house/entry.py": code, "other/__init__.py": "", "other/thing.py": ""})
    write(tmp_path, {f"house/{name}.py": "" for name in others})

    found = reachable(tmp_path, ["house.entry"])

    assert set(found) == {"house", "house.entry"} | reached
    assert found["house.entry"] == tmp_path / "house/entry.py"


def test_modules_that_import_each_other_are_reached_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"house/__init__.py": "from house import a", "house/a.py": "import house.b", "house/b.py": "import house.a"},
    )

    assert sorted(reachable(tmp_path, ["house.b"])) == ["house", "house.a", "house.b"]
