"""The models of routes.yaml: what a value may be, and how it is held."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from proxy.routing.document import (
    Document,
    LegacyDocument,
    RouteDocument,
    SloDocument,
    WhenDocument,
)
from proxy.routing.proof import CompareDocument, FallbackDocument
from tests.routing.documents import DURATIONS, Data, data, document

LEAST = {"id": "a", "match": "GET /a/{id}"}


def route(**fields: Any) -> RouteDocument:  # Any: what a file holds
    return RouteDocument.model_validate({**LEAST, **fields})


def refused(model: type[BaseModel], **fields: Any) -> list[tuple[object, ...]]:  # Any: what a file holds
    """Where a model refuses fields."""
    with pytest.raises(ValidationError) as exc_info:
        model.model_validate(fields)
    return [error["loc"] for error in exc_info.value.errors()]


def test_route_of_few_words_is_answered_by_legacy() -> None:
    assert route().model_dump() == {
        **LEAST,
        "when": {"host": None, "header": {}, "query": {}, "cookie": {}},
        "stage": "legacy",
        "function": None,
        "handler": None,
        "percent": None,
        "sticky": "ip",
        "legacy": None,
        "timeout": None,
        "retries": 1,
        "group": None,
        "writes": False,
        "shadow": {"percent": 100.0, "timeout": 5.0},
        "fallback": {"statuses": (), "after": None},
        "compare": False,
        "gate": {"samples": 400, "target": 99.0, "writes": 100},
        "contract": None,
        "slo": {"p95": None, "errors": None},
        "needs": (),
        "owner": "",
        "tags": (),
        "sunset": None,
    }


@pytest.mark.parametrize(
    ("written", "held"),
    [
        ({"timeout": "20s"}, 20.0),
        ({"timeout": "1ms"}, 0.001),
        ({"timeout": "300ms"}, 0.3),
        ({"timeout": "1.5s"}, 1.5),
        ({"timeout": "15m"}, 900.0),
        ({"timeout": "0.25m"}, 15.0),
        ({"percent": 5}, 5.0),
        ({"percent": 0.01}, 0.01),
        ({"percent": 99.99}, 99.99),
        ({"percent": 0}, 0.0),
        ({"percent": 100}, 100.0),
        ({"sunset": "2028-02-29"}, date(2028, 2, 29)),
        ({"sunset": date(2028, 2, 29)}, date(2028, 2, 29)),
        ({"sticky": "path:id"}, "path:id"),
        ({"sticky": "cookie:__Host-sid"}, "cookie:__Host-sid"),
        ({"sticky": "claim:https://example.com/tenant"}, "claim:https://example.com/tenant"),
        ({"function": "orders-prod:live"}, "orders-prod:live"),
        ({"function": "orders-prod:$LATEST"}, "orders-prod:$LATEST"),
        ({"function": "123456789012:function:orders"}, "123456789012:function:orders"),
        (
            {"function": "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:orders:7"},
            "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:orders:7",
        ),
        ({"handler": "a.b_c.D2:_handler"}, "a.b_c.D2:_handler"),
        ({"legacy": "reports"}, "reports"),
        ({"retries": 3}, 3),
        ({"needs": ["raw-path", "streaming"]}, ("raw-path", "streaming")),
        ({"tags": ("a", "")}, ("a", "")),
        ({"fallback": "never"}, "never"),
        ({"fallback": {}}, FallbackDocument()),
        ({"fallback": {"statuses": [400, 599]}}, FallbackDocument(statuses=(400, 599))),
        ({"compare": True}, True),
        ({"compare": {"ignore": ["$"]}}, CompareDocument(ignore=("$",))),
        (
            {"when": {"header": {"X-Tenant": "a b"}, "query": {"filter%5B%5D": "*"}, "cookie": {"sid": ""}}},
            WhenDocument(header={"X-Tenant": "a b"}, query={"filter%5B%5D": "*"}, cookie={"sid": ""}),
        ),
    ],
)
def test_value_is_held_as_programs_want_it(written: dict[str, object], held: object) -> None:
    [field] = written

    value = getattr(route(**written), field)

    assert (value, type(value)) == (held, type(held))


@pytest.mark.parametrize(
    "fields",
    [
        {"timeout": 20},
        {"timeout": 20.0},
        {"timeout": "0.9ms"},
        {"timeout": "901s"},
        {"timeout": "15.1m"},
        {"timeout": "1h"},
        {"timeout": "-1s"},
        {"timeout": "1s\n"},
        {"timeout": "٣s"},
        {"timeout": "1" * 400 + "s"},
        {"percent": True},
        {"percent": "5"},
        {"percent": float("nan")},
        {"percent": float("inf")},
        {"percent": 100.01},
        {"percent": -0.01},
        {"percent": 0.001},
        {"percent": 33.333},
        {"retries": True},
        {"retries": 1.0},
        {"retries": -1},
        {"sunset": "2027-02-29"},
        {"sunset": "2027-W01-1"},
        {"sunset": "20270101"},
        {"sunset": 20270101},
        {"sticky": "IP"},
        {"sticky": "cookie:"},
        {"sticky": "cookie:a b"},
        {"sticky": "path:other"},
        {"id": ""},
        {"id": "A"},
        {"id": ".a"},
        {"id": "a" * 65},
        {"id": "a\n"},
        {"id": "café"},
        {"function": ""},
        {"function": "a b"},
        {"function": "٣" * 12 + ":function:f"},
        {"handler": "a"},
        {"handler": "a:b:c"},
        {"handler": ":b"},
        {"handler": "a:b.c"},
        {"handler": "a:b\n"},
        {"handler": f"a:{'b' * 255}"},
        {"stage": "mirrored"},
        {"stage": None},
        {"fallback": "Never"},
        {"fallback": None},
        {"fallback": True},
        {"compare": 1},
        {"compare": "true"},
        {"needs": ["everything"]},
        {"needs": "raw-path"},
        {"tags": [1]},
        {"owner": 1},
        {"when": None},
        {"when": []},
        {"slo": {"p95": 0.3}},
        {"slo": {"errors": 0.5}},
        {"slo": {"errors": "100.1%"}},
        {"colour": "blue"},
    ],
)
def test_value_that_means_nothing_is_refused_where_it_stands(fields: dict[str, object]) -> None:
    [field] = fields

    assert {place[0] for place in refused(RouteDocument, **{**LEAST, **fields})} == {field}


@pytest.mark.parametrize(
    "value", ["never", {}, FallbackDocument(), {"statuses": [503], "colour": 1}, {"statuses": [1, 2]}, 7]
)
def test_field_of_two_kinds_is_told_as_many_problems_as_it_has(value: object) -> None:
    """pydantic would tell a wrong value once for each kind that it is not."""
    problems = {"7": 1, "{'statuses': [1, 2]}": 2, "{'statuses': [503], 'colour': 1}": 1}.get(str(value), 0)

    try:
        route(fallback=value)
    except ValidationError as exc:
        assert exc.error_count() == problems  # noqa: PT017  # both outcomes are in the table
    else:
        assert problems == 0


@pytest.mark.parametrize("stage", ["shadow", "canary", "live", "migrated"])
def test_stage_that_asks_the_migrated_side_needs_one(stage: str) -> None:
    assert refused(RouteDocument, **LEAST, stage=stage, percent=5) == [("handler",)]
    for side in ({"handler": "a:b"}, {"function": "f"}):
        assert route(stage=stage, percent=5, **side).stage == stage


@pytest.mark.parametrize("stage", ["legacy", "retired"])
def test_stage_that_asks_no_migrated_side_may_name_one_all_the_same(stage: str) -> None:
    assert [route(stage=stage, **side).stage for side in ({}, {"handler": "a:b"}, {"function": "f"})] == [stage] * 3


def test_handler_and_function_are_one_too_many() -> None:
    assert refused(RouteDocument, **LEAST, handler="a:b", function="f") == [("handler",)]


def test_canary_without_a_percent_is_refused_and_another_stage_may_keep_one() -> None:
    assert refused(RouteDocument, **LEAST, stage="canary", function="f") == [("percent",)]
    assert route(stage="live", function="f", percent=50).percent == 50.0


def test_wrong_field_is_told_once_and_not_again_by_the_checks_of_others() -> None:
    assert refused(RouteDocument, **LEAST, stage="canray", sticky="path:id") == [("stage",)]
    assert refused(RouteDocument, id="a", match="GET a", sticky="path:id") == [("match",)]
    assert refused(RouteDocument, **LEAST, stage="live", function="a b") == [("function",)]


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"host": "A.example"}, ("host",)),
        ({"host": "a.example:80"}, ("host",)),
        ({"header": {"": "x"}}, ("header", "", "[key]")),
        ({"header": {"a b": "x"}}, ("header", "a b", "[key]")),
        ({"header": {"X-FIG-side": "x"}}, ("header", "X-FIG-side", "[key]")),
        ({"header": {"a": "x\n"}}, ("header", "a")),
        ({"header": {"a": " "}}, ("header", "a")),
        ({"header": {"a": "é"}}, ("header", "a")),
        ({"header": {"a": "x", "A": "x"}}, ("header",)),
        ({"query": {"a=b": "x"}}, ("query", "a=b", "[key]")),
        ({"query": {"a": "b c"}}, ("query", "a")),
        ({"cookie": {"a;b": "x"}}, ("cookie", "a;b", "[key]")),
        ({"cookie": {"a": "x" * 257}}, ("cookie", "a")),
        ({"body": {}}, ("body",)),
    ],
)
def test_condition_that_no_request_could_meet_is_refused(fields: Data, place: tuple[object, ...]) -> None:
    assert refused(WhenDocument, **fields) == [place]


@pytest.mark.parametrize(
    ("version", "is_right"), [(1, True), (True, False), (1.0, False), ("1", False), (2, False), (None, False)]
)
def test_version_is_the_number_one(version: object, is_right: bool) -> None:
    if is_right:
        assert Document.model_validate({"version": version}).version == 1
    else:
        assert refused(Document, version=version) == [("version",)]


@pytest.mark.parametrize("url", ["${LEGACY_URL}", "https://${HOST}:8443", "http://old.example.com"])
def test_url_may_be_left_to_the_functions_own_environment(url: str) -> None:
    assert LegacyDocument(url=url).url == url


def test_url_that_is_more_than_an_origin_is_refused() -> None:
    assert refused(LegacyDocument, url="http://old.example.com/api") == [("url",)]


def test_documents_are_frozen() -> None:
    with pytest.raises(ValidationError):
        SloDocument().p95 = 1.0


@given(data())
def test_document_comes_back_from_its_json(fields: Data) -> None:
    once = document(fields)

    for leaves_out_defaults in (True, False):
        again = once.model_dump_json(exclude_none=True, exclude_defaults=leaves_out_defaults)
        assert Document.model_validate_json(again) == once


@given(DURATIONS | st.decimals(1, 900_000, places=9).map(lambda ms: f"{ms}ms"))
def test_duration_is_written_as_one_that_is_read_as_the_same(written: str) -> None:
    once = LegacyDocument.model_validate({"timeout": written})

    again = LegacyDocument.model_validate(once.model_dump(mode="json"))

    assert again == once


def test_expression_that_a_text_could_hold_up_is_refused_before_anything_is_compared() -> None:
    with pytest.raises(ValidationError, match="expected a regular expression of RE2, which has no look-around"):
        route(compare={"normalise": {"$.url": "(?=a)a"}})


@pytest.mark.parametrize(
    ("rename", "problem"),
    [
        ({"$.a": "z", "$.b": "z"}, "got 'z', which $.a is called already, expected another name"),
        ({"$.list[*]": "z"}, "got '$.list[*]', expected a path that ends in the name of a member, such as $.total"),
    ],
)
def test_members_that_could_not_be_told_apart_are_refused_before_anything_is_compared(
    rename: dict[str, str], problem: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        route(compare={"rename": rename})

    assert problem in str(refused.value)
