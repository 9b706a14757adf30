"""Which differences two answers have: rule by rule, case by case, as whole lists."""

import json
from typing import Any

import pytest

from proxy.message import Headers
from proxy.shadow.compare import Answer, compare
from proxy.shadow.difference import MISSING
from proxy.shadow.rules import NO_RULES, Rules
from tests.shadow.answers import JSON_TYPE, answer, differences, outline, sides

A = {"id": 1, "v": "a"}
B = {"id": 2, "v": "b"}
C = {"id": 3, "v": "c"}


@pytest.mark.parametrize(
    ("control", "candidate", "found"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
        ({"a": 1}, {}, [("missing", "$.a", 1, MISSING)]),
        ({"a": None}, {}, [("missing", "$.a", None, MISSING)]),
        ({}, {"a": None}, [("extra", "$.a", MISSING, None)]),
        ({"a": 1}, {"a": 2}, [("value", "$.a", 1, 2)]),
        ({"a": 1}, {"a": "1"}, [("type", "$.a", 1, "1")]),
        ({"a": None}, {"a": ""}, [("type", "$.a", None, "")]),
        ({"a": 1}, {"a": True}, [("type", "$.a", 1, True)]),
        (
            {"a": [0, {"b": 0}]},
            {"a": [False, {"b": False}]},
            [("type", "$.a[*]", 0, False), ("type", "$.a[*].b", 0, False)],
        ),
        ({"a": {}}, {"a": []}, [("type", "$.a", {}, [])]),
        ({"a": {"b": [{"c": 1}]}}, {"a": {"b": [{"c": 2}]}}, [("value", "$.a.b[*].c", 1, 2)]),
        ([[1, 2], [3]], [[1, 2], [4]], [("value", "$[*][*]", 3, 4)]),
        ("a", "b", [("value", "$", "a", "b")]),
        (1, 1.0, []),
        (100, 1e2, []),
        (0, -0.0, []),
        (2**53 + 1, 2.0**53, [("value", "$", 2**53 + 1, 2.0**53)]),
        (10**400, 10**400 + 1, [("value", "$", 10**400, 10**400 + 1)]),
        (float("nan"), float("nan"), []),
        (float("inf"), float("-inf"), [("value", "$", float("inf"), float("-inf"))]),
        ("\ud800", "\ud800", []),
        ("\ud800", "\udfff", [("value", "$", "\ud800", "\udfff")]),
        ("é", "e\u0301", [("value", "$", "é", "e\u0301")]),
        ({"O-5001": 1}, {}, [("missing", "$.*", 1, MISSING)]),
    ],
)
def test_json_differs_at_its_path(control: Any, candidate: Any, found: list[Any]) -> None:
    assert sides(differences(control, candidate)) == found


@pytest.mark.parametrize(
    ("control", "candidate", "found"),
    [
        ([1, 2, 3], [3, 1, 2], [("order", "$", [1, 2, 3], [3, 1, 2])]),
        ([1, 1, 2], [1, 2, 2], [("value", "$[*]", 1, 2)]),
        ([1, 2, 3], [1, 3], [("missing", "$[*]", 2, MISSING)]),
        ([1, 3], [1, 2, 3], [("extra", "$[*]", MISSING, 2)]),
        ([], [0], [("extra", "$[*]", MISSING, 0)]),
        ([1, True], [True, 1], [("order", "$", [1, True], [True, 1])]),
        ([1, 2, 3], [4, 5, 6], [("value", "$[*]", 1, 4)]),
        ([A, B, C], [A, C], [("missing", "$[*]", B, MISSING)]),
        ([A, B], [B, A], [("order", "$", [A, B], [B, A])]),
        (
            [A, B, C],
            [C, {**A, "v": "x"}, B],
            [("order", "$", [A, B, C], [C, {**A, "v": "x"}, B]), ("value", "$[*].v", "a", "x")],
        ),
        ([A, B], [A, {**B, "v": "x"}], [("value", "$[*].v", "b", "x")]),
        ([A, B], [{**B, "v": "x"}], [("value", "$[*].v", "b", "x"), ("missing", "$[*]", A, MISSING)]),
        ([A, A, B], [A, B, B], [("value", "$[*].id", 1, 2), ("value", "$[*].v", "a", "b")]),
        (
            [{"id": "same", "sku": "x", "n": 1}, {"id": "same", "sku": "y", "n": 2}],
            [{"id": "same", "sku": "y", "n": 2}, {"id": "same", "sku": "x", "n": 3}],
            [
                (
                    "order",
                    "$",
                    [{"id": "same", "sku": "x", "n": 1}, {"id": "same", "sku": "y", "n": 2}],
                    [{"id": "same", "sku": "y", "n": 2}, {"id": "same", "sku": "x", "n": 3}],
                ),
                ("value", "$[*].n", 1, 3),
            ],
        ),
    ],
)
def test_list_is_compared_in_order_with_elements_of_one_id_paired(
    control: Any, candidate: Any, found: list[Any]
) -> None:
    assert sides(differences(control, candidate)) == found


