"""The compiled form of a table: canonical JSON that the request path loads with `json` alone.

    {"digest":"<64 hexadecimal digits>","format":2,"index":…,"legacy":…,"routes":…,"version":…}

Keys are sorted and there is no white space, so the digest stands at the front and is the SHA-256 of all that follows it
(with the brace that it cut off): nothing is written out again to check it. It tells corruption, not forgery.
"""

import gc
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, get_args

from proxy.errors import TableUnreadable
from proxy.routing.index import Branches
from proxy.routing.table import Backend, Route, Routes, Stage, Table

FORMAT = 2  # raised with whatever a function that knows only this one would read wrongly
_STAGES = frozenset(get_args(Stage))
_USUAL_FIELDS = ("id", "template", "stage", "handler")
_OTHER_FIELDS = frozenset(Route._fields) - frozenset(_USUAL_FIELDS)
_FRONT = b'{"digest":"'
_BODY = len(_FRONT) + 64 + len(b'",')


def dump(version: int, content: Mapping[str, Any]) -> bytes:  # Any: JSON
    """Return the compiled form of a version of a table with the given index, legacy and routes."""
    fields = {**content, "format": FORMAT, "version": version}
    body = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    return b'%s%s",%s' % (_FRONT, sha256(body).hexdigest().encode(), body[1:])


def as_version(data: bytes, version: int) -> bytes:
    """Return a compiled table as another version: a rollback publishes old content under a new number.

    Raises TableUnreadable for bytes that are no compiled table.
    """
    fields = _checked(data)
    return dump(version, {key: fields[key] for key in ("index", "legacy", "routes")})


def digest_of(data: bytes) -> str:
    """Return the digest that a compiled table carries."""
    return data[len(_FRONT) : len(_FRONT) + 64].decode("ascii", "replace")


def load(data: bytes) -> Table:
    """Return the table in its compiled form. Raises TableUnreadable saying what is wrong with the bytes."""
    fields = _checked(data)
    try:
        _refuse_unknown(fields["routes"])
        return Table(
            version=fields["version"],
            digest=digest_of(data),
            backends={name: Backend(**backend) for name, backend in fields["legacy"].items()},
            routes=Routes(fields["routes"]),
            index={method: Branches.of(trees) for method, trees in fields["index"].items()},
        )
    except (ValueError, LookupError, TypeError, AttributeError) as exc:
        raise TableUnreadable(f"table: got {len(data)} bytes that are no compiled table: {exc!r}") from exc


def _refuse_unknown(routes: list[Any]) -> None:  # Any: JSON
    # A newer publisher may know more than this function: then the last good table is the one to go by. Routes are made
    # when they are asked for, which would be too late to find out.
    if unknown := {len(route) for route in routes} - {len(_USUAL_FIELDS), len(_USUAL_FIELDS) + 1}:
        raise TableUnreadable(f"table: got routes of {sorted(unknown)} parts, expected 4 or 5")
    if unknown := {route[2] for route in routes} - _STAGES:
        raise TableUnreadable(f"table: got stages {sorted(unknown)}, expected some of {sorted(_STAGES)}")
    if unknown := {name for route in routes if len(route) > len(_USUAL_FIELDS) for name in route[-1]} - _OTHER_FIELDS:
        raise TableUnreadable(
            f"table: got fields {sorted(unknown)} of routes, expected some of {sorted(_OTHER_FIELDS)}"
        )


def _checked(data: bytes) -> dict[str, Any]:  # Any: JSON
    if data[: len(_FRONT)] != _FRONT or data[_BODY - 2 : _BODY] != b'",':
        raise TableUnreadable(
            f"table: got {len(data)} bytes that do not begin with a digest, expected a compiled table"
        )
    body = b"{" + data[_BODY:]
    if sha256(body).hexdigest() != digest_of(data):
        raise TableUnreadable(f"table: got content that its digest {digest_of(data)!r} does not fit")
    # Thousands of small objects at once would make the collector look through all of them again and again.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        fields: dict[str, Any] = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise TableUnreadable(f"table: got {len(data)} bytes that are no JSON: {exc!r}") from exc
    finally:
        if was_enabled:
            gc.enable()
    if fields.get("format") != FORMAT:
        raise TableUnreadable(f"table: got format {fields.get('format')!r}, expected {FORMAT}")
    if missing := {"index", "legacy", "routes", "version"} - fields.keys():
        raise TableUnreadable(f"table: got no {', '.join(sorted(missing))}, expected a compiled table")
    return fields
