"""Evidence counts for the question that it was collected for."""

from typing import Any

import pytest

from proxy.routing.compile import compiled_revision
from proxy.routing.document import RouteDocument
from proxy.routing.revision import revision_of
from tests.routing.tables import table

ROUTE: dict[str, Any] = {
    "id": "orders.read",
    "match": "GET /orders/{id}",
    "stage": "shadow",
    "handler": "migrated.orders.api:handler",
    "compare": {"ignore": ["$.at"], "tolerance": {"$.total": 1}},
}


@pytest.mark.parametrize(
    "fields",
    [
        {"match": "GET /orders/{number}"},
        {"match": "GET,PUT /orders/{id}"},
        {"handler": "migrated.orders.api:other"},
        {"handler": None, "function": "orders"},
        {"legacy": "reports"},
        {"when": {"header": {"x-beta": "1"}}},
        {"writes": True},
        {"compare": {"ignore": ["$.at"]}},
        {"compare": {"ignore": ["$.at"], "tolerance": {"$.total": 2}}},
        {"compare": True},
    ],
)
def test_another_question_is_another_revision(fields: dict[str, Any]) -> None:
    assert of({**ROUTE, **fields}) != of(ROUTE)


@pytest.mark.parametrize(
    "fields",
    [
        {"stage": "canary", "percent": 5},
        {"stage": "live"},
        {"timeout": "1s", "retries": 0, "owner": "shop", "group": "orders"},
        {"shadow": {"percent": 10}, "gate": {"samples": 10}},
        {"compare": {**ROUTE["compare"], "values": "shown", "noise": "learn"}},
    ],
)
def test_evidence_goes_on_counting_along_the_stages(fields: dict[str, Any]) -> None:
    assert of({**ROUTE, **fields}) == of(ROUTE)


def test_function_and_publisher_mean_the_same_revision() -> None:
    loaded = table(ROUTE)
    route = loaded.routes[0]

    assert revision_of(route, loaded.methods_of(route)) == of(ROUTE) == "bf12178c00ee"


def test_order_of_methods_asks_nothing_else() -> None:
    assert of({**ROUTE, "match": "PUT,GET /orders/{id}"}) == of({**ROUTE, "match": "GET,PUT /orders/{id}"})


def of(row: dict[str, Any]) -> str:
    return compiled_revision(RouteDocument.model_validate(row))
