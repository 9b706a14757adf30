"""What a customer is, and what may be asked about customers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from migrated.answers import Problem
from migrated.money import Money

_DEFAULT_LIMIT = "20"
_ID = re.compile(r"C-[0-9]{1,9}", re.ASCII)


class Customer(BaseModel):
    """One customer; the fields stand in the order in which clients get them."""

    # A field that this version does not know must not stop it from reading the item.
    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    name: str
    email: str
    country: str
    city: str
    phone: str | None
    newsletter: bool
    credit_limit: Money


@dataclass(frozen=True, slots=True)
class Page:
    """Which customers: up to `limit` of those whose id follows `after`, of one country or, if it is empty, of all."""

    country: str
    after: str
    limit: int


def page_asked_for(parameters: Mapping[str, str]) -> Page | list[Problem]:
    """Return the page that a query asks for, or everything that is wrong with the query."""
    limit = parameters.get("limit", _DEFAULT_LIMIT)
    after = parameters.get("after", "")
    problems = []
    if not re.fullmatch(r"[0-9]{1,3}", limit, re.ASCII) or not 1 <= int(limit) <= 100:
        problems.append(Problem("limit", "must be 1 to 100"))
    if after and not _ID.fullmatch(after):
        problems.append(Problem("after", "must be a customer's id"))
    return problems or Page(parameters.get("country", ""), after, int(limit))
