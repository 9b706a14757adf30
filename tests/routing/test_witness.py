"""Requests made up to show what a table does."""

import pytest

from proxy.routing.listed import listed
from proxy.routing.source import Condition
from proxy.routing.witness import fresh_text, path_of, request_for, words
from tests.routing.tables import Row, document


@pytest.mark.parametrize(
    ("rows", "fresh"),
    [
        ([], "x"),
        (["GET /a/{x}"], "x"),
        (["GET /x", "GET /a/x1"], "x2"),
        ([{"match": "GET /a", "when": {"query": {"v": "x"}}}], "x1"),
    ],
)
def test_fresh_text_is_nothing_that_a_route_has(rows: list[Row], fresh: str) -> None:
    assert fresh_text(listed(document(*rows).routes)) == fresh


@pytest.mark.parametrize(
    ("segments", "ending", "path"),
    [
        (("",), "", "/"),
        (("orders", "{id}", ""), "", "/orders/x/"),
        (("files", "{path+}"), "/x/", "/files/x/x/"),
    ],
)
def test_path_has_fresh_text_for_each_parameter(segments: tuple[str, ...], ending: str, path: str) -> None:
    assert path_of(segments, "x", ending) == path


def test_request_meets_the_conditions_and_brings_nothing_else() -> None:
    asked = [
        Condition("host", "", "a.example"),
        Condition("header", "x-a", "1"),
        Condition("header", "x-b", "*"),
        Condition("query", "v", "2"),
        Condition("query", "w", "*"),
        Condition("cookie", "sid", "3"),
        Condition("cookie", "t", "*"),
    ]

    made = request_for("GET", "/orders/x", asked, "x")

    assert made is not None
    assert (made.method, made.path, made.query, made.host) == ("GET", "/orders/x", "v=2&w=x", "a.example")
    assert made.headers.pairs == ((b"x-a", b"1"), (b"x-b", b"x"), (b"cookie", b"sid=3; t=x"))
    assert (
        words("GET", "/orders/x", asked, "x") == "GET /orders/x with host a.example and header x-a=1 and header x-b=x "
        "and query v=2 and query w=x and cookie sid=3 and cookie t=x"
    )


def test_one_value_is_taken_where_another_condition_takes_any() -> None:
    asked = [Condition("query", "v", "*"), Condition("query", "v", "2"), Condition("query", "v", "*")]

    made = request_for("GET", "/", asked, "x")

    assert made is not None
    assert made.query == "v=2"


@pytest.mark.parametrize(
    "asked",
    [
        [Condition("query", "v", "1"), Condition("query", "v", "2")],
        [Condition("header", "cookie", "a=1"), Condition("cookie", "b", "*")],
    ],
)
def test_conditions_that_exclude_each_other_have_no_request(asked: list[Condition]) -> None:
    assert request_for("GET", "/", asked, "x") is None
