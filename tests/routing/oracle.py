"""A matcher that tries every route: regular expressions, and a rank for each that fits. And tables for it to try."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from hypothesis import strategies as st

from proxy.message import Headers, Request
from tests.routing.tables import asking

PATHS = [
    "/" + "/".join(segments) + slash
    for count in range(1, 5)
    for segments in product(("a", "b", "x"), repeat=count)
    for slash in ("", "/")
] + ["/", "//", "//a", "/a//", "/a//b", "/a/b//", "/x//b/", "/a%2Fb", "/A", "/a/b/a/b/a", "/a/b/a/b/a/"]

SEGMENTS = st.sampled_from(["a", "b", "a", "b", "{p}", "{q}", "{r}"])
TEMPLATES = st.lists(SEGMENTS, max_size=4, unique=True).flatmap(
    lambda segments: st.sampled_from([segments or [""], [*segments, "{rest+}"], [*segments, ""]])
)
VALUES = st.sampled_from(["1", "1", "2", "*"])
WHEN = st.fixed_dictionaries(
    {},
    optional={
        "host": st.sampled_from(["one.example", "two.example"]),
        "header": st.dictionaries(st.sampled_from(["x-a", "X-B"]), VALUES, max_size=2),
        "query": st.dictionaries(st.sampled_from(["a", "b"]), VALUES, max_size=2),
        "cookie": st.dictionaries(st.sampled_from(["a", "b"]), VALUES, max_size=1),
    },
)
ROWS = st.fixed_dictionaries(
    {
        "match": st.builds(
            lambda methods, template: f"{methods} /{'/'.join(template)}",
            st.sampled_from(["GET", "GET", "GET", "GET,POST", "POST", "ANY"]),
            TEMPLATES,
        ),
        "when": st.one_of(st.just({}), st.just({}), WHEN),
    }
)
PAIRS = st.lists(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["1", "2"])), max_size=3)


@dataclass(frozen=True)
class Brought:
    """What a request brings beside method and path, before anything of the proxy's has read it."""

    host: str
    headers: Sequence[tuple[str, str]]
    query: Sequence[tuple[str, str]]
    cookies: Sequence[tuple[str, str]]

    def on(self, method: str, path: str) -> Request:
        """Return it as a request."""
        sent = [*self.headers, *([("COOKIE", "; ".join(map("=".join, self.cookies)))] if self.cookies else [])]
        return replace(
            asking(method, path, "&".join(map("=".join, self.query)), host=self.host),
            headers=Headers(tuple((name.encode(), value.encode()) for name, value in sent)),
        )

    def meets(self, when: Mapping[str, Any]) -> bool:  # Any: a route's conditions as in a document
        """Tell whether each condition holds: every value under its name is the one, or any, and there is one."""
        wanted = [
            *([([self.host], when["host"])] if "host" in when else []),
            *(
                ([value for known, value in pairs if known.lower() == name.lower()], value)
                for source, pairs in (("header", self.headers), ("query", self.query), ("cookie", self.cookies))
                for name, value in when.get(source, {}).items()
            ),
        ]
        return all(found and (value == "*" or set(found) == {value}) for found, value in wanted)


BROUGHT = st.builds(
    Brought,
    st.sampled_from(["one.example", "two.example", "three.example"]),
    st.lists(st.tuples(st.sampled_from(["x-a", "X-A", "x-b"]), st.sampled_from(["1", "2"])), max_size=3),
    PAIRS,
    PAIRS,
)


class Tried:
    """One route, for trying."""

    def __init__(self, at: int, row: Mapping[str, Any]) -> None:  # Any: a document's values
        methods, _, template = row["match"].partition(" ")
        self.id = f"r{at}"
        self.when = row.get("when", {})
        self.methods = "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS" if methods == "ANY" else methods
        kinds = [2 if part.endswith("+}") else 1 if part.startswith("{") else 0 for part in template.split("/")]
        patterns = [re.escape(template.split("/")[place]) if not kind else "[^/]+" for place, kind in enumerate(kinds)]
        self.fits = re.compile("/".join([*patterns[:-1], ".+" if kinds[-1] == 2 else patterns[-1]])).fullmatch
        values = [value for name, asked in self.when.items() for value in (asked.values() if name != "host" else [""])]
        self.rank = kinds, -len(values), values.count("*")


def best(tried: Sequence[Tried], method: str, path: str, brought: Brought) -> set[str | None]:
    """Return the ids of the routes of the first rank among those that fit; more than one if routes tie."""
    fitting = [
        route
        for route in tried
        if method in route.methods.split(",") and route.fits(path) and brought.meets(route.when)
    ]
    first = min((route.rank for route in fitting), default=None)
    return {route.id for route in fitting if route.rank == first} or {None}
