"""Numbers as people read them: with their unit, as exact as they are, and never rounded into what is not true."""

import math

NONE = "–"
_SPACE = "\N{NO-BREAK SPACE}"


def count(number: int) -> str:
    """Return a number of things in full, in groups of three digits."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def rate(per_s: float | None) -> str:
    """Return how many a second."""
    if per_s is None:
        return NONE
    return f"{per_s:.0f}/s" if per_s >= 100 or per_s == 0 else f"{per_s:.1f}/s" if per_s >= 0.1 else f"{per_s:.2f}/s"


def share(part: float | None) -> str:
    """Return a share in percent. Only all of something is 100 %, and only none of it 0 %."""
    if part is None:
        return NONE
    percent = part * 100
    if 0 < percent < 0.1:
        return f"<{_SPACE}0.1{_SPACE}%"
    if percent in (0, 100):
        return f"{percent:.0f}{_SPACE}%"
    return f"{math.floor(percent * 10 + 1e-9) / 10:.1f}{_SPACE}%"


def percent(number: float) -> str:
    """Return a percentage that a person has written: 5 %, 0.25 %."""
    return f"{number:g}{_SPACE}%"


def took(ms: float | None) -> str:
    """Return a duration with three digits at most."""
    if ms is None:
        return NONE
    if ms < 10:
        return f"{ms:.1f}{_SPACE}ms"
    return (
        f"{ms:.0f}{_SPACE}ms"
        if ms < 1000
        else f"{ms / 1000:.2f}{_SPACE}s"
        if ms < 10_000
        else f"{ms / 1000:.0f}{_SPACE}s"
    )


def ago(seconds: float) -> str:
    """Return how long ago something was, in the largest unit that fits; seconds would never stand still."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{int(seconds // size)}{_SPACE}{unit} ago"
    return "just now"


def length(seconds: float) -> str:
    """Return how long a window is: 5 min, 1 h, 7 d."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            # A source begins with a whole slice of its own, and so may cover a bit more than it was asked for.
            number = seconds / size
            return f"{number:.0f}{_SPACE}{unit}" if abs(number - round(number)) < 0.2 else f"{number:.1f}{_SPACE}{unit}"
    return f"{seconds:.0f}{_SPACE}s"


def moment(iso: str) -> str:
    """Return a time of the history to the second: 2026-11-27 05:59:00 UTC."""
    return f"{iso[:19].replace('T', ' ')} UTC"
