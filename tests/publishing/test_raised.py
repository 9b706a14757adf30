"""What the migrated side would answer beside what it answers now: other handlers, more methods, others' requests."""

from typing import Any

import pytest

from proxy.evidence.found import RouteEvidence
from proxy.publishing.gate import missing, unkept
from proxy.publishing.moved import moved
from proxy.routing.document import Document
from tests.publishing.evidence import known, of_code, routes, with_stage
from tests.publishing.test_gate import ENOUGH, nobody

LIVE = routes({"stage": "live", "when": {"query": {"v": "2"}}})
CANARY = routes({"stage": "canary", "percent": 5})
WILD = {"id": "wild", "match": "ANY /{rest+}", "handler": "migrated.orders.api:handler", "stage": "live"}
ANOTHER = (
    "nothing was compared since its handler, match or rules have changed: what was found before is of another "
    "question; stage shadow collects evidence"
)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"handler": "migrated.orders.api:new"}, "its handler changes"),
        ({"handler": None, "function": "orders-prod"}, "its handler changes"),
        ({"match": "GET /orders/{rest+}"}, "its path changes"),
        ({"match": "GET /orders/{number}"}, "its path changes"),
        ({"match": "GET,HEAD /orders/{id}"}, "its methods change"),
        ({"when": {}}, "its conditions change"),
        ({"when": {"query": {"v": "*"}}}, "its conditions change"),
        ({"match": "GET,HEAD /orders/{key}"}, "its path and methods change"),
    ],
)
@pytest.mark.parametrize(("stage", "percent"), [("live", None), ("migrated", None), ("canary", 5)])
def test_what_clients_would_be_answered_by_unseen_is_taken_through_shadow_first(
    fields: dict[str, Any], says: str, stage: str, percent: float | None
) -> None:
    """A new handler of a live route answers every client at once."""
    before = with_stage(LIVE, "orders.read", stage=stage, percent=percent)
    after = with_stage(before, "orders.read", **fields)
    what = says.removeprefix("its ").removesuffix("s").removesuffix("change").strip()
    shown = "canary 5 %" if stage == "canary" else stage

    assert missing(before, after, known(before, {"orders.read": of_code(ENOUGH)})) == [
        f"orders.read: {says} in stage {shown}; set it to shadow with the new {what} first: {ANOTHER}"
    ]
    assert missing(before, after, known(after, {"orders.read": of_code(ENOUGH)})) == []


def test_handler_whose_route_was_compared_with_another_one_says_what_that_is_worth() -> None:
    after = with_stage(CANARY, "orders.read", handler="migrated.orders.api:new")
    found = known(CANARY, {"orders.read": of_code(ENOUGH)})("orders.read")

    assert missing(CANARY, after, lambda _: found) == [
        "orders.read: its handler changes in stage canary 5 %; set it to shadow with the new handler first: " + ANOTHER
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"compare": {"ignore": ["$.at"]}},
        {"when": {"query": {"v": "2"}, "host": "b.example"}},
        {"owner": "ada", "slo": {"p95": "300ms"}},
        {"stage": "canary", "percent": 99},
        {"stage": "shadow", "handler": "migrated.orders.api:new"},
        {"stage": "legacy", "match": "ANY /orders/{id}"},
        {"stage": "retired", "handler": None},
    ],
)
def test_what_answers_no_client_more_is_not_asked_about(fields: dict[str, Any]) -> None:
    """Rules must be mendable, and every way back is open."""
    assert missing(LIVE, with_stage(LIVE, "orders.read", **fields), nobody) == []


def test_fewer_methods_are_a_way_back() -> None:
    before = routes({"stage": "live", "match": "ANY /orders/{id}"})

    assert missing(before, with_stage(before, "orders.read", match="GET,PUT /orders/{id}"), nobody) == []


def test_less_reach_for_another_handler_is_no_way_back() -> None:
    before = routes({"stage": "canary", "percent": 50})
    after = with_stage(before, "orders.read", percent=1, handler="migrated.orders.api:new")

    assert len(missing(before, after, RouteEvidence)) == 1


