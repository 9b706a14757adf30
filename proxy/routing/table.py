"""The routing table as requests see it: frozen, compiled once, looked up by method and path.

A compiled table is plain nested data (canonical JSON), so that the request path loads it with `json` alone.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal, NamedTuple, get_args

from proxy.errors import TableUnreadable
from proxy.routing.pattern import split

FORMAT = 1
Stage = Literal["legacy", "migrated"]
_STAGES = frozenset(get_args(Stage))


@dataclass(frozen=True, slots=True)
class Route:
    """One route, compiled."""

    id: str
    stage: Stage
    template: str
    handler: str  # "module:attribute"; "" when only legacy can answer
    timeout_s: float | None  # None: the backend's own


@dataclass(frozen=True, slots=True)
class Backend:
    """A legacy system. `url` may hold ${NAME}, which the function resolves from its own environment."""

    url: str
    timeout_s: float
    host: Literal["client", "legacy"] = "client"  # whose name legacy is asked under
    keep_alive: bool = True


class Match(NamedTuple):
    """A route and the raw text of its parameters."""

    route: Route
    params: Mapping[str, str]


# A node is {"/": {literal: node}, "{": node, "+": leaf, ".": leaf}, every key optional; a leaf is [route's position,
# names of the parameters]. One letter each: a table of 10 000 routes is read at every cold start.
Node = Mapping[str, Any]  # Any: a recursive type of JSON data


@dataclass(frozen=True, slots=True)
class Table:
    """A published version of all routes. `match` takes time in the path's length, not in the number of routes."""

    version: int = 0
    digest: str = ""
    legacy: Backend = field(default_factory=lambda: Backend("${LEGACY_URL}", 20.0))
    routes: tuple[Route, ...] = ()
    index: Mapping[str, Node] = field(default_factory=dict)

    def match(self, method: str, path: str) -> Match | None:
        """Return the most specific route for a raw path: a literal before a parameter before a rest, from the left."""
        root = self.index.get(method)
        if root is None:
            return None
        segments = split(path)
        values: list[str] = []
        leaf = _descend(root, segments, 0, values)
        if leaf is None:
            return None
        position, names = leaf
        return Match(self.routes[position], dict(zip(names, values, strict=True)))

    def __repr__(self) -> str:
        return f"<Table version {self.version}, {len(self.routes)} routes, {self.digest[:12]}>"


NO_ROUTES = Table()


def _descend(node: Node, segments: list[str], at: int, values: list[str]) -> list[Any] | None:
    """Return the leaf for segments[at:], and in `values` the parameters on the way; backtracks to the next specific."""
    if at == len(segments):
        return node.get(".")
    literals = node.get("/")
    if literals is not None and (child := literals.get(segments[at])) is not None:
        found = _descend(child, segments, at + 1, values)
        if found is not None:
            return found
    # A parameter takes a segment that is there: "/orders/" is not "/orders/{id}".
    if segments[at] and (child := node.get("{")) is not None:
        values.append(segments[at])
        found = _descend(child, segments, at + 1, values)
        if found is not None:
            return found
        values.pop()
    rest: list[Any] | None = node.get("+")
    if rest is not None and (segments[at] or at + 1 < len(segments)):
        values.append("/".join(segments[at:]))
        return rest
    return None


def digest_of(compiled: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a compiled table without its own digest: it tells corruption, not forgery."""
    body = {key: value for key, value in compiled.items() if key != "digest"}
    return sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def load(data: bytes) -> Table:
    """Return the table in its compiled form. Raises TableUnreadable saying what is wrong with the bytes."""
    try:
        compiled = json.loads(data)
        if compiled["format"] != FORMAT:
            raise TableUnreadable(f"table: got format {compiled['format']!r}, expected {FORMAT}")
        if compiled["digest"] != digest_of(compiled):
            raise TableUnreadable(f"table: got content that its digest {compiled['digest']!r} does not fit")
        routes = tuple(Route(**route) for route in compiled["routes"])
        # A newer publisher may know more stages than this function: then the last good table is the one to go by.
        if unknown := {route.stage for route in routes} - _STAGES:
            raise TableUnreadable(f"table: got stages {sorted(unknown)}, expected some of {sorted(_STAGES)}")
        return Table(
            version=compiled["version"],
            digest=compiled["digest"],
            legacy=Backend(**compiled["legacy"]),
            routes=routes,
            index=compiled["index"],
        )
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise TableUnreadable(f"table: got {len(data)} bytes that are no compiled table: {exc!r}") from exc
