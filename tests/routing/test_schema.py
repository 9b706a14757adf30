"""The JSON Schema with which editors complete routes.yaml: what it takes, what it explains, that it is up to date."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import BadDocument
from proxy.routing import schema
from proxy.routing.document import RouteDocument
from proxy.routing.table import Stage
from proxy.routing.yaml_text import parse
from proxy.routing.yaml_values import plain
from tests.routing.documents import Data, data, document

HERE = Path(schema.__file__).parent
ROUTES = HERE.parents[1] / "routes.yaml"
VALIDATOR = jsonschema.Draft7Validator(schema.schema(), format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)


def problems(fields: object) -> list[str]:
    """Where a document is refused."""
    return sorted({error.json_path for error in VALIDATOR.iter_errors(fields)})


def described(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:  # Any: JSON
    """Every field of every model, by name."""
    if isinstance(node, dict):
        yield from node.get("properties", {}).items() if "description" in node else ()
        for inner in node.values():
            yield from described(inner)
    if isinstance(node, list):
        for inner in node:
            yield from described(inner)


def test_committed_schema_is_what_the_models_say() -> None:
    committed = (HERE / "routes.schema.json").read_text("utf-8")

    cure = "routes.schema.json is not up to date; python -m proxy.routing.schema > proxy/routing/routes.schema.json"
    assert committed == schema.text(), cure


def test_schema_is_one() -> None:
    VALIDATOR.check_schema(schema.schema())


def test_routes_yaml_names_the_schema_and_is_taken_by_it() -> None:
    text = ROUTES.read_text("utf-8")
    top = parse(text)

    assert top is not None
    [named] = [line.partition("$schema=")[2] for line in text.splitlines()[:1]]
    assert (ROUTES.parent / named).resolve() == HERE / "routes.schema.json"
    # As JSON has it, which knows no tuples.
    assert problems(json.loads(json.dumps(plain(top, lambda *_: None)))) == []


def test_every_field_is_explained_in_one_line() -> None:
    fields = list(described(schema.schema()))

    assert {"version", "match", "percent", "p95", "statuses", "unordered", "keep_alive"} <= {name for name, _ in fields}
    assert [name for name, field in fields if not field.get("description") or "\n" in field["description"]] == []


def test_nothing_of_python_is_left_in_it() -> None:
    """In this dialect nothing counts beside a $ref; and None is no value that a file may have."""
    words = set(schema.text().split('"'))

    assert words & {"$ref", "$defs", "patternProperties", "null", "Id", "WhenDocument"} == set()


def test_stages_are_offered() -> None:
    [stages] = [field["enum"] for name, field in described(schema.schema()) if name == "stage"]

    assert tuple(stages) == get_args(Stage)


@given(data())
def test_whatever_the_reader_takes_the_schema_takes(fields: Data) -> None:
    document(fields)

    assert problems(fields) == []


ROUTE = {"id": "a", "match": "GET /a/{id}"}
# What is on the edge of right in one field or another.
ODD = [
    "",
    " ",
    "a",
    "A",
    "*",
    "ip",
    "path:id",
    "cookie:a%20b",
    "never",
    "a:b",
    "a.b:c",
    "f:live",
    "arn:aws:lambda:x-1:f",
]
ODD += ["  GET /", "GET,ANY /{a+} ", "GET  /a/", "GET /{a}/..", "1ms", "0.000000001m", "15.0m", "100  %", "0.1%", "é"]
ODD += [
    "2027-02-29",
    "2028-02-29",
    "0000-01-01",
    "9999-12-31",
    "a" * 256,
    "a" * 257,
    "$",
    "$.é",
    "$.\u2028",
    "a\n",
    "$a\n",
]
SINGLE = st.sampled_from(ODD) | st.text(max_size=3) | st.integers(-1, 101) | st.floats() | st.booleans() | st.none()
NAMES = st.sampled_from(["host", "header", "query", "statuses", "ignore", "p95", "errors"]) | st.sampled_from(ODD)
ANYTHING = st.recursive(
    SINGLE, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2), max_leaves=4
)


@given(st.dictionaries(st.sampled_from(sorted(RouteDocument.model_fields)), ANYTHING, max_size=3))
def test_what_the_reader_takes_though_it_looks_odd_the_schema_takes(route: Data) -> None:
    fields = {"version": 1, "backends": {"a": {}}, "routes": [{**ROUTE, **route}]}
    try:
        document(fields)
    except BadDocument:
        return

    assert problems(fields) == []


@pytest.mark.parametrize(
    "match",
    ["  POST   /a  ", "GET,HEAD,GET /", "ANY /a/{b}/{c+}", "GET /.well-known/a;v=1/b:c@d+e'(f)*!$&,=-._~", "GET /a/"],
)
def test_match_that_the_reader_takes_is_taken(match: str) -> None:
    fields = {"version": 1, "routes": [{"id": "a", "match": match}]}
    document(fields)

    assert problems(fields) == []


@pytest.mark.parametrize(
    ("route", "place"),
    [
        ({"id": "A"}, "id"),
        ({"id": "a" * 65}, "id"),
        ({"match": "GTE /a"}, "match"),
        ({"match": "GET a"}, "match"),
        ({"match": "GET /a/{id"}, "match"),
        ({"match": "GET /a%2Fb"}, "match"),
        ({"when": {"host": "A"}}, "when.host"),
        ({"when": {"header": {"a b": "c"}}}, "when.header"),
        ({"when": {"header": {"a": 1}}}, "when.header.a"),
        ({"when": {"headers": {}}}, "when"),
        ({"stage": "migratd"}, "stage"),
        ({"handler": "a.b"}, "handler"),
        ({"function": "a b"}, "function"),
        ({"percent": "5"}, "percent"),
        ({"percent": 101}, "percent"),
        ({"percent": True}, "percent"),
        ({"sticky": "cokie:a"}, "sticky"),
        ({"legacy": None}, "legacy"),
        ({"timeout": 20}, "timeout"),
        ({"timeout": "20"}, "timeout"),
        ({"retries": 4}, "retries"),
        ({"fallback": "nevr"}, "fallback"),
        ({"fallback": {"statuses": [200]}}, "fallback"),
        ({"compare": 1}, "compare"),
        ({"compare": {"ignore": ["a"]}}, "compare"),
        ({"slo": {"p95": 0.3}}, "slo.p95"),
        ({"slo": {"errors": "5"}}, "slo.errors"),
        ({"needs": ["rawpath"]}, "needs[0]"),
        ({"owner": 7}, "owner"),
        ({"tags": "a"}, "tags"),
        ({"sunset": "soon"}, "sunset"),
        ({"stge": "legacy"}, ""),
        # What a stage needs.
        ({"stage": "live"}, ""),
        ({"stage": "canary", "handler": "a:b"}, ""),
        ({"handler": "a:b", "function": "f"}, ""),
    ],
)
def test_wrong_route_is_refused_where_it_is_wrong(route: Data, place: str) -> None:
    assert problems({"version": 1, "routes": [{**ROUTE, **route}]}) == [f"$.routes[0].{place}".rstrip(".")]


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({}, "$"),
        ({"version": 2}, "$.version"),
        ({"version": "1"}, "$.version"),
        ({"version": 1, "rotes": []}, "$"),
        ({"version": 1, "routes": None}, "$.routes"),
        ({"version": 1, "routes": [{"id": "a"}]}, "$.routes[0]"),
        ({"version": 1, "legacy": {"url": "legacy.example.com"}}, "$.legacy.url"),
        ({"version": 1, "legacy": {"host": "mine"}}, "$.legacy.host"),
        ({"version": 1, "backends": {"Old": {}}}, "$.backends"),
        ({"version": 1, "backends": {"old": {"timeout": 3}}}, "$.backends.old.timeout"),
    ],
)
def test_wrong_document_is_refused_where_it_is_wrong(fields: Data, place: str) -> None:
    assert problems(fields) == [place]
