"""Random right documents, as data: for laws that hold for each of them."""

import json
from typing import Any

from hypothesis import strategies as st

from proxy.routing.document import Document
from proxy.routing.reader import read

Data = dict[str, Any]  # Any: what a file holds

DURATIONS = st.builds(
    lambda number, unit: f"{number}{unit}",
    st.integers(1, 15) | st.decimals(1, 15, places=2) | st.decimals(1, 15, places=9),
    st.sampled_from(["ms", "s", "m"]),
)
PERCENTS = st.integers(0, 100) | st.integers(0, 10_000).map(lambda hundredths: hundredths / 100)
_IS_THERE = st.booleans()
_NAMES = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True)
_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=8) | st.sampled_from(
    ["on", "no", "12:30", "010", "1e3", "null", "2027-03-31", "a: b", "# a", "😀 é", "<<", "*", "{", "'", '"', "a\nb"]
)
_HEADERS = st.from_regex(r"[a-wyz][a-z0-9-]{0,8}", fullmatch=True)
_RAW = st.from_regex(r"[A-Za-z0-9._~%-]{1,8}", fullmatch=True)
_PATHS = st.from_regex(r"\$\.[a-z_]{1,8}", fullmatch=True)
_BACKENDS = st.fixed_dictionaries(
    {},
    optional={
        "url": st.sampled_from(["${LEGACY_URL}", "http://old.example.com", "https://10.0.0.7:8443"]),
        "timeout": DURATIONS,
        "host": st.sampled_from(["client", "legacy"]),
        "keep_alive": st.booleans(),
    },
)
_FIELDS = {
    "when": st.fixed_dictionaries(
        {},
        optional={
            "host": st.sampled_from(["api.example.com", "x"]),
            "header": st.dictionaries(_HEADERS, st.just("*") | _RAW, max_size=2),
            "query": st.dictionaries(_RAW, st.just("*") | _RAW, max_size=2),
            "cookie": st.dictionaries(_RAW, st.just("") | _RAW, max_size=2),
        },
    ),
    "sticky": st.sampled_from(["ip", "cookie:sid", "header:X-User", "claim:sub", "query:u", "path:id"]),
    "timeout": DURATIONS,
    "retries": st.integers(0, 3),
    "fallback": st.just("never")
    | st.fixed_dictionaries({}, optional={"statuses": st.lists(st.integers(400, 599), max_size=2)}),
    "compare": st.booleans()
    | st.fixed_dictionaries(
        {},
        optional={
            "ignore": st.lists(_PATHS, max_size=2),
            "unordered": st.lists(_PATHS, max_size=2),
            "headers": st.lists(_HEADERS, max_size=2),
        },
    ),
    "slo": st.fixed_dictionaries(
        {}, optional={"p95": DURATIONS, "errors": st.sampled_from(["0.5%", "100 %", "0%", "12.25%"])}
    ),
    "needs": st.lists(st.sampled_from(["raw-path", "large-body"]), max_size=2),
    "owner": _TEXT,
    "tags": st.lists(_TEXT, max_size=2),
    "sunset": st.dates().map(str),
}
_SIDES = st.sampled_from(
    [{"handler": "migrated.orders.api:handler"}, {"function": "orders-prod"}, {"function": "orders-prod:live"}]
)


@st.composite
def _routes(draw: st.DrawFn, position: int, backends: list[str]) -> Data:
    stage = draw(st.sampled_from([None, "legacy", "shadow", "canary", "live", "migrated", "retired"]))
    methods = draw(st.sampled_from(["GET", "GET,HEAD", "ANY", "POST"]))
    # Under a literal of its own, so that no two tie.
    route: Data = {"id": f"{position}.{draw(_NAMES)}", "match": f"{methods} /r{position}/{{id}}"}
    if stage:
        route["stage"] = stage
    if stage not in (None, "legacy", "retired") or draw(_IS_THERE):
        route |= draw(_SIDES)
    if stage == "canary" or draw(_IS_THERE):
        route["percent"] = draw(PERCENTS)
    has_backend: bool = draw(_IS_THERE)
    if backends and has_backend:
        route["legacy"] = draw(st.sampled_from(backends))
    route |= draw(st.fixed_dictionaries({}, optional=_FIELDS))
    return dict(draw(st.permutations(list(route.items()))))


@st.composite
def data(draw: st.DrawFn, *, least: int = 0) -> Data:
    """The data of a right document with at least so many routes, its keys in any order."""
    backends = draw(st.dictionaries(_NAMES, _BACKENDS, max_size=2))
    routes = [draw(_routes(position, list(backends))) for position in range(draw(st.integers(least, 3)))]
    head: Data = {"version": 1}
    if backends:
        head["backends"] = backends
    if draw(_IS_THERE):
        head["legacy"] = draw(_BACKENDS)
    has_routes: bool = draw(_IS_THERE)
    if routes or has_routes:
        head["routes"] = routes
    return dict(draw(st.permutations(list(head.items()))))


def document(fields: Data) -> Document:
    """The document that a file with this data holds."""
    return read(json.dumps(fields, ensure_ascii=False))
