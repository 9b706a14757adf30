"""Flows from given numbers."""

from fractions import Fraction
from typing import Any

import pytest

from proxy.cost import given
from proxy.cost.flow import LAMBDA_LOG_BYTES, Flow
from proxy.cost.given import Given, Part
from tests.cost.samples import line

MONTH: dict[str, Any] = {
    "requests": Fraction(1000),
    "request_bytes": Fraction(600 * 1024),
    "response_bytes": Fraction(2048),
    "duration_ms": Fraction("99.2"),
    "memory_mb": 512,
    "log_bytes": Fraction(100),
}


def test_every_request_is_rounded_by_itself() -> None:
    workload = Given(**MONTH).workload()

    assert workload.flows == (
        Flow(
            route="all",
            side="legacy",
            memory_mb=512,
            requests=Fraction(1000),
            gateway_units=Fraction(2000),
            billed_ms=Fraction(100_000),
            overhead_ms=Fraction(0),
            bytes_in=Fraction(614_400_000),
            bytes_out=Fraction(2_048_000),
            log_bytes=Fraction(100_000),
        ),
    )
    assert workload.series == 3


def test_parts_take_their_share_and_the_rest_is_unlisted() -> None:
    parts = (Part("orders.read", Fraction(2, 5), "migrated", Fraction(60)), Part("reports", Fraction(1, 10)))

    workload = Given(**MONTH, parts=parts).workload()

    assert [(flow.route, flow.side, int(flow.requests), int(flow.billed_ms)) for flow in workload.flows] == [
        ("orders.read", "migrated", 400, 24_000),
        ("reports", "legacy", 100, 10_000),
        ("unlisted", "legacy", 500, 50_000),
    ]
    assert workload.series == 9


def test_parts_that_take_everything_leave_nothing_unlisted() -> None:
    workload = Given(**MONTH, parts=(Part("a", Fraction(1, 2)), Part("b", Fraction(1, 2)))).workload()

    assert [flow.route for flow in workload.flows] == ["a", "b"]


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((Part("a", Fraction(3, 5)), Part("b", Fraction(1, 2))), "got routes that take 110%, expected at most 100%"),
        ((Part("a", Fraction(1, 5)), Part("a", Fraction(1, 2))), "got a twice, expected each route once"),
    ],
)
def test_parts_that_cannot_be_are_refused(parts: tuple[Part, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Given(**MONTH, parts=parts).workload()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("orders.read=40%", Part("orders.read", Fraction(2, 5))),
        ("orders.read=40%,migrated", Part("orders.read", Fraction(2, 5), "migrated")),
        ("orders.read=40%,60ms", Part("orders.read", Fraction(2, 5), None, Fraction(60))),
        ("orders.read=40%,1.5s,legacy", Part("orders.read", Fraction(2, 5), "legacy", Fraction(1500))),
    ],
)
def test_part_is_read_as_people_write_it(text: str, part: Part) -> None:
    assert given.part(text) == part


@pytest.mark.parametrize(
    "text",
    ["orders.read", "=40%", "a=", "a=40%,shadow", "a=40%,60", "a=40%,legacy,migrated", "a=40%,1ms,2ms", "a=140%"],
)
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        given.part(text)


def test_log_bytes_of_a_request_are_what_the_proxy_and_lambda_write() -> None:
    request_id = "8f507cfc-1234-4697-b07a-ac58fc914c95"
    lambdas = (
        f"START RequestId: {request_id} Version: $LATEST\n"
        f"END RequestId: {request_id}\n"
        f"REPORT RequestId: {request_id}\tDuration: 112.34 ms\tBilled Duration: 113 ms\t"
        "Memory Size: 1536 MB\tMax Memory Used: 89 MB\t\n"
    )

    assert len(lambdas) == LAMBDA_LOG_BYTES
    assert len(line()) + len(lambdas) == pytest.approx(given.LOG_BYTES, rel=0.1)
