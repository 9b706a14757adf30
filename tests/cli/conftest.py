"""Two people, each with a folder of their own, and one store that nothing was published to yet."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.person import Person
from tests.cli.seen import Seen
from tests.stores.embedded import embedded_dynamodb


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    """Works in a folder whose name a shell must quote."""
    return Person(tmp_path / "ada's work", tmp_path / "the store")


@pytest.fixture
def grace(tmp_path: Path) -> Person:
    """Works on the same store in another folder."""
    return Person(tmp_path / "grace", tmp_path / "the store")


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """The URL of an embedded DynamoDB, one for all tests."""
    with embedded_dynamodb() as url:
        yield url


@pytest.fixture
def seen(endpoint: str) -> Iterator[Seen]:
    """A table of evidence that no other test has; its clock is that of this machine."""
    seen = Seen(endpoint)
    yield seen
    seen.close()
