"""Which side answers: a truth table of stages, callers, methods and freezes; and paths with two readings."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.message import SAFE_METHODS
from proxy.routing.canary import bucket_of
from proxy.routing.decide import Decision, decide
from proxy.routing.pattern import canonical
from proxy.routing.table import Frozen, Table
from tests.routing.tables import asking, lines, table

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")

Sides = tuple[str, str | None, str | None]  # primary, shadow, fallback
LEGACY: Sides = ("legacy", None, None)
MIGRATED: Sides = ("migrated", None, None)
GONE: Sides = ("proxy", None, None)


CANARY_IN = {"stage": "canary", "percent": 100}
CANARY_OUT = {"stage": "canary", "percent": 0}
COMPARED, WRITES, NEVER = {"compare": True}, {"writes": True}, {"fallback": "never"}


@pytest.mark.parametrize(
    ("fields", "reading", "writing", "moving_frozen", "all_frozen"),
    [
        #                     GET, HEAD, OPTIONS; all others; taken back by a freeze of what is moving, and of all
        ({"stage": "legacy"}, LEGACY, LEGACY, False, False),
        ({"stage": "legacy", **WRITES, **COMPARED}, LEGACY, LEGACY, False, False),
        ({"stage": "shadow"}, ("legacy", "migrated", None), LEGACY, True, True),
        ({"stage": "shadow", **NEVER}, ("legacy", "migrated", None), LEGACY, True, True),
        ({"stage": "shadow", **WRITES}, ("legacy", "migrated", None), ("legacy", "migrated", None), True, True),
        ({"stage": "shadow", "shadow": {"percent": 0}, **WRITES}, LEGACY, LEGACY, True, True),
        (CANARY_IN, ("migrated", None, "legacy"), ("migrated", None, "legacy"), True, True),
        (CANARY_OUT, LEGACY, LEGACY, True, True),
        ({**CANARY_IN, **COMPARED}, ("migrated", "legacy", "legacy"), ("migrated", None, "legacy"), True, True),
        ({**CANARY_OUT, **COMPARED}, ("legacy", "migrated", None), LEGACY, True, True),
        ({**CANARY_IN, **COMPARED, **WRITES}, ("migrated", "legacy", "legacy"), ("migrated", "legacy", "legacy"),
         True, True),
        ({**CANARY_IN, **NEVER}, MIGRATED, MIGRATED, True, True),
        ({**CANARY_IN, **COMPARED, **NEVER}, ("migrated", "legacy", None), MIGRATED, True, True),
        ({"stage": "live"}, ("migrated", "legacy", "legacy"), ("migrated", None, "legacy"), True, True),
        ({"stage": "live", **WRITES}, ("migrated", "legacy", "legacy"), ("migrated", "legacy", "legacy"), True, True),
        ({"stage": "live", "shadow": {"percent": 0}, **WRITES}, ("migrated", None, "legacy"),
         ("migrated", "legacy", "legacy"), True, True),
        ({"stage": "live", **NEVER}, ("migrated", "legacy", None), MIGRATED, True, True),
        ({"stage": "migrated"}, MIGRATED, MIGRATED, False, True),
        ({"stage": "migrated", **WRITES}, MIGRATED, MIGRATED, False, True),
        ({"stage": "retired"}, GONE, GONE, False, True),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("frozen", ["", "moving", "all"])
@pytest.mark.parametrize("is_open", [False, True])
def test_stage_caller_method_freeze_and_breaker_choose_the_sides(
    fields: dict[str, Any],
    reading: Sides,
    writing: Sides,
    moving_frozen: bool,
    all_frozen: bool,
    method: str,
    frozen: Frozen,
    is_open: bool,
) -> None:
    """A write has no shadow unless the route says so; a freeze sends back what still has a living legacy; and an open
    breaker what may fall back.
    """
    of = replace(table({"id": "a", "match": "ANY /a", **fields}), frozen=frozen)

    decision = decide(of, asking(method, "/a"), is_open=lambda _: is_open)

    is_frozen = {"": False, "moving": moving_frozen, "all": all_frozen}[frozen]
    sides = LEGACY if is_frozen else reading if method in SAFE_METHODS else writing
    bucket = bucket_of("a", "203.0.113.24") if fields["stage"] == "canary" and not is_frozen else None
    reason = "frozen" if is_frozen else "stage"
    if is_open and sides[2] is not None:
        sides, reason = LEGACY, "breaker_open"
    assert decision == Decision(*sides, reason, of.routes[0], bucket)  # type: ignore[arg-type]  # these are Literals


@pytest.mark.parametrize("percent", [0.01, 1, 25, 50, 99.99])
def test_shadow_takes_its_share_of_the_requests_and_the_same_ones_each_time(percent: float) -> None:
    of = table({"id": "a", "match": "GET /a", "stage": "shadow", "shadow": {"percent": percent}})
    requests = [replace(asking("GET", "/a"), id=f"request-{number}") for number in range(20_000)]

    shadowed = [decide(of, each).shadow for each in requests]

    assert [decide(of, each).shadow for each in requests] == shadowed
    # 20 000 draws: four standard deviations of the share.
    share = percent / 100
    tolerance = 4 * (share * (1 - share) / len(requests)) ** 0.5
    assert abs(shadowed.count("migrated") / len(requests) - share) <= tolerance


CALLERS = asking("GET", "/orders/7", headers={"X-User": "caller-1"})  # bucket 124 of the route orders.read


@pytest.mark.parametrize(
    ("percent", "primary"),
    [(0, "legacy"), (1.23, "legacy"), (1.24, "legacy"), (1.25, "migrated"), (1.26, "migrated"), (100, "migrated")],
)
def test_caller_takes_part_in_a_canary_when_its_bucket_is_below_the_percentage(percent: float, primary: str) -> None:
    of = table(
        {
            "id": "orders.read",
            "match": "GET /orders/{id}",
            "stage": "canary",
            "percent": percent,
            "sticky": "header:X-User",
        }
    )

    decision = decide(of, CALLERS)

    assert (decision.primary, decision.bucket) == (primary, 124)


def canary(percent: float) -> Table:
    return table({"id": "a", "match": "GET /a", "stage": "canary", "percent": percent, "sticky": "cookie:sid"})


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.text("ab12", min_size=1))
def test_raising_a_percentage_never_moves_a_caller_back(one: int, other: int, sid: str) -> None:
    """Raising a percentage never moves a caller back."""
    lower, higher = sorted((one, other))
    request = asking("GET", "/a", cookie=f"sid={sid}")

    before, after = (decide(canary(percent / 100), request) for percent in (lower, higher))

    assert before.bucket == after.bucket
    assert (before.primary, after.primary) != ("migrated", "legacy")


@given(st.integers(0, 10_000), st.text("ab12", min_size=1))
def test_each_hundredth_of_a_percent_takes_one_bucket_more(hundredths: int, sid: str) -> None:
    """Half-open, and no rounding leaves a bucket out."""
    decision = decide(canary(hundredths / 100), asking("GET", "/a", cookie=f"sid={sid}"))

    assert decision.bucket == bucket_of("a", sid)
    assert (decision.primary == "migrated") == (decision.bucket < hundredths)


TABLE = table(
    *lines("""
        kept: GET /kept/{id}
        moved: GET /moved/{id} migrated
        admin: GET /admin migrated
        admin.rest: GET /admin/{rest+} migrated
        slash: GET /folder/ migrated
    """),
    {"id": "beta", "match": "GET /beta", "stage": "migrated", "when": {"header": {"x-beta": "1"}}},
)
ROUTES = {route.id: route for route in TABLE.routes}


@pytest.mark.parametrize("path", ["/other/7", "/moved", "/moved/", "/moved/7/8", "/", "//", "/folder", "/beta"])
@pytest.mark.parametrize("frozen", ["", "moving", "all"])
def test_path_that_no_route_lists_goes_to_legacy(path: str, frozen: Frozen) -> None:
    """Unlisted: legacy answers."""
    assert decide(replace(TABLE, frozen=frozen), asking("GET", path)) == Decision("legacy", None, None, "unlisted")


@pytest.mark.parametrize("method", ["POST", "HEAD", "OPTIONS", "get", "PURGE", "ANY", ""])
def test_listed_path_with_a_method_that_no_route_lists_goes_to_legacy(method: str) -> None:
    """Unlisted: legacy answers."""
    assert decide(TABLE, asking(method, "/moved/7")) == Decision("legacy", None, None, "unlisted")


def test_request_that_does_not_meet_a_routes_conditions_goes_to_legacy() -> None:
    """Unlisted: legacy answers."""
    met, unmet = asking("GET", "/beta", headers={"X-Beta": "1"}), asking("GET", "/beta", headers={"X-Beta": "2"})

    assert decide(TABLE, met) == Decision("migrated", None, None, "stage", ROUTES["beta"])
    assert decide(TABLE, unmet) == Decision("legacy", None, None, "unlisted")


@pytest.mark.parametrize(
    "path",
    [
        "/%61dmin",
        "/admi%6E",
        "//admin",
        "/./admin",
        "/x/../admin",
        "/x/%2e%2e/admin",
        "/x/..%2Fadmin",
        "/admin%2Fx",
        "/admin%2F..",
        "/admin/x/../../kept/7",
        "/admin/..",
        "/moved/..",
        "/moved/%2e",
        "/moved/7%2F8",
        "/moved/%2E%2E%2Fadmin",
        "/moved/x%2F..%2F..%2Fadmin",
        "/folder/.",
        "/folder//x/..",
        "/%62eta",
    ],
)
def test_path_that_servers_read_differently_is_left_to_legacy(path: str) -> None:
    """Nothing a client sends can pick a side: no spelling reaches a route that the forwarded path would not."""
    decision = decide(TABLE, asking("GET", path, headers={"x-beta": "1"}))

    assert (decision.primary, decision.route) == ("legacy", None)


@pytest.mark.parametrize(
    ("path", "route", "params"),
    [
        ("/moved/caf%C3%A9", "moved", {"id": "caf%C3%A9"}),
        ("/moved/a%20b", "moved", {"id": "a%20b"}),
        ("/moved/%2541", "moved", {"id": "%2541"}),
        ("/admin/a/../b", "admin.rest", {"rest": "a/../b"}),
        ("/admin/a%2Fb", "admin.rest", {"rest": "a%2Fb"}),
        ("/admin/a//b", "admin.rest", {"rest": "a//b"}),
        ("/admin/.hidden", "admin.rest", {"rest": ".hidden"}),
        ("/folder/", "slash", {}),
    ],
)
def test_escapes_that_lead_to_the_same_route_are_no_reason_to_leave_it(
    path: str, route: str, params: dict[str, str]
) -> None:
    decision = decide(TABLE, asking("GET", path))

    assert decision == Decision("migrated", None, None, "stage", ROUTES[route])
    assert ROUTES[route].params(path) == params


@given(
    st.lists(st.sampled_from(["/", "admin", "moved", "kept", "7", "..", ".", "%2F", "%2e", "%61", "x", "folder"])).map(
        lambda parts: "/" + "".join(parts)
    )
)
def test_migrated_answers_only_what_both_readings_of_a_path_give_it(path: str) -> None:
    """Nothing a client sends can pick a side."""
    decision = decide(TABLE, asking("GET", path))

    readings = {route.id if (route := TABLE.match("GET", each)) else None for each in (path, canonical(path))}
    if decision.primary == "migrated":
        assert decision.route is not None
        assert readings == {decision.route.id}
    else:
        assert readings <= {None, "kept"} or len(readings) == 2


def test_freeze_leaves_a_path_with_two_readings_to_legacy_as_ever() -> None:
    decision = decide(replace(TABLE, frozen="all"), asking("GET", "/%61dmin"))

    assert decision == Decision("legacy", None, None, "ambiguous_path")
