"""Orders from DynamoDB: read, listed, and placed without ever writing over one another."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from migrated.orders import table
from migrated.orders.api import handler
from migrated.orders.models import Known, Order, OrderForm, checked
from proxy.dev.sample_legacy import seed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.migrated.conftest import Ask

NEW_ORDER = b'{"customer":"C-1001","lines":[{"sku":"P-101","quantity":2},{"sku":"P-104","quantity":99}]}'
PRICES = {"P-101": Decimal("12.90")}


def form() -> OrderForm:
    known = Known({"C-1001"}, PRICES)
    found = checked({"customer": "C-1001", "lines": [{"sku": "P-101", "quantity": 2}]}, known)
    assert isinstance(found, OrderForm)
    return found


def set_counter(tables: "DynamoDBClient", number: int) -> None:
    tables.put_item(TableName="orders", Item=table.counter_item(number))


def undated(result: dict[str, Any]) -> dict[str, Any]:
    document = json.loads(result["body"])
    assert document.pop("generated_at").endswith("Z")
    return {**result, "body": document}


@pytest.mark.usefixtures("tables")
def test_order_is_answered_whole(ask: "Ask") -> None:
    order = next(order for order in seed.ORDERS if len(order.lines) == 3)

    assert undated(ask(handler, "GET", f"/orders/{order.id}")) == {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "cookies": [],
        "body": {
            "id": order.id,
            "customer": order.customer,
            "status": order.status,
            "currency": "EUR",
            "lines": [
                {"sku": line.sku, "quantity": line.quantity, "unit_price": line.unit_price_cents / 100}
                for line in order.lines
            ],
            "total": order.total_cents / 100,
        },
        "isBase64Encoded": False,
    }


@pytest.mark.usefixtures("tables")
def test_whatever_is_no_order_is_not_found(ask: "Ask") -> None:
    ids = ["O-9", "O-05001", "P-101", "orders", "product%23P-101", "%C3%A9"]

    results = [ask(handler, "GET", f"/orders/{order_id}") for order_id in ids]

    codes = [(result["statusCode"], json.loads(result["body"])["fault"]["code"]) for result in results]
    assert codes == [(404, "ORDER_NOT_FOUND")] * len(ids)


@pytest.mark.usefixtures("tables")
def test_new_order_follows_the_last_one_and_can_be_read(ask: "Ask") -> None:
    result = ask(handler, "POST", "/orders", NEW_ORDER)

    assert undated(result) == {
        "statusCode": 201,
        "headers": {"Content-Type": "application/json", "Location": "http://shop.example:8080/orders/O-5201"},
        "cookies": [],
        "body": {
            "id": "O-5201",
            "customer": "C-1001",
            "status": "received",
            "currency": "EUR",
            "lines": [
                {"sku": "P-101", "quantity": 2, "unit_price": 12.9},
                {"sku": "P-104", "quantity": 99, "unit_price": 0.9},
            ],
            "total": 114.9,
        },
        "isBase64Encoded": False,
    }
    assert undated(ask(handler, "GET", "/orders/O-5201"))["body"] == undated(result)["body"]


@pytest.mark.usefixtures("tables")
def test_new_order_comes_first_in_its_customers_list(ask: "Ask") -> None:
    before = json.loads(ask(handler, "GET", "/orders?customer=C-1001")["body"])["orders"]
    ask(handler, "POST", "/orders", NEW_ORDER)
    after = json.loads(ask(handler, "GET", "/orders?customer=C-1001")["body"])["orders"]

    assert [order["id"] for order in after] == ["O-5201", *(order["id"] for order in before)]


@pytest.mark.usefixtures("tables")
def test_refused_order_uses_no_number(ask: "Ask") -> None:
    refused = ask(handler, "POST", "/orders", b'{"customer":"C-1001","lines":[]}')
    placed = ask(handler, "POST", "/orders", NEW_ORDER)

    assert (refused["statusCode"], json.loads(placed["body"])["id"]) == (422, "O-5201")


@pytest.mark.usefixtures("tables")
def test_concurrent_orders_get_distinct_ids(ask: "Ask") -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: ask(handler, "POST", "/orders", NEW_ORDER), range(24)))

    ids = [json.loads(result["body"])["id"] for result in results]
    assert sorted(ids) == [f"O-{number}" for number in range(5201, 5225)]


def test_counter_that_is_behind_never_leads_to_an_overwritten_order(tables: "DynamoDBClient") -> None:
    before = [table.read("O-5199"), table.read("O-5200")]
    set_counter(tables, 5198)

    placed = table.place(form(), PRICES)

    assert placed.id == "O-5201"
    assert [table.read("O-5199"), table.read("O-5200")] == before


def test_counter_that_is_far_behind_is_an_error_that_says_what_to_do(tables: "DynamoDBClient") -> None:
    set_counter(tables, 5100)

    with pytest.raises(table.NoFreeNumberError) as raised:
        table.place(form(), PRICES)

    assert str(raised.value) == (
        "orders counter#orders: got 10 numbers in use, the latest 5110, expected a free one; "
        "set last_number to the number of the latest order"
    )


@pytest.mark.usefixtures("tables")
def test_put_that_the_sdk_repeats_is_known_as_our_own() -> None:
    order = Order(id="O-7", customer="C-1001", status="received", currency="EUR", lines=[], total=Decimal("1.10"))

    stored = [table.put_new(order, 7, mark) for mark in ("ours", "ours", "theirs")]

    assert stored == [True, True, False]


def test_orders_of_a_customer_are_read_beyond_the_first_megabyte(tables: "DynamoDBClient") -> None:
    big = "x" * 300_000
    for number in range(9001, 9006):
        order = Order(id=f"O-{number}", customer="C-2", status=big, currency="EUR", lines=[], total=Decimal())
        tables.put_item(TableName="orders", Item=table.order_item(order, number))

    assert [order.id for order in table.read_of_customer("C-2")] == [f"O-{number}" for number in range(9005, 9000, -1)]


@pytest.mark.usefixtures("tables")
def test_money_that_has_no_exact_double_prints_as_it_was_stored() -> None:
    amounts = [Decimal(cents) / 100 for cents in range(0, 5_000_000, 4_999)]

    assert [float(amount) for amount in amounts] == [cents / 100 for cents in range(0, 5_000_000, 4_999)]


def test_handlers_outlive_the_proxy() -> None:
    """migrated/ never imports proxy/."""
    program = (
        "import sys, migrated.orders.api, migrated.customers.api;"
        "print([name for name in sys.modules if name.partition('.')[0] == 'proxy'])"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )

    assert loaded.stdout == "[]\n"
