"""What a tester with a valid override is told beside the answer."""

import json
from decimal import Decimal
from typing import Any

import pytest

from proxy.dev.front_doors.result_v2 import parse
from proxy.events.side_mark import marked
from proxy.message import Dialect, Headers, Response

ANSWER = Response(200, Headers(((b"etag", b"1"),)), b"[]")


@pytest.mark.parametrize(
    ("code", "marks"),
    [
        ("8", ((b"x-fig-side", b"legacy"), (b"x-fig-code", b"8"))),
        ("", ((b"x-fig-side", b"legacy"),)),
    ],
)
def test_answer_names_its_side_and_the_code(code: str, marks: tuple[tuple[bytes, bytes], ...]) -> None:
    """A contract's result is of the code that gave the answers."""
    assert marked(ANSWER, "legacy", code, "2.0").headers.pairs == ((b"etag", b"1"), *marks)


@pytest.mark.parametrize(
    ("dialect", "result", "added"),
    [
        ("2.0", {"headers": {"etag": "1"}}, {"headers": {"etag": "1", "x-fig-side": "migrated", "x-fig-code": "8"}}),
        ("1.0", {}, {"headers": {"x-fig-side": "migrated", "x-fig-code": "8"}}),
        ("alb", {}, {"multiValueHeaders": {"x-fig-side": ["migrated"], "x-fig-code": ["8"]}}),
    ],
)
def test_result_of_a_handler_names_them_in_its_dialect(
    dialect: Dialect,
    result: dict[str, Any],  # Any: JSON of the dialect
    added: dict[str, Any],
) -> None:
    whole = {"statusCode": 200, **result}

    response = marked(Response(200, Headers(), b"", result=whole), "migrated", "8", dialect)

    assert response.result == {**whole, **added}


@pytest.mark.parametrize(
    ("result", "body"),
    [
        ("hello", "hello"),
        ({"a": 1, "b": "é", "c": Decimal("1.5")}, '{"a": 1, "b": "é", "c": 1.5}'),
        ([1, None], "[1, null]"),
        (None, "null"),
        ({"headers": {"etag": "1"}}, '{"headers": {"etag": "1"}}'),
    ],
)
def test_result_without_a_status_is_a_body_and_gets_them_all_the_same(result: object, body: str) -> None:
    """As payload 2.0 reads it; or a contract would say that nobody has told which side has answered."""
    response = marked(Response(200, Headers(), b"", result=result), "migrated", "", "2.0")

    assert response.result == {
        "statusCode": 200,
        "headers": {"content-type": "application/json", "x-fig-side": "migrated"},
        "body": body,
    }
    answer, bare = parse(json.dumps(response.result).encode()), parse(json.dumps(result, default=float).encode())
    assert answer.status == bare.status
    assert [pair for pair in answer.headers if pair[0] != b"x-fig-side"] == [
        (name.lower(), value) for name, value in bare.headers
    ]
    if isinstance(result, str):
        assert answer.body == bare.body
    else:
        assert json.loads(answer.body) == json.loads(bare.body)


def test_headers_alone_are_a_result_of_a_rest_api() -> None:
    response = marked(Response(200, Headers(), b"", result={"headers": {"etag": "1"}}), "migrated", "", "1.0")

    assert response.result == {"headers": {"etag": "1", "x-fig-side": "migrated"}}
