"""How AWS rounds: the last byte of a unit, and the first of the next."""

from fractions import Fraction

import pytest

from proxy.cost import metering

KB = 1024


@pytest.mark.parametrize(
    ("size", "units"),
    [(0, 1), (1, 1), (512 * KB, 1), (512 * KB + 1, 2), (513 * KB, 2), (1024 * KB, 2), (10_240 * KB, 20)],
)
def test_http_api_counts_a_request_in_units_of_512_kb(size: int, units: int) -> None:
    assert metering.http_api_units(size) == units


@pytest.mark.parametrize(("size", "units"), [(0, 1), (32 * KB, 1), (32 * KB + 1, 2), (33 * KB, 2), (128 * KB, 4)])
def test_websocket_message_counts_in_units_of_32_kb(size: int, units: int) -> None:
    assert metering.websocket_units(size) == units


@pytest.mark.parametrize(
    ("size", "reads", "writes"),
    [(0, 1, 1), (KB, 1, 1), (KB + 1, 1, 2), (4 * KB, 1, 4), (4 * KB + 1, 2, 5), (400 * KB, 100, 400)],
)
def test_dynamodb_reads_in_units_of_4_kb_and_writes_in_units_of_1_kb(size: int, reads: int, writes: int) -> None:
    assert (metering.read_units(size), metering.write_units(size)) == (reads, writes)


@pytest.mark.parametrize(
    ("duration_ms", "billed_ms"), [(0.0, 1), (0.2, 1), (1.0, 1), (1.0001, 2), (119.999, 120), (120.0, 120)]
)
def test_lambda_bills_whole_milliseconds(duration_ms: float, billed_ms: int) -> None:
    assert metering.billed_ms(duration_ms) == billed_ms


def test_a_gigabyte_of_memory_for_a_second_is_a_gb_second() -> None:
    assert metering.gb_seconds(Fraction(1000), 1024) == 1
    assert metering.gb_seconds(Fraction(120), 1536) == Fraction(18, 100)


def test_a_load_balancer_carries_two_fifths_of_a_gb_to_functions_in_a_capacity_unit() -> None:
    assert metering.capacity_hours(Fraction(2 * 1024**3)) == 5
