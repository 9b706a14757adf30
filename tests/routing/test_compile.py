"""A checked document -> what is published of it."""

import json
from typing import Any

import pytest

from proxy.routing.compile import compile_table, conditions, precedence, unpublished
from proxy.routing.compiled import load
from proxy.routing.document import Document, WhenDocument
from proxy.routing.reader import read
from proxy.routing.source import Condition
from proxy.routing.table import Backend, Route
from tests.routing.tables import HANDLER, Row, document, table

ROWS: list[Row] = [
    {"id": "read", "match": "GET,HEAD /orders/{id}", "handler": HANDLER, "stage": "migrated"},
    {"id": "line", "match": "GET /orders/{order}/lines/{line}/", "timeout": "2s"},
    {"id": "files", "match": "GET /files/{path+}", "legacy": "files"},
    {"id": "beta", "match": "GET /orders/{order}", "when": {"query": {"v": "*"}}},
    {"id": "v2", "match": "GET /orders/{key}", "when": {"header": {"X-V": "2"}, "query": {"v": "2"}}},
]


def content(*rows: Row, **fields: Any) -> dict[str, Any]:  # Any: a document's values, and JSON
    data: dict[str, Any] = json.loads(compile_table(document(*rows, **fields), 3))
    return data


def test_compiled_table_is_everything_that_requests_need() -> None:
    compiled = content(
        *ROWS, legacy={"timeout": "1500ms"}, backends={"files": {"url": "https://files.example", "host": "legacy"}}
    )

    assert len(compiled.pop("digest")) == 64
    assert compiled == {
        "format": 2,
        "version": 3,
        "legacy": {
            # Stays unresolved: the function resolves it from its own environment.
            "": {"url": "${LEGACY_URL}", "timeout_s": 1.5, "host": "client", "keep_alive": True},
            "files": {"url": "https://files.example", "timeout_s": 20.0, "host": "legacy", "keep_alive": True},
        },
        "routes": [
            ["read", "/orders/{id}", "migrated", HANDLER],
            ["line", "/orders/{order}/lines/{line}/", "legacy", "", {"timeout_s": 2.0}],
            ["files", "/files/{path+}", "legacy", "", {"legacy": "files"}],
            ["beta", "/orders/{order}", "legacy", "", {"when": [["query", "v", "*"]]}],
            ["v2", "/orders/{key}", "legacy", "", {"when": [["header", "x-v", "2"], ["query", "v", "2"]]}],
        ],
        "index": {
            # One template, three routes: the most conditions are asked first.
            "GET": {
                "1+": {"files": 2},
                "2": {"orders": {"/": [4, 3, 0]}},
                "4/": {"orders": {"/": {"lines": {"/": 1}}}},
            },
            "HEAD": {"2": {"orders": {"/": 0}}},
        },
    }


@pytest.mark.parametrize(
    ("fields", "others"),
    [
        ({}, {}),
        ({"stage": "canary", "percent": 5, "handler": HANDLER}, {"percent": 5.0}),
        ({"function": "orders"}, {"function": "orders"}),
        ({"sticky": "cookie:SID"}, {"sticky": "cookie:SID"}),
        ({"sticky": "header:X-User"}, {"sticky": "header:x-user"}),
        ({"timeout": "300ms"}, {"timeout_s": 0.3}),
        ({"retries": 0}, {"retries": 0}),
        ({"fallback": "never"}, {"falls_back": False}),
        ({"fallback": {"statuses": [500, 503]}}, {"fallback_statuses": [500, 503]}),
        ({"fallback": {}}, {}),
        ({"compare": True}, {"compares": True}),
        ({"compare": {"ignore": ["$.at"]}}, {"compares": True, "compare": {"ignore": ["$.at"]}}),
        ({"compare": {"values": "shown"}}, {"compares": True, "compare": {"values": True}}),
        ({"compare": {"noise": "off", "headers": []}}, {"compares": True}),
        ({"compare": {"noise": "learn"}}, {"compares": True, "noise_percent": 10.0}),
        ({"compare": {"noise": {"percent": 2, "absolute": "1%"}}}, {"compares": True, "noise_percent": 2.0}),
        ({"shadow": {"percent": 25, "timeout": "2s"}}, {"shadow_percent": 25.0, "shadow_timeout_s": 2.0}),
        ({"fallback": {"after": "3s"}}, {"fallback_after_s": 3.0}),
        ({"writes": True, "group": "orders"}, {"writes": True, "group": "orders"}),
        ({"gate": {"samples": 5}, "contract": "contracts/a.json"}, {}),
        ({"compare": False, "owner": "shop", "tags": ["a"], "needs": ["raw-path"], "slo": {"p95": "1s"}}, {}),
        ({"when": {"host": "a.example"}}, {"when": [["host", "", "a.example"]]}),
    ],
)
def test_route_holds_what_differs_from_the_usual(fields: dict[str, Any], others: dict[str, Any]) -> None:
    [route] = content({"id": "a", "match": "GET /a", **fields})["routes"]

    assert route[4:] == ([others] if others else [])


