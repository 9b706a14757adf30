"""Routes that nothing reaches."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.message import Request
from proxy.routing.compile import unpublished
from proxy.routing.decide import decide
from proxy.routing.listed import Problem, listed
from proxy.routing.reachable import unreachable
from proxy.routing.ties import ties
from proxy.routing.witness import fresh_text
from tests.routing.oracle import PATHS, ROWS, TEMPLATES, Tried
from tests.routing.tables import Row, asking, document, table


def found(*rows: Row) -> list[Problem]:
    routes = document(*rows).routes
    every = listed(routes)
    return list(unreachable(every, unpublished(routes), fresh_text(every)))


@pytest.mark.parametrize(
    ("hidden", "others", "by"),
    [
        (
            "GET /{p+}",
            ["GET /{a}", "GET /{a}/", "GET /{a}/{b+}"],
            "r1 ('GET /{a}'), r2 ('GET /{a}/'), r3 ('GET /{a}/{b+}')",
        ),
        (
            "GET,PUT /x/{p+}",
            ["ANY /x/{a}/", "ANY /x/{a}/{b+}", "ANY /x/{a}"],
            "r3 ('ANY /x/{a}'), r1 ('ANY /x/{a}/'), r2 ('ANY /x/{a}/{b+}')",
        ),
        (
            "GET /{p+}",
            ["GET /{a}", "GET /{a}/", "GET /{a}/{b}", "GET /{a}/{b}/", "GET /{a}/{b}/{c+}"],
            "r1 ('GET /{a}'), r2 ('GET /{a}/'), r3 ('GET /{a}/{b}'), r4 ('GET /{a}/{b}/'), r5 ('GET /{a}/{b}/{c+}')",
        ),
        (
            {"match": "GET /{p+}", "when": {"query": {"v": "1"}}},
            ["GET /{a}", "GET /{a}/", "GET /{a}/{b+}"],
            "r1 ('GET /{a}'), r2 ('GET /{a}/'), r3 ('GET /{a}/{b+}')",
        ),
        (
            {"match": "GET /{p+}", "when": {"query": {"v": "1"}}},
            [
                {"match": "GET /{a}", "when": {"query": {"v": "*"}}},
                "GET /{a}/",
                {"match": "GET /{a}/{b+}", "when": {"query": {"v": "1"}}},
            ],
            "r1 ('GET /{a}'), r2 ('GET /{a}/'), r3 ('GET /{a}/{b+}')",
        ),
    ],
)
def test_rest_whose_every_length_others_catch_is_unreachable(hidden: Row, others: list[Row], by: str) -> None:
    match = hidden if isinstance(hidden, str) else hidden["match"]

    assert found(hidden, *others) == [
        Problem(0, "match", f"got {match!r}, which no request can reach, expected it to go or to match more than {by}")
    ]


@pytest.mark.parametrize(
    "others",
    [
        ["GET /{a}", "GET /{a}/"],
        ["GET /{a}", "GET /{a}/{b+}"],
        ["GET /{a}/", "GET /{a}/{b+}"],
        ["GET /a", "GET /a/", "GET /a/{b+}"],
        ["PUT /{a}", "GET /{a}/", "GET /{a}/{b+}"],
        ["GET /{a}", "GET /{a}/", "GET /a/{b+}"],
        ["GET /{a}", "GET /{a}/", {"match": "GET /{a}/{b+}", "when": {"query": {"v": "*"}}}],
        ["GET /{a}", "GET /{a}/", "GET /{a}/{b}", "GET /{a}/{b}/", "GET /{a}/{b}/{c}/{d+}"],
    ],
)
def test_rest_of_which_one_length_is_left_is_reachable(others: list[Row]) -> None:
    assert found("GET /{p+}", *others) == []


def test_route_that_one_of_its_methods_reaches_is_reachable() -> None:
    assert found("GET,PUT /{p+}", "GET /{a}", "GET /{a}/", "GET /{a}/{b+}") == []


def test_conditions_that_no_request_meets_together_are_told() -> None:
    asked = {"header": {"cookie": "a=1"}, "cookie": {"a": "2"}}

    assert found({"match": "GET /a", "when": asked}) == [
        Problem(0, "when", "got conditions that no request can meet together, expected others or none")
    ]


@pytest.mark.parametrize(
    "asked",
    [
        {"header": {"cookie": "a=1"}, "cookie": {"a": "1"}},
        {"header": {"cookie": "b=2; a=1"}, "cookie": {"a": "1"}},
        {"header": {"cookie": "*"}, "cookie": {"a": "1", "b": "*"}},
        {"host": "a.example", "header": {"a": "", "b": "*"}, "query": {"a": "", "b": "x"}, "cookie": {"a": ""}},
    ],
)
def test_conditions_that_a_request_can_meet_together_are_not_told(asked: dict[str, Any]) -> None:
    assert found({"match": "GET /a", "when": asked}) == []


NARROW = [
    f"GET /{template}"
    for segments in ([], ["a"], ["{p}"], ["a", "{p}"], ["{p}", "{q}"], ["{p}", "a"])
    for template in ("/".join([*segments, "{rest+}"]), "/".join([*segments, ""]), "/".join(segments))
]
LONGER = [*PATHS, *(path.rstrip("/") + more for path in PATHS for more in ("/x", "/x/"))]


@given(
    st.one_of(
        st.lists(st.sampled_from(NARROW), unique=True, min_size=6).map(
            lambda found: [{"match": each} for each in found]
        ),
        st.lists(st.builds(lambda segments: {"match": f"GET /{'/'.join(segments)}"}, TEMPLATES), max_size=9),
        st.lists(ROWS, max_size=6),
    )
)
def test_unreachable_are_those_that_no_path_leads_to(rows: list[dict[str, Any]]) -> None:
    """Exact: whatever is told cannot be reached, and whatever is not told can, through `decide`."""
    every = listed(document(*rows).routes)
    tied = {problem.position for problem in ties(every, fresh_text(every), 150)}
    kept = [row for at, row in enumerate(rows) if at not in tied]
    of = table(*kept)

    told = {problem.position for problem in found(*kept)}

    for at, row in enumerate(kept):
        reached = any(
            (route := decide(of, _bringing(row, method, path)).route) is not None and route.id == f"r{at}"
            for method in Tried(at, row).methods.split(",")
            for path in LONGER
        )
        assert reached == (at not in told), row


def _bringing(row: dict[str, Any], method: str, path: str) -> Request:
    when = {"header": {}, "query": {}, "cookie": {}, **row.get("when", {})}
    values = {
        source: {name: value.replace("*", "9") for name, value in when[source].items()}
        for source in ("header", "query", "cookie")
    }
    return asking(
        method,
        path,
        "&".join(map("=".join, values["query"].items())),
        values["header"],
        cookie="; ".join(map("=".join, values["cookie"].items())),
        host=when.get("host", ""),
    )
