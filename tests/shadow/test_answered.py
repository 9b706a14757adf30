"""A handler's result is compared as what a client would have got of it: the local front doors say what that is."""

import json
from base64 import b64encode
from typing import Any

import pytest

from proxy.dev.front_doors import alb_result, result_v1, result_v2
from proxy.message import Dialect, Headers, Request, Response
from proxy.shadow.answered import answer_of
from proxy.shadow.compare import Answer
from tests.samples import request

TEXT = {"statusCode": 200, "headers": {"Content-Type": "text/plain", "X-A": "1"}, "body": "gr\u00fc\u00df"}
RESULTS: list[tuple[Dialect, Any]] = [  # Any: whatever a handler may return
    ("2.0", {"statusCode": 200}),
    ("2.0", {"statusCode": "404", "body": None}),
    ("2.0", TEXT),
    ("2.0", {"statusCode": 201, "headers": {"X-N": 1, "X-B": True}, "cookies": ["a=1", "b=2"], "body": "{}"}),
    ("2.0", {"statusCode": 200, "body": b64encode(b"\xff\x00").decode(), "isBase64Encoded": True}),
    ("2.0", {"statusCode": 200, "multiValueHeaders": {"X-A": ["1"]}, "body": "x"}),
    ("2.0", {"hello": "world"}),
    ("2.0", "hello"),
    ("2.0", [1, 2]),
    ("2.0", None),
    ("2.0", 7),
    ("1.0", {"statusCode": 200}),
    ("1.0", TEXT),
    ("1.0", {"headers": {"X-A": "1"}}),
    ("1.0", {"statusCode": 200, "headers": {"X-A": "3"}, "multiValueHeaders": {"X-A": ["1", "2"]}, "body": "x"}),
    ("1.0", {"statusCode": 200, "body": b64encode(b"\xff\x00").decode(), "isBase64Encoded": True}),
    ("alb", {"statusCode": 200, "multiValueHeaders": {"X-A": ["1", "2"], "Content-Type": ["a/b"]}, "body": "x"}),
    ("alb-single", {"statusCode": 200, "headers": {"X-A": "1", "Content-Type": "a/b"}, "body": "x"}),
]


@pytest.mark.parametrize(("dialect", "result"), RESULTS)
def test_result_is_the_answer_that_its_front_door_makes_of_it(dialect: Dialect, result: Any) -> None:
    status = result.get("statusCode", 200) if isinstance(result, dict) else 200

    answer = answer_of(Response(int(status), Headers(), b"", result=result), asking(dialect))

    assert (answer.status, tidy(answer.headers.pairs), body_of(answer)) == at_the_door(dialect, result)


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_answer_without_a_body_has_none_whatever_the_handler_returned(method: str, status: int) -> None:
    response = Response(status, Headers(), b"", result={"statusCode": status, "body": "x"})

    assert answer_of(response, asking("2.0", method)).body == b""


def test_answer_of_legacy_is_what_it_is() -> None:
    response = Response(201, Headers(((b"X-A", b"1"),)), b"body")

    assert answer_of(response, asking("2.0")) == Answer(201, response.headers, b"body")


def asking(dialect: Dialect, method: str = "GET") -> Request:
    asked = request(method)
    return Request(**{**{name: getattr(asked, name) for name in asked.__dataclass_fields__}, "dialect": dialect})


def at_the_door(dialect: Dialect, result: Any) -> tuple[int, list[tuple[bytes, bytes]], object]:  # Any: see above
    payload = json.dumps(result).encode()
    if dialect == "2.0":
        made = result_v2.parse(payload)
    elif dialect == "1.0":
        made = result_v1.parse(payload, is_binary=True)
    else:
        made = alb_result.parse(payload, is_multi_value=dialect == "alb")
    return made.status, tidy(made.headers), body_of(Answer(made.status, Headers(tuple(made.headers)), made.body))


def tidy(pairs: Any) -> list[tuple[bytes, bytes]]:  # Any: of either side
    """Headers whose order and case do not matter here."""
    return sorted((name.lower(), value) for name, value in pairs)


def body_of(answer: Answer) -> object:
    """JSON as what it says: two writers space it differently."""
    try:
        return json.loads(answer.body)
    except ValueError:
        return answer.body
