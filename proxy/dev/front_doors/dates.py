"""One moment in the three ways in which the front doors write it."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

# strftime's %b follows the locale of the process; the event does not.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def http_date(time: datetime) -> bytes:
    """An aware time as the Date field has it (RFC 9110, 5.6.7)."""
    return format_datetime(time.astimezone(UTC), usegmt=True).encode("ascii")


def log_time(time: datetime) -> str:
    """An aware time as in a web server's log: 16/Oct/2026:09:30:10 +0000, always UTC, English in every locale."""
    utc = time.astimezone(UTC)
    return f"{utc.day:02}/{_MONTHS[utc.month - 1]}/{utc.year}:{utc:%H:%M:%S} +0000"


def epoch_ms(time: datetime) -> int:
    """An aware time in whole milliseconds since 1970."""
    return int(time.timestamp() * 1000)
