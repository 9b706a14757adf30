"""Nodes of YAML -> plain data, and what programs would read in two ways or in none."""

import pytest

from proxy.routing.yaml_text import Node, Place, parse
from proxy.routing.yaml_values import plain

ALIKE = "a key that is a list, a map, an alias or has a tag, expected text"


def values(text: str) -> tuple[object, list[tuple[Place, int, str]]]:
    """The data in a text, and what was noted: the place, the column and the words."""
    noted: list[tuple[Place, int, str]] = []

    def note(place: Place, node: Node, what: str) -> None:
        noted.append((place, node.start.column, what))

    top = parse(text)
    assert top is not None
    return plain(top, note), noted


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("text", "text"),
        ("GET /orders/{id}", "GET /orders/{id}"),
        ("''", ""),
        ("'5'", "5"),
        ('"true"', "true"),
        ("|-\n  5", "5"),
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("tRUE", "tRUE"),
        ("0", 0),
        ("-0", 0),
        ("+5", 5),
        ("123456789012345678", 123456789012345678),
        ("0.5", 0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("-5.25", -5.25),
        # Text to everybody, or to all but the oldest.
        ("5%", "5%"),
        ("20s", "20s"),
        ("y", "y"),
        ("N", "N"),
        ("one", "one"),
        ("off-site", "off-site"),
        ("1.2.3", "1.2.3"),
        ("10.0.0.7", "10.0.0.7"),
        ("ip", "ip"),
        ("12:60", "12:60"),
        ("0b", "0b"),
        ("1e", "1e"),
        ("=", "="),
        # Text in YAML 1.2, and wanted as text.
        ("2026-12-31", "2026-12-31"),
        ("2026-13-31", "2026-13-31"),
        ("2026-12-31 10:00:00", "2026-12-31 10:00:00"),
        ("[a, [1], {b: true}]", ("a", (1,), {"b": True})),
        ("{}", {}),
        ("[]", ()),
        ("&anchor text", "text"),
    ],
)
def test_value_is_what_every_program_reads(written: str, value: object) -> None:
    data, noted = values(f"k: {written}\n")

    assert (data, noted) == ({"k": value}, [])
    assert isinstance(data, dict)
    assert type(data["k"]) is type(value)


DIGITS = "write plain digits, or put it in quotes if it is text"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("on", "got on, which some programs read as true; write true, or put it in quotes if it is text"),
        ("Yes", "got Yes, which some programs read as true; write true, or put it in quotes if it is text"),
        ("no", "got no, which some programs read as false; write false, or put it in quotes if it is text"),
        ("OFF", "got OFF, which some programs read as false; write false, or put it in quotes if it is text"),
        ("12:30", f"got 12:30, which some programs read in base 60; {DIGITS}"),
        ("190:20:30", f"got 190:20:30, which some programs read in base 60; {DIGITS}"),
        ("010", f"got 010, which programs read as different numbers; {DIGITS}"),
        ("-09", f"got -09, which programs read as different numbers; {DIGITS}"),
        ("0o17", f"got 0o17, which programs read as different numbers; {DIGITS}"),
        ("0x1F", f"got 0x1F, which programs read as different numbers; {DIGITS}"),
        ("0b11", f"got 0b11, which programs read as different numbers; {DIGITS}"),
        ("1_000", f"got 1_000, which some programs read as a number; {DIGITS}"),
        ("1e3", f"got 1e3, which some programs read as a number; {DIGITS}"),
        ("-1.5E+3", f"got -1.5E+3, which some programs read as a number; {DIGITS}"),
        (".inf", f"got .inf, which programs read as no finite number; {DIGITS}"),
        (".NaN", f"got .NaN, which programs read as no finite number; {DIGITS}"),
        (
            "1234567890123456789",
            "got '1234567890123456789', expected at most 18 digits, or quotes if it is text",
        ),
        ("1" * 5000, f"got '{'1' * 78}…, expected at most 18 digits, or quotes if it is text"),
        ("~", "got nothing, expected a value, or no such key at all"),
        ("Null", "got nothing, expected a value, or no such key at all"),
        ("&anchor", "got nothing, expected a value, or no such key at all"),
        ("!mine x", "got the tag '!mine', expected a value without one"),
        ("!!int 1", "got the tag '!!int', expected a value without one"),
        ("!!binary aGk=", "got the tag '!!binary', expected a value without one"),
        (
            "!!python/object/apply:os.abort []",
            "got the tag '!!python/object/apply:os.abort', expected a value without one",
        ),
        ("! x", "got the tag '!', expected a value without one"),
        ("!!set {a, b}", "got the tag '!!set', expected a value without one"),
        ("*other", "got the alias *other, expected what it stands for, written out"),
    ],
)
def test_value_that_programs_read_in_two_ways_or_in_none_is_noted(written: str, says: str) -> None:
    assert values(f"k: {written}\n") == ({"k": None}, [(("k",), 3, says)])


def test_key_without_a_value_is_noted() -> None:
    assert values("k:\nl: x\n") == (
        {"k": None, "l": "x"},
        [(("k",), 2, "got nothing, expected a value, or no such key at all")],
    )


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("1", "got the key 1, expected text; write it in quotes"),
        ("1.5", "got the key 1.5, expected text; write it in quotes"),
        ("on", "got the key on, expected text; write it in quotes"),
        ("true", "got the key true, expected text; write it in quotes"),
        ("~", "got the key ~, expected text; write it in quotes"),
        ("<<", "got the merge key <<, expected the keys themselves, written out"),
        ("[a]", f"got {ALIKE}"),
        ("{a: b}", f"got {ALIKE}"),
        ("!!str a", f"got {ALIKE}"),
        ("*a ", f"got {ALIKE}"),
    ],
)
def test_key_that_is_no_text_is_noted_and_left_out(key: str, says: str) -> None:
    assert values(f"k:\n  {key}: x\n  b: y\n") == ({"k": {"b": "y"}}, [(("k",), 2, says)])


def test_empty_key_is_noted_and_left_out() -> None:
    assert values("? # empty\n: x\nb: y\n") == (
        {"b": "y"},
        [((), 1, "got the key nothing, expected text; write it in quotes")],
    )


@pytest.mark.parametrize("key", ["'1'", '"on"', "'<<'", "2026-12-31", "no-such"])
def test_key_in_quotes_is_text_whatever_it_looks_like(key: str) -> None:
    assert values(f"{key}: x\n") == ({key.strip("'\""): "x"}, [])


def test_key_that_comes_twice_is_noted_where_it_comes_again_and_its_last_value_counts() -> None:
    said = "got this key twice, expected it once"

    assert values("a: 1\n'a': 2\nb: {c: 1, d: 2, c: 3}\n") == (
        {"a": 2, "b": {"c": 3, "d": 2}},
        [(("a",), 0, said), (("b", "c"), 16, said)],
    )


def test_few_lines_of_aliases_do_not_stand_for_gigabytes() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]

    _, noted = values("\n".join(lines))

    assert len(noted) == 9 * 9


def test_alias_of_what_it_stands_in_ends() -> None:
    data, noted = values("a: &self [*self, {b: *self}]\n")

    assert (data, [place for place, _, _ in noted]) == ({"a": (None, {"b": None})}, [("a", 0), ("a", 1, "b")])
