"""A store in one DynamoDB table, seen from the request path; `dynamodb_history` writes it.

Everything has the partition key "routes"; the sort key `sk` says what an item is:

head                        which version is in force, where its compiled table is, and the freeze
entry#00000012#             the entry of a version
entry#00000012#<when>#…     the entry of a freeze or a thaw while that version was in force
content#<sha256>#000        a part of a compiled table or of a routes.yaml, compressed; the sum is that of all parts
"""

import time
import zlib
from binascii import a2b_base64
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from proxy.aws.call import AwsError
from proxy.errors import TableUnreadable
from proxy.stores.store import Published, Snapshot, follow, nothing, published

PARTITION = "routes"
HEAD = "head"

Item = Mapping[str, Mapping[str, Any]]  # Any: text, or a list or map of more
# (operation, payload, timeout_s) -> what the service answers; raises AwsError. Any: JSON of the service's own shape.
JsonCall = Callable[[str, Mapping[str, object], float], dict[str, Any]]

_CURES = {
    "AccessDeniedException": "allow dynamodb:GetItem on it",
    "ResourceNotFoundException": "create it, or name the one that tables are published to",
}


def content_key(address: str, part: int) -> str:
    """Return the sort key of a part of what is stored under an address."""
    return f"content#{address}#{part:03}"


class DynamoDBStore:
    """Reads the table in force from a DynamoDB table, without an SDK: one GetItem while nothing changes.

    `call` is the signed JSON call. `now` is time.monotonic.
    """

    def __init__(self, call: JsonCall, table_name: str, now: Callable[[], float] = time.monotonic) -> None:
        self._call = call
        self._table_name = table_name
        self._now = now

    def read(self, previous: Snapshot | None, timeout_s: float) -> Snapshot:
        """Return the current snapshot; `previous` itself if nothing has changed. Raises TableUnreadable in time.

        The time limit holds for all calls together.
        """
        ends = self._now() + timeout_s
        try:
            return self._read(previous, ends)
        except TableUnreadable as exc:
            raise TableUnreadable(f"dynamodb table {self._table_name}: {exc}", exc.frozen) from exc

    def _read(self, previous: Snapshot | None, ends: float) -> Snapshot:
        item = self._item(HEAD, ends)
        if item is None:
            return nothing(previous)
        head = _head(item)
        mark = f"{head.published.version} {head.published.digest} {head.published.frozen}"
        if previous is not None and previous.mark == mark:
            return previous
        return follow(head.published, mark, previous, lambda: self._content(head.address, head.parts, ends))

    def _content(self, address: str, parts: int, ends: float) -> bytes:
        packed = []
        for part in range(parts):
            item = self._item(content_key(address, part), ends)
            if item is None:
                raise TableUnreadable(f"got no {content_key(address, part)}, expected {parts} parts")
            packed.append(_bytes(item))
        try:
            return zlib.decompress(b"".join(packed))
        except zlib.error as exc:
            raise TableUnreadable(f"content {address[:12]}: got {parts} parts that cannot be unpacked: {exc}") from exc

    def _item(self, key: str, ends: float) -> Item | None:
        left_s = ends - self._now()
        if left_s <= 0:
            raise TableUnreadable(f"the time was used up before {key} could be read")
        # Consistent, because the head is written right after what it names.
        payload = {
            "TableName": self._table_name,
            "Key": {"pk": {"S": PARTITION}, "sk": {"S": key}},
            "ConsistentRead": True,
        }
        try:
            answer = self._call("DynamoDB_20120810.GetItem", payload, left_s)
        except AwsError as exc:
            cure = _CURES.get(exc.code)
            raise TableUnreadable(f"{exc}; {cure}" if cure else str(exc)) from exc
        item: Item | None = answer.get("Item")
        return item

    def __repr__(self) -> str:
        return f"<DynamoDBStore {self._table_name}>"


class _Head(NamedTuple):
    published: Published
    address: str
    parts: int


def _head(item: Item) -> _Head:
    try:
        version = int(item["version"]["N"])
        frozen = item["frozen"]["S"] if "frozen" in item else ""
        if not version:
            return _Head(published(0, "", frozen), "", 0)
        return _Head(
            published(version, item["digest"]["S"], frozen), item["content"]["S"], int(item["content_parts"]["N"])
        )
    except (ValueError, LookupError, TypeError, AttributeError) as exc:
        raise TableUnreadable(f"{HEAD}: got an item that is no head: {exc!r}") from exc


def _bytes(item: Item) -> bytes:
    try:
        return a2b_base64(item["bytes"]["B"])
    except (ValueError, LookupError, TypeError, AttributeError) as exc:
        raise TableUnreadable(f"got a part of the table that is none: {exc!r}") from exc
