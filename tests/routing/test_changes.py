"""What differs between two documents, which changes skip a stage, and which would undo somebody else's."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import create_model

from proxy.routing.changes import Change, changes, jumps, lost
from proxy.routing.document import Document, RouteDocument
from tests.routing.documents import Data, data, document

HANDLER = {"handler": "migrated.orders.api:handler"}
STAGES = ["legacy", "shadow", "canary", "live", "migrated", "retired"]


def one(**fields: Any) -> Document:  # Any: what a file holds
    """A document with one route."""
    return document({"version": 1, "routes": [{"id": "a", "match": "GET /a", **fields}]})


def at(stage: str | None) -> Document:
    """A document whose only route is in a stage; None: it is not listed."""
    if stage is None:
        return document({"version": 1})
    return one(stage=stage, percent=5, **HANDLER)


def lines(before: Document, after: Document) -> list[str]:
    return [change.text for change in changes(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ({}, {}, []),
        # Written in another way, but the same.
        ({}, {"stage": "legacy", "sticky": "ip", "compare": False, "fallback": {}, "slo": {}, "retries": 1}, []),
        ({"timeout": "1m"}, {"timeout": "60s"}, []),
        # Stages.
        ({}, {"stage": "shadow"}, ["legacy → shadow"]),
        ({}, {"stage": "canary", "percent": 5}, ["legacy → canary 5 %"]),
        ({"percent": 5}, {"stage": "canary", "percent": 5}, ["legacy → canary 5 %"]),
        ({"stage": "canary", "percent": 5}, {"stage": "canary", "percent": 20}, ["canary 5 % → 20 %"]),
        ({"stage": "canary", "percent": 0.25}, {"stage": "canary", "percent": 12.5}, ["canary 0.25 % → 12.5 %"]),
        ({"stage": "canary", "percent": 50}, {"stage": "live", "percent": 50}, ["canary 50 % → live"]),
        ({"stage": "canary", "percent": 50}, {"stage": "live"}, ["canary 50 % → live"]),
        ({"stage": "live"}, {"stage": "legacy"}, ["live → legacy"]),
        ({"stage": "migrated"}, {"stage": "retired"}, ["migrated → retired"]),
        # A percentage that the words about the stage do not tell of.
        ({"percent": 5}, {"percent": 20}, ["percent 5 % → 20 %"]),
        ({}, {"percent": 20}, ["percent none → 20 %"]),
        ({"percent": 5}, {"stage": "canary", "percent": 20}, ["legacy → canary 20 %", "percent 5 % → 20 %"]),
        (
            {"stage": "canary", "percent": 5},
            {"stage": "live", "percent": 20},
            ["canary 5 % → live", "percent 5 % → 20 %"],
        ),
        # Sides.
        ({"handler": "m.a:b"}, {"handler": "m.a:c"}, ["handler m.a:b → m.a:c"]),
        ({"handler": "m.a:b"}, {"function": "orders-prod"}, ["handler m.a:b → function orders-prod"]),
        ({"function": "orders-prod"}, {"handler": "m.a:b"}, ["function orders-prod → handler m.a:b"]),
        ({"handler": None}, {"handler": "m.a:b"}, ["handler none → m.a:b"]),
        ({"function": "f", "handler": None}, {"handler": None}, ["function f → none"]),
        # Everything else.
        ({}, {"match": "POST /b/{id}"}, ["match GET /a → POST /b/{id}"]),
        ({"timeout": "20s"}, {"timeout": "5s"}, ["timeout 20 s → 5 s"]),
        ({}, {"timeout": "300ms"}, ["timeout none → 300 ms"]),
        ({}, {"sticky": "cookie:sid"}, ["sticky ip → cookie:sid"]),
        ({}, {"retries": 0}, ["retries 1 → 0"]),
        ({}, {"fallback": "never"}, ["fallback {} → never"]),
        ({}, {"fallback": {"statuses": [503]}}, ["fallback {} → {statuses: [503]}"]),
        ({}, {"compare": {"ignore": ["$.at"]}}, ["compare false → {ignore: [$.at]}"]),
        (
            {"slo": {"p95": "300ms"}},
            {"slo": {"p95": "0.25s", "errors": "1%"}},
            ["slo {p95: 300ms} → {p95: 250ms, errors: 1%}"],
        ),
        ({"when": {"header": {"x": "*"}}}, {}, ["when {header: {x: '*'}} → {}"]),
        ({"needs": ["raw-path"]}, {}, ["needs [raw-path] → []"]),
        ({"owner": "shop"}, {}, ["owner shop → none"]),
        ({"owner": "shop\x1b[31m"}, {}, [r"owner 'shop\x1b[31m' → none"]),
        ({}, {"tags": ["x", "y z"]}, ["tags [] → [x, y z]"]),
        ({"sunset": "2027-03-31"}, {"sunset": "2027-06-30"}, ["sunset 2027-03-31 → 2027-06-30"]),
        # More than one: the stage first.
        (
            {"match": "GET /b", "owner": "me"},
            {"stage": "canary", "percent": 5, "retries": 2},
            ["legacy → canary 5 %", "match GET /b → GET /a", "retries 1 → 2", "owner me → none"],
        ),
    ],
)
def test_change_of_a_route_is_told_in_words(before: Data, after: Data, says: list[str]) -> None:
    sides = [{**HANDLER, **fields} if "function" not in fields else fields for fields in (before, after)]
    old, new = (one(**{key: value for key, value in side.items() if value is not None}) for side in sides)

    assert lines(old, new) == [f"a: {words}" for words in says]


def listed(*ids: str, **how: Any) -> Document:  # Any: what a file holds
    routes = [{"id": name, "match": f"GET /{name}", **how} for name in ids]
    return document({"version": 1, "routes": routes})


def test_routes_are_told_in_the_order_of_the_new_file_and_then_those_that_are_gone() -> None:
    before, after = listed("z", "gone", "b", "a", "left"), listed("new", "b", "a", "z", retries=0)

    assert lines(before, after) == [
        "new: added, legacy",
        "b: retries 1 → 0",
        "a: retries 1 → 0",
        "z: retries 1 → 0",
        "gone: removed, legacy answers",
        "left: removed, legacy answers",
    ]


def test_another_order_is_no_change() -> None:
    assert lines(listed("a", "b"), listed("b", "a")) == []


def test_route_is_added_with_its_stage() -> None:
    assert [lines(at(None), at(stage)) for stage in ("shadow", "canary")] == [
        ["a: added, shadow"],
        ["a: added, canary 5 %"],
    ]


def test_documents_own_fields_are_told_before_the_routes() -> None:
    before = document({"version": 1, "backends": {"old": {}, "reports": {"timeout": "20s"}}})
    after = document(
        {
            "version": 1,
            "legacy": {"url": "http://legacy.example.com", "timeout": "5s", "keep_alive": False},
            "backends": {"reports": {"timeout": "1500ms"}, "new.one": {}},
            "routes": [{"id": "a", "match": "GET /a", "legacy": "reports"}],
        }
    )

    assert lines(before, after) == [
        "legacy: url ${LEGACY_URL} → http://legacy.example.com",
        "legacy: timeout 20 s → 5 s",
        "legacy: keep_alive true → false",
        "backends.reports: timeout 20 s → 1.5 s",
        "backends.new.one: added",
        "backends.old: removed",
        "a: added, legacy",
    ]


def test_legacy_system_of_a_route_is_not_told_in_the_words_of_a_stage() -> None:
    head: Data = {"version": 1, "backends": {"reports": {}}}
    route = {"id": "a", "match": "GET /a"}
    before, after = (document({**head, "routes": [{**route, **other}]}) for other in ({}, {"legacy": "reports"}))

    assert lines(before, after) == ["a: backend none → reports"]


def test_change_tells_programs_what_was_and_what_is() -> None:
    canary = one(stage="canary", percent=5, timeout="20s", **HANDLER)
    live = one(stage="live", timeout="1m", function="orders-prod")

    assert changes(canary, live) == [
        Change("a", "stage", {"stage": "canary", "percent": 5.0}, {"stage": "live"}, "a: canary 5 % → live"),
        Change(
            "a",
            "handler",
            HANDLER,
            {"function": "orders-prod"},
            "a: handler migrated.orders.api:handler → function orders-prod",
        ),
        Change("a", "timeout", {"timeout": "20s"}, {"timeout": "60s"}, "a: timeout 20 s → 60 s"),
    ]


def test_whole_route_and_whole_backend_come_and_go_for_programs_too() -> None:
    full = document(
        {"version": 1, "backends": {"b": {"url": "http://b"}}, "routes": [{"id": "a", "match": "GET /a", "retries": 2}]}
    )

    come, go = changes(at(None), full), changes(full, at(None))

    assert [(change.route, change.field) for change in come] == [("", "backends.b"), ("a", "")]
    assert (come[0].after["backends.b"]["url"], come[1].after["retries"]) == ("http://b", 2)
    assert [(change.before, change.after) for change in go] == [(change.after, change.before) for change in come]


def test_field_that_this_code_never_heard_of_is_told() -> None:
    newer_route = create_model("NewerRoute", __base__=RouteDocument, colour=(dict[str, int], {}))
    newer = create_model("Newer", __base__=Document, routes=(tuple[newer_route, ...], ()), mood=(str, ""))  # type: ignore[valid-type]  # a model made just now
    route = {"id": "a", "match": "GET /a"}

    before, after = (
        newer.model_validate({"version": 1, "routes": ({**route, **colour},), **mood})
        for colour, mood in (({}, {}), ({"colour": {"red": 1}}, {"mood": "good"}))
    )

    assert lines(before, after) == ["mood none → good", "a: colour {} → {red: 1}"]


@pytest.mark.parametrize(
    ("before", "legal"),
    [
        # Where nobody has seen the migrated side answer, it may be shown only.
        (None, {"legacy", "shadow", "canary"}),
        ("legacy", {"legacy", "shadow", "canary"}),
        # While legacy answers some callers, it may not be taken away.
        ("shadow", {"legacy", "shadow", "canary", "live", "migrated"}),
        ("canary", {"legacy", "shadow", "canary", "live", "migrated"}),
        ("live", set(STAGES)),
        ("migrated", set(STAGES)),
        ("retired", set(STAGES)),
    ],
)
def test_stage_is_not_skipped_on_the_way_and_every_way_back_is_legal(before: str | None, legal: set[str]) -> None:
    assert {after for after in STAGES if not jumps(at(before), at(after))} == legal


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("legacy", "migrated", "a: legacy → migrated without shadow or canary before"),
        ("legacy", "live", "a: legacy → live without shadow or canary before"),
        (None, "retired", "a: unlisted → retired without shadow or canary before"),
        ("canary", "retired", "a: canary → retired without live or migrated before"),
    ],
)
def test_jump_is_told_in_words(before: str | None, after: str, says: str) -> None:
    assert jumps(at(before), at(after)) == [says]


def test_jumps_are_told_in_the_order_of_the_new_file_and_a_route_that_went_makes_none() -> None:
    before = listed("gone", "a", "b", stage="migrated", function="f")
    after = listed("z", "b", "y", stage="migrated", function="f")

    assert [told.partition(":")[0] for told in jumps(before, after)] == ["z", "y"]


BASE: Data = {
    "version": 1,
    "backends": {"old": {}, "reports": {"timeout": "20s"}},
    "routes": [{"id": "a", "match": "GET /a", "retries": 2}, {"id": "b", "match": "GET /b"}],
}


def but(head: Data | None = None, **routes: Data | None) -> Document:
    """BASE with other fields of the head and of routes; a route that is None is gone, and a new one is added."""
    listed = {route["id"]: route for route in BASE["routes"]}
    for name, fields in routes.items():
        listed[name] = {"id": name, "match": f"GET /{name}", **listed.get(name, {}), **(fields or {})}
        if fields is None:
            del listed[name]
    return document({**BASE, **(head or {}), "routes": list(listed.values())})


@pytest.mark.parametrize(
    ("theirs", "mine", "undone"),
    [
        (but(), but(a={"retries": 3}), []),
        (but(a={"retries": 3}), but(), ["a"]),
        (but(a={"retries": 3}), but(a={"retries": 3}), []),
        (but(a={"retries": 3}), but(a={"retries": 0}), ["a"]),
        # Beside theirs, not over it.
        (but(a={"retries": 3}), but(a={"retries": 3, "owner": "me"}), []),
        (but(a={"retries": 3}), but(a={"owner": "me"}), ["a"]),
        (but(a={"retries": 3, "owner": "me"}), but(a={"retries": 3}), ["a"]),
        (but(a={"retries": 3}), but(a={"retries": 3}, b={"owner": "me"}), []),
        # Routes that came or went.
        (but(c={}), but(), ["c"]),
        (but(c={}), but(c={}), []),
        (but(c={}), but(c={"retries": 0}), ["c"]),
        (but(b=None), but(), ["b"]),
        (but(b=None), but(b={"owner": "me"}), ["b"]),
        (but(b=None), but(b=None), []),
        (but(b={"owner": "me"}), but(b=None), ["b"]),
        (but(), but(b=None), []),
        # The document's own.
        (but({"legacy": {"timeout": "5s", "host": "legacy"}}), but(), ["legacy.timeout", "legacy.host"]),
        (but({"legacy": {"timeout": "5s"}}), but({"legacy": {"timeout": "5s", "host": "legacy"}}), []),
        (but({"backends": {"reports": {"timeout": "5s"}}}), but(), ["backends.reports.timeout", "backends.old"]),
        (but({"backends": {"reports": {"timeout": "20s"}}}), but({"backends": {}}), []),
        (but({"backends": {"old": {}, "reports": {}, "new": {}}}), but(), ["backends.new"]),
        # In the order of their file; what they took away comes last.
        (but({"legacy": {"timeout": "5s"}}, c={}, a={"retries": 0}, b=None), but(), ["legacy.timeout", "a", "c", "b"]),
    ],
)
def test_what_somebody_else_changed_and_mine_has_otherwise_is_lost(
    theirs: Document, mine: Document, undone: list[str]
) -> None:
    assert lost(document(BASE), theirs, mine) == undone


def test_route_and_field_of_one_name_are_two_things() -> None:
    base = document({"version": 1, "routes": [{"id": "legacy.url", "match": "GET /a"}]})
    theirs = document(
        {"version": 1, "legacy": {"url": "http://h"}, "routes": [{"id": "legacy.url", "match": "GET /a"}]}
    )

    assert lost(base, theirs, base) == ["legacy.url"]
    assert lost(base, theirs, theirs) == []


@given(data(), data())
def test_documents_are_equal_if_and_only_if_nothing_is_told(one: Data, other: Data) -> None:
    before, after = document(one), document(other)

    same = {route.id: route for route in before.routes} == {route.id: route for route in after.routes} and (
        before.legacy,
        before.backends,
    ) == (after.legacy, after.backends)
    assert (lines(before, after) == []) is same
    assert (lines(before, before), lines(after, after)) == ([], [])


@given(data(), data())
def test_every_line_is_one_printable_line_and_the_way_back_tells_of_the_same_fields(one: Data, other: Data) -> None:
    there, back = changes(document(one), document(other)), changes(document(other), document(one))

    assert all(change.text.isprintable() for change in there)
    told = [sorted((change.route, *sorted((*change.before, *change.after))) for change in way) for way in (there, back)]
    assert told[0] == told[1]


@given(data(), data(), data())
def test_nothing_is_lost_of_what_mine_has_as_they_do_or_of_what_they_left_alone(
    one: Data, two: Data, three: Data
) -> None:
    base, theirs, mine = document(one), document(two), document(three)

    assert lost(base, theirs, theirs) == []
    assert lost(base, base, mine) == []
    assert bool(lost(base, theirs, base)) is bool(changes(base, theirs))


@given(data(least=1), st.data())
def test_every_field_of_a_route_shows(fields: Data, draw: st.DataObject) -> None:
    before = document(fields)
    route = draw.draw(st.sampled_from(fields["routes"]))
    optional = sorted(set(route) - {"id", "match", "stage", "handler", "function", "percent"})
    name = draw.draw(st.sampled_from(optional)) if optional else None
    less = {
        **fields,
        "routes": [
            {key: value for key, value in each.items() if each is not route or key != name} for each in fields["routes"]
        ],
    }
    after = document(less)

    told = {field for change in changes(before, after) for field in (*change.before, *change.after)}

    was, now = ({each.id: each for each in side.routes}[route["id"]] for side in (before, after))
    assert told == ({name} if name and getattr(was, name) != getattr(now, name) else set())
