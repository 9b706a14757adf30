"""Routes between which a request could not choose, and the request that shows it."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.listed import Problem, listed
from proxy.routing.ties import ties
from proxy.routing.witness import fresh_text
from tests.routing.oracle import BROUGHT, PATHS, ROWS, Brought, Tried, best
from tests.routing.tables import Row, document

CURE = "expected one of them to go or to ask for more with when:"


def found(*rows: Row) -> list[Problem]:
    routes = listed(document(*rows).routes)
    return list(ties(routes, fresh_text(routes), 150))


def when(match: str, **asked: Any) -> Row:  # Any: a route's conditions
    return {"match": match, "when": asked}


@pytest.mark.parametrize(
    ("one", "other", "witness"),
    [
        ("GET /orders/{id}", "GET /orders/{key}", "GET /orders/x"),
        ("GET /", "GET /", "GET /"),
        ("GET /a/", "GET /a/", "GET /a/"),
        ("GET /{a}/x/{b+}", "GET /{b}/x/{c+}", "GET /x1/x/x1"),
        ("ANY /a", "PUT,POST /a", "POST /a"),
        (when("GET /a", header={"X-Beta": "1"}), when("GET /a", header={"x-beta": "1"}), "GET /a with header x-beta=1"),
        (when("GET /a", header={"b": "*"}), when("GET /a", header={"b": "*"}), "GET /a with header b=x"),
        (when("GET /a", query={"v": "1"}), when("GET /a", cookie={"v": "2"}), "GET /a with query v=1 and cookie v=2"),
        (
            when("GET /a", host="b.example", query={"v": "*"}),
            when("GET /a", header={"w": "*"}, cookie={"v": "x"}),
            "GET /a with host b.example and query v=x1 and header w=x1 and cookie v=x",
        ),
        (
            when("GET /a", header={"a": "1", "b": "*"}),
            when("GET /a", header={"a": "*", "b": "2"}),
            "GET /a with header a=1 and header b=2",
        ),
    ],
)
def test_routes_that_one_request_matches_alike_tie(one: Row, other: Row, witness: str) -> None:
    """A tie is an error naming both routes and a request that both match."""
    problems = found(one, "GET /other", other)

    matches = [row if isinstance(row, str) else row["match"] for row in (one, other)]
    assert problems == [
        Problem(2, "match", f"got {matches[1]!r}, which ties with r0 ({matches[0]!r}) on {witness}, {CURE}")
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GET /a", "POST /a"),
        ("GET /a", "GET /a/"),
        ("GET /a/{b}", "GET /a/{b+}"),
        ("GET /a/{b}", "GET /{a}/b"),
        ("GET /a", when("GET /a", query={"v": "*"})),
        (when("GET /a", query={"v": "1"}), when("GET /a", query={"v": "2"})),
        (when("GET /a", query={"v": "1"}), when("GET /a", query={"v": "*"})),
        (when("GET /a", query={"v": "1"}), when("GET /a", query={"v": "1", "w": "*"})),
        (when("GET /a", host="a.example"), when("GET /a", host="b.example")),
        (when("GET /a", header={"A": "1", "b": "1"}), when("GET /a", header={"a": "2", "c": "1"})),
        (when("GET /a", header={"cookie": "a=1"}), when("GET /a", cookie={"a": "2"})),
    ],
)
def test_routes_that_no_request_matches_alike_do_not_tie(one: Row, other: Row) -> None:
    assert found(one, other) == []


def test_each_route_is_told_of_the_first_that_it_ties_with() -> None:
    problems = found("GET /a", "GET,PUT /a", "PUT /a", "PUT /a")

    assert [(problem.position, problem.message.split(" on ")[0]) for problem in problems] == [
        (1, "got 'GET,PUT /a', which ties with r0 ('GET /a')"),
        (3, "got 'PUT /a', which ties with r2 ('PUT /a')"),
    ]


def test_route_that_ties_with_one_that_ties_itself_is_told_of_it() -> None:
    problems = found(
        when("GET /a", query={"v": "1"}), when("GET /a", query={"w": "1"}), when("GET /a", query={"v": "2"})
    )

    assert [(problem.position, problem.message.split(" on ")[0]) for problem in problems] == [
        (1, "got 'GET /a', which ties with r0 ('GET /a')"),
        (2, "got 'GET /a', which ties with r1 ('GET /a')"),
    ]


def test_ten_thousand_routes_alike_are_told_each_of_the_first() -> None:
    problems = found(*["GET /orders/{id}"] * 10_000)

    assert len(problems) == 9_999
    assert {problem.message for problem in problems} == {
        f"got 'GET /orders/{{id}}', which ties with r0 ('GET /orders/{{id}}') on GET /orders/x, {CURE}"
    }


def test_hundred_tenants_of_a_hundred_endpoints_do_not_tie() -> None:
    tenants = [when(f"GET /e{at}/x", host=f"t{tenant}.example") for at in range(100) for tenant in range(100)]

    assert found(*tenants) == []


def test_more_conditions_than_a_table_may_have_are_not_compared_with_each_other() -> None:
    """They are refused for the time that a look-up would take."""
    assert found(*(when("GET /a", query={f"v{at}": "1"}) for at in range(2_000))) == []


WITNESS = re.compile(r"got '.*', which ties with (r\d+) \('.*'\) on (\S+) (\S+?)(?: with (.*))?, expected ").match


@given(st.lists(ROWS, min_size=2, max_size=10), st.lists(BROUGHT, min_size=4, max_size=4))
def test_ties_are_those_that_trying_every_route_finds(rows: list[dict[str, Any]], brought: list[Brought]) -> None:
    tried = [Tried(at, row) for at, row in enumerate(rows)]

    problems = found(*rows)

    for problem in problems:
        told = WITNESS(problem.message)
        assert told, problem.message
        shown = {told[1], f"r{problem.position}"}
        assert shown <= best([route for route in tried if route.id in shown], told[2], told[3], _brought(told[4] or ""))
    tied = {f"r{problem.position}" for problem in problems}
    rest = [route for route in tried if route.id not in tied]
    for at, path in enumerate(PATHS):
        assert len(best(rest, "GET", path, brought[at % 4])) == 1, (path, brought[at % 4])


def _brought(words: str) -> Brought:
    found: dict[str, list[tuple[str, str]]] = {"host": [], "header": [], "query": [], "cookie": []}
    for source, what in (word.split(" ", 1) for word in words.split(" and ") if word):
        name, _, value = what.rpartition("=")
        found[source].append((name, value))
    return Brought("".join(host for _, host in found["host"]), found["header"], found["query"], found["cookie"])
