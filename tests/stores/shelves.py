"""Every kind of store with a writer and a reader, and with everything that can happen to it."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from boto3.session import Session

from proxy.aws.call import Answer, Client
from proxy.aws.credentials import ContainerEndpoint, Credentials, credential_source
from proxy.aws.sigv4 import Scope
from proxy.backends.exchange import Exchange
from proxy.message import Pair
from proxy.routing.compiled import digest_of
from proxy.stores.dynamodb import DynamoDBStore
from proxy.stores.dynamodb_history import DynamoDBHistory, create_table
from proxy.stores.file import FileStore
from proxy.stores.file_history import FileHistory
from proxy.stores.history import History
from proxy.stores.store import Store

REGION = "eu-west-1"
NO_TABLE = b"no table"


class Shelf(Protocol):
    """A store to test. `address` is how another process opens it."""

    address: str
    history: History
    store: Store

    def take_down(self) -> None:
        """Nobody answers any more."""

    def remove_all(self) -> None:
        """The whole store is deleted."""

    def empty(self) -> None:
        """The store is made anew, with nothing in it."""

    def remove_head(self) -> None:
        """The head is deleted, alone."""

    def spoil_head(self) -> None:
        """The head becomes something else."""

    def head(self) -> object:
        """Return the head as it is stored."""

    def put_head(self, head: Any) -> None:
        """Make an earlier head the head again. Any: what `head` returned."""

    def spoil_entry(self, version: int) -> None:
        """A version's entry becomes something else."""

    def put_table(self, version: int, data: bytes | None) -> None:
        """Put other bytes in place of a version's table; None deletes it."""


class FileShelf:
    """A store in a folder."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.address = f"file:{directory}"
        self.history: History = FileHistory(directory)
        self.store: Store = FileStore(str(directory))

    def take_down(self) -> None:
        self._directory.rename(self._directory.with_name("elsewhere"))

    def remove_all(self) -> None:
        shutil.rmtree(self._directory)

    def empty(self) -> None:
        shutil.rmtree(self._directory, ignore_errors=True)
        self._directory.mkdir()

    def remove_head(self) -> None:
        (self._directory / "head.json").unlink()

    def spoil_head(self) -> None:
        (self._directory / "head.json").write_text("{")

    def head(self) -> bytes:
        return (self._directory / "head.json").read_bytes()

    def put_head(self, head: bytes) -> None:
        (self._directory / "head.json").write_bytes(head)

    def spoil_entry(self, version: int) -> None:
        path = self._directory / "history.jsonl"
        lines = path.read_bytes().splitlines(keepends=True)
        spoiled = [b"?" * (len(line) - 1) + b"\n" if json.loads(line)["version"] == version else line for line in lines]
        path.write_bytes(b"".join(spoiled))

    def put_table(self, version: int, data: bytes | None) -> None:
        path = self._directory / f"tables/{digest_of(self.history.compiled(version))}.json"
        if data is None:
            path.unlink()
        else:
            path.write_bytes(data)


class DynamoDBShelf:
    """A store in a DynamoDB table of its own. Close it."""

    def __init__(self, session: Session, endpoint: str, table_name: str) -> None:
        self.address = f"dynamodb:{table_name}@{endpoint}"
        self.table_name = table_name
        self.client = session.client("dynamodb", endpoint_url=endpoint)
        create_table(self.client, table_name)
        self._own_history = DynamoDBHistory(session, table_name, endpoint)
        self.history: History = self._own_history
        self._exchange = Exchange()
        self._is_down = False
        self.asked: list[bytes] = []
        self.store: Store = DynamoDBStore(json_call(self._ask, endpoint), table_name)

    def close(self) -> None:
        """Close every connection."""
        self.client.close()
        self._own_history.close()
        self._exchange.close()

    def _ask(self, method: str, url: str, headers: list[Pair], body: bytes, timeout_s: float) -> Answer:
        if self._is_down:
            raise OSError("no connection")
        self.asked.append(body)
        return self._exchange(method, url, headers, body, timeout_s)

    def take_down(self) -> None:
        self._is_down = True

    def remove_all(self) -> None:
        self.client.delete_table(TableName=self.table_name)

    def empty(self) -> None:
        self.remove_all()
        create_table(self.client, self.table_name)

    def remove_head(self) -> None:
        self.client.delete_item(TableName=self.table_name, Key=self._key("head"))

    def spoil_head(self) -> None:
        self.put_head({**self._key("head"), "version": {"S": "many"}})

    def head(self) -> Mapping[str, Any]:
        return self.item("head")

    def put_head(self, head: Mapping[str, Any]) -> None:
        self.client.put_item(TableName=self.table_name, Item=head)

    def spoil_entry(self, version: int) -> None:
        key = self._key(f"entry#{version:08}#")
        self.client.put_item(TableName=self.table_name, Item={**key, "kind": {"S": "?"}})

    def put_table(self, version: int, data: bytes | None) -> None:
        content = self.item(f"entry#{version:08}#")["content"]["S"]
        key = self._key(f"content#{content}#000")
        if data is None:
            self.client.delete_item(TableName=self.table_name, Key=key)
        else:
            self.client.put_item(TableName=self.table_name, Item={**key, "bytes": {"B": data}})

    def item(self, key: str) -> dict[str, Any]:
        """Return an item as it is stored. Any: DynamoDB's typed attributes."""
        found = self.client.get_item(TableName=self.table_name, Key=self._key(key), ConsistentRead=True)
        return dict(found["Item"])

    def _key(self, key: str) -> dict[str, Any]:
        return {"pk": {"S": "routes"}, "sk": {"S": key}}


def json_call(
    ask: Callable[[str, str, list[Pair], bytes, float], Answer], endpoint: str
) -> Callable[[str, Mapping[str, object], float], dict[str, Any]]:
    """Return the signed call of the request path. Any: JSON."""
    credentials = credential_source(Credentials("local", "local"), ContainerEndpoint(), ask)
    return Client(ask, credentials, endpoint, Scope(REGION, "dynamodb")).json_call


def open_history(address: str, session: Session) -> History:
    """Return the writer of a shelf, in whatever process."""
    kind, _, where = address.partition(":")
    if kind == "file":
        return FileHistory(Path(where))
    table_name, _, endpoint = where.partition("@")
    return DynamoDBHistory(session, table_name, endpoint)
