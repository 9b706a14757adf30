"""Which route a request finds: the precedence of templates and conditions, line by line."""

import random

import pytest

from proxy.routing import pattern
from proxy.routing.compile import compile_table
from proxy.routing.compiled import load
from proxy.routing.table import NO_ROUTES, Backend, Route, Routes
from tests.routing.tables import asking, document, lines, table

ROUTES = lines("""
    root: GET /
    orders: GET /orders
    orders.slash: GET /orders/
    orders.new: GET /orders/new
    orders.read: GET /orders/{id}
    orders.lines: GET /orders/{id}/lines
    orders.new.any: GET /orders/new/{what}
    orders.line: GET /orders/{id}/lines/{line}
    files: GET /files/{path+}
    files.readme: GET /files/docs/readme
    files.doc: GET /files/{folder}/readme
    tree: GET /tree/{branch}/tip
    tree.main: GET /tree/main/{path+}
    tree.deep: GET /tree/{branch}/log/{path+}
    many: PUT,PATCH /orders/{id}
    any: ANY /any/{rest+}
""")
TABLE = table(*ROUTES)


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
        ("GET", "//orders", None, {}),
        ("GET", "//", None, {}),
        ("GET", "/Orders", None, {}),
        ("GET", "/files", None, {}),
        ("GET", "/files/", None, {}),
        ("GET", "/files/a", "files", {"path": "a"}),
        ("GET", "/files/a/", "files", {"path": "a/"}),
        ("GET", "/files//", "files", {"path": "/"}),
        ("GET", "/files//a", "files", {"path": "/a"}),
        ("GET", "/files/docs/readme", "files.readme", {}),
        ("GET", "/files/docs/readme/", "files", {"path": "docs/readme/"}),
        ("GET", "/files/other/readme", "files.doc", {"folder": "other"}),
        ("GET", "/files/docs/other", "files", {"path": "docs/other"}),
        ("GET", "/files/docs/readme/x", "files", {"path": "docs/readme/x"}),
        ("GET", "/tree/other/tip", "tree", {"branch": "other"}),
        ("GET", "/tree/main/tip", "tree.main", {"path": "tip"}),
        ("GET", "/tree/main/log/x", "tree.main", {"path": "log/x"}),
        ("GET", "/tree/other/log/x", "tree.deep", {"branch": "other", "path": "x"}),
        ("GET", "/tree//log/x", None, {}),
        ("PUT", "/orders/7", "many", {"id": "7"}),
        ("PATCH", "/orders/7", "many", {"id": "7"}),
        ("HEAD", "/orders/7", None, {}),
        ("get", "/orders/7", None, {}),
        ("OPTIONS", "/any/x", "any", {"rest": "x"}),
        ("PURGE", "/any/x", None, {}),
        ("GET", "/orders?x", None, {}),
    ],
)
def test_most_specific_template_is_found(method: str, path: str, route: str | None, params: dict[str, str]) -> None:
    """A literal before a parameter before a rest, from the left."""
    found = TABLE.match(method, path)

    assert (found and found.id, found.params(path) if found else {}) == (route, params)


def test_methods_of_each_route_are_known_to_its_table() -> None:
    """By them, too, a function names the question that a comparison asks."""
    asked = [{**row, "id": f"{row['id']}.asked", "when": {"header": {"x-beta": "1"}}} for row in ROUTES]
    both = table(*ROUTES, *asked)

    known = {route.id: sorted(both.methods_of(route)) for route in both.routes}

    assert known == {row["id"]: sorted(pattern.parse(row["match"]).methods) for row in (*ROUTES, *asked)}


CONDITIONS = table(
    {"id": "plain", "match": "GET /orders/{id}"},
    {"id": "new", "match": "GET /orders/new", "when": {"header": {"X-Beta": "1"}}},
    {"id": "beta", "match": "GET /orders/{id}", "when": {"header": {"X-Beta": "1"}}},
    {"id": "beta.any", "match": "GET /orders/{id}", "when": {"header": {"x-beta": "*"}}},
    {"id": "sid", "match": "GET /orders/{id}", "when": {"cookie": {"sid": "*"}, "query": {"v": "*"}}},
    {"id": "host", "match": "GET /orders/{id}", "when": {"host": "b.example", "header": {"x-beta": "1"}}},
    {
        "id": "all",
        "match": "GET /orders/{id}",
        "when": {"host": "b.example", "query": {"v": "2"}, "cookie": {"a": "*"}},
    },
    {"id": "empty", "match": "GET /orders/{id}", "when": {"query": {"e": ""}}},
    {"id": "rest", "match": "GET /{path+}", "when": {"header": {"x-beta": "1"}, "query": {"v": "*"}}},
    {"id": "write", "match": "POST /orders", "when": {"query": {"v": "2"}}},
)


