"""The bound for the worst look-up, against every look-up of small tables, counted step by step."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.compile import unpublished
from proxy.routing.listed import Problem, listed
from proxy.routing.table import Table
from proxy.routing.worst_lookup import MOST_STEPS, READ, too_slow, worst_lookup
from tests.routing.counted import Counted
from tests.routing.oracle import TEMPLATES
from tests.routing.tables import Row, asking, document


def paths(literals: str, longest: int) -> list[str]:
    """Return every path of these literals and one more text, also with a slash at the end and one segment empty."""
    plain = ["/" + "/".join(each) for count in range(1, longest + 1) for each in product(literals, repeat=count)]
    return ["/", *plain, *(path + "/" for path in plain), *(path.replace("/z", "/", 1) for path in plain)]


REQUESTS = [
    asking(headers={name: value for name, value in (("a", one), ("b", other)) if value})
    for one, other in product(("", "1", "2"), repeat=2)
]


def bound(table: Table, method: str = "GET") -> int:
    return worst_lookup(table.index[method], table.routes)[0]


ROWS = st.builds(
    lambda template, when: {"match": f"GET /{'/'.join(template)}", "when": {"header": when}},
    TEMPLATES,
    st.one_of(
        st.just({}),
        st.just({}),
        st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["1", "2", "*"]), max_size=2),
    ),
)


@given(st.lists(ROWS, min_size=1, max_size=16))
def test_no_lookup_takes_more_steps_than_the_bound(rows: list[dict[str, Any]]) -> None:
    table = unpublished(document(*rows).routes)
    asks = any(row["when"]["header"] for row in rows)

    assert Counted(table, REQUESTS if asks else REQUESTS[:1]).worst(paths("abz", 5)) <= bound(table)


KINDS = st.tuples(*[st.sampled_from(["{p%d}", "ab"])] * 4)


@given(KINDS, st.lists(st.tuples(st.integers(1, 4), *[st.sampled_from("ab")] * 4), min_size=1, max_size=12))
def test_bound_is_exact_where_no_node_has_both_literals_and_a_parameter(
    kinds: tuple[str, ...], templates: list[tuple[int, str, str, str, str]]
) -> None:
    made = {
        "GET /" + "/".join(literal if kind == "ab" else kind % at for at, (kind, literal) in enumerate(each[:count]))
        for count, *literals in templates
        for each in [list(zip(kinds, literals, strict=True))]
    }
    table = unpublished(document(*made).routes)

    assert Counted(table, REQUESTS[:1]).worst(paths("abz", 4)) == bound(table)


def masks(depth: int, last: Callable[[int], str] = lambda _: "") -> Iterator[str]:
    """Yield a template for each choice of "a" or a parameter at each of that many places."""
    for at, mask in enumerate(product((True, False), repeat=depth)):
        yield "GET /" + "/".join("a" if literal else f"{{p{place}}}" for place, literal in enumerate(mask)) + last(at)


@pytest.mark.parametrize(
    ("rows", "steps"),
    [
        (["GET /"], 0),
        (["GET /a"], 1),
        (["GET /{a}/b/{c}"], 3),
        (["GET /a/b", "GET /{x}/c"], 3),
        (["GET /a/b", "GET /{x}/{y}"], 3),
        (["GET /a/{b}", "GET /{x}/c"], 2),
        (["GET /a/b/c/d", "GET /a"], 4),
        (["GET /a/b/", "GET /a"], 2),
        (["GET /{p+}"], 0),
        (["GET /{p+}", "GET /a/{p+}", "GET /a/b/{p+}", "GET /a/b/c"], 6),
        (["GET /{p+}", "GET /a/{p+}", "GET /a/b/{p+}"], 3),
        (list(masks(7)), 7),
        (list(masks(5))[:-1], 5),
        (list(masks(5, lambda at: f"/z{at}")), 63),
        ([{"match": "GET /a", "when": {"header": {"a": "1"}}}], 1 + 1 + READ),
        ([{"match": "GET /a", "when": {"header": {"a": "1", "b": "*"}}}, "GET /a"], 1 + 2 + 2 * READ),
        ([{"match": "GET /a", "when": {"header": {"a": f"{at}"}}} for at in range(9)], 1 + 9 + READ),
        ([{"match": "GET /a", "when": {"query": {"a": "1"}}}, "GET /{x}"], 1 + 1 + READ),
        ([{"match": f"GET /{each}", "when": {"query": {"a": "1"}}} for each in ("a", "{x}")], 1 + 2 * (1 + READ)),
    ],
)
def test_bound_counts_segments_conditions_and_reads(rows: list[Row], steps: int) -> None:
    assert bound(unpublished(document(*rows).routes)) == steps


def test_every_mask_of_literals_and_parameters_is_walked_straight_down() -> None:
    table = unpublished(document(*masks(12)).routes)

    assert bound(table) == 12
    assert Counted(table, REQUESTS[:1]).worst(["/a" * 11 + "/z"]) == 12


def test_path_with_an_empty_segment_is_not_walked_into() -> None:
    """Else each of its turns would be tried, up to where it is empty."""
    rows = [*masks(7), *(f"{row}/{{rest+}}" for row in masks(6))]
    counted = Counted(unpublished(document(*rows).routes), REQUESTS[:1])

    assert counted.worst(["/a/a/a/a/a//z", "/a/a/a/a/a//", "//a/a/a/a/a/a"]) == 0
    assert counted.worst(["/a/a/a/a/a/a//"]) == 6


def problems(*rows: Row) -> list[Problem]:
    routes = document(*rows).routes
    return list(too_slow(listed(routes), unpublished(routes)))


CURE = f"expected at most {MOST_STEPS}: have fewer literals where others have {{name}}, {{name+}} or when:"


def test_table_in_which_walks_can_fail_everywhere_is_refused_naming_what_is_in_the_way() -> None:
    rows = [{"id": f"m{at}", "match": match} for at, match in enumerate(masks(7, lambda at: f"/z{at}"))]

    shown = ", ".join(f"m{at} ({str(row['match'])!r})" for at, row in list(enumerate(rows))[1:6])
    assert problems({"id": "other", "match": "GET /other"}, *rows) == [
        (
            1,
            "match",
            f"got {rows[0]['match']!r}, with which a look-up of GET may take 255 steps, {CURE} here or in {shown} "
            "and 122 more",
        )
    ]


@pytest.mark.parametrize(
    ("rows", "positions", "steps"),
    [
        (["GET " + "/a" * 151], [0], 151),
        (["GET " + "/a" * 3_000, "GET /b"], [0], 3_000),
        ([f"GET /{'a/' * at}{{p+}}" for at in range(18)], range(18), 153),
        ([{"match": "GET /a", "when": {"query": {f"v{at}": "1"}}} for at in range(14)], range(14), 155),
        ([{"match": "GET /a", "when": {"query": {"v": f"{at}"}}} for at in range(140)], range(140), 151),
    ],
)
def test_table_whose_worst_lookup_takes_too_long_is_refused(
    rows: list[Row], positions: Sequence[int], steps: int
) -> None:
    [(position, field, message)] = problems(*rows)

    assert (position, field) == (0, "match")
    assert f"a look-up of GET may take {steps} steps" in message
    others = len(positions) - 1
    assert message.endswith(f" and {others - 5} more" if others > 5 else " here")


def test_methods_that_are_slow_for_the_same_routes_are_told_once() -> None:
    [(_, _, message)] = problems("GET,PUT " + "/a" * 151, "PUT /a")

    assert "a look-up of GET, PUT may take 151 steps" in message


@pytest.mark.parametrize(
    "rows",
    [
        [],
        ["GET " + "/a" * 150],
        list(masks(12)),
        list(masks(6, lambda at: f"/z{at}")),
        [f"GET /{'a/' * at}{{p+}}" for at in range(17)],
        [{"match": "GET /a", "when": {"host": f"t{at}.example"}} for at in range(139)],
        [f"GET /t{at}/{{x}}/y" for at in range(5_000)],
    ],
)
def test_table_whose_worst_lookup_is_short_is_not_refused(rows: list[Row]) -> None:
    assert problems(*rows) == []
