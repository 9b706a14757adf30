"""Search among the products; the answer repeats the question, so that a lost or reordered parameter shows."""

from urllib.parse import parse_qsl

from flask import Blueprint, Response, jsonify

from proxy.dev.sample_legacy.shop import shop
from proxy.dev.sample_legacy.target import raw_query


def create_blueprint() -> Blueprint:
    """Return the routes of this module."""
    blueprint = Blueprint("search", __name__)
    blueprint.add_url_rule("/search", view_func=search)
    return blueprint


def search() -> Response:
    """Answer with the products whose name or SKU contains `q`, and with every parameter in the order it came."""
    query = raw_query()
    pairs = parse_qsl(query, keep_blank_values=True)
    text = next((value for name, value in pairs if name == "q"), "")
    products = shop().database.rows("select sku, name, price_cents from products order by sku")
    found = [
        {"sku": row["sku"], "name": row["name"], "price": row["price_cents"] / 100}
        for row in products
        if text and text.lower() in f"{row['sku']} {row['name']}".lower()
    ]
    return jsonify(
        {
            "query_string": query,
            "parameters": pairs,
            "tags": [value for name, value in pairs if name == "tag"],
            "products": found,
        }
    )
