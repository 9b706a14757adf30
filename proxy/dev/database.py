"""The tables of a `fig dev` in its database: made, published to and filled. Nothing here is for another database."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from proxy.dev.domain_tables import DomainTable, create_tables
from proxy.dev.publisher import Publisher
from proxy.publishing.session import embedded_session
from proxy.stores.history import StoreFailed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from proxy.stores.dynamodb_history import DynamoDBHistory

REGION = "eu-west-1"
_SAMPLE = ("customers", "orders")
_STARTED = "fig dev started"


class DatabaseUnusable(Exception):
    """The tables of the migrated handlers cannot be made or filled; the message says where and why."""


def publish(publisher: Publisher, endpoint: str, routing_table: str) -> "DynamoDBHistory":
    """Publish routes.yaml to a table that is made if need be. Raises DatabaseUnusable."""
    # boto3 costs 0.3 s to load; meanwhile the parts start.
    from proxy.stores.dynamodb_history import DynamoDBHistory, create_table

    with _client(endpoint) as client:
        create_table(client, routing_table)
    history = DynamoDBHistory(embedded_session(REGION), routing_table, endpoint)
    try:
        publisher.publish(history, _STARTED)
    except StoreFailed as exc:
        raise DatabaseUnusable(f"dynamodb at {endpoint}: routes cannot be published: {exc}") from exc
    return history


def fill(endpoint: str, evidence_table: str, tables: Sequence[DomainTable], *, with_sample: bool) -> list[str]:
    """Make the tables of evidence and of the handlers, and fill those of the sample shop if it runs.

    Returns what is wrong with a handlers' table, which is then missing or empty. Raises DatabaseUnusable.
    """
    from proxy.evidence.definition import create_table

    names = {table.domain: table.name for table in tables}
    with _client(endpoint) as client:
        create_table(client, evidence_table)
        _, problems = create_tables(client, tables)
        if with_sample and all(domain in names for domain in _SAMPLE):
            problems += _fill_sample(client, names)
    return problems


def make_tables(endpoint: str, tables: Sequence[DomainTable]) -> tuple[list[DomainTable], list[str]]:
    """Make the tables that are not there; return those, and what is wrong with others. Raises DatabaseUnusable."""
    with _client(endpoint) as client:
        return create_tables(client, tables)


def _fill_sample(client: "DynamoDBClient", names: Mapping[str, str]) -> list[str]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        # Inside: the sample's handlers may have been rewritten, or be somebody's own by now.
        from proxy.dev.seed_tables import seed

        seed(client, customers_table=names["customers"], orders_table=names["orders"])
    except (BotoCoreError, ClientError):
        raise
    except Exception as exc:
        return [f"the sample's data could not be written: {type(exc).__name__}: {exc}"]
    return []


@contextmanager
def _client(endpoint: str) -> Iterator["DynamoDBClient"]:
    """Give a client of the database. Raises DatabaseUnusable for whatever goes wrong with it."""
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    # A proxy leads nowhere on this machine.
    config = Config(proxies={}, retries={"total_max_attempts": 3, "mode": "standard"})
    client = embedded_session(REGION).client("dynamodb", endpoint_url=endpoint, config=config)
    try:
        yield client
    except (BotoCoreError, ClientError) as exc:
        reason, _, _ = str(exc).partition("\n")  # what answers may be no DynamoDB, but a server of pages
        raise DatabaseUnusable(f"dynamodb at {endpoint}: the tables cannot be made: {reason}") from exc
    finally:
        client.close()
