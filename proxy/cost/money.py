"""Fractions as people read them: rounded once, half up, and never to a zero that is none."""

from fractions import Fraction
from math import floor


def dollars(usd: Fraction) -> str:
    """Return dollars and cents, `<0.01` for what is less than half a cent but something."""
    if 0 < abs(usd) < Fraction(1, 200):
        return "<0.01" if usd > 0 else ">-0.01"
    cents = floor(abs(usd) * 100 + Fraction(1, 2))
    sign = "-" if usd < 0 and cents else ""
    return f"{sign}{cents // 100:,}.{cents % 100:02d}"


def price(usd: Fraction) -> str:
    """Return a price with all its digits, at least two after the point."""
    digits = f"{float(usd):.10f}".rstrip("0")
    whole, _, part = digits.partition(".")
    return f"{whole}.{part.ljust(2, '0')}"


def quantity(units: Fraction) -> str:
    """Return a quantity: whole if it is, or if it is a thousand or more; else with one digit, or three below ten."""
    if units.denominator == 1 or units >= 1000:
        return f"{round(units):,}"
    return f"{float(units):.3f}" if units < 10 else f"{float(units):.1f}"


def number(value: Fraction) -> int | float:
    """Return a number for JSON: whole if it is, else to the millionth."""
    return value.numerator if value.denominator == 1 else float(round(value, 6))
