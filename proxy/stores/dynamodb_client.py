"""The items of one DynamoDB table, read and written with boto3, and what its errors mean to a person."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from proxy.stores.dynamodb import PARTITION, content_key
from proxy.stores.dynamodb_items import Content, Item, Place, unpack
from proxy.stores.history import Moved, StoreFailed

if TYPE_CHECKING:
    from boto3.session import Session
    from mypy_boto3_dynamodb.type_defs import PutTypeDef

_CURES = {
    "ExpiredTokenException": "sign in again",
    "NoCredentialsError": "sign in, or set AWS_PROFILE",
    "NoRegionError": "set AWS_REGION",
    "ResourceNotFoundException": "create it, or name another one or another region",
    "UnrecognizedClientException": "sign in again",
}


class TableClient:
    """Reads and writes items by their sort key. Whoever uses it does so within `told`."""

    def __init__(self, session: "Session", name: str, endpoint: str) -> None:
        self.name = name
        retries: Any = {"total_max_attempts": 3, "mode": "standard"}  # Any: the stubs want a type of their own
        # An endpoint is on this machine or in a private network, where a proxy leads nowhere.
        config = Config(connect_timeout=3, read_timeout=10, retries=retries, proxies={} if endpoint else None)
        with self.told():
            self.client = session.client("dynamodb", endpoint_url=endpoint or None, config=config)

    def item(self, key: str) -> Item | None:
        """Return an item as it is now, None if there is none."""
        found = self.client.get_item(TableName=self.name, Key=key_of(key), ConsistentRead=True)
        return found.get("Item")

    def needed(self, key: str) -> Item:
        """Return an item that must be there. Raises StoreFailed."""
        item = self.item(key)
        if item is None:
            raise StoreFailed(f"got no {key}, which the head or an entry names")
        return item

    def newest(self, prefix: str, limit: int) -> list[Item]:
        """Return the items whose keys begin so, the greatest first."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":pk": {"S": PARTITION}, ":prefix": {"S": prefix}},
            ConsistentRead=True,
            ScanIndexForward=False,
            PaginationConfig={"MaxItems": limit, "PageSize": limit},
        )
        return [item for page in pages for item in page["Items"]]

    def content(self, place: Place) -> bytes:
        """Return what is stored at a place. Raises StoreFailed."""
        keys = [content_key(place.address, part) for part in range(place.parts)]
        return unpack(Content(place.address, tuple(_bytes(self.needed(key)) for key in keys)))

    def put_content(self, content: Content) -> None:
        """Store content under its address; what is there already is the same."""
        for part, data in enumerate(content.parts):
            self.client.put_item(**self.put(content_key(content.address, part), {"bytes": {"B": data}}))

    def put(self, key: str, attributes: Item) -> "PutTypeDef":
        """Return what puts an item."""
        return {"TableName": self.name, "Item": {**key_of(key), **attributes}}

    @contextmanager
    def told(self) -> Iterator[None]:
        """Raise everything as StoreFailed that says which table it was."""
        try:
            yield
        except Moved:
            raise
        except StoreFailed as exc:
            raise StoreFailed(f"dynamodb table {self.name}: {exc}") from exc
        except (ClientError, BotoCoreError) as exc:
            code = exc.response["Error"]["Code"] if isinstance(exc, ClientError) else type(exc).__name__
            # The first line: below it, a service may quote the whole request, session token and all.
            what, _, _ = str(exc).partition("\n")
            cure = f"; {_CURES[code]}" if code in _CURES else ""
            raise StoreFailed(f"dynamodb table {self.name}: {what}{cure}") from exc


def key_of(key: str) -> Item:
    """Return the two attributes that are an item's key."""
    return {"pk": {"S": PARTITION}, "sk": {"S": key}}


def _bytes(item: Item) -> bytes:
    data: bytes = item.get("bytes", {}).get("B", b"")  # what is no part at all does not fit the address either
    return data
