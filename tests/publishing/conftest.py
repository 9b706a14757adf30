"""A store in a folder of the test's own."""

from pathlib import Path

import pytest

from proxy.stores.file_history import FileHistory


@pytest.fixture
def history(tmp_path: Path) -> FileHistory:
    """A store to which nothing has been published yet."""
    return FileHistory(tmp_path / "store")
