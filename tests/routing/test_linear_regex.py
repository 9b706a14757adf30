"""Expressions take out what Python's own would, and no text holds them up."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.linear_regex import MOST_MATCHES, LinearRegex, check

# What routes.yaml, the README and the tests of comparing have, and what people write besides.
PATTERNS = (
    "^https?://[^/]+",
    "[?]v=[0-9]+$",
    "v[0-9]+$",
    "[0-9]+",
    ".*",
    "^",
    "a",
    "a|ab",
    "(a+)+$",
    "x*",
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]{5})",
    r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    r"\bid=\w+",
    r"\s+",
    r"\d+(\.\d+)?",
    "a.*?b",
    "(?P<a>a)(?:b|c)?",
    "(?s)a.b",
    "(?m)^a|b$",
    "[^a-z]+",
    "é|ß",
)
TEXTS = st.text("aabbcx019-:.?=/vé߀😀Tid Z+") | st.sampled_from(
    (
        "https://shop.example/a?v=12",
        "2026-11-27T05:00:00Z",
        "f47ac10b-58cc-4372-a567-0e02b2c3d479",
        "id=abc9 id=7",
        "1.25 and 7",
    )
)


@given(st.sampled_from(PATTERNS), TEXTS)
def test_text_without_what_matches_is_the_one_that_pythons_own_expressions_leave(pattern: str, text: str) -> None:
    """In ASCII digits, letters and blanks, and in one line: else \\d, \\w, \\s and $ are wider in Python."""
    assert LinearRegex(pattern).removed_from(text) == re.compile(pattern, re.ASCII).sub("", text)


@given(st.sampled_from(PATTERNS), st.text(st.characters()))
def test_any_text_leaves_a_text_that_is_no_longer(pattern: str, text: str) -> None:
    left = LinearRegex(pattern).removed_from(text)

    assert left.encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass") == left
    assert len(left) <= len(text)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "(a*)*$", "(.*a){20}$", "([a-z]+)*[0-9]"])
def test_expression_that_would_backtrack_without_end_is_through_at_once(pattern: str) -> None:
    """With Python's own, thirty letters take minutes, and a hundred thousand more than there are."""
    text = "a" * 100_000 + "!"

    assert LinearRegex(pattern).removed_from(text)[-1] == "!"


def test_text_with_matches_that_each_read_all_of_it_is_left_after_the_thousandth() -> None:
    text = "a" * 1_000_000

    assert LinearRegex("a[^b]*b|a").removed_from(text) == "a" * (1_000_000 - MOST_MATCHES)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(?=a)", "invalid perl operator: (?="),
        ("(?<!a)b", "invalid perl operator: (?<!"),
        (r"(a)\1", r"invalid escape sequence: \1"),
        ("a++", "bad repetition operator: ++"),
        ("a{1001}", "invalid repetition size: {1001}"),
        ("(", "missing ): ("),
        ("\ud800", "half of a surrogate pair is no character"),
    ],
)
def test_expression_that_is_not_linear_is_refused_with_the_reason_and_a_cure(pattern: str, reason: str) -> None:
    with pytest.raises(ValueError, match="expected a regular expression of RE2") as refused:
        check(pattern)

    assert str(refused.value).endswith(
        "expected a regular expression of RE2, which has no look-around and no backreference: "
        f"{reason}; match what stands around it as well, or ignore the path"
    )


def test_half_of_a_surrogate_pair_is_no_trouble_in_a_text() -> None:
    assert LinearRegex("a").removed_from("a\ud800a") == "\ud800"


def test_engine_is_loaded_by_the_first_expression_and_no_sooner() -> None:
    script = """
import sys
import proxy.lambda_http, proxy.shadow.run
from proxy.shadow.rules import Rules
Rules.of({"ignore": ["$.a"], "tolerance": {"$.b": 1}})
before = "re2" in sys.modules
Rules.of({"normalise": {"$.a": "x"}})
print(before, "re2" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)

    assert (done.stdout, done.stderr, done.returncode) == ("False True\n", "", 0)
