"""The prices file, and what a person's own file puts in its place."""

import datetime
import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from proxy.cost.meters import LABELS, Meter
from proxy.errors import Refused

Lasts = Literal["always", "first-year"]
FreeTier = Literal["none", "always", "first-year"]

_SHIPPED = Path(__file__).with_name("prices.toml")


@dataclass(frozen=True, slots=True)
class Price:
    """What one meter costs in one region: tiers of (from how many units on, dollars a unit), the lowest first.

    `verified` holds up to `known_to` units, where that is not None: what costs less beyond was not seen.
    """

    per: int
    tiers: tuple[tuple[Fraction, Fraction], ...]
    source: str
    date: datetime.date | None
    verified: bool
    note: str
    known_to: Fraction | None = None

    def is_sure(self, units: Fraction) -> bool:
        """Tell whether the source was seen to say what so many units cost."""
        return self.verified and (self.known_to is None or units <= self.known_to)

    def cost(self, units: Fraction) -> Fraction:
        """Return the dollars for so many units. Each tier's price holds for the units within it, not for all."""
        ends = [start for start, _ in self.tiers[1:]] + [units]
        return sum(
            (
                max(Fraction(), min(end, units) - start) * usd
                for (start, usd), end in zip(self.tiers, ends, strict=True)
            ),
            Fraction(),
        )

    def used(self, units: Fraction) -> tuple[Fraction, ...]:
        """Return the dollars for `per` units in each tier that so many units reach."""
        return tuple(usd * self.per for start, usd in self.tiers if start < units or not start)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Units that a month has free."""

    units: Fraction
    lasts: Lasts


@dataclass(frozen=True, slots=True)
class Rates:
    """Prices and free units that hold for one estimate."""

    region: str
    free_tier: FreeTier
    date: datetime.date
    prices: Mapping[Meter, Price]
    free: Mapping[Meter, Fraction]

    def require(self, meters: Iterable[Meter]) -> None:
        """Make sure that there are prices for all of these. Raises Refused with a line for each that nobody told."""
        missing = [
            f"no price of {LABELS[meter]} in {self.region}; "
            f"write [regions.{self.region}.{meter}] into a file and name it with --prices"
            for meter in meters
            if meter not in self.prices
        ]
        if missing:
            raise Refused("\n".join(missing))


@dataclass(frozen=True, slots=True)
class Prices:
    """All regions."""

    date: datetime.date
    regions: Mapping[str, Mapping[Meter, Price]]
    free: Mapping[Meter, Allowance]

    def rates(self, region: str, free_tier: FreeTier) -> Rates:
        """Return what holds in a region. Raises ValueError, with the nearest name, for one that has no prices."""
        if region not in self.regions:
            near = difflib.get_close_matches(region, self.regions, n=1)
            hint = f", did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"got {region!r}, expected one of {', '.join(sorted(self.regions))}{hint}")
        kinds: dict[FreeTier, tuple[Lasts, ...]] = {
            "none": (),
            "always": ("always",),
            "first-year": ("always", "first-year"),
        }
        free = {meter: allowance.units for meter, allowance in self.free.items() if allowance.lasts in kinds[free_tier]}
        return Rates(region, free_tier, self.date, self.regions[region], free)


def read(own: str = "", name: str = "") -> Prices:
    """Return the prices that ship with this package, with those in the text of a person's own file in their place.

    Raises Refused with every problem of that file.
    """
    shipped = _parse(_SHIPPED.read_text("utf-8"), _SHIPPED.name)
    changed = _parse(own, name)
    regions = {region: dict(entries) for region, entries in shipped.regions.items()}
    for region, entries in changed.regions.items():
        regions.setdefault(region, {}).update(entries)
    dates = [date for date in (shipped.date, changed.date) if date]
    return Prices(
        max(dates),
        {region: {meter: entry.price() for meter, entry in of.items()} for region, of in regions.items()},
        {meter: Allowance(Fraction(free.units), free.lasts) for meter, free in (shipped.free | changed.free).items()},
    )


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_Usd = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


class _Tier(_Strict):
    start: Annotated[int, Field(alias="from", ge=0)]
    usd: _Usd


class _Entry(_Strict):
    per: Annotated[int, Field(gt=0)]
    tiers: Annotated[list[_Tier], Field(min_length=1)]
    source: str = ""
    date: datetime.date | None = None
    verified: bool = True
    note: str = ""
    known_to: Annotated[int, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _tiers_rise(self) -> Self:
        starts = [tier.start for tier in self.tiers]
        if starts[0] != 0 or starts != sorted(set(starts)):
            raise ValueError(f"got tiers from {starts}, expected the first from 0 and each from more than the last")
        return self

    def price(self) -> Price:
        tiers = tuple((Fraction(tier.start), Fraction(tier.usd) / self.per) for tier in self.tiers)
        known_to = None if self.known_to is None else Fraction(self.known_to)
        return Price(self.per, tiers, self.source, self.date, self.verified, self.note, known_to)


class _Free(_Strict):
    units: _Usd
    lasts: Lasts
    source: str = ""


class _File(_Strict):
    date: datetime.date | None = None
    currency: Literal["USD"] = "USD"
    regions: dict[str, dict[Meter, _Entry]] = {}
    free: dict[Meter, _Free] = {}


def _parse(text: str, name: str) -> _File:
    try:
        return _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as exc:
        raise Refused(f"{name}: got no TOML: {exc}") from exc
    except ValidationError as exc:
        raise Refused("\n".join(_problems(exc, name))) from exc


def _problems(error: ValidationError, name: str) -> Iterator[str]:
    for problem in error.errors(include_url=False):
        where = ".".join(str(part) for part in problem["loc"] if part != "[key]")
        yield f"{name}: {where}: {problem['msg'].lower().removeprefix('value error, ')}"
