"""What a tester with a valid override is told beside the answer."""

from typing import Any

import pytest

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
