"""Evidence read with boto3, for commands; and the one thing that commands add to it."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from proxy.errors import EvidenceFailed
from proxy.evidence import keys
from proxy.evidence.adding import Item, evidence_of
from proxy.evidence.code import Seen, in_force
from proxy.evidence.found import ContractResult, RouteEvidence

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


_CODE_AGAIN_S = 2.0  # many routes are read one after the other, and it takes five minutes to say that a version runs


class Table(Protocol):
    """A DynamoDB table, and what its errors mean to a person."""

    name: str
    client: "DynamoDBClient"

    def told(self) -> AbstractContextManager[None]:
        """Raise everything that goes wrong with the table as an error that says which one, why, and the cure."""


class EvidenceReader:
    """Reads what the functions have found. What has expired is not there, whether or not it is deleted yet.

    `now` is the time. Every method raises what the table's `told` does, and EvidenceFailed for items that are none.
    """

    def __init__(self, table: Table, now: Callable[[], float] = time.time) -> None:
        self._table = table
        self._now = now
        self._code = ""
        self._code_read_at = float("-inf")

    def read(self, route_id: str, *, with_examples: bool = False) -> RouteEvidence:
        """Return all that is known of a route. Examples are most of the bytes, so they come only if asked for."""
        # Sort keys begin with contract, count, path and sample: whatever stands before the last is no example.
        before = "sk < :examples" if not with_examples else ""
        partition = f"{keys.PARTITION}{route_id}"
        items = self._items(partition, before, {":examples": {"S": keys.SAMPLE}} if before else {})
        code = self.code()
        try:
            return evidence_of(route_id, items, self._now(), code)
        except (LookupError, ValueError, TypeError, AttributeError) as exc:
            raise self._no_evidence(partition, exc) from exc

    def code(self) -> str:
        """Return the version of the function that runs; "" if none has said that it does."""
        now = self._now()
        if not 0 <= now - self._code_read_at < _CODE_AGAIN_S:
            items = self._items(keys.CODES, "", {})
            try:
                seen = [
                    Seen(item["sk"]["S"], *(float(item[name]["N"]) for name in (keys.FIRST, keys.LAST)))
                    for item in items
                ]
            except (LookupError, ValueError, TypeError) as exc:
                raise self._no_evidence(keys.CODES, exc) from exc
            self._code, self._code_read_at = in_force(seen, now), now
        return self._code

    def contract(self, route_id: str, revision: str) -> ContractResult | None:
        """Return how the recorded cases of a route went for a revision; None if nobody has tried."""
        return self.read(route_id).contract(revision)

    def put_contract(self, route_id: str, revision: str, result: ContractResult) -> None:
        """Note how the recorded cases of a route went, in place of what was noted before."""
        values: dict[str, Any] = {  # Any: the stubs spell an attribute as a union of ten shapes
            "passed": {"N": str(result.passed)},
            "failed": {"N": str(result.failed)},
            "who": {"S": result.who.encode("utf-8", "replace").decode()},
            "when": {"S": result.when},
            "methods": {"S": " ".join(result.methods)},
            keys.EXPIRY: keys.expiry_at(self._now()),
        }
        with self._table.told():
            self._table.client.update_item(
                TableName=self._table.name,
                Key=keys.key_of(route_id, keys.contract_key(revision, result.code)),
                UpdateExpression=f"SET {', '.join(f'#{name} = :{name}' for name in values)}",
                ExpressionAttributeNames={f"#{name}": name for name in values},
                ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
            )

    def _no_evidence(self, partition: str, exc: Exception) -> EvidenceFailed:
        what = f"got an item of {partition} that is no evidence: {exc!r}"
        return EvidenceFailed(f"dynamodb table {self._table.name}: {what}; delete it")

    def _items(self, partition: str, also: str, values: dict[str, Any]) -> Iterator[Item]:  # Any: see above
        now = self._now()
        with self._table.told():
            pages = self._table.client.get_paginator("query").paginate(
                TableName=self._table.name,
                KeyConditionExpression=" AND ".join(filter(None, ("pk = :pk", also))),
                ExpressionAttributeValues={":pk": {"S": partition}, **values},
                ConsistentRead=True,
            )
            found = [item for page in pages for item in page["Items"]]
        return (item for item in found if int(item[keys.EXPIRY]["N"]) > now)

    def __repr__(self) -> str:
        return f"<EvidenceReader {self._table.name}>"
