"""A report that is always compressed, whether the client asked for that or not."""

import csv
import functools
import gzip
import io

from flask import Blueprint, Response

from proxy.dev.sample_legacy import seed

_ORDER_COLUMNS = ("order", "customer", "name", "country", "status", "currency")
_LINE_COLUMNS = ("position", "sku", "product", "quantity", "unit_price", "amount")


def create_blueprint() -> Blueprint:
    """Return the routes of this module."""
    blueprint = Blueprint("reports", __name__)
    blueprint.add_url_rule("/reports/sales.csv", view_func=read_sales)
    return blueprint


def read_sales() -> Response:
    """Answer with the sales of the closed period: the seed's orders, never those placed since."""
    response = Response(compressed_sales(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Disposition"] = 'attachment; filename="sales.csv"'
    return response


@functools.cache
def compressed_sales() -> bytes:
    """Return the report's bytes, the same on every call: gzip would put the time into them."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow((*_ORDER_COLUMNS, *_LINE_COLUMNS))
    customers = {customer.id: customer for customer in seed.CUSTOMERS}
    products = {product.sku: product for product in seed.PRODUCTS}
    for order in seed.ORDERS:
        customer = customers[order.customer]
        shared = (order.id, customer.id, customer.name, customer.country, order.status, order.currency)
        for position, line in enumerate(order.lines, start=1):
            amount_cents = line.quantity * line.unit_price_cents
            prices = (f"{line.unit_price_cents / 100:.2f}", f"{amount_cents / 100:.2f}")
            writer.writerow((*shared, position, line.sku, products[line.sku].name, line.quantity, *prices))
    return gzip.compress(text.getvalue().encode(), mtime=0)
