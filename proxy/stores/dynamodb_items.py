"""Entries and content as items of the table that `dynamodb` describes."""

import json
import zlib
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple, get_args

from proxy.stores.history import Entry, Kind, StoreFailed

# An item may have 400 KB with its keys and the names of its attributes.
# Source: docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
PART_BYTES = 380_000

Item = dict[str, Any]  # Any: the stubs spell an attribute as a union of ten shapes


class Content(NamedTuple):
    """What is stored under an address, in parts of PART_BYTES at most."""

    address: str  # SHA-256 of the compressed bytes: two libraries may compress the same text in two ways
    parts: tuple[bytes, ...]


class Place(NamedTuple):
    """Where content is."""

    address: str
    parts: int


def pack(data: bytes) -> Content:
    """Return data as content: the same bytes, the same address."""
    packed = zlib.compress(data, 9)
    parts = tuple(packed[start : start + PART_BYTES] for start in range(0, len(packed), PART_BYTES))
    return Content(sha256(packed).hexdigest(), parts)


def unpack(content: Content) -> bytes:
    """Return what was packed. Raises StoreFailed."""
    packed = b"".join(content.parts)
    if sha256(packed).hexdigest() != content.address:
        raise StoreFailed(f"content {content.address}: got {len(packed)} bytes that its address does not fit")
    return zlib.decompress(packed)


def entry_key(version: int) -> str:
    """Return the sort key of a version's entry."""
    return f"entry#{version:08}#"


def freeze_key(entry: Entry, mark: str) -> str:
    """Return the sort key of the entry of a freeze or a thaw, after its version's and in the order of their times."""
    return f"{entry_key(entry.version)}{entry.when}#{mark}"


def to_attributes(entry: Entry, mark: str, table: Content | None = None, document: Content | None = None) -> Item:
    """Return an entry's attributes, less the key; `mark` tells whose it is."""
    # A document with thousands of routes has as many changes, which would not fit into an item as they are.
    lists = zlib.compress(json.dumps([entry.changes, entry.forced]).encode(), 9)
    attributes: Item = {
        "kind": {"S": entry.kind},
        "version": {"N": str(entry.version)},
        "parent": {"N": str(entry.parent)},
        "digest": {"S": entry.digest},
        "who": {"S": _text(entry.who)},
        "when": {"S": entry.when},
        "why": {"S": _text(entry.why)},
        "lists": {"B": lists},
        "mark": {"S": mark},
    }
    if entry.back_to is not None:
        attributes["back_to"] = {"N": str(entry.back_to)}
    if entry.route:
        attributes["route"] = {"S": entry.route}
    if table is not None:
        attributes |= to_place("content", table)
    if document is not None:
        attributes |= to_place("document", document)
    return attributes


def to_place(name: str, content: Content) -> Item:
    """Return two attributes that say where content is."""
    return {name: {"S": content.address}, f"{name}_parts": {"N": str(len(content.parts))}}


def from_place(item: Mapping[str, Any], name: str) -> Place:
    """Return where an entry's content is. Raises StoreFailed."""
    try:
        return Place(item[name]["S"], int(item[f"{name}_parts"]["N"]))
    except (ValueError, LookupError, TypeError) as exc:
        raise StoreFailed(f"got an entry that does not say where its {name} is: {exc!r}") from exc


def from_attributes(item: Mapping[str, Any]) -> Entry:
    """Return the entry that an item holds. Raises StoreFailed."""
    try:
        changes, forced = json.loads(zlib.decompress(item["lists"]["B"]))
        return Entry(
            kind=_KINDS[item["kind"]["S"]],
            version=int(item["version"]["N"]),
            parent=int(item["parent"]["N"]),
            digest=item["digest"]["S"],
            who=item["who"]["S"],
            when=item["when"]["S"],
            why=item["why"]["S"],
            changes=tuple(changes),
            forced=tuple(forced),
            back_to=int(item["back_to"]["N"]) if "back_to" in item else None,
            route=item["route"]["S"] if "route" in item else "",
        )
    except (ValueError, LookupError, TypeError, zlib.error) as exc:
        key = item.get("sk", {}).get("S", "an entry")
        raise StoreFailed(f"{key}: got an item that is no entry: {exc!r}") from exc


_KINDS: Mapping[str, Kind] = dict(zip(get_args(Kind), get_args(Kind), strict=True))


def _text(text: str) -> str:
    # A name from a terminal may hold what is no text; nothing must stop a freeze.
    return text.encode("utf-8", "replace").decode()
