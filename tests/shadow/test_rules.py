"""What rules may say, and every problem that is told of wrong ones."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.shadow.rules import NO_RULES, Problem, Rules, problems
from tests.shadow.answers import JSON


def test_rules_of_every_kind_are_taken() -> None:
    rules = Rules.of(
        {
            "ignore": ["$.updated_at"],
            "unordered": ("$.items",),
            "tolerance": {"$.total": 0.01, "$.count": 1},
            "normalise": {"$.url": "[?]v=[0-9]+$"},
            "rename": {"$.total": "totalAmount"},
            "headers": ["ETag", "etag", "X-Tenant"],
            "values": True,
        }
    )

    assert (rules.headers, rules.values) == ((b"etag", b"x-tenant"), True)


def test_rules_of_nothing_compare_everything_and_show_nothing() -> None:
    rules = Rules.of({})

    assert (rules.root.is_free, rules.headers, rules.values) == (True, (), False)
    assert (NO_RULES.root.is_free, NO_RULES.headers, NO_RULES.values) == (True, (), False)


def test_rules_of_one_side_are_all_but_the_renames() -> None:
    rules = Rules.of({"ignore": ["$.at"], "rename": {"$.old": "new"}, "headers": ["etag"], "values": True})
    legacy = rules.of_one_side

    assert (rules.has_renames, legacy.has_renames) == (True, False)
    assert (legacy.headers, legacy.values, legacy.root.child("at").ignored) == ((b"etag",), True, True)
    assert (rules.root.child("old").renamed, legacy.root.child("old").renamed) == ("new", "")


_FIELDS = "expected one of ignore, unordered, tolerance, normalise, rename, headers, values"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({}, []),
        ([], [("", None, "got [], expected a map of rules, such as {ignore: [$.updated_at]}")]),
        ({"ignroe": []}, [("ignroe", None, f"got the field 'ignroe', {_FIELDS} – did you mean 'ignore'?")]),
        (
            {"ignore": "$.at"},
            [("ignore", None, "got '$.at', expected a list of JSON paths, such as [$.updated_at]")],
        ),
        (
            {"ignore": ["$.a", "at", 7]},
            [
                ("ignore", 1, "got 'at', expected a JSON path that begins with $, such as $.updated_at"),
                ("ignore", 2, "got 7, expected a JSON path, such as $.updated_at"),
            ],
        ),
        (
            {"unordered": {"$.a": 1}},
            [("unordered", None, "got {$.a: 1}, expected a list of JSON paths, such as [$.items]")],
        ),
        (
            {"tolerance": {"$.a": -1, "$.b": True, "$.c": "1", "$.d": float("nan"), "$.e": 10**400, "$.f": 0}},
            [
                ("tolerance", "$.a", "got -1, expected a number from 0 on, such as 0.01"),
                ("tolerance", "$.b", "got true, expected a number from 0 on, such as 0.01"),
                ("tolerance", "$.c", "got '1', expected a number from 0 on, such as 0.01"),
                ("tolerance", "$.d", "got nan, expected a number from 0 on, such as 0.01"),
                ("tolerance", "$.e", f"got 1{'0' * 78}…, expected a number from 0 on, such as 0.01"),
            ],
        ),
        (
            {"normalise": {"$.a": "(", "$.b": "", "$.c": "x" * 1001, "$.d": "(?=a)", "$.e": "a"}},
            [
                (
                    "normalise",
                    "$.a",
                    "got '(', expected a regular expression of RE2, which has no look-around and no backreference: "
                    "missing ): (; match what stands around it as well, or ignore the path",
                ),
                ("normalise", "$.b", "got '', expected a regular expression, such as '[?]v=[0-9]+$'"),
                ("normalise", "$.c", "got 1001 characters, expected at most 1000"),
                (
                    "normalise",
                    "$.d",
                    "got '(?=a)', expected a regular expression of RE2, which has no look-around and no backreference: "
                    "invalid perl operator: (?=; match what stands around it as well, or ignore the path",
                ),
            ],
        ),
        (
            {"rename": {"$.a": "", "$.b[0]": "c", "$": "d", "$.*": "e", "$.x": "z", "$.y": "z", "$.x.y": "z"}},
            [
                ("rename", "$.a", "got '', expected the name that the migrated answer has for it, such as totalAmount"),
                (
                    "rename",
                    "$.b[0]",
                    "got '$.b[0]', expected a path that ends in the name of a member, such as $.total",
                ),
                ("rename", "$", "got '$', expected a path that ends in the name of a member, such as $.total"),
                ("rename", "$.*", "got '$.*', expected a path that ends in the name of a member, such as $.total"),
                ("rename", "$.y", "got 'z', which $.x is called already, expected another name"),
            ],
        ),
        (
            {"headers": ["etag", "a b", 7], "values": 1},
            [
                ("headers", 1, "got 'a b', expected the name of a header, such as etag"),
                ("headers", 2, "got 7, expected the name of a header, such as etag"),
                ("values", None, "got 1, expected true or false"),
            ],
        ),
    ],
)
def test_every_problem_is_told_with_its_field_and_item(data: Any, found: list[tuple[str, Any, str]]) -> None:
    assert list(problems(data)) == [Problem(*problem) for problem in found]


def test_rules_with_problems_are_refused_with_all_of_them() -> None:
    with pytest.raises(ValueError, match="ignore") as caught:
        Rules.of({"ignore": ["at"], "tolerance": {"$.a": -1}, "values": 1})

    assert str(caught.value).splitlines() == [
        "ignore 0: got 'at', expected a JSON path that begins with $, such as $.updated_at",
        "tolerance $.a: got -1, expected a number from 0 on, such as 0.01",
        "values: got 1, expected true or false",
    ]


@given(
    st.dictionaries(
        st.sampled_from(["ignore", "unordered", "tolerance", "normalise", "rename", "headers", "values"]),
        JSON | st.lists(st.sampled_from(["$.a", "$", "$..*", "x"])) | st.dictionaries(st.just("$.a"), JSON),
    )
)
def test_any_data_is_rules_or_has_problems(data: dict[str, Any]) -> None:
    if list(problems(data)):
        with pytest.raises(ValueError, match="got"):
            Rules.of(data)
    else:
        Rules.of(data)
