"""Numbers as people write them."""

from fractions import Fraction

import pytest

from proxy.cost import amounts


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("250000", 250_000),
        ("250_000", 250_000),
        ("250,000", 250_000),
        ("250k", 250_000),
        ("250 K", 250_000),
        ("1.5M", 1_500_000),
        ("2B", 2 * 10**9),
        (" 12 ", 12),
        ("0.5", Fraction(1, 2)),
        ("1000000B", 10**15),
    ],
)
def test_count_is_read_as_it_is_written(text: str, number: Fraction) -> None:
    assert amounts.count(text) == number


@pytest.mark.parametrize("text", ["", "abc", "-5", "1e6", "1.", ".5", "10MM", "10%", "NaN", "inf", "1..2", "²", "٣"])
def test_what_is_no_number_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="expected a number such as 250000, 250k, 10M or 1B"):
        amounts.count(text)


def test_number_that_nobody_has_is_refused() -> None:
    with pytest.raises(ValueError, match=r"got '1000001B', expected at most 10\^15"):
        amounts.count("1000001B")


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("120ms", 120),
        ("1.5s", 1500),
        ("0.25 ms", Fraction(1, 4)),
        ("30m", 1_800_000),
        ("30min", 1_800_000),
        ("1h", 3_600_000),
    ],
)
def test_time_is_read_with_its_unit(text: str, milliseconds: Fraction) -> None:
    assert amounts.duration_ms(text) == milliseconds


@pytest.mark.parametrize("text", ["120", "0ms", "-1ms", "1y", "ms", ""])
def test_time_without_unit_or_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a time such as 120ms"):
        amounts.duration_ms(text)


@pytest.mark.parametrize(
    ("text", "share"), [("10%", Fraction(1, 10)), ("10", Fraction(1, 10)), ("0%", 0), ("100 %", 1)]
)
def test_share_is_a_percentage(text: str, share: Fraction) -> None:
    assert amounts.share(text) == share


@pytest.mark.parametrize("text", ["101%", "-1%", "half", "10k"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a percentage from 0% to 100%"):
        amounts.share(text)
