"""Maps of lists, and of last values: how events hold what may come more than once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def lists(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Every value of every name, in order."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def last_values(values: Mapping[str, list[str]]) -> dict[str, str]:
    """The last value of every name."""
    return {name: each[-1] for name, each in values.items()}
