"""The artifact for this machine, built once; pip asks the index once."""

import shutil
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from proxy.packaging import wheels
from proxy.packaging.build import Artifact, Install, build
from proxy.packaging.target import Target
from tests.packaging.this_repository import WANTED


@pytest.fixture
def unused_port() -> int:
    """A port of 127.0.0.1 at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def install(tmp_path_factory: pytest.TempPathFactory) -> Install:
    """pip's work, done before: what is installed is copied."""
    once: list[Path] = []

    def copy(target: Target, interpreter: Path, needed: Sequence[str], constraints: Path, folder: Path) -> None:
        if not once:
            installed = tmp_path_factory.mktemp("installed") / "task"
            wheels.install(target, interpreter, needed, constraints, installed)
            once.append(installed)
        shutil.copytree(once[0], folder, dirs_exist_ok=True)

    return copy


@pytest.fixture(scope="session")
def artifact(install: Install, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """The artifact of this repository, zipped."""
    return build(WANTED, tmp_path_factory.mktemp("artifact") / "fig.zip", install)
