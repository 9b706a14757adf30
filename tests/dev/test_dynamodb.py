"""The embedded DynamoDB: what it does for several clients at once."""

import socket
import threading
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from boto3.session import Session
from botocore.exceptions import ClientError

from proxy.dev.dynamodb import OneAtATime
from proxy.publishing.session import embedded_session
from proxy.stores.dynamodb_history import create_table
from tests.stores.embedded import embedded_dynamodb

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REGION = "eu-west-1"
CLIENTS = 8
NUMBERS = 15


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The URL of an embedded DynamoDB."""
    with embedded_dynamodb() as url:
        yield url


def test_transactions_of_several_clients_at_once_are_each_whole(endpoint: str) -> None:
    """Without turns, moto lets several transactions win whose conditions rule each other out, and answers 500."""
    session = embedded_session(REGION)
    client = session.client("dynamodb", endpoint_url=endpoint)
    create_table(client, "numbers")
    # So many that a transaction, which copies all of them, takes longer than a thread's turn.
    for number in range(300):
        client.put_item(TableName="numbers", Item={**key(f"other{number}"), "text": {"S": "x" * 100}})
    won: list[int] = []
    problems: list[str] = []

    threads = [threading.Thread(target=count_up, args=(session, endpoint, won, problems)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    client.close()
    assert (sorted(won), problems) == (list(range(1, NUMBERS + 1)), [])


def test_calls_take_turns() -> None:
    met: list[bool] = []
    meeting = threading.Barrier(2)

    def app(_environ: object, _start_response: object) -> list[bytes]:
        try:
            meeting.wait(0.2)
            met.append(True)
        except threading.BrokenBarrierError:
            met.append(False)
        return []

    turns = OneAtATime(app)
    threads = [threading.Thread(target=turns, args=({}, None)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert met == [False, False]


def test_client_that_dies_while_it_asks_holds_up_nobody(endpoint: str) -> None:
    address = endpoint.removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1]))) as dying:
        dying.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        client = embedded_session(REGION).client("dynamodb", endpoint_url=endpoint)

        assert client.list_tables()["ResponseMetadata"]["HTTPStatusCode"] == 200

    assert client.list_tables()["ResponseMetadata"]["HTTPStatusCode"] == 200
    client.close()


def test_call_whose_body_is_cut_off_never_reaches_the_database() -> None:
    called: list[dict[str, Any]] = []
    app = OneAtATime(lambda environ, _start: called.append(environ) or [])  # type: ignore[func-returns-value]  # None

    with pytest.raises(ConnectionError, match="got 2 bytes of a body, expected 3"):
        app({"CONTENT_LENGTH": "3", "wsgi.input": BytesIO(b"{}")}, lambda *_: lambda _: None)

    assert called == []


def count_up(session: Session, endpoint: str, won: list[int], problems: list[str]) -> None:
    """Make the next number, again and again, as long as nobody else was faster."""
    client = session.client("dynamodb", endpoint_url=endpoint)
    while (number := newest(client)) < NUMBERS:
        try:
            client.transact_write_items(TransactItems=[taken(number + 1), moved(number)])
            won.append(number + 1)
        except ClientError as exc:
            if "ConditionalCheckFailed" not in str(exc):
                problems.append(str(exc))
    client.close()


def newest(client: "DynamoDBClient") -> int:
    """Return the newest number, 0 before the first."""
    found = client.get_item(TableName="numbers", Key=key("newest"), ConsistentRead=True)
    return int(found["Item"]["number"]["N"]) if "Item" in found else 0


def taken(number: int) -> Any:
    """Return the write of an item that must not be there yet. Any: the stubs have a type for each kind of write."""
    return {
        "Put": {
            "TableName": "numbers",
            "Item": key(f"taken{number}"),
            "ConditionExpression": "attribute_not_exists(pk)",
        }
    }


def moved(number: int) -> Any:
    """Return the write of the next number after one that must still be the newest. Any: the same."""
    return {
        "Update": {
            "TableName": "numbers",
            "Key": key("newest"),
            "UpdateExpression": "SET #number = :next",
            "ConditionExpression": "attribute_not_exists(#number) OR #number = :number",
            "ExpressionAttributeNames": {"#number": "number"},
            "ExpressionAttributeValues": {":number": {"N": str(number)}, ":next": {"N": str(number + 1)}},
        }
    }


def key(name: str) -> Any:
    """Return an item's key. Any: the stubs spell an attribute as a union of ten shapes."""
    return {"pk": {"S": "numbers"}, "sk": {"S": name}}
