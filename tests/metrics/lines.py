"""Lines as the proxy writes them, at times that a test chooses."""

from dataclasses import dataclass
from typing import Any

from proxy.observe import Compared, Observer, Record
from proxy.settings import Settings

USUAL = Record(
    request_id="request-1",
    status=200,
    code="",
    method="GET",
    route="orders.read",
    stage="canary",
    side="legacy",
    reason="stage",
    table_version=7,
    total_ms=10.0,
)
NOON = 1_796_212_800.0  # 2026-12-02T12:00:00Z


@dataclass
class Clock:
    """The time of a test, which stands until it is moved."""

    at: float = NOON

    def __call__(self) -> float:
        return self.at


def exchange_line(at: float = NOON, counters: str = "", **fields: Any) -> str:  # Any: fields of Record
    """The line of an exchange; what is not said is usual."""
    lines: list[str] = []
    Observer(Settings(), lines.append, lambda: at).record(USUAL._replace(**fields), counters)
    return lines[0]


def comparison_line(at: float = NOON, what: str = "equal", route: str = "orders.read") -> str:
    """The line of a comparison."""
    lines: list[str] = []
    Observer(Settings(), lines.append, lambda: at).compared(
        Compared("request-1", route, "shadow", "migrated", what, "", (), 3.0)
    )
    return lines[0]
