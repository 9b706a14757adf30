"""What a line of a local worker says, if it is a record of ours; see proxy/observe.py, which writes them."""

import json
from typing import Any, Final, NamedTuple

from proxy.metrics.source import SIDES, Side
from proxy.observe import UNLISTED

_SIGN: Final = '"location":"proxy.observe"'
_SIDES: dict[str, Side] = {side: side for side in SIDES}
_MAX_MS = 1e9


class Exchange(NamedTuple):
    """One exchange."""

    at: float  # seconds since 1970
    route: str
    side: Side
    is_error: bool
    took_ms: float
    fell_back: bool
    client: str
    path: str  # of what no route lists: its name
    table_version: int
    table_problem: str
    breaker: str | None  # its state, where the record lets one tell


class Comparison(NamedTuple):
    """One comparison of the two sides that says whether they agree."""

    at: float
    route: str
    differs: bool


def is_record(line: str) -> bool:
    """Tell whether a line looks like a record of ours: one search in it, as most lines are somebody else's."""
    return _SIGN in line


def read(line: str) -> Exchange | Comparison | None:
    """Return what a line says; None for one that looks like a record only, or tells nothing that is counted."""
    # A handler may print whatever it likes, such as a line of ours with something else in it.
    try:
        record = json.loads(line)
        if record["message"] == "exchange":
            return _exchange(record)
        if record["message"] == "comparison" and "comparisons" in record:
            return Comparison(_time(record), str(record["route"]), record["differences"] > 0)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return None


def what_of(exchange: Exchange) -> str:
    """Return under which name it is counted what was asked for: the route's id, or the name of an unlisted path."""
    return exchange.path if exchange.route == UNLISTED and exchange.path else exchange.route


def _exchange(record: dict[str, Any]) -> Exchange | None:  # Any: JSON
    took_ms = float(record["latency"])
    if not 0 <= took_ms < _MAX_MS:
        return None
    side, is_error = _SIDES[record["side"]], record["errors"] > 0
    return Exchange(
        _time(record),
        str(record["route"]),
        side,
        is_error,
        took_ms,
        "fallbacks" in record,
        str(record.get("client", "")),
        str(record.get("path", "")),
        int(record["table_version"]),
        str(record.get("table_problem", "")),
        _breaker(record, side, is_error),
    )


def _breaker(record: dict[str, Any], side: Side, is_error: bool) -> str | None:  # Any: JSON
    """Return the state of the breaker of a route's migrated side.

    While it is open, whoever answers says so; it is told when that side has failed and its breaker is not closed; and
    where the migrated side has answered, it is closed.
    """
    if "breaker_open" in record:
        return "open"
    if told := record.get("breaker"):
        return str(told)
    return "closed" if side == "migrated" and not is_error else None


def _time(record: dict[str, Any]) -> float:  # Any: JSON
    at = record["_aws"]["Timestamp"] / 1000
    if not 0 <= at < 1e12:
        raise ValueError(f"got the time {at}, expected seconds since 1970")
    return float(at)