@pytest.mark.parametrize(
    ("rules", "control", "candidate", "found"),
    [
        # ignore: the node, and all below it
        ({"ignore": ["$.at"]}, {"at": 1, "b": 1}, {"at": 2, "b": 2}, [("value", "$.b")]),
        ({"ignore": ["$.at"]}, {"at": 1}, {}, []),
        ({"ignore": ["$.at"]}, {}, {"at": {"x": [1]}}, []),
        ({"ignore": ["$.at"]}, {"at": {"x": [1]}}, {"at": {"x": [2]}}, []),
        ({"ignore": ["$.at"]}, {"a": {"at": 1}}, {"a": {"at": 2}}, [("value", "$.a.at")]),
        ({"ignore": ["$..at"]}, {"at": 1, "a": [{"at": 1}]}, {"at": 2, "a": [{}]}, []),
        ({"ignore": ["$.*.at"]}, {"a": {"at": 1}, "at": 1}, {"a": {"at": 2}, "at": 2}, [("value", "$.at")]),
        ({"ignore": ["$.xs[*]"]}, {"xs": [1, 2]}, {"xs": []}, []),
        ({"ignore": ["$.xs[0]"]}, {"xs": [1, 2]}, {"xs": [3, 4]}, [("value", "$.xs[*]")]),
        ({"ignore": ["$.xs[0]"]}, {"xs": [1, 2]}, {"xs": [3, 2]}, []),
        ({"ignore": ["$['x-y']"]}, {"x-y": 1}, {"x-y": 2}, []),
        ({"ignore": ["$"]}, {"a": 1}, [], []),
        ({"ignore": ["$..*"]}, {"a": 1, "b": [1]}, {}, []),
        # unordered: exactly that list
        ({"unordered": ["$.xs"]}, {"xs": [1, 2, 2]}, {"xs": [2, 1, 2]}, []),
        ({"unordered": ["$.xs"]}, {"xs": [1, 2, 2]}, {"xs": [2, 1, 1]}, [("value", "$.xs[*]")]),
        ({"unordered": ["$.xs"]}, {"xs": [1, True, None]}, {"xs": [None, 1, True]}, []),
        ({"unordered": ["$.xs"]}, {"xs": [[1, 2]]}, {"xs": [[2, 1]]}, [("order", "$.xs[*]")]),
        ({"unordered": ["$.xs", "$.xs[*]"]}, {"xs": [[1, 2], [3]]}, {"xs": [[3], [2, 1]]}, []),
        ({"unordered": ["$..*"]}, {"xs": [{"y": [1, 2]}, 3]}, {"xs": [3, {"y": [2, 1]}]}, []),
        ({"unordered": ["$"]}, [A, B, C], [C, {**A, "v": "x"}, B], [("value", "$[*].v")]),
        ({"unordered": ["$"]}, [A, B], [C, B, A], [("extra", "$[*]")]),
        ({"unordered": ["$"]}, [A, B], [C, A], [("value", "$[*].id"), ("value", "$[*].v")]),
        ({"unordered": ["$"], "ignore": ["$[*].id"]}, [A, B], [{"id": 9, "v": "b"}, {"id": 8, "v": "a"}], []),
        # tolerance: two numbers, as they are written
        ({"tolerance": {"$.n": 0.01}}, {"n": 1.01}, {"n": 1.00}, []),
        ({"tolerance": {"$.n": 0.01}}, {"n": 1}, {"n": 0.99}, []),
        ({"tolerance": {"$.n": 0.01}}, {"n": 1.02}, {"n": 1}, [("value", "$.n")]),
        ({"tolerance": {"$.n": 1}}, {"n": 10**400}, {"n": 10**400 + 1}, []),
        ({"tolerance": {"$.n": 1}}, {"n": 10**400}, {"n": 0.5}, [("value", "$.n")]),
        ({"tolerance": {"$.n": 1}}, {"n": float("nan")}, {"n": float("nan")}, []),
        ({"tolerance": {"$.n": 1}}, {"n": float("inf")}, {"n": 1e308}, [("value", "$.n")]),
        ({"tolerance": {"$.n": 1}}, {"n": 1}, {"n": True}, [("type", "$.n")]),
        ({"tolerance": {"$.n": 1}}, {"n": 1}, {"n": "1"}, [("type", "$.n")]),
        ({"tolerance": {"$.n": 1}}, {"n": None}, {"n": 0}, [("type", "$.n")]),
        ({"tolerance": {"$.n": 1}}, {"n": {"n": 1}}, {"n": {"n": 2}}, [("value", "$.n.n")]),
        ({"tolerance": {"$.xs[*]": 0.1}}, {"xs": [1, 1.05]}, {"xs": [1.05, 1]}, []),
        ({"tolerance": {"$.xs[*]": 0.1}}, {"xs": [1, 2]}, {"xs": [2.05, 1.05]}, [("order", "$.xs")]),
        ({"tolerance": {"$.xs[*]": 0.1}, "unordered": ["$.xs"]}, {"xs": [1, 2]}, {"xs": [2.05, 1.05]}, []),
        (
            {"tolerance": {"$.xs[*]": 0.1}, "unordered": ["$.xs"]},
            {"xs": [1, 5, 9]},
            {"xs": [9.05, 1.05]},
            [("missing", "$.xs[*]")],
        ),
        (
            {"tolerance": {"$[*].xs[*].v": 1}, "unordered": ["$[*].xs"]},
            [{"xs": [{"id": "a", "v": 1}, {"id": "b", "v": 5}]}],
            [{"xs": [{"id": "b", "v": 1}, {"id": "a", "v": 5}]}],
            [("value", "$[*].xs[*].v")],
        ),
        # normalise: what matches is taken out of a text
        ({"normalise": {"$.url": "[?]v=[0-9]+$"}}, {"url": "/a?v=1"}, {"url": "/a?v=22"}, []),
        ({"normalise": {"$.url": "[?]v=[0-9]+$"}}, {"url": "/a?v=1"}, {"url": "/b?v=1"}, [("value", "$.url")]),
        ({"normalise": {"$.url": "v"}}, {"url": {"v": "v"}}, {"url": {"v": "vv"}}, [("value", "$.url.v")]),
        ({"normalise": {"$.url": "1"}}, {"url": 1}, {"url": "1"}, [("type", "$.url")]),
        ({"normalise": {"$..t": "x", "$.t": "y"}}, {"t": "axy"}, {"t": "ya"}, []),
        ({"normalise": {"$.xs[*]": "x"}, "unordered": ["$.xs"]}, {"xs": ["ax", "b"]}, {"xs": ["xb", "a"]}, []),
        # rename: legacy's member has another name in the migrated answer; paths have legacy's names; equal bytes do not
        # make a name that has not changed right
        ({"rename": {"$.old": "new"}}, {"old": 1}, {"new": 1}, []),
        ({"rename": {"$.old": "new"}}, {"old": 1}, {"new": 2}, [("value", "$.old")]),
        ({"rename": {"$.old": "new"}}, {"old": 1}, {"old": 1}, [("missing", "$.old"), ("extra", "$.old")]),
        ({"rename": {"$.old": "new"}}, {}, {"new": 1}, [("extra", "$.old")]),
        ({"rename": {"$.old": "new"}}, {"old": 1, "new": 2}, {"new": 1}, [("missing", "$.new")]),
        ({"rename": {"$.old": "new"}, "ignore": ["$.old.at"]}, {"old": {"at": 1}}, {"new": {"at": 2}}, []),
        ({"rename": {"$.old": "new"}, "ignore": ["$.old"]}, {"old": 1}, {"old": 2}, []),
        ({"rename": {"$.a": "b", "$.b": "a"}}, {"a": 1, "b": 2}, {"a": 2, "b": 1}, []),
        ({"rename": {"$..old": "new"}}, {"old": {"old": 1}}, {"new": {"new": 1}}, []),
        ({"rename": {"$[*].id": "key"}}, [A, B], [{"key": 2, "v": "x"}], [("value", "$[*].v"), ("missing", "$[*]")]),
        (
            {"rename": {"$[*].id": "key"}, "unordered": ["$"]},
            [A, B],
            [{"key": 2, "v": "b"}, {"key": 1, "v": "a"}],
            [],
        ),
    ],
)
def test_rule_holds_where_its_path_says(
    rules: dict[str, Any], control: Any, candidate: Any, found: list[tuple[str, str]]
) -> None:
    assert outline(differences(control, candidate, **rules)) == found


