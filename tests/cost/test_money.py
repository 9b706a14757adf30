"""Fractions as people read them."""

from fractions import Fraction

import pytest

from proxy.cost import money


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        ("0", "0.00"),
        ("0.004999", "<0.01"),
        ("0.005", "0.01"),
        ("8.1449", "8.14"),
        ("8.145", "8.15"),
        ("0.995", "1.00"),
        ("1234567.891", "1,234,567.89"),
        ("-12.345", "-12.35"),
        ("-0.001", ">-0.01"),
    ],
)
def test_dollars_are_rounded_half_up_and_never_to_a_zero_that_is_none(usd: str, text: str) -> None:
    assert money.dollars(Fraction(usd)) == text


@pytest.mark.parametrize(
    ("usd", "text"), [("1", "1.00"), ("0.9", "0.90"), ("0.0000166667", "0.0000166667"), ("0.285", "0.285")]
)
def test_price_keeps_all_its_digits(usd: str, text: str) -> None:
    assert money.price(Fraction(usd)) == text


@pytest.mark.parametrize(
    ("units", "text"),
    [("0", "0"), ("10000000", "10,000,000"), ("43.869", "43.9"), ("0.0931", "0.093"), ("1234.5678", "1,235")],
)
def test_quantity_shows_what_is_worth_knowing(units: str, text: str) -> None:
    assert money.quantity(Fraction(units)) == text


def test_number_for_programs_is_whole_or_to_the_millionth() -> None:
    assert (money.number(Fraction(3)), money.number(Fraction(1, 3))) == (3, 0.333333)
