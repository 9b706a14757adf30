"""The kinds of amounts in routes.yaml: durations, percentages, counts, days; and values of two kinds."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from proxy.routing.words import flow, refuse

_MOST_DECIMALS = 9
_DURATION = r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m)"
_SHARE = r"([0-9]{1,3}(?:\.[0-9]{1,9})?)\s*%"
_A_DURATION = "a duration such as 20s, 300ms or 1m"
_A_SHARE = "a percentage such as 0.5%"
_UNIT_S = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60)}
_LEAST_S, _MOST_S = 0.001, 900.0  # Lambda lets no function run longer


def seconds(text: str) -> float | None:
    """Return the seconds in "20s", "300ms" or "1m"; None if it is no duration."""
    parts = re.fullmatch(_DURATION, text)
    if parts is None:
        return None
    return float(Decimal(parts[1]) * _UNIT_S[parts[2]])  # 2.37 * 60 would be 142.20000000000002


def in_units(duration_s: float) -> str:
    """Return a duration as a document has it: "300ms", "20s"."""
    exact_s = Decimal(repr(duration_s)).normalize()
    decimals = -int(exact_s.as_tuple().exponent)
    return f"{exact_s:f}s" if exact_s >= 1 and decimals <= _MOST_DECIMALS else f"{(exact_s * 1000).normalize():f}ms"


def in_percent(share: float) -> str:
    """Return a percentage as a document has it: "0.5%"."""
    return f"{share:.12g}%"


def one_or_a_map(words: tuple[object, ...], example: str) -> BeforeValidator:
    """Return the check of a field that is one of a few words or a map: one message for what is neither."""
    expected = f"{' or '.join(map(flow, words))}, or a map such as {example}"

    def check(value: object) -> object:
        # The kind counts: 1 is not true.
        is_word = any(type(value) is type(word) and value == word for word in words)
        return value if is_word or isinstance(value, dict | BaseModel) else refuse(value, expected)

    return BeforeValidator(check)


def _seconds(value: object) -> float:
    duration_s = seconds(value) if isinstance(value, str) else None
    if duration_s is None:
        refuse(value, _A_DURATION)
    return duration_s if _LEAST_S <= duration_s <= _MOST_S else refuse(value, "1ms to 15m")


def _share(value: object) -> float:
    parts = re.fullmatch(_SHARE, value) if isinstance(value, str) else None
    return float(parts[1]) if parts and float(parts[1]) <= 100 else refuse(value, _A_SHARE)


def _percent(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse(value, "a number from 0 to 100 without quotes and without %, such as 5")
    if not 0 <= value <= 100:
        refuse(value, "0 to 100")
    return float(value) if round(value, 2) == value else refuse(value, "at most two decimals: a bucket is 0.01 %")


def _tolerance(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        refuse(value, "a number from 0 on, such as 0.01")
    return float(value)


def _whole(low: int, high: int) -> BeforeValidator:
    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            refuse(value, f"a whole number from {low} to {high}")
        return value

    return BeforeValidator(check)


def _day(value: object) -> date:
    if isinstance(value, date):  # from code; a file has text
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        refuse(value, "a day such as 2027-03-31")
    try:
        return date.fromisoformat(value)
    except ValueError:
        refuse(value, "a day that is in the calendar, such as 2027-03-31")


def _one(value: object) -> object:
    # To Python, true and 1.0 are 1 as well.
    return value if type(value) is int and value == 1 else refuse(value, "1")


def _in_editors(pattern: str, expected: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^{pattern}$",
            "patternErrorMessage": f"expected {expected}",
            "examples": list(examples),
        }
    )


Version = Annotated[Literal[1], BeforeValidator(_one)]
Duration = Annotated[
    float,
    BeforeValidator(_seconds),
    PlainSerializer(in_units, when_used="json"),
    _in_editors(_DURATION, _A_DURATION, "20s", "300ms", "1m"),
]
Share = Annotated[
    float,
    BeforeValidator(_share),
    PlainSerializer(in_percent, when_used="json"),
    _in_editors(_SHARE, _A_SHARE, "0.5%"),
]
Percent = Annotated[float, Field(ge=0, le=100, examples=[5]), BeforeValidator(_percent)]
Retries = Annotated[int, Field(ge=0, le=3), _whole(0, 3)]
Count = Annotated[int, Field(ge=1, le=1_000_000, examples=[400]), _whole(1, 1_000_000)]
Tolerance = Annotated[float, Field(ge=0, examples=[0.01]), BeforeValidator(_tolerance)]
Status = Annotated[int, Field(ge=400, le=599, examples=[503]), _whole(400, 599)]
Day = Annotated[date, Field(examples=["2027-03-31"]), BeforeValidator(_day)]