@pytest.mark.parametrize(
    ("method", "path", "brings", "route"),
    [
        ("GET", "/orders/7", {}, "plain"),
        ("GET", "/orders/7", {"headers": {"x-BETA": "1"}}, "beta"),
        ("GET", "/orders/7", {"headers": {"X-Beta": "2"}}, "beta.any"),
        ("GET", "/orders/7", {"headers": {"X-Beta": ""}}, "beta.any"),
        ("GET", "/orders/7", {"headers": {"X-Beta": "1", "x-beta": "1"}}, "beta"),
        ("GET", "/orders/7", {"headers": {"X-Beta": "1", "x-beta": "2"}}, "beta.any"),
        ("GET", "/orders/7", {"headers": {"X-Bet": "1"}}, "plain"),
        ("GET", "/orders/7", {"query": "v=1", "cookie": "sid=s"}, "sid"),
        ("GET", "/orders/7", {"query": "v=1"}, "plain"),
        ("GET", "/orders/7", {"query": "v", "cookie": "sid"}, "sid"),
        ("GET", "/orders/7", {"query": "v=1", "cookie": "sid=s", "headers": {"x-beta": "1"}}, "sid"),
        ("GET", "/orders/7", {"host": "b.example", "headers": {"x-beta": "1"}}, "host"),
        ("GET", "/orders/7", {"host": "B.example:8443", "headers": {"x-beta": "1"}}, "host"),
        ("GET", "/orders/7", {"host": "b.example"}, "plain"),
        ("GET", "/orders/7", {"host": "b.example", "query": "v=2", "cookie": "a="}, "all"),
        ("GET", "/orders/7", {"host": "b.example", "query": "v=2", "cookie": "a=", "headers": {"x-beta": "1"}}, "all"),
        ("GET", "/orders/7", {"host": "b.example", "query": "v=2&v=2", "cookie": "a="}, "all"),
        ("GET", "/orders/7", {"host": "b.example", "query": "v=2&v=3", "cookie": "a="}, "plain"),
        ("GET", "/orders/7", {"query": "e="}, "empty"),
        ("GET", "/orders/7", {"query": "e"}, "empty"),
        ("GET", "/orders/7", {"query": "e=1"}, "plain"),
        ("GET", "/orders/new", {"headers": {"x-beta": "1"}}, "new"),
        ("GET", "/orders/new", {"headers": {"x-beta": "2"}}, "beta.any"),
        ("GET", "/orders/new", {}, "plain"),
        ("GET", "/orders/7", {"headers": {"x-beta": "1"}, "query": "v=2"}, "beta"),
        ("GET", "/orders/7/x", {"headers": {"x-beta": "1"}, "query": "v=2"}, "rest"),
        ("GET", "/orders/7/x", {"headers": {"x-beta": "1"}}, None),
        ("POST", "/orders", {"query": "v=2"}, "write"),
        ("POST", "/orders", {}, None),
    ],
)
def test_more_conditions_come_before_fewer_of_one_template(
    method: str, path: str, brings: dict[str, str], route: str | None
) -> None:
    """The template first; then more conditions before fewer, and one value before any value."""
    found = CONDITIONS.match(method, path, asking(method, path, **brings))  # type: ignore[arg-type]  # as `asking` has them

    assert (found and found.id) == route


def test_without_a_request_no_condition_is_met() -> None:
    found = CONDITIONS.match("GET", "/orders/new")

    assert found is not None
    assert found.id == "plain"
    assert CONDITIONS.match("POST", "/orders") is None


def test_order_of_the_file_does_not_matter() -> None:
    paths = ["/", "/orders/new", "/orders/new/lines", "/files/docs/readme", "/files/x/readme", "/tree/main/log/x"]
    orders = [ROUTES, ROUTES[::-1], random.Random(7).sample(ROUTES, len(ROUTES))]

    found = [[route and route.id for route in (table(*rows).match("GET", path) for path in paths)] for rows in orders]

    assert found == [found[0]] * 3


@pytest.mark.parametrize(
    ("template", "shape"),
    [
        ("/", "0"),
        ("/orders", "0"),
        ("/orders/", "00"),
        ("/orders/{id}", "01"),
        ("/{a}/{b}/lines/{rest+}", "1102"),
    ],
)
def test_shape_is_the_kinds_of_segments(template: str, shape: str) -> None:
    assert Route("a", template).shape == shape


@pytest.mark.parametrize(
    ("template", "path", "params"),
    [
        ("/orders", "/orders", {}),
        ("/orders/{id}/", "/orders/%37/", {"id": "%37"}),
        ("/{a}/b/{c+}", "/1/b/2//3/", {"a": "1", "c": "2//3/"}),
    ],
)
def test_parameters_are_raw_text_of_the_path(template: str, path: str, params: dict[str, str]) -> None:
    assert Route("a", template).params(path) == params


def test_routes_are_made_when_they_are_asked_for() -> None:
    routes = Routes([["a", "/a", "legacy", ""], ["b", "/b", "canary", "m:h", {"percent": 5.0}]])

    first, second = routes[1], routes[1]

    assert first is second
    assert first == Route("b", "/b", "canary", "m:h", percent=5.0)
    assert list(routes.made) == [1]
    assert [route.id for route in routes] == ["a", "b"]
    assert len(routes) == 2


def test_position_that_is_not_there_is_an_index_error() -> None:
    with pytest.raises(IndexError):
        Routes([["a", "/a", "legacy", ""]])[1]


def test_table_of_ten_thousand_routes_makes_none_of_them_when_it_is_loaded() -> None:
    data = compile_table(document(*(f"GET /orders/{at}/{{id}}" for at in range(10_000))), 1)

    loaded = load(data)

    assert (len(loaded.routes), len(loaded.routes.made)) == (10_000, 0)
    found = loaded.match("GET", "/orders/7/x")
    assert found is not None
    assert (found.id, list(loaded.routes.made)) == ("r7", [7])


def test_table_without_routes_knows_no_path() -> None:
    """Unlisted: legacy answers."""
    assert NO_ROUTES.match("GET", "/") is None
    assert NO_ROUTES.backends == {"": Backend("${LEGACY_URL}", 20.0)}


def test_table_shows_its_version_in_a_log() -> None:
    loaded = table("GET /a", "GET /b", version=7)

    assert repr(loaded) == f"<Table version 7, 2 routes, {loaded.digest[:12]}>"
