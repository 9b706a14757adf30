"""What the views share: the data, the clock, the patience."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from proxy.dev.sample_legacy.database import Database

EXTENSION = "shop"


@dataclass(frozen=True, slots=True)
class Shop:
    """The parts of one application; two applications in one process share nothing."""

    database: Database
    now: Callable[[], datetime]
    sleep: Callable[[float], None]


def shop() -> Shop:
    """Return the parts of the application that answers the current request."""
    found = current_app.extensions[EXTENSION]
    assert isinstance(found, Shop)
    return found
