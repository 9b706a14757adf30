"""What each front door makes of a handler's result, and that what it would refuse becomes an error of our own.

The rows for payload 2.0 stand in test_migrated.py, through the whole backend.
"""

from typing import Any

import pytest

from proxy.backends.result import MAX_ALB_JSON_BYTES, status_of
from proxy.errors import MigratedBadResult, ResponseTooLarge
from proxy.message import Dialect

LISTS = {"multiValueHeaders": {"A": ["1", "2"]}}


@pytest.mark.parametrize(
    ("dialect", "result", "status"),
    [
        ("1.0", {"statusCode": 201, "body": "x", **LISTS}, 201),
        ("1.0", {"statusCode": "404", "headers": None, "body": None}, 404),
        ("1.0", {"headers": {"A": "1", "B": True}}, 200),
        ("alb", {"statusCode": 200, "statusDescription": "200 OK", "body": "x", **LISTS}, 200),
        ("alb", {"statusCode": 200, "headers": {}}, 200),
        ("alb-single", {"statusCode": 200, "headers": {"A": "1"}, "isBase64Encoded": False}, 200),
        ("2.0", {"statusCode": 200, "body": "AAEC", "isBase64Encoded": True, "cookies": ["a=1"]}, 200),
        ("2.0", "text", 200),
        ("2.0", {"any": "JSON"}, 200),
    ],
)
def test_result_that_a_front_door_takes_has_its_status(dialect: Dialect, result: Any, status: int) -> None:
    assert status_of(result, dialect, "m:h") == status


@pytest.mark.parametrize(
    ("dialect", "result"),
    [
        # A REST API answers 502 to a key that it does not know, to nothing at all, and to what is no map.
        ("1.0", {"statusCode": 200, "cookies": ["a=1"]}),
        ("1.0", {"statusCode": 200, "statusDescription": "200 OK"}),
        ("1.0", {}),
        ("1.0", "text"),
        ("1.0", None),
        ("1.0", {"statusCode": 200, "multiValueHeaders": {"A": "1"}}),
        ("1.0", {"statusCode": 200, "multiValueHeaders": {"A": [1]}}),
        # A load balancer ignores the map of the other mode: the client would lose every header.
        ("alb", {"statusCode": 200, "headers": {"A": "1"}}),
        ("alb-single", {"statusCode": 200, **LISTS}),
        ("alb", {"body": "x"}),
        ("alb", {"statusCode": "200"}),
        # A line break in a header, or base64 that is none, is refused behind every front door.
        *[(dialect, {"statusCode": 200, "headers": {"A": "1\r\nB: 2"}}) for dialect in ("2.0", "1.0", "alb-single")],
        *[(dialect, {"statusCode": 200, "body": "*", "isBase64Encoded": True}) for dialect in ("2.0", "1.0", "alb")],
        ("2.0", {"statusCode": 200, "cookies": ["a=1\nb"]}),
        ("2.0", {"statusCode": 200, "isBase64Encoded": {1, 2}}),
    ],
)
def test_result_that_a_front_door_would_refuse_is_our_502(dialect: Dialect, result: Any) -> None:
    """The client gets our 502 with a reason code, never the gateway's."""
    with pytest.raises(MigratedBadResult, match="m:h"):
        status_of(result, dialect, "m:h")


def test_body_that_a_load_balancer_cannot_carry_is_too_large_for_it_alone() -> None:
    result = {"statusCode": 200, "body": "x" * MAX_ALB_JSON_BYTES}

    assert status_of(result, "2.0", "m:h") == 200
    with pytest.raises(ResponseTooLarge):
        status_of(result, "alb", "m:h")