def test_what_was_compiled_is_what_is_loaded() -> None:
    row: Row = {
        "id": "all",
        "match": "GET /a/{b}",
        "stage": "canary",
        "handler": HANDLER,
        "percent": 12.5,
        "sticky": "path:b",
        "timeout": "2s",
        "retries": 2,
        "fallback": {"statuses": [503]},
        "compare": True,
        "when": {"header": {"X-A": "1"}, "cookie": {"b": "*"}},
    }

    loaded = table(row, version=7)

    assert (loaded.version, loaded.frozen, loaded.backends) == (7, "", {"": Backend("${LEGACY_URL}", 20.0)})
    assert loaded.routes[0] == Route(
        id="all",
        template="/a/{b}",
        stage="canary",
        handler=HANDLER,
        percent=12.5,
        sticky="path:b",
        timeout_s=2.0,
        retries=2,
        fallback_statuses=[503],
        compares=True,
        when=(Condition("header", "x-a", "1"), Condition("cookie", "b", "*")),
    )


def test_same_document_gives_the_same_bytes() -> None:
    again = [dict(reversed(dict(row).items())) if isinstance(row, dict) else row for row in ROWS]

    assert compile_table(document(*again, legacy={"timeout": "2s"}), 3) == compile_table(
        document(*ROWS, legacy={"timeout": "2000ms"}), 3
    )


def test_another_version_is_another_table_with_another_digest() -> None:
    first, second = (load(compile_table(document(*ROWS), version)) for version in (3, 4))

    assert first.digest != second.digest


def test_table_that_is_looked_up_before_it_is_published_is_the_one_that_is_loaded() -> None:
    checked = document(*ROWS)

    before, loaded = unpublished(checked.routes), load(compile_table(checked, 1))

    assert before.index == loaded.index
    assert list(before.routes) == list(loaded.routes)


def test_conditions_come_in_one_order_whatever_the_document_has() -> None:
    when = WhenDocument(cookie={"b": "1", "a": "*"}, query={"q": "2"}, header={"b": "3", "A": "4"}, host="a.example")

    assert conditions(when) == (
        Condition("host", "", "a.example"),
        Condition("header", "a", "4"),
        Condition("header", "b", "3"),
        Condition("query", "q", "2"),
        Condition("cookie", "a", "*"),
        Condition("cookie", "b", "1"),
    )
    assert conditions(WhenDocument()) == ()


def test_more_conditions_and_then_more_exact_ones_come_first() -> None:
    one, any_value = Condition("query", "v", "1"), Condition("query", "w", "*")

    asked: list[tuple[Condition, ...]] = [
        (),
        (any_value,),
        (one,),
        (any_value, any_value),
        (one, any_value),
        (one, one),
    ]

    assert sorted(asked, key=precedence) == asked
    assert len({precedence(each) for each in asked}) == len(asked)


def test_document_without_routes_is_a_table_too() -> None:
    assert load(compile_table(Document(version=1), 1)).match("GET", "/") is None


@pytest.mark.parametrize(
    ("path", "route_id"),
    [("/v1/:search", "search"), ("/v1/*", "all"), ("/v1/search", None), ("/v1/%3Asearch", None), ("/v1/%2A", None)],
)
def test_escape_of_a_colon_or_an_asterisk_stands_for_the_character_itself(path: str, route_id: str | None) -> None:
    """As clients write it; their other spelling of it is read in two ways, and so legacy's."""
    written = read(
        "version: 1\nroutes:\n"
        "  - {id: search, match: GET /v1/%3Asearch, stage: legacy}\n"
        "  - {id: all, match: GET /v1/%2A, stage: legacy}\n"
    )

    route = load(compile_table(written, 1)).match("GET", path)

    assert (route.id if route else None) == route_id
