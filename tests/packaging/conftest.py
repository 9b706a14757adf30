"""The artifact for this machine, built once, and what it needs to be served; pip asks the index once."""

import shutil
import socket
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from proxy.dev import seed_tables
from proxy.packaging import wheels
from proxy.packaging.build import Artifact, Install, build
from proxy.packaging.target import Target
from proxy.publishing.session import embedded_session
from tests.packaging.served import runtime_client
from tests.packaging.this_repository import WANTED
from tests.stores.embedded import embedded_dynamodb


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


@pytest.fixture(scope="session")
def task(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artifact, unzipped into a folder that was empty."""
    folder = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(artifact.path) as packed:
        packed.extractall(folder)
    return folder


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runtime client in a folder of its own."""
    return runtime_client(tmp_path_factory.mktemp("runtime"))


@pytest.fixture(scope="session")
def dynamodb() -> Iterator[str]:
    """The URL of a DynamoDB with the migrated tables in it, for tests that only read."""
    with embedded_dynamodb() as url:
        client = embedded_session("eu-west-1").client("dynamodb", endpoint_url=url)
        seed_tables.create_tables(client)
        seed_tables.seed(client)
        client.close()
        yield url
