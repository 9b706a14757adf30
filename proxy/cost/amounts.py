"""Numbers as people write them: 10M, 1.5k, 120ms, 1h, 10%. Each reader raises ValueError with what it wanted."""

import re
from fractions import Fraction

_COUNT = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "B": 10**9, "G": 10**9}
_TIME_MS = {"ms": 1, "s": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
# More than anybody has: a slip of the keyboard, not a month.
_MOST = 10**15


def count(text: str) -> Fraction:
    """Return a number from 0 to 10^15: 250000, 250_000, 250,000, 250k, 1.5M, 2B."""
    number, unit = _split(text, "a number such as 250000, 250k, 10M or 1B")
    if unit not in _COUNT:
        raise ValueError(f"got {text!r}, expected a number such as 250000, 250k, 10M or 1B")
    return _within(number * _COUNT[unit], text)


def duration_ms(text: str) -> Fraction:
    """Return a time above 0 in milliseconds: 120ms, 1.5s, 30m, 1h, 7d. Without a unit it would be anybody's guess."""
    number, unit = _split(text, "a time such as 120ms, 1.5s, 30m, 1h or 7d")
    if unit not in _TIME_MS or not number:
        raise ValueError(f"got {text!r}, expected a time such as 120ms, 1.5s, 30m, 1h or 7d")
    return _within(number * _TIME_MS[unit], text)


def share(text: str) -> Fraction:
    """Return a percentage as a fraction from 0 to 1: 10% or 10 is a tenth."""
    number, unit = _split(text, "a percentage from 0% to 100%")
    if unit not in ("", "%") or number > 100:
        raise ValueError(f"got {text!r}, expected a percentage from 0% to 100%")
    return number / 100


def _split(text: str, wanted: str) -> tuple[Fraction, str]:
    found = re.fullmatch(r"(\d[\d_,]*(?:\.\d+)?)\s*([A-Za-z%]*)", text.strip(), re.ASCII)
    if found is None:
        raise ValueError(f"got {text!r}, expected {wanted}")
    return Fraction(found[1].replace("_", "").replace(",", "")), found[2]


def _within(number: Fraction, text: str) -> Fraction:
    if number > _MOST:
        raise ValueError(f"got {text!r}, expected at most 10^15")
    return number
