"""`GET /customers/{id}` and `GET /customers`, as clients know them from the legacy system."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from migrated import front_door
from migrated.answers import fault, invalid_query, json_answer, method_not_allowed
from migrated.customers import table
from migrated.customers.models import Page, page_asked_for

router = Router()  # type: ignore[no-untyped-call]  # Powertools left this one constructor untyped


@router.route("/customers/<customer_id>", method=["GET", "HEAD"])
def read_customer(customer_id: str) -> Response[str]:
    """Answer with one customer, or 404."""
    customer_id = front_door.segment(customer_id)
    customer = table.read(customer_id)
    if customer is None:
        return fault(404, "CUSTOMER_NOT_FOUND", f"no customer {customer_id}")
    return json_answer(200, customer.model_dump())


@router.route("/customers", method=["GET", "HEAD"])
def list_customers() -> Response[str]:
    """Answer with up to `limit` customers whose id follows `after`, and the cursor of the next page or null."""
    page = page_asked_for(front_door.parameters(router.current_event.raw_event))
    if not isinstance(page, Page):
        return invalid_query(page)
    customers, cursor = table.read_page(page)
    return json_answer(200, {"customers": [customer.model_dump() for customer in customers], "next": cursor})


@router.route("/customers", method=["DELETE", "OPTIONS", "PATCH", "POST", "PUT"])
def refuse_on_list() -> Response[str]:
    """Answer 405."""
    return method_not_allowed(router.current_event.http_method, "GET, HEAD")


@router.route("/customers/<customer_id>", method=["DELETE", "OPTIONS", "PATCH", "POST", "PUT"])
def refuse_on_customer(customer_id: str) -> Response[str]:  # noqa: ARG001  # Powertools passes it by name
    """Answer 405."""
    return method_not_allowed(router.current_event.http_method, "GET, HEAD")


_door = front_door.FrontDoor(router)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one event of an HTTP front door. Any: both come from Lambda as they are."""
    return _door.answer(event, context)
