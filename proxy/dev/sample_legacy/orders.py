"""Orders as JSON: read, list, place. What is read carries the time of reading, as old systems like to do."""

import json
import sqlite3
from typing import Any

from flask import Blueprint, Response, jsonify, request

from proxy.dev.sample_legacy import seed
from proxy.dev.sample_legacy.database import insert_order
from proxy.dev.sample_legacy.faults import Problem, fault, invalid_query
from proxy.dev.sample_legacy.order_form import problems_in
from proxy.dev.sample_legacy.shop import shop
from proxy.dev.sample_legacy.target import absolute


def create_blueprint() -> Blueprint:
    """Return the routes of this module."""
    blueprint = Blueprint("orders", __name__)
    blueprint.add_url_rule("/orders", view_func=list_orders)
    blueprint.add_url_rule("/orders", view_func=create_order, methods=["POST"])
    blueprint.add_url_rule("/orders/<order_id>", view_func=read_order)
    blueprint.add_url_rule("/old-orders/<order_id>", view_func=redirect_old_order)
    return blueprint


def read_order(order_id: str) -> Response:
    """Answer with one order as of now, or 404."""
    rows = shop().database.rows("select * from orders where id = ?", order_id)
    if not rows:
        return fault(404, "ORDER_NOT_FOUND", f"no order {order_id}")
    return jsonify(_dated(_document(rows[0])))


def list_orders() -> Response:
    """Answer with a customer's orders, the newest first; an unknown customer has none."""
    customer = request.args.get("customer", "")
    if not customer:
        return invalid_query([Problem("customer", "is required")])
    rows = shop().database.rows("select * from orders where customer = ? order by number desc", customer)
    return jsonify({"orders": [_document(row) for row in rows]})


def create_order() -> Response:
    """Answer with the order that was placed and where it is, or with everything that is wrong with the form."""
    try:
        form = json.loads(request.get_data())
    except (ValueError, RecursionError):
        return fault(400, "MALFORMED_JSON", "the body is not JSON")
    prices = {row["sku"]: row["price_cents"] for row in shop().database.rows("select sku, price_cents from products")}
    problems = problems_in(form, _is_customer, prices)
    if problems:
        return fault(422, "INVALID_ORDER", "the order is not valid", problems)
    order_id = _place(form, prices)
    response = jsonify(_dated(_document(shop().database.rows("select * from orders where id = ?", order_id)[0])))
    response.status_code = 201
    response.headers["Location"] = absolute(f"/orders/{order_id}")
    return response


def redirect_old_order(order_id: str) -> Response:
    """Answer a link of the former shop with its place in this one."""
    return Response(status=301, headers={"Location": absolute(f"/orders/{order_id}")})


def _is_customer(customer: str) -> bool:
    # JSON can carry half a surrogate pair, which SQLite refuses; no id has anything beyond ASCII.
    return customer.isascii() and bool(shop().database.rows("select 1 from customers where id = ?", customer))


def _place(form: dict[str, Any], prices: dict[str, int]) -> str:
    """Store a form as the order with the next number and return its id. Any: the form was checked by problems_in."""
    lines = tuple(seed.Line(line["sku"], line["quantity"], prices[line["sku"]]) for line in form["lines"])
    with shop().database.transaction() as connection:
        (last,) = connection.execute("select max(number) from orders").fetchone()
        order = seed.Order(last + 1, form["customer"], "received", seed.CURRENCY, lines)
        insert_order(connection, order)
    return order.id


def _document(row: sqlite3.Row) -> dict[str, object]:
    lines = shop().database.rows("select * from order_lines where order_number = ? order by position", row["number"])
    return {
        "id": row["id"],
        "customer": row["customer"],
        "status": row["status"],
        "currency": row["currency"],
        "lines": [
            {"sku": line["sku"], "quantity": line["quantity"], "unit_price": line["unit_price_cents"] / 100}
            for line in lines
        ],
        "total": row["total_cents"] / 100,
    }


def _dated(document: dict[str, object]) -> dict[str, object]:
    return {**document, "generated_at": shop().now().strftime("%Y-%m-%dT%H:%M:%SZ")}
