"""Paths tell of the schema, never of the data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.json_path import Key, parse
from proxy.shadow.difference import CUT, MOST_STEPS, Path, flattened


@pytest.mark.parametrize(
    "name",
    ["id", "_links", "updatedAt", "address2", "line_1", "sha256", "facade", "oauth2ClientRegistration", "x" * 40],
)
def test_name_of_a_field_is_shown(name: str) -> None:
    assert flattened(name) == f".{name}"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "7",
        "2026-11-27",
        "O-5001",
        "user_12345",
        "anna@example.com",
        "Anna Muster",
        "+41791234567",
        "ä",
        "a.b",
        "x" * 41,
        "deadbeef01",
        "a1b2c3",
        "f47ac10b-58cc-4372-a567-0e02b2c3d479",
        "AKIAIOSFODNN7EXAMPLE",
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        "eyJhbGciOiJIUzI1NiJ9",
    ],
)
def test_name_that_may_be_data_is_not_shown(name: str) -> None:
    assert flattened(name) == ".*"


def test_index_is_not_shown_and_odd_names_are_quoted_as_in_rules() -> None:
    assert (flattened(0), flattened(17), flattened("updated-at")) == ("[*]", "[*]", "['updated-at']")


def test_path_past_twelve_steps_is_cut() -> None:
    path = Path()
    texts = []
    for _ in range(MOST_STEPS + 3):
        path = path.child("a")
        texts.append(path.text)

    assert texts[-4:] == ["$" + ".a" * 12, "$" + ".a" * 12 + "…", "$" + ".a" * 12 + "…", "$" + ".a" * 12 + "…"]


@given(st.lists(st.text() | st.from_regex(r"[a-z_-]{1,9}", fullmatch=True) | st.integers(0, 99), max_size=14))
def test_path_is_the_rule_that_selects_its_node(keys: list[Key]) -> None:
    path = Path()
    for key in keys:
        path = path.child(key)

    assert path.text.endswith(CUT) == (len(keys) > MOST_STEPS)
    assert parse(path.text.removesuffix(CUT)).matches(tuple(keys[:MOST_STEPS]))
