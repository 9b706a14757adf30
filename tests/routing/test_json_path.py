"""Which JSON paths rules may use, what they select, and what is said of others."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.json_path import Location, Step, parse


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("$", ()),
        ("$.updated_at", (Step("updated_at"),)),
        ("$.ä", (Step("ä"),)),
        ("$['updated-at']", (Step("updated-at"),)),
        ('$["a.b"]["0"]', (Step("a.b"), Step("0"))),
        (r"""$['it\'s']["\"\u00e9\ud83d\ude00\n"]""", (Step("it's"), Step('"é😀\n'))),
        ("$['']", (Step(""),)),
        ("$['*']", (Step("*"),)),
        ("$.*[*]", (Step(None), Step(None))),
        ("$[0][17]", (Step(0), Step(17))),
        ("$..at", (Step("at", is_deep=True),)),
        ("$..*", (Step(None, is_deep=True),)),
        ("$..['updated-at'].x", (Step("updated-at", is_deep=True), Step("x"))),
        ("$..[0]", (Step(0, is_deep=True),)),
        ("$ .a\t[ 'b' ]", (Step("a"), Step("b"))),
        ("$.items[*].price", (Step("items"), Step(None), Step("price"))),
    ],
)
def test_path_of_the_subset_is_its_steps(text: str, steps: tuple[Step, ...]) -> None:
    assert parse(text).steps == steps


_STEPS = "expected .name, ['name'], .*, [*], [0], ..name or ..*"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "got '', expected a JSON path that begins with $, such as $.updated_at"),
        ("items", "got 'items', expected a JSON path that begins with $, such as $.updated_at"),
        ("$items", f"got 'items' at character 2 of '$items', {_STEPS}"),
        ("$.", f"got '.' at character 2 of '$.', {_STEPS}"),
        ("$.a[]", f"got '[]' at character 4 of '$.a[]', {_STEPS}"),
        ("$[a]", f"got '[a]' at character 2 of '$[a]', {_STEPS}"),
        ("$[01]", f"got '[01]' at character 2 of '$[01]', {_STEPS}"),
        ("$...a", f"got '...a' at character 2 of '$...a', {_STEPS}"),
        ("$.\ud800", r"got '\ud800', expected whole characters: half of a surrogate pair is none"),
        ("$.a ", "got '$.a ', expected no blank at the end"),
        ("$.updated-at", "got '$.updated-at', expected quotes around an odd name: ['updated-at']"),
        ("$.items.0", "got '$.items.0', expected quotes around an odd name: ['0']"),
        ("$..x-y.z", "got '$..x-y.z', expected quotes around an odd name: ['x-y']"),
        ("$.a[?@.b == 1]", f"got a filter in '$.a[?@.b == 1]', which is not supported, {_STEPS}"),
        ("$[?(@.b)]", f"got a filter in '$[?(@.b)]', which is not supported, {_STEPS}"),
        ("$[1:2]", f"got a slice in '$[1:2]', which is not supported, {_STEPS}"),
        ("$[:-1]", f"got a slice in '$[:-1]', which is not supported, {_STEPS}"),
        ("$[-1]", f"got an index from the end in '$[-1]', which is not supported, {_STEPS}"),
        ("$[0,1]", "got a union in '$[0,1]', which is not supported, expected a path for each of its parts"),
        (
            "$['a','b,']",
            "got a union in \"$['a','b,']\", which is not supported, expected a path for each of its parts",
        ),
        (r"$['\ud800']", r"got '\ud800', expected whole characters: half of a surrogate pair is none"),
        ("$" + ".a" * 300, "got 601 characters, expected at most 512"),
    ],
)
def test_other_path_is_refused_with_what_was_expected(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="got") as caught:
        parse(text)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "selected", "others"),
    [
        ("$", [()], [("a",), (0,)]),
        ("$.a", [("a",)], [(), ("b",), ("a", "a"), (0,)]),
        ("$.*", [("a",), (0,)], [(), ("a", "b")]),
        ("$[0]", [(0,)], [(1,), ("0",)]),
        ("$['0']", [("0",)], [(0,)]),
        ("$.items[*].at", [("items", 0, "at"), ("items", 9, "at")], [("items", "at"), ("items", 0), ("items", 0, "b")]),
        ("$..at", [("at",), ("a", 0, "at"), ("at", "at")], [(), ("at", 0)]),
        ("$..*", [("a",), ("a", 0), (0, 0, 0)], [()]),
        ("$..a.b", [("a", "b"), ("a", "a", "b"), ("b", "a", "b")], [("a",), ("a", "c", "b"), ("b",)]),
        ("$..a..b", [("a", "b"), ("a", 0, "b"), ("a", "b", "b")], [("b", "a"), ("b",)]),
    ],
)
def test_path_selects_what_the_standard_says(text: str, selected: list[Location], others: list[Location]) -> None:
    path = parse(text)

    assert [location for location in selected + others if path.matches(location)] == selected


@given(st.lists(st.text(st.characters(codec="utf-8")) | st.integers(0, 999), max_size=8).map(tuple))
def test_every_location_has_a_path_that_selects_it(location: Location) -> None:
    text = "$" + "".join(f"[{json.dumps(key)}]" for key in location)

    assert len(text) > 512 or parse(text).matches(location)


@given(st.text(st.sampled_from("$.[]*'\"ab0-?:,\\u \ud800")) | st.text())
def test_any_text_is_a_path_or_a_value_error(text: str) -> None:
    try:
        parsed = parse(text)
    except ValueError as exc:
        assert str(exc).startswith("got ")  # noqa: PT017  # most texts raise, some do not
    else:
        assert parsed.text == text
