"""The migrated tables, made and filled with what the sample legacy system opens with: both sides start equal."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from migrated.customers import table as customers
from migrated.customers.models import Customer
from migrated.orders import table as orders
from migrated.orders.models import Line, Order
from proxy.aws.keyed_table import create_table
from proxy.dev.sample_legacy import seed as legacy

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# What BatchWriteItem takes at once.
# Source: docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
_BATCH_SIZE = 25

Item = dict[str, Any]  # Any: the stubs spell an attribute as a union of ten shapes


def create_tables(client: "DynamoDBClient") -> list[str]:
    """Make sure that the tables of the migrated handlers exist, and return the names of those that had to be made."""
    return [table.name() for table in (customers, orders) if create_table(client, table.name(), table.DEFINITION)]


def seed(client: "DynamoDBClient", customers_table: str = "", orders_table: str = "") -> int:
    """Write the seed into the tables and return the number of items; what is there under the same keys is replaced.

    A table that is not named is the one of the handlers in this environment.
    """
    written = _write(client, customers_table or customers.name(), _customer_items())
    return written + _write(client, orders_table or orders.name(), _order_items())


def _customer_items() -> Iterator[Item]:
    for customer in legacy.CUSTOMERS:
        yield customers.item_of(
            Customer(
                id=customer.id,
                name=customer.name,
                email=customer.email,
                country=customer.country,
                city=customer.city,
                phone=customer.phone,
                newsletter=customer.newsletter,
                credit_limit=_money(customer.credit_limit_cents),
            )
        )


def _order_items() -> Iterator[Item]:
    for product in legacy.PRODUCTS:
        yield orders.product_item(product.sku, product.name, _money(product.price_cents))
    for order in legacy.ORDERS:
        yield orders.order_item(_order(order), order.number)
    yield orders.counter_item(legacy.ORDERS[-1].number)


def _order(order: legacy.Order) -> Order:
    return Order(
        id=order.id,
        customer=order.customer,
        status=order.status,
        currency=order.currency,
        lines=[
            Line(sku=line.sku, quantity=line.quantity, unit_price=_money(line.unit_price_cents)) for line in order.lines
        ],
        total=_money(order.total_cents),
    )


def _money(cents: int) -> Decimal:
    return Decimal(cents) / 100


def _write(client: "DynamoDBClient", table: str, items: Iterable[Item]) -> int:
    """Write items in batches and return how many; a table that is busy hands some back, which are sent again."""
    count = 0
    waiting = iter(items)
    while batch := list(islice(waiting, _BATCH_SIZE)):
        count += len(batch)
        unwritten: Any = {table: [{"PutRequest": {"Item": item}} for item in batch]}
        while unwritten:
            unwritten = client.batch_write_item(RequestItems=unwritten)["UnprocessedItems"]
    return count
