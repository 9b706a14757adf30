"""Which route a path finds, and what is no table."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import TableUnreadable
from proxy.routing.table import NO_ROUTES, Backend, Route, Table, digest_of, load
from tests.samples import compiled, table

ROUTES = """
    root: GET /  legacy
    orders: GET /orders  legacy
    orders.slash: GET /orders/  legacy
    orders.new: GET /orders/new  legacy
    orders.read: GET /orders/{id}  legacy
    orders.lines: GET /orders/{id}/lines  legacy
    orders.new.any: GET /orders/new/{what}  legacy
    orders.line: GET /orders/{id}/lines/{line}  legacy
    files: GET /files/{path+}  legacy
    files.readme: GET /files/docs/readme  legacy
    files.doc: GET /files/{folder}/readme  legacy
    many: PUT,PATCH /orders/{id}  legacy
    any: ANY /any/{rest+}  legacy
"""


@pytest.mark.parametrize(
    ("method", "path", "route", "params"),
    [
        ("GET", "/", "root", {}),
        ("GET", "/orders", "orders", {}),
        ("GET", "/orders/", "orders.slash", {}),
        ("GET", "/orders/new", "orders.new", {}),
        ("GET", "/orders/7", "orders.read", {"id": "7"}),
        ("GET", "/orders/a%2Fb", "orders.read", {"id": "a%2Fb"}),
        ("GET", "/orders/new/lines", "orders.new.any", {"what": "lines"}),
        ("GET", "/orders/new/lines/1", "orders.line", {"id": "new", "line": "1"}),
        ("GET", "/orders/7/lines", "orders.lines", {"id": "7"}),
        ("GET", "/orders/7/lines/", None, {}),
        ("GET", "/orders//lines", None, {}),
        ("GET", "/Orders", None, {}),
        ("GET", "/files", None, {}),
        ("GET", "/files/", None, {}),
        ("GET", "/files/a", "files", {"path": "a"}),
        ("GET", "/files/a/", "files", {"path": "a/"}),
        ("GET", "/files//a", "files", {"path": "/a"}),
        ("GET", "/files/docs/readme", "files.readme", {}),
        ("GET", "/files/other/readme", "files.doc", {"folder": "other"}),
        ("GET", "/files/docs/other", "files", {"path": "docs/other"}),
        ("GET", "/files/docs/readme/x", "files", {"path": "docs/readme/x"}),
        ("PUT", "/orders/7", "many", {"id": "7"}),
        ("PATCH", "/orders/7", "many", {"id": "7"}),
        ("HEAD", "/orders/7", None, {}),
        ("get", "/orders/7", None, {}),
        ("OPTIONS", "/any/x", "any", {"rest": "x"}),
        ("PURGE", "/any/x", None, {}),
        ("GET", "/orders?x", None, {}),
    ],
)
def test_most_specific_route_is_found(method: str, path: str, route: str | None, params: dict[str, str]) -> None:
    """A literal before a parameter before a rest, from the left."""
    match = table(ROUTES).match(method, path)

    assert (match and match.route.id, dict(match.params) if match else {}) == (route, params)


def test_order_of_the_file_does_not_matter() -> None:
    lines = [line for line in ROUTES.splitlines() if line.strip()]
    paths = ["/", "/orders/new", "/orders/new/lines", "/files/docs/readme", "/files/x/readme", "/files/x"]

    found = [
        [match and match.route.id for match in (some.match("GET", path) for path in paths)]
        for some in (table("\n".join(lines)), table("\n".join(reversed(lines))))
    ]

    assert found[0] == found[1]


SEGMENTS = st.sampled_from(["a", "b", "{x}", "{y}", "{z}"])
TEMPLATES = st.lists(SEGMENTS, min_size=1, max_size=4, unique=True).flatmap(
    lambda segments: st.sampled_from([segments, [*segments, "{r+}"], [*segments, ""]])
)


def shape(template: list[str]) -> tuple[str, ...]:
    return tuple(
        "{+" if segment.endswith("+}") else "{" if segment.startswith("{") else segment for segment in template
    )


def fits(template: list[str], segments: list[str]) -> bool:
    """Match by the definition, one template at a time."""
    for position, wanted in enumerate(template):
        if wanted.endswith("+}"):
            return "/".join(segments[position:]) != ""
        if position == len(segments):
            return False
        if not (segments[position] if wanted.startswith("{") else segments[position] == wanted):
            return False
    return len(template) == len(segments)


def rank(template: list[str]) -> list[int]:
    """From the left, a literal comes before a parameter, and that before a rest."""
    return [2 if segment.endswith("+}") else 1 if segment.startswith("{") else 0 for segment in template]


@given(
    st.lists(TEMPLATES, min_size=1, max_size=12, unique_by=shape),
    st.lists(st.lists(st.sampled_from(["a", "b", "c", ""]), min_size=1, max_size=6), min_size=1, max_size=8),
)
def test_match_finds_what_trying_every_route_finds(templates: list[list[str]], paths: list[list[str]]) -> None:
    some = table("\n".join(f"r{at}: GET /{'/'.join(template)} legacy" for at, template in enumerate(templates)))

    for segments in paths:
        fitting = [at for at, template in enumerate(templates) if fits(template, segments)]
        expected = min(fitting, key=lambda at: rank(templates[at])) if fitting else None
        match = some.match("GET", "/" + "/".join(segments))
        assert (match and match.route.id) == (None if expected is None else f"r{expected}"), segments


def test_loaded_table_is_what_was_compiled() -> None:
    loaded = table("orders.read: GET /orders/{id} migrated migrated.orders.api:handler", version=7, timeout="1500ms")

    assert loaded == Table(
        version=7,
        digest=loaded.digest,
        legacy=Backend("${LEGACY_URL}", 1.5),
        routes=(Route("orders.read", "migrated", "/orders/{id}", "migrated.orders.api:handler", None),),
        index={"GET": {"/": {"orders": {"{": {".": [0, ["id"]]}}}}},
    )
    assert repr(loaded) == f"<Table version 7, 1 routes, {loaded.digest[:12]}>"


def test_table_without_routes_knows_no_path() -> None:
    """Unlisted: legacy answers."""
    assert NO_ROUTES.match("GET", "/") is None
    assert NO_ROUTES.legacy == Backend("${LEGACY_URL}", 20.0)


def signed(**changes: Any) -> bytes:  # Any: JSON
    data = json.loads(compiled("a: GET /a legacy")) | changes
    return json.dumps(data | {"digest": digest_of(data)}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b"{}",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"format":1}',
        signed(format=2),
        signed(routes=7),
        signed(routes=[{"id": "a"}]),
        signed(
            routes=[{"id": "a", "stage": "legacy", "template": "/a", "handler": "", "timeout_s": None, "percent": 5}]
        ),
        signed(routes=[{"id": "a", "stage": "retired", "template": "/a", "handler": "", "timeout_s": None}]),
        signed(routes=[{"id": "a", "stage": ["live"], "template": "/a", "handler": "", "timeout_s": None}]),
        signed(legacy=[]),
        signed(legacy={"url": "http://127.0.0.1"}),
        compiled("a: GET /a legacy")[:-1],
        compiled("a: GET /a legacy").replace(b"legacy", b"migrated", 1),
        compiled("a: GET /a legacy").replace(b'"version":1', b'"version":2'),
    ],
)
def test_bytes_that_are_no_table_are_refused(data: bytes) -> None:
    """No readable table: the last good one, so that nothing but TableUnreadable may come out of reading one."""
    with pytest.raises(TableUnreadable, match=r"^table: got "):
        load(data)
