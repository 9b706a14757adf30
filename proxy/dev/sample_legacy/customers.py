"""Customers as JSON: one, or a page of them in the order of their ids."""

import re
import sqlite3

from flask import Blueprint, Response, jsonify, request

from proxy.dev.sample_legacy.faults import Problem, fault, invalid_query
from proxy.dev.sample_legacy.shop import shop

_DEFAULT_LIMIT = "20"
_CUSTOMER_ID = re.compile(r"C-[0-9]{1,9}", re.ASCII)


def create_blueprint() -> Blueprint:
    """Return the routes of this module."""
    blueprint = Blueprint("customers", __name__)
    blueprint.add_url_rule("/customers", view_func=list_customers)
    blueprint.add_url_rule("/customers/<customer_id>", view_func=read_customer)
    return blueprint


def read_customer(customer_id: str) -> Response:
    """Answer with one customer, or 404."""
    rows = shop().database.rows("select * from customers where id = ?", customer_id)
    if not rows:
        return fault(404, "CUSTOMER_NOT_FOUND", f"no customer {customer_id}")
    return jsonify(_document(rows[0]))


def list_customers() -> Response:
    """Answer with up to `limit` customers whose id follows `after`, and the cursor of the next page or null."""
    country = request.args.get("country", "")
    after = request.args.get("after", "")
    limit = request.args.get("limit", _DEFAULT_LIMIT)
    problems = _problems(limit, after)
    if problems:
        return invalid_query(problems)
    # One more than asked for tells whether another page follows.
    rows = shop().database.rows(
        "select * from customers where id > ? and (? = '' or country = ?) order by id limit ?",
        *(after, country, country, int(limit) + 1),
    )
    page = rows[: int(limit)]
    cursor = page[-1]["id"] if len(rows) > len(page) else None
    return jsonify({"customers": [_document(row) for row in page], "next": cursor})


def _problems(limit: str, after: str) -> list[Problem]:
    problems = []
    if not re.fullmatch(r"[0-9]{1,3}", limit, re.ASCII) or not 1 <= int(limit) <= 100:
        problems.append(Problem("limit", "must be 1 to 100"))
    if after and not _CUSTOMER_ID.fullmatch(after):
        problems.append(Problem("after", "must be a customer's id"))
    return problems


def _document(row: sqlite3.Row) -> dict[str, object]:
    return {
        "id": row["id"],
        "name": row["name"],
        "email": row["email"],
        "country": row["country"],
        "city": row["city"],
        "phone": row["phone"],
        "newsletter": bool(row["newsletter"]),
        "credit_limit": row["credit_limit_cents"] / 100,
    }
