"""Why a request goes where it goes: the decision, every candidate with its reason, and the caller's bucket."""

from dataclasses import replace

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from proxy.errors import BadDocument
from proxy.message import Pair, Request
from proxy.routing.canary import BUCKETS, bucket_of
from proxy.routing.compile import compile_table
from proxy.routing.compiled import load
from proxy.routing.decide import decide
from proxy.routing.explain import Caller, as_caller, explain, words
from proxy.routing.pattern import METHODS
from proxy.routing.reader import read
from proxy.routing.source import Condition
from proxy.routing.table import Route, Table
from tests.samples import request


def table(*routes: str) -> Table:
    """A table of routes in YAML's flow style, each with a handler."""
    lines = [f"  - {{handler: 'some.module:handler', {route}}}" for route in routes]
    return load(compile_table(read("\n".join(["version: 1", "routes:", *lines])), 1))


ORDERS = table(
    "id: read, match: 'GET /orders/{id}', stage: canary, percent: 5, sticky: 'cookie:sid', compare: true",
    "id: search, match: 'GET /orders/search', stage: live",
    "id: beta, match: 'GET /orders/{id}', stage: live, when: {header: {x-beta: '1'}, query: {v: '2'}}",
    "id: write, match: 'PUT,DELETE /orders/{id}', stage: live",
    "id: rest, match: 'ANY /orders/{path+}', stage: legacy",
    "id: admin, match: 'GET /admin', stage: migrated",
    "id: never, match: 'GET /never', stage: live, fallback: never",
)


def reasons(of: Table, asked: Request) -> dict[str, str]:
    return {candidate.route.id: candidate.rejected for candidate in explain(of, asked).candidates}


def test_every_route_that_fits_the_path_is_told_with_its_reason_nearest_first() -> None:
    asked = request("GET", "/orders/search")

    explained = explain(ORDERS, asked)

    assert [(candidate.route.id, candidate.methods, candidate.rejected) for candidate in explained.candidates] == [
        ("search", ("GET",), ""),
        ("beta", ("GET",), "header x-beta=1 not met: got none; query v=2 not met: got none"),
        ("read", ("GET",), "less specific than search (/orders/search)"),
        (
            "rest",
            METHODS,
            "less specific than search (/orders/search)",
        ),
        ("write", ("PUT", "DELETE"), "answers PUT, DELETE, not GET"),
    ]


@pytest.mark.parametrize(
    ("headers", "query", "said"),
    [
        ((), "", "header x-beta=1 not met: got none; query v=2 not met: got none"),
        (((b"X-Beta", b"1"),), "v=3", "query v=2 not met: got '3'"),
        (((b"X-Beta", b"1"),), "v=2&v=3", "query v=2 not met: got '2' and '3'"),
        (((b"X-Beta", b"1"),), "v=2", ""),
    ],
)
def test_condition_that_is_not_met_is_told_with_what_the_request_has(
    headers: tuple[Pair, ...], query: str, said: str
) -> None:
    found = reasons(ORDERS, request("GET", "/orders/7", query, headers))

    assert (found["beta"], found["read"]) == (said, "" if said else "asks less of a request than beta")


@pytest.mark.parametrize(
    ("method", "path", "note"),
    [
        ("GET", "/nowhere", "no route lists this path: legacy answers"),
        (
            "POST",
            "/admin",
            "this path is listed, but not for POST: legacy answers, and says whether it knows the method",
        ),
        ("get", "/admin", "methods are case-sensitive, and no route lists get for this path: legacy answers"),
    ],
)
def test_what_no_route_takes_is_told_to_be_legacys(method: str, path: str, note: str) -> None:
    """Unlisted: legacy answers."""
    explained = explain(ORDERS, request(method, path))

    assert (explained.decision.primary, explained.decision.route, explained.notes) == ("legacy", None, (note,))


def test_conditions_that_no_route_sees_met_are_told() -> None:
    beta = table("id: beta, match: 'GET /orders', stage: live, when: {header: {x-beta: '*'}, host: api.example.com}")

    explained = explain(beta, request("GET", "/orders"))

    assert explained.notes == ("no route's conditions are met: legacy answers",)
    assert explained.candidates[0].rejected == (
        "host api.example.com not met: got 'api.shop.example'; any header x-beta not met: got none"
    )


