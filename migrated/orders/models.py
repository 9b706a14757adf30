"""What an order is, and what a client must send to place one."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from migrated.answers import Problem
from migrated.money import Money

MAX_LINES = 20
_MAX_QUANTITY = 99


class Line(BaseModel):
    """So many of one product, at the price it had when the order was placed."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    sku: str
    quantity: int
    unit_price: Money


class Order(BaseModel):
    """One order; the fields stand in the order in which clients get them."""

    # A field that this version does not know must not stop it from reading the item.
    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    customer: str
    status: str
    currency: str
    lines: list[Line]
    total: Money


@dataclass(frozen=True, slots=True)
class Known:
    """What a form may name: looked up beforehand, so that checking a form touches nothing."""

    customers: Set[str]
    prices: Mapping[str, Decimal]


def _known_customer(value: object, info: ValidationInfo) -> str:
    customer = _text(value)
    if customer not in _context(info).customers:
        raise _problem("is unknown")
    return customer


def _known_sku(value: object, info: ValidationInfo) -> str:
    sku = _text(value)
    if sku not in _context(info).prices:
        raise _problem("is unknown")
    return sku


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _problem("must be text")
    return value


def _quantity(value: object) -> int:
    # bool is an int to Python, and 1.0 is one to pydantic; neither is one to the shop.
    if type(value) is not int or not 1 <= value <= _MAX_QUANTITY:
        raise _problem(f"must be 1 to {_MAX_QUANTITY}")
    return value


def _few_lines(value: object) -> object:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_LINES:
        raise _problem(f"must be a list of 1 to {MAX_LINES} lines")
    return value


class LineForm(BaseModel):
    """A line as a client sends it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    sku: Annotated[str, BeforeValidator(_known_sku)]
    quantity: Annotated[int, BeforeValidator(_quantity)]


class OrderForm(BaseModel):
    """An order as a client sends it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    customer: Annotated[str, BeforeValidator(_known_customer)]
    lines: Annotated[list[LineForm], BeforeValidator(_few_lines)]


def checked(form: object, known: Known) -> OrderForm | list[Problem]:
    """Return a form that can become an order, or everything that is wrong with it in the order of its fields."""
    try:
        return OrderForm.model_validate(form, context=known)
    except ValidationError as exc:
        return [Problem(_field(error["loc"]), _words(error)) for error in exc.errors(include_url=False)]


def _context(info: ValidationInfo) -> Known:
    assert isinstance(info.context, Known)
    return info.context


def _problem(words: str) -> PydanticCustomError:
    return PydanticCustomError("shop", "{words}", {"words": words})


def _field(location: tuple[int | str, ...]) -> str:
    """Return where a problem is, in the words of clients: ("lines", 0, "sku") is lines[0].sku, () the order itself."""
    field = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return field.removeprefix(".") or "order"


def _words(error: ErrorDetails) -> str:
    # Everything but these two is said by the checks above.
    return {"missing": "is required", "model_type": "must be an object"}.get(error["type"], error["msg"])
