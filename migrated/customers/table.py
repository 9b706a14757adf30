"""The customers table: one item for each customer under its id.

Two indexes give pages in the order of ids: `by_country`, and `in_order` over all of them. The latter is one partition,
which takes 1,000 writes per second; past that its key must be spread.
"""

import os
from typing import Any

from migrated.customers.models import Customer, Page
from migrated.dynamodb import can_be_key, client, from_item, to_item

_ALL = "customer"
# The first character that no id has: every id is greater.
_BEFORE_ALL = "!"

# The keyword arguments of create_table, without the name. Any: boto3 types them as some twenty nested dictionaries.
DEFINITION: dict[str, Any] = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [
        {"AttributeName": "id", "AttributeType": "S"},
        {"AttributeName": "country", "AttributeType": "S"},
        {"AttributeName": "kind", "AttributeType": "S"},
    ],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by_country",
            "KeySchema": [
                {"AttributeName": "country", "KeyType": "HASH"},
                {"AttributeName": "id", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        },
        {
            "IndexName": "in_order",
            "KeySchema": [
                {"AttributeName": "kind", "KeyType": "HASH"},
                {"AttributeName": "id", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        },
    ],
}


def name() -> str:
    """Return the table's name in this environment."""
    return os.environ.get("CUSTOMERS_TABLE", "customers")


def read(customer_id: str) -> Customer | None:
    """Return the customer with an id, None if there is none."""
    if not can_be_key(customer_id):
        return None
    found = client().get_item(TableName=name(), Key=to_item({"id": customer_id}), ConsistentRead=True)
    return Customer.model_validate(from_item(found["Item"])) if "Item" in found else None


def read_page(page: Page) -> tuple[list[Customer], str | None]:
    """Return the customers of a page in the order of their ids, and the cursor of the next page if there is one."""
    if page.country and not can_be_key(page.country):
        return [], None
    index, key, value = ("by_country", "country", page.country) if page.country else ("in_order", "kind", _ALL)
    found = client().query(
        TableName=name(),
        IndexName=index,
        KeyConditionExpression="#key = :value and id > :after",
        ExpressionAttributeNames={"#key": key},
        ExpressionAttributeValues=to_item({":value": value, ":after": page.after or _BEFORE_ALL}),
        # One more than asked for tells whether another page follows. 101 items of this size stay far below the 1 MB
        # at which a query would stop early.
        Limit=page.limit + 1,
    )
    customers = [Customer.model_validate(from_item(item)) for item in found["Items"]]
    shown = customers[: page.limit]
    return shown, shown[-1].id if len(customers) > len(shown) else None


def item_of(customer: Customer) -> dict[str, Any]:
    """Return a customer as the table's item. Any: see to_item."""
    # Not model_dump: it would turn money into float, which DynamoDB does not take.
    return to_item({**dict(customer), "kind": _ALL})