def test_path_with_two_readings_is_told_with_both() -> None:
    explained = explain(ORDERS, request("GET", "/x/../admin"))

    assert explained.decision.reason == "ambiguous_path"
    assert explained.notes == (
        "servers read this path in two ways: /x/../admin leads to no route, /admin leads to admin; so legacy answers",
    )
    assert {candidate.route.id: candidate.rejected for candidate in explained.candidates} == {
        "admin": "the path has two readings, and only one of them leads here"
    }


@pytest.mark.parametrize(
    ("method", "path", "notes"),
    [
        (
            "PUT",
            "/orders/7",
            (
                "no shadow: PUT may write, and the route does not say writes: true",
                "fallback only if the handler says that nothing was committed: PUT may write",
            ),
        ),
        ("GET", "/never", ("no fallback: the route says fallback: never",)),
    ],
)
def test_side_that_the_stage_has_and_this_request_has_not_is_told(
    method: str, path: str, notes: tuple[str, ...]
) -> None:
    """A write is never executed twice by fallback or shadow."""
    assert explain(ORDERS, request(method, path)).notes == notes


def test_freeze_is_told_with_what_it_changes() -> None:
    frozen = replace(ORDERS, frozen="moving")

    explained = explain(frozen, request("GET", "/orders/search"))

    assert (explained.decision.primary, explained.decision.reason) == ("legacy", "frozen")
    assert explained.notes == ("a freeze is in force: without it, migrated would answer",)


def test_caller_is_told_with_the_bucket_that_decides() -> None:
    asked = request("GET", "/orders/7", headers=((b"Cookie", b"a=b; sid=abc"),))

    explained = explain(ORDERS, asked)

    assert explained.caller == Caller("cookie:sid", "abc", bucket_of("read", "abc"), 500)
    assert explained.decision.bucket == bucket_of("read", "abc")


def test_caller_without_a_key_has_no_bucket() -> None:
    assert explain(ORDERS, request("GET", "/orders/7")).caller == Caller("cookie:sid", "", None, 500)


@pytest.mark.parametrize("percent", [0, 0.01, 5, 12.34, 99.99, 100])
def test_buckets_that_are_told_to_be_taken_are_those_that_decide_takes(percent: float) -> None:
    canary = table(f"id: read, match: 'GET /orders', stage: canary, percent: {percent}, sticky: 'header:x-user'")
    (route,) = canary.routes
    keys = [str(number) for number in range(2000)]

    explained = [explain(canary, as_caller(route, request("GET", "/orders"), key)) for key in keys]

    buckets = {found.caller.bucket: found.decision.primary for found in explained if found.caller}
    taken = round(percent * BUCKETS / 100)
    assert len(buckets) > 1500
    assert buckets == {bucket: "migrated" if bucket < taken else "legacy" for bucket in buckets if bucket is not None}
    assert {found.caller.taken for found in explained if found.caller} == {taken}


@pytest.mark.parametrize(
    ("sticky", "said"),
    [
        ("ip", ("", (), "", "203.0.113.9")),
        ("header:X-User", ("", ((b"x-user", b"203.0.113.9"), (b"Cookie", b"sid=1; a=2")), "", "203.0.113.24")),
        ("cookie:sid", ("", ((b"cookie", b"sid=203.0.113.9; a=2"), (b"X-User", b"me")), "", "203.0.113.24")),
        ("query:user", ("user=203.0.113.9&v=1", (), "", "203.0.113.24")),
        ("path:id", ("", (), "/orders/203.0.113.9/lines", "203.0.113.24")),
    ],
)
def test_request_of_a_caller_has_the_key_where_the_route_looks_for_it(
    sticky: str, said: tuple[str, tuple[Pair, ...], str, str]
) -> None:
    (route,) = table(f"id: a, match: 'GET /orders/{{id}}/lines', stage: live, sticky: '{sticky}'").routes
    asked = request("GET", "/orders/7/lines", "user=1&v=1", ((b"Cookie", b"sid=1; a=2"), (b"X-User", b"me")))

    changed = as_caller(route, asked, "203.0.113.9")

    query, headers, path, client_ip = said
    assert changed == replace(
        asked,
        query=query or asked.query,
        headers=replace(asked.headers, pairs=headers or asked.headers.pairs),
        path=path or asked.path,
        client_ip=client_ip,
    )


