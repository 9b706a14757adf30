"""Who still asks legacy for what, read with boto3: for dashboards and commands."""

from collections.abc import Iterable

from proxy.errors import EvidenceFailed
from proxy.evidence import keys
from proxy.evidence.reader import Table
from proxy.evidence.usage import PARTITION, REQUESTS


def read_usage(table: Table, days: Iterable[str], wall_s: float) -> dict[tuple[str, str], int]:
    """Return the requests that legacy has answered on some days, by what was asked for and the caller's name.

    What has expired by now is not there. Raises what the table's `told` does, and EvidenceFailed for other items.
    """
    found: dict[tuple[str, str], int] = {}
    for day in days:
        with table.told():
            pages = table.client.get_paginator("query").paginate(
                TableName=table.name,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": f"{PARTITION}{day}"}},
            )
            items = [item for page in pages for item in page["Items"]]
        for item in items:
            try:
                what, _, client = item["sk"]["S"].partition("#")
                requests, expires_at = int(item[REQUESTS]["N"]), int(item[keys.EXPIRY]["N"])
            except (LookupError, ValueError) as exc:
                got = f"got an item of {PARTITION}{day} that is no usage: {exc!r}"
                raise EvidenceFailed(f"dynamodb table {table.name}: {got}; delete it") from exc
            if expires_at > wall_s:
                found[what, client] = found.get((what, client), 0) + requests
    return found