@pytest.mark.parametrize(
    ("control", "candidate", "found"),
    [
        (answer(1), answer(1, status=201), [("status", "status", 200, 201)]),
        (answer(1, (b"ETag", b"a")), answer(1, (b"etag", b"a")), []),
        (answer(1, (b"ETag", b"a")), answer(1, (b"etag", b"b")), [("header", "header:etag", ("a",), ("b",))]),
        (answer(1, (b"ETag", b"a")), answer(1), [("header", "header:etag", ("a",), MISSING)]),
        (answer(1), answer(1, (b"etag", b"")), [("header", "header:etag", MISSING, ("",))]),
        (
            answer(1, (b"vary", b"a"), (b"Vary", b"b")),
            answer(1, (b"vary", b"b"), (b"Vary", b"a")),
            [("header", "header:vary", ("a", "b"), ("b", "a"))],
        ),
        (
            answer(1, (b"vary", b"a"), (b"Vary", b"b")),
            answer(1, (b"vary", b"a, b")),
            [("header", "header:vary", ("a", "b"), ("a, b",))],
        ),
        (answer(1, (b"date", b"a")), answer(1, (b"date", b"b")), []),
        (
            answer({"a": 1}, (b"etag", b"a"), status=200),
            answer({"a": 2}, (b"etag", b"b"), status=500),
            [("status", "status", 200, 500), ("header", "header:etag", ("a",), ("b",)), ("value", "$.a", 1, 2)],
        ),
    ],
)
def test_status_and_chosen_headers_are_compared(control: Answer, candidate: Answer, found: list[Any]) -> None:
    assert sides(compare(Rules.of({"headers": ["ETag", "vary"]}), control, candidate)) == found