@pytest.mark.parametrize(
    ("route", "instead", "request_words"),
    [
        ({"match": "GET /orders/{id}"}, None, "GET /orders/x"),
        ({"match": "GET,POST /orders"}, {"match": "GET /orders"}, "POST /orders"),
        ({"match": "GET /orders/{id}"}, {"match": "GET /orders/new"}, "GET /orders/x"),
        ({"match": "DELETE /orders/{rest+}"}, None, "DELETE /orders/x"),
        ({"match": "GET /orders"}, {"match": "GET /orders", "when": {"header": {"x-beta": "1"}}}, "GET /orders"),
        (
            {"match": "GET /orders", "when": {"header": {"x-beta": "1"}}},
            None,
            "GET /orders with header x-beta=1",
        ),
        ({"match": "GET /orders/"}, None, "GET /orders/"),
    ],
)
def test_request_that_a_wildcard_would_answer_instead_is_told(
    route: dict[str, Any], instead: dict[str, Any] | None, request_words: str
) -> None:
    """The wildcard need not change for that, and nobody has compared what it makes of these requests."""
    before = routes({**route, "stage": "legacy"}, WILD)
    after = routes(*([{**instead, "stage": "legacy"}] if instead else []), WILD)

    says = [
        f"orders.read: {request_words}, which is in stage legacy, would go to wild in stage live: keep orders.read, or "
        "set wild to shadow first"
    ]

    assert missing(before, after, nobody) == says
    assert unkept(before, after, "no evidence is kept") == says


def test_request_is_found_where_the_templates_meet_and_nowhere_else() -> None:
    """Fresh text in place of every parameter would lead past it, to legacy."""
    removed = {"id": "admin", "match": "GET /admin/{page}"}
    taker = {**WILD, "match": "GET /{area}/users"}

    (line,) = moved(routes(removed, taker), routes(taker))

    assert line.startswith("admin: GET /admin/users, which is in stage legacy, would go to wild in stage live: ")


@pytest.mark.parametrize(
    ("removed", "left"),
    [
        ({"stage": "legacy"}, []),  # what no route lists, legacy answers
        ({"stage": "legacy"}, [{**WILD, "stage": "shadow"}]),
        ({"stage": "live"}, [WILD]),
        ({"stage": "migrated"}, [WILD]),
        ({"stage": "live"}, [{**WILD, "stage": "retired"}]),
        ({"stage": "legacy"}, [{**WILD, "match": "POST /{rest+}"}]),
        ({"stage": "legacy"}, [{**WILD, "match": "GET /customers/{id}"}]),
        ({"stage": "legacy"}, [{**WILD, "when": {"host": "b.example"}}, {"id": "own", "match": "GET /orders/{key}"}]),
    ],
)
def test_request_that_comes_to_no_more_reach_is_not_told(removed: dict[str, Any], left: list[dict[str, Any]]) -> None:
    assert list(moved(routes(removed, *left), routes(*left))) == []


@pytest.mark.parametrize(("stage", "percent"), [("canary", 1), ("live", None), ("migrated", None), ("retired", None)])
def test_request_that_is_gone_from_a_route_in_shadow_is_told_for_every_stage_that_answers_clients(
    stage: str, percent: float | None
) -> None:
    left = {**WILD, "stage": stage, "percent": percent}

    (line,) = moved(routes({"stage": "shadow"}, left), routes(left))

    shown = "canary 1 %" if stage == "canary" else stage
    assert line.startswith(f"orders.read: GET /orders/x, which is in stage shadow, would go to wild in stage {shown}: ")


def test_each_taker_of_a_routes_requests_is_told_once() -> None:
    gone = {"match": "ANY /orders/{rest+}", "stage": "legacy"}
    deep = {**WILD, "id": "deep", "match": "GET /{what}/{id}/lines"}

    told = list(moved(routes(gone, WILD, deep), routes(WILD, deep)))

    assert [line.partition(" in stage live")[0] for line in told] == [
        "orders.read: GET /orders/x, which is in stage legacy, would go to wild",
        "orders.read: GET /orders/x/lines, which is in stage legacy, would go to deep",
    ]


def test_document_without_routes_that_went_is_compared_without_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables of ten thousand routes take a while, and flips are many."""
    monkeypatch.setattr("proxy.publishing.moved.unpublished", None)

    assert list(moved(CANARY, with_stage(CANARY, "orders.read", stage="live"))) == []
    assert list(moved(Document(version=1), CANARY)) == []
