"""Compiled tables and the entries that publish them, as small as they can be."""

import random

from proxy.routing import compiled
from proxy.stores.history import Entry, History, Kind

WHEN = "2026-01-31T16:00:{:02}.{:03}Z"


def compiled_table(version: int, name: str = "r", size: int = 0) -> bytes:
    """Return a table with one route; with a size, so many routes whose names cannot be compressed by much."""
    names = [name] if not size else [random.randbytes(16).hex() for _ in range(size)]
    routes = [[name, f"/{name}", "legacy", ""] for name in names]
    return compiled.dump(version, {"index": {}, "legacy": {"": {"url": "https://legacy.example"}}, "routes": routes})


def when(moment: int) -> str:
    """Return a time, so many milliseconds after a beginning."""
    return WHEN.format(moment // 1000, moment % 1000)


def entry_of(
    data: bytes, version: int, who: str = "ada", why: str = "", changes: tuple[str, ...] = (), kind: Kind = "publish"
) -> Entry:
    """Return the entry of a version whose parent is the one before."""
    return Entry(kind, version, version - 1, compiled.digest_of(data), who, when(version), why, changes)


def note_of(kind: Kind, version: int, moment: int, who: str = "ada") -> Entry:
    """Return the entry of a freeze or a thaw while a version is in force."""
    return Entry(kind, version, version, "", who, when(moment), "a test", ("r: live → legacy (frozen)",))


def document_of(version: int, who: str = "ada") -> str:
    """Return a text that tells whose version it is."""
    return f"version: 1  # {who} {version}\n"


def publish(history: History, version: int, who: str = "ada", name: str = "r") -> Entry:
    """Publish a version after the one before."""
    data = compiled_table(version, name)
    entry = entry_of(data, version, who)
    history.publish(entry, data, document_of(version, who))
    return entry