def test_ignored_whole_body_is_ignored_whatever_it_is() -> None:
    rules = Rules.of({"ignore": ["$"]})

    assert compare(rules, answer(1, media_type=b"application/pdf"), answer(2, media_type=b"application/pdf")) == []


def test_difference_at_one_path_is_told_once_with_its_first_example() -> None:
    found = differences([{"n": n} for n in range(9)], [{"n": n + 9} for n in range(9)])

    assert sides(found) == [("value", "$[*].n", 0, 9)]


def test_at_most_200_differences_are_told() -> None:
    names = ["".join(pair) for pair in zip("abcdefghijklmnopqrst" * 20, "abcdefghijklmnopqrstuvw" * 20, strict=False)]

    found = differences(dict.fromkeys(names, 1), dict.fromkeys(names, 2))

    assert len(set(names)) > 200
    assert len(found) == len(set(found)) == 200


def test_answer_and_difference_show_no_data_in_a_log() -> None:
    one = Answer(200, Headers(((b"cookie", b"secret"),)), json.dumps({"a": "secret"}).encode())
    [found] = compare(NO_RULES, one._replace(headers=Headers((JSON_TYPE,))), answer({"a": "other"}))

    assert (repr(one), repr(found), repr(MISSING)) == (
        "<Answer 200 15 bytes>",
        "<Difference value $.a>",
        "<missing>",
    )
