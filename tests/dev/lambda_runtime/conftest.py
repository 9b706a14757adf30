from pathlib import Path

import pytest

from .lab import Lab


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A fresh folder of handlers."""
    return Lab(tmp_path)
