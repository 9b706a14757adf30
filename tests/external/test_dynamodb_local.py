"""The store in DynamoDB, on the engine that AWS gives away for tests: what holds for every store holds on this one."""

from collections.abc import Iterator
from itertools import count

import pytest
from boto3.session import Session

from proxy.publishing.session import embedded_session
from tests.external.dynamodb_local import dynamodb_local
from tests.stores.shelves import REGION, DynamoDBShelf, Shelf
from tests.stores.test_contract import StoreContract
from tests.stores.test_contract_at_once import AtOnceContract
from tests.stores.test_contract_dynamodb import DynamoDBContract
from tests.stores.test_contract_trouble import TroubleContract

pytestmark = pytest.mark.external

_numbers = count(1)


@pytest.fixture(scope="module")
def session() -> Session:
    """A boto3 session that knows no account."""
    return embedded_session(REGION)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a DynamoDB Local, one for all tests."""
    with dynamodb_local(tmp_path_factory.mktemp("dynamodb") / "log") as url:
        yield url


@pytest.fixture
def dynamodb_shelf(session: Session, endpoint: str) -> Iterator[DynamoDBShelf]:
    """A store in a table that no other test has."""
    shelf = DynamoDBShelf(session, endpoint, f"routes-{next(_numbers)}")
    yield shelf
    shelf.close()


@pytest.fixture
def shelf(dynamodb_shelf: DynamoDBShelf) -> Shelf:
    """The same, as any store."""
    return dynamodb_shelf


class TestStore(StoreContract):
    """What was published is read, and nothing that was published changes."""


class TestTrouble(TroubleContract):
    """What a function goes by when its store fails."""


class TestAtOnce(AtOnceContract):
    """Publishers in several processes at once, and some that are killed."""

    publishers = 6
    versions = 100
    kills = 60
    freezes = 40


class TestEngine(DynamoDBContract):
    """Answers that are lost, publishers that are killed at chosen points."""
