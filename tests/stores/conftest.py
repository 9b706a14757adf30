"""A store of every kind that pip can carry. AWS's own DynamoDB Local is in tests/external."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from boto3.session import Session

from proxy.publishing.session import embedded_session
from tests.stores.embedded import embedded_dynamodb
from tests.stores.shelves import REGION, DynamoDBShelf, FileShelf, Shelf

_numbers = count(1)


@pytest.fixture(scope="session")
def session() -> Session:
    """A boto3 session that knows no account."""
    return embedded_session(REGION)


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """The URL of an embedded DynamoDB, one for all tests."""
    with embedded_dynamodb() as url:
        yield url


@pytest.fixture
def dynamodb_shelf(session: Session, endpoint: str) -> Iterator[DynamoDBShelf]:
    """A store in a DynamoDB table that no other test has."""
    shelf = DynamoDBShelf(session, endpoint, f"routes-{next(_numbers)}")
    yield shelf
    shelf.close()


@pytest.fixture(params=["file", "dynamodb"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    """A store of each kind, with nothing in it."""
    if request.param == "file":
        return FileShelf(tmp_path / "store")
    found: DynamoDBShelf = request.getfixturevalue("dynamodb_shelf")
    return found
