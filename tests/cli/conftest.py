"""Two people, each with a folder of their own, and one store that nothing was published to yet."""

from pathlib import Path

import pytest

from tests.cli.person import Person


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    """Works in a folder whose name a shell must quote."""
    return Person(tmp_path / "ada's work", tmp_path / "the store")


@pytest.fixture
def grace(tmp_path: Path) -> Person:
    """Works on the same store in another folder."""
    return Person(tmp_path / "grace", tmp_path / "the store")
