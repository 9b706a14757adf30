"""The history of a store in one DynamoDB table (see `dynamodb`), for those who publish.

Content is written first, under the sum of its bytes; then one transaction puts the entry and moves the head, if that is
still at the version that the publisher has seen. What a killed publisher leaves is content that nothing names.

A global table has one home: publish and freeze in one region, and let the others read. Conditions hold in the region
that is asked, so that two regions could both win; and a transaction arrives elsewhere item by item, so that a head may
name for a moment what is not there yet (readers keep their last good table). Where a global table is strongly
consistent, DynamoDB refuses transactions altogether.
Source: docs.aws.amazon.com/prescriptive-guidance/latest/dynamodb-global-tables/overview.html
"""

import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from proxy.aws.keyed_table import DEFINITION as DEFINITION
from proxy.aws.keyed_table import create_table as create_table
from proxy.errors import TableUnreadable
from proxy.routing.compiled import load
from proxy.routing.table import Frozen
from proxy.stores import dynamodb_items as items
from proxy.stores.dynamodb import HEAD
from proxy.stores.dynamodb_client import TableClient, key_of
from proxy.stores.dynamodb_items import Content, Item
from proxy.stores.dynamodb_transaction import Outcome, Patience, execute
from proxy.stores.history import Entry, Head, Moved, StoreFailed, verify
from proxy.stores.store import published

if TYPE_CHECKING:
    from boto3.session import Session
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef, UpdateTypeDef

_IS_NEW = "attribute_not_exists(pk)"


class DynamoDBHistory:
    """Publishes to a DynamoDB table in a session's region, or at an endpoint; `timeout_s` is how long a write goes on
    while others are at the same items. Raises StoreFailed if no region is known.
    """

    def __init__(
        self,
        session: "Session",
        table_name: str,
        endpoint: str = "",
        *,
        timeout_s: float = 30.0,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._table = TableClient(session, table_name, endpoint)
        self._patience = Patience(timeout_s, now, sleep)

    def head(self) -> Head:
        """Return what is in force now. Raises StoreFailed."""
        with self._table.told():
            return self._head()

    def publish(self, entry: Entry, compiled: bytes, document: str) -> None:
        """Make a version and move the head to it. Raises Moved, StoreFailed."""
        verify(entry, compiled)
        with self._table.told():
            head = self._head()
            if head.version != entry.parent:
                raise Moved(entry.parent, head)
            table, text = items.pack(compiled), items.pack(document.encode())
            self._table.put_content(table)
            self._table.put_content(text)
            key, mark = items.entry_key(entry.version), uuid.uuid4().hex
            writes: list[TransactWriteItemTypeDef] = [
                {
                    "Put": {
                        **self._table.put(key, items.to_attributes(entry, mark, table, text)),
                        "ConditionExpression": _IS_NEW,
                    }
                },
                {"Update": self._move_head(entry, table)},
            ]
            if self._commit(writes, key, mark):
                return
            head = self._head()
            if head.version != entry.parent:
                raise Moved(entry.parent, head)
            what = f"got {key} already, expected nothing beyond version {head.version}, where the head is"
            raise StoreFailed(f"{what}; it was deleted or restored alone: restore the newest head")

    def compiled(self, version: int) -> bytes:
        """Return the compiled table of a version. Raises StoreFailed."""
        with self._table.told():
            item = self._version(version)
            data = self._table.content(items.from_place(item, "content"))
            try:
                found = load(data)
            except TableUnreadable as exc:
                raise StoreFailed(f"version {version}: {exc}") from exc
            if (found.version, found.digest) != (version, items.from_attributes(item).digest):
                raise StoreFailed(f"got {found!r}, expected version {version}")
            return data

    def document(self, version: int) -> str:
        """Return the text of routes.yaml that made a version. Raises StoreFailed."""
        with self._table.told():
            return self._table.content(items.from_place(self._version(version), "document")).decode()

    def entries(self, limit: int) -> list[Entry]:
        """Return the newest entries, newest first. Raises StoreFailed."""
        with self._table.told():
            return [items.from_attributes(item) for item in self._table.newest("entry#", limit)]

    def freeze(self, entry: Entry, frozen: Frozen) -> None:
        """Set the freeze and note it. Raises StoreFailed."""
        mark = uuid.uuid4().hex
        key = items.freeze_key(entry, mark)
        # What is frozen stays out of the way of publishers: they set other attributes of the head.
        changes: UpdateTypeDef = {
            "TableName": self._table.name,
            "Key": key_of(HEAD),
            "UpdateExpression": "SET version = if_not_exists(version, :zero), frozen = :frozen, froze = :froze",
            "ExpressionAttributeValues": {":zero": {"N": "0"}, ":frozen": {"S": frozen}, ":froze": {"S": key}},
        }
        with self._table.told():
            self._commit(
                [{"Put": self._table.put(key, items.to_attributes(entry, mark))}, {"Update": changes}], key, mark
            )

    def close(self) -> None:
        """Close the connections."""
        self._table.client.close()

    def _move_head(self, entry: Entry, table: Content) -> "UpdateTypeDef":
        # A freeze may have made a head of version 0 already.
        unmoved = "version = :parent" if entry.parent else "attribute_not_exists(version) OR version = :parent"
        place = items.to_place("content", table)
        return {
            "TableName": self._table.name,
            "Key": key_of(HEAD),
            "UpdateExpression": "SET version = :version, digest = :digest, content = :content, content_parts = :parts",
            "ConditionExpression": unmoved,
            "ExpressionAttributeValues": {
                ":version": {"N": str(entry.version)},
                ":parent": {"N": str(entry.parent)},
                ":digest": {"S": entry.digest},
                ":content": place["content"],
                ":parts": place["content_parts"],
            },
        }

    def _commit(self, writes: "list[TransactWriteItemTypeDef]", key: str, mark: str) -> bool:
        """Execute the writes, and return whether they are: False if a condition was not met."""
        outcome = execute(self._table.client, writes, self._patience)
        if outcome.what == "written":
            return True
        try:
            found = self._table.item(key) or {}
        except (BotoCoreError, ClientError) as exc:
            found, outcome = {}, Outcome("unknown", str(exc))
        if found.get("mark") == {"S": mark}:
            return True  # the answer of an earlier attempt was lost
        if outcome.what == "unknown":
            what = f"nobody knows yet whether {key} is written: {outcome.why}"
            raise StoreFailed(f"{what}; look at the history before you repeat it")
        return False

    def _head(self) -> Head:
        item = self._table.item(HEAD)
        if item is None:
            return Head()
        try:
            digest = item.get("digest", {"S": ""})["S"]
            head = published(int(item["version"]["N"]), digest, item.get("frozen", {"S": ""})["S"])
        except (ValueError, LookupError, TypeError) as exc:
            raise StoreFailed(f"{HEAD}: got an item that is no head: {exc!r}; restore it") from exc
        froze = items.from_attributes(self._table.needed(item["froze"]["S"])) if head.frozen else None
        return Head(head.version, head.digest, head.frozen, froze)

    def _version(self, version: int) -> Item:
        item = self._table.item(items.entry_key(version))
        if item is None:
            raise StoreFailed(f"got no version {version} in the history; `fig history` lists them")
        return item

    def __repr__(self) -> str:
        return f"<DynamoDBHistory {self._table.name}>"