@pytest.mark.parametrize("sticky", ["ip", "header:x-user", "cookie:sid", "query:user", "path:id", "claim:sub"])
def test_key_of_a_caller_is_the_one_that_the_canary_reads(sticky: str) -> None:
    """The same sticky key gets the same side in every process."""
    canary = table(f"id: a, match: 'GET /orders/{{id}}', stage: canary, percent: 5, sticky: '{sticky}'")
    (route,) = canary.routes
    asked = request("GET", "/orders/7", "user=1", ((b"Cookie", b"sid=1"), (b"X-User", b"me")))

    explained = explain(canary, as_caller(route, asked, "somebody"))

    assert explained.caller == Caller(sticky, "somebody", bucket_of("a", "somebody"), 500)


@pytest.mark.parametrize(
    ("sticky", "key", "said"),
    [
        ("cookie:sid", "a;b", "got 'a;b', expected visible ASCII without ;, as it stands in a request's cookie:sid"),
        ("query:v", "a&b", "got 'a&b', expected visible ASCII without & and #, as it stands in a request's query:v"),
        (
            "path:id",
            "a/b",
            "got 'a/b', expected visible ASCII without / and ? and #, as it stands in a request's path:id",
        ),
        ("header:x", "", "got '', expected visible ASCII, as it stands in a request's header:x"),
        ("header:x", "é", "got 'é', expected visible ASCII, as it stands in a request's header:x"),
        ("ip", "a b", "got 'a b', expected visible ASCII, as it stands in a request's ip"),
    ],
)
def test_key_that_cannot_stand_there_is_refused(sticky: str, key: str, said: str) -> None:
    (route,) = table(f"id: a, match: 'GET /orders/{{id}}', stage: live, sticky: '{sticky}'").routes

    with pytest.raises(ValueError, match="expected visible ASCII") as refused:
        as_caller(route, request("GET", "/orders/7"), key)

    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (Condition("host", "", "api.example.com"), "host api.example.com"),
        (Condition("header", "x-beta", "1"), "header x-beta=1"),
        (Condition("cookie", "beta", "*"), "any cookie beta"),
        (Condition("host", "", "*"), "any host"),
    ],
)
def test_condition_reads_as_people_write_it(condition: Condition, said: str) -> None:
    assert words(condition) == said


SEGMENTS = st.sampled_from(["a", "b", "{x}", "{y}"])
TEMPLATES = st.tuples(st.lists(SEGMENTS, max_size=3, unique=True), st.sampled_from(["", "/", "/{rest+}"])).map(
    lambda parts: "".join(f"/{segment}" for segment in parts[0]) + (parts[1] or ("" if parts[0] else "/"))
)
PATHS = st.lists(st.sampled_from(["/", "/a", "/b", "/c", "//", "/%61", "/.."]), min_size=1, max_size=5).map("".join)


def fits(template: str, path: str) -> bool:
    """The same question, answered segment by segment."""
    wanted, given_ = template[1:].split("/"), path[1:].split("/")
    if wanted[-1] == "{rest+}":
        wanted, tail = wanted[:-1], given_[len(wanted) - 1 :]
        given_ = given_[: len(wanted)]
        if not tail or tail == [""]:
            return False
    return len(wanted) == len(given_) and all(
        (segment != "" if name.startswith("{") else segment == name)
        for name, segment in zip(wanted, given_, strict=True)
    )


@given(st.dictionaries(TEMPLATES, st.sampled_from(["GET", "POST", "ANY"]), min_size=1, max_size=8), PATHS)
def test_candidates_are_the_routes_whose_template_fits_and_the_taken_one_is_decides(
    routes: dict[str, str], path: str
) -> None:
    matches = [f"{method} {template}" for template, method in routes.items()]
    try:
        of = table(*(f"id: r{at}, match: '{match}', stage: legacy" for at, match in enumerate(matches)))
    except BadDocument:
        reject()  # a tie, or a route that no request can reach
    asked = request("GET", path)

    explained = explain(of, asked)

    decision = decide(of, asked)
    taken = [candidate.route for candidate in explained.candidates if not candidate.rejected]
    assert explained.decision == decision
    assert taken == ([decision.route] if decision.route else [])
    if decision.reason != "ambiguous_path":
        found = {candidate.route.template for candidate in explained.candidates}
        assert found == {route.template for route in of.routes if fits(route.template, path)}


def test_route_reads_as_a_whole_path_and_its_parameters() -> None:
    route = Route("a", "/a/{b}/{c+}")

    assert as_caller(route._replace(sticky="path:c"), request("GET", "/a/1/2/3"), "key").path == "/a/1/key"
