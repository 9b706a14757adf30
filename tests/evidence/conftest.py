"""A table of evidence in an embedded DynamoDB, with all who write and read it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from boto3.session import Session

from proxy.aws.call import Answer, AwsError
from proxy.backends.exchange import Exchange
from proxy.evidence.code import CodeMarker
from proxy.evidence.definition import create_table
from proxy.evidence.reader import EvidenceReader
from proxy.evidence.table import EvidenceTable
from proxy.evidence.usage import UsageCounts
from proxy.message import Pair
from proxy.publishing.session import embedded_session
from proxy.stores.dynamodb_client import TableClient
from tests.stores.embedded import embedded_dynamodb
from tests.stores.shelves import REGION, json_call

_numbers = count(1)
NOON = 1_796_212_800.0  # 2026-12-02T12:00:00Z


@dataclass
class Clock:
    """Both clocks of a test, which stand until they are moved."""

    wall_s: float = NOON
    now_s: float = 100.0

    def wall(self) -> float:
        return self.wall_s

    def now(self) -> float:
        return self.now_s


class House:
    """One table, in which every function and every command of a test works."""

    def __init__(self, session: Session, endpoint: str, name: str) -> None:
        self.endpoint = endpoint
        self.name = name
        self.clock = Clock()
        self.table = TableClient(session, name, endpoint)
        create_table(self.table.client, name)
        self._exchange = Exchange()
        self.reader = EvidenceReader(self.table, self.clock.wall)

    def environment(self, code: str = "7", now: Callable[[], float] | None = None) -> EvidenceTable:
        """A function's environment, which has seen nothing yet; `now` is a clock of its own."""
        call = json_call(self._ask, self.endpoint)
        return EvidenceTable(call, self.name, code, now=now or self.clock.now, wall=self.clock.wall)

    def marker(self, code: str) -> CodeMarker:
        """What an environment of some code says of itself."""
        call = json_call(self._ask, self.endpoint)
        return CodeMarker(call, self.name, code, now=self.clock.now, wall=self.clock.wall)

    def usage(self) -> UsageCounts:
        """The counts of an environment's callers, none of them yet."""
        call = json_call(self._ask, self.endpoint)
        return UsageCounts(call, self.name, now=self.clock.now, wall=self.clock.wall)

    def items(self) -> dict[str, dict[str, Any]]:
        """All items of orders.read by their sort keys. Any: DynamoDB's typed attributes."""
        found = self.table.client.scan(TableName=self.name)["Items"]
        return {item["sk"]["S"]: dict(item) for item in found}

    def close(self) -> None:
        """Close every connection."""
        self._exchange.close()
        self.table.client.close()

    def _ask(self, method: str, url: str, headers: list[Pair], body: bytes, timeout_s: float) -> Answer:
        return self._exchange(method, url, headers, body, timeout_s)


class Service:
    """A DynamoDB that notes what it is asked, takes its time, and fails if it is told to."""

    def __init__(self, clock: Clock, takes_s: float = 0.0) -> None:
        self.asked: list[dict[str, Any]] = []
        self.limits_s: list[float] = []
        self.fails: AwsError | None = None
        self._clock = clock
        self._takes_s = takes_s

    def __call__(self, target: str, payload: Any, timeout_s: float) -> dict[str, Any]:  # Any: JSON
        assert target == "DynamoDB_20120810.UpdateItem"
        self.asked.append(payload)
        self.limits_s.append(timeout_s)
        self._clock.now_s += self._takes_s
        if self.fails is not None:
            raise self.fails
        return {}

    @property
    def keys(self) -> list[str]:
        """The sort keys that were asked for, in order."""
        return [payload["Key"]["sk"]["S"] for payload in self.asked]


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """The URL of an embedded DynamoDB, one for all tests."""
    with embedded_dynamodb() as url:
        yield url


@pytest.fixture(scope="session")
def session() -> Session:
    """A boto3 session that knows no account; making one takes half a second."""
    return embedded_session(REGION)


@pytest.fixture
def house(session: Session, endpoint: str) -> Iterator[House]:
    """A table that no other test has."""
    house = House(session, endpoint, f"evidence-{next(_numbers)}")
    yield house
    house.close()


@pytest.fixture
def clock() -> Clock:
    """Clocks that stand."""
    return Clock()


@pytest.fixture
def service(clock: Clock) -> Service:
    """A DynamoDB that answers at once."""
    return Service(clock)
