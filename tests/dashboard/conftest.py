"""A folder with a routes.yaml, a store in another, and a dashboard's sources over both."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from proxy.dashboard.sources import Sources
from proxy.metrics.source import Snapshot
from proxy.publishing.store_choice import Place
from proxy.publishing.workspace import Workspace
from proxy.stores.file_history import FileHistory
from tests.dashboard.numbers import snapshot
from tests.publishing.people import DOCUMENT, put


@dataclass
class FakeMetrics:
    """Numbers that a test chooses; it notes for which windows it was asked."""

    snapshot_: Snapshot = field(default_factory=snapshot)
    asked: list[float] = field(default_factory=list)
    name: str = "a test"

    def snapshot(self, window_s: float) -> Snapshot:
        self.asked.append(window_s)
        return self.snapshot_


@pytest.fixture
def metrics() -> FakeMetrics:
    return FakeMetrics()


@pytest.fixture
def history(tmp_path: Path) -> FileHistory:
    """A store to which the document was published."""
    history = FileHistory(tmp_path / "store")
    put(history)
    return history


@pytest.fixture
def sources(tmp_path: Path, history: FileHistory, metrics: FakeMetrics) -> Sources:
    """A dashboard beside a routes.yaml that says what is in force; ada is alone on this machine."""
    routes = tmp_path / "routes.yaml"
    routes.write_text(DOCUMENT)
    place = Place(f"file:{tmp_path / 'store'}")
    return Sources(metrics, place, None, Workspace(routes), url="http://127.0.0.1:8080", user="ada")
