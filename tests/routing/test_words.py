"""How values are shown, and what a mistyped word may have meant."""

import pytest

from proxy.routing.words import did_you_mean, flow, hint, shown

STAGES = ("legacy", "shadow", "canary", "live", "migrated", "retired")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        (True, "true"),
        (1.0, "1.0"),
        (0.1, "0.1"),
        (-5, "-5"),
        ((), "[]"),
        ({}, "{}"),
        ({"ignore": ("$.updated_at", "$.a b")}, "{ignore: [$.updated_at, $.a b]}"),
        ({"header": {"x": "a, b"}}, "{header: {x: 'a, b'}}"),
        (
            ["", " a", "a: b", "a\nb", "a:", "-a", "*", "GET /{id}"],
            r"['', ' a', a: b, 'a\nb', 'a:', '-a', '*', 'GET /{id}']",
        ),
        ("\x1b[31m", r"'\x1b[31m'"),
    ],
)
def test_value_is_written_as_yaml_on_one_line(value: object, text: str) -> None:
    assert flow(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "'a'"),
        ("a\nb\x1b", r"'a\nb\x1b'"),
        (7, "7"),
        ("x" * 78, f"'{'x' * 78}'"),
        ("x" * 79, f"'{'x' * 78}…"),
        ("x" * 10_000_000, f"'{'x' * 78}…"),
        (["x" * 100], f"[{'x' * 78}…"),
    ],
)
def test_got_value_is_shown_in_at_most_80_characters(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("migratd", "migrated"),
        ("Migrated", "migrated"),
        ("CANARY", "canary"),
        ("shadw", "shadow"),
        ("blue", None),
        ("", None),
        (7, None),
        ("migrated" * 100, None),
    ],
)
def test_known_word_that_is_near_was_meant_whatever_its_case(word: object, meant: str | None) -> None:
    assert did_you_mean(word, STAGES) == meant


def test_hint_is_a_question_or_nothing() -> None:
    assert (hint("lve", STAGES), hint("blue", STAGES)) == (" – did you mean 'live'?", "")
