"""The orders table. Its key `entity` says what an item is:

order#O-5001     an order; `customer` and `number` put it into the index by_customer
product#P-101    a product and its price. Products have no endpoint of their own yet; until they move, one table
                 less to create, grant and back up is worth more than a separate one
counter#orders   `last_number`, the number of the latest order
"""

import os
import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from migrated.dynamodb import can_be_key, client, from_item, to_item
from migrated.orders.models import Line, Order, OrderForm

_CURRENCY = "EUR"
_COUNTER = "counter#orders"
_MAX_NUMBERS_TRIED = 10

# The keyword arguments of create_table, without the name. Any: boto3 types them as some twenty nested dictionaries.
DEFINITION: dict[str, Any] = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [
        {"AttributeName": "entity", "AttributeType": "S"},
        {"AttributeName": "customer", "AttributeType": "S"},
        {"AttributeName": "number", "AttributeType": "N"},
    ],
    "KeySchema": [{"AttributeName": "entity", "KeyType": "HASH"}],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by_customer",
            "KeySchema": [
                {"AttributeName": "customer", "KeyType": "HASH"},
                # The number, not the id: as text O-10000 would come before O-9999.
                {"AttributeName": "number", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}


class NoFreeNumberError(Exception):
    """The counter is so far behind the orders that no free number was found; it must be set to the latest one."""


def name() -> str:
    """Return the table's name in this environment."""
    return os.environ.get("ORDERS_TABLE", "orders")


def read(order_id: str) -> Order | None:
    """Return the order with an id, None if there is none."""
    if not can_be_key(order_id):
        return None
    found = client().get_item(TableName=name(), Key=to_item({"entity": f"order#{order_id}"}), ConsistentRead=True)
    return Order.model_validate(from_item(found["Item"])) if "Item" in found else None


def read_of_customer(customer: str) -> list[Order]:
    """Return a customer's orders, the newest first. An order that was placed a moment ago may not be among them yet."""
    if not can_be_key(customer):
        return []
    pages = (
        client()
        .get_paginator("query")
        .paginate(
            TableName=name(),
            IndexName="by_customer",
            KeyConditionExpression="customer = :customer",
            ExpressionAttributeValues=to_item({":customer": customer}),
            ScanIndexForward=False,
        )
    )
    return [Order.model_validate(from_item(item)) for page in pages for item in page["Items"]]


def prices_of(skus: Iterable[str]) -> dict[str, Decimal]:
    """Return the price of each of up to 100 products; an unknown one is left out."""
    # A key that appears twice is an error to DynamoDB.
    keys = [to_item({"entity": f"product#{sku}"}) for sku in sorted({sku for sku in skus if can_be_key(sku)})]
    asked: Any = {name(): {"Keys": keys}} if keys else {}  # Any: the request and what is left of it differ in the stubs
    prices: dict[str, Decimal] = {}
    while asked:
        found = client().batch_get_item(RequestItems=asked)
        products = [from_item(item) for item in found["Responses"][name()]]
        prices |= {product["sku"]: product["price"] for product in products}
        asked = found["UnprocessedKeys"]
    return prices


def place(form: OrderForm, prices: dict[str, Decimal]) -> Order:
    """Store a form as a new order under the next free number and return it. Raises NoFreeNumberError.

    A call that was repeated on the wire may leave a gap in the numbers, never two orders and never an overwritten one.
    """
    lines = [Line(sku=line.sku, quantity=line.quantity, unit_price=prices[line.sku]) for line in form.lines]
    total = sum((line.quantity * line.unit_price for line in lines), Decimal())
    mark = uuid.uuid4().hex
    for _ in range(_MAX_NUMBERS_TRIED):
        number = _next_number()
        order = Order(
            id=f"O-{number}",
            customer=form.customer,
            status="received",
            currency=_CURRENCY,
            lines=lines,
            total=total,
        )
        if put_new(order, number, mark):
            return order
    raise NoFreeNumberError(
        f"{name()} {_COUNTER}: got {_MAX_NUMBERS_TRIED} numbers in use, the latest {number}, expected a free one; "
        "set last_number to the number of the latest order"
    )


def put_new(order: Order, number: int, mark: str) -> bool:
    """Store an order unless its id is taken, and tell whether it is stored.

    The SDK repeats a put whose answer was lost. The repetition finds the id taken by the first one: the mark tells such
    an order from somebody else's, which must not be taken for ours, nor ours for somebody else's and stored again.
    """
    try:
        client().put_item(
            TableName=name(),
            Item={**order_item(order, number), **to_item({"mark": mark})},
            ConditionExpression="attribute_not_exists(entity)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as exc:
        if exc.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        # Any: botocore's stubs do not know that this error carries the item that was found.
        response: dict[str, Any] = {**exc.response}
        return bool(from_item(response.get("Item", {})).get("mark") == mark)
    return True


def order_item(order: Order, number: int) -> dict[str, Any]:
    """Return an order as the table's item. Any: see to_item."""
    # Not model_dump: it would turn money into float, which DynamoDB does not take.
    lines = [dict(line) for line in order.lines]
    return to_item({**dict(order), "entity": f"order#{order.id}", "number": number, "lines": lines})


def product_item(sku: str, product_name: str, price: Decimal) -> dict[str, Any]:
    """Return a product as the table's item. Any: see to_item."""
    return to_item({"entity": f"product#{sku}", "sku": sku, "name": product_name, "price": price})


def counter_item(last_number: int) -> dict[str, Any]:
    """Return the counter as the table's item, for the next order to get the number after this. Any: see to_item."""
    return to_item({"entity": _COUNTER, "last_number": last_number})


def _next_number() -> int:
    updated = client().update_item(
        TableName=name(),
        Key=to_item({"entity": _COUNTER}),
        UpdateExpression="ADD last_number :one",
        ExpressionAttributeValues=to_item({":one": 1}),
        ReturnValues="UPDATED_NEW",
    )
    return int(from_item(updated["Attributes"])["last_number"])
