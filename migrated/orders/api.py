"""`GET /orders/{id}`, `GET /orders?customer=` and `POST /orders`, as clients know them from the legacy system."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from migrated import front_door
from migrated.answers import Problem, fault, invalid_query, json_answer, method_not_allowed
from migrated.customers import table as customers
from migrated.orders import table
from migrated.orders.models import MAX_LINES, Known, Order, OrderForm, checked

router = Router()  # type: ignore[no-untyped-call]  # Powertools left this one constructor untyped


@router.route("/orders/<order_id>", method=["GET", "HEAD"])
def read_order(order_id: str) -> Response[str]:
    """Answer with one order as of now, or 404."""
    order_id = front_door.segment(order_id)
    order = table.read(order_id)
    if order is None:
        return fault(404, "ORDER_NOT_FOUND", f"no order {order_id}")
    return json_answer(200, _dated(order))


@router.route("/orders", method=["GET", "HEAD"])
def list_orders() -> Response[str]:
    """Answer with a customer's orders, the newest first; an unknown customer has none."""
    customer = front_door.parameters(router.current_event.raw_event).get("customer", "")
    if not customer:
        return invalid_query([Problem("customer", "is required")])
    return json_answer(200, {"orders": [order.model_dump() for order in table.read_of_customer(customer)]})


@router.post("/orders")
def create_order() -> Response[str]:
    """Answer with the order that was placed and where it is, or with everything that is wrong with the form."""
    event = router.current_event.raw_event
    try:
        form = json.loads(front_door.body(event))
    except (ValueError, RecursionError):
        return fault(400, "MALFORMED_JSON", "the body is not JSON")
    known = _known_of(form)
    order_form = checked(form, known)
    if not isinstance(order_form, OrderForm):
        return fault(422, "INVALID_ORDER", "the order is not valid", order_form)
    order = table.place(order_form, dict(known.prices))
    return json_answer(201, _dated(order), {"Location": front_door.absolute(event, f"/orders/{order.id}")})


@router.route("/orders", method=["DELETE", "OPTIONS", "PATCH", "PUT"])
def refuse_on_list() -> Response[str]:
    """Answer 405."""
    return method_not_allowed(router.current_event.http_method, "GET, HEAD, POST")


@router.route("/orders/<order_id>", method=["DELETE", "OPTIONS", "PATCH", "POST", "PUT"])
def refuse_on_order(order_id: str) -> Response[str]:  # noqa: ARG001  # Powertools passes it by name
    """Answer 405."""
    return method_not_allowed(router.current_event.http_method, "GET, HEAD")


_door = front_door.FrontDoor(router)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one event of an HTTP front door. Any: both come from Lambda as they are."""
    return _door.answer(event, context)


def _dated(order: Order) -> dict[str, object]:
    # Clients of the legacy system have always got the time of reading along.
    return {**order.model_dump(), "generated_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


def _known_of(form: object) -> Known:
    """Look up what a form names, as far as it has the shape of one."""
    if not isinstance(form, dict):
        return Known(frozenset(), {})
    customer = form.get("customer")
    found = customers.read(customer) if isinstance(customer, str) else None
    return Known({found.id} if found else frozenset(), table.prices_of(_skus_in(form)))


def _skus_in(form: dict[str, Any]) -> Iterator[str]:
    """Give the SKUs that are worth looking up; a list of too many lines is refused without that. Any: a client's."""
    lines = form.get("lines")
    if isinstance(lines, list) and len(lines) <= MAX_LINES:
        for line in lines:
            if isinstance(line, dict) and isinstance(line.get("sku"), str):
                yield line["sku"]
