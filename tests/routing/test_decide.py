"""Which side answers: a truth table of stage and match."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.decide import Decision, Side, decide
from proxy.routing.pattern import canonical
from tests.samples import table

TABLE = table("""
    kept: GET /kept/{id} legacy
    moved: GET /moved/{id} migrated some.module:handler
    admin: GET /admin migrated some.module:handler
    admin.rest: GET /admin/{rest+} migrated some.module:handler
    slash: GET /folder/ migrated some.module:handler
""")
ROUTES = {route.id: route for route in TABLE.routes}


@pytest.mark.parametrize(
    ("path", "route", "primary", "shadow", "fallback", "reason"),
    [
        ("/kept/7", "kept", "legacy", None, None, "stage"),
        ("/moved/7", "moved", "migrated", None, None, "stage"),
        ("/other/7", None, "legacy", None, None, "unlisted"),
        ("/moved", None, "legacy", None, None, "unlisted"),
        ("/moved/", None, "legacy", None, None, "unlisted"),
        ("/", None, "legacy", None, None, "unlisted"),
    ],
)
def test_stage_chooses_who_answers(
    path: str, route: str | None, primary: Side, shadow: Side | None, fallback: Side | None, reason: str
) -> None:
    """Unlisted: legacy answers."""
    decision = decide(TABLE, "GET", path)

    params = {"id": "7"} if route else {}
    assert decision == Decision(primary, shadow, fallback, reason, ROUTES[route] if route else None, params)  # type: ignore[arg-type]  # the reason is a Literal


@pytest.mark.parametrize("method", ["POST", "HEAD", "get", "PURGE"])
def test_method_that_no_route_lists_goes_to_legacy(method: str) -> None:
    """Unlisted: legacy answers."""
    assert decide(TABLE, method, "/moved/7") == Decision("legacy", None, None, "unlisted")


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
    ],
)
def test_path_that_servers_read_differently_is_left_to_legacy(path: str) -> None:
    """Nothing a client sends can pick a side."""
    decision = decide(TABLE, "GET", path)

    assert (decision.primary, decision.route) == ("legacy", None)


@pytest.mark.parametrize(
    ("path", "route", "params"),
    [
        ("/moved/caf%C3%A9", "moved", {"id": "caf%C3%A9"}),
        ("/moved/a%20b", "moved", {"id": "a%20b"}),
        ("/moved/%2541", "moved", {"id": "%2541"}),
        ("/admin/a/../b", "admin.rest", {"rest": "a/../b"}),
        ("/admin/a%2Fb", "admin.rest", {"rest": "a%2Fb"}),
        ("/admin/.hidden", "admin.rest", {"rest": ".hidden"}),
        ("/folder/", "slash", {}),
    ],
)
def test_escapes_that_lead_to_the_same_route_are_no_reason_to_leave_it(
    path: str, route: str, params: dict[str, str]
) -> None:
    assert decide(TABLE, "GET", path) == Decision("migrated", None, None, "stage", ROUTES[route], params)


@given(
    st.lists(st.sampled_from(["/", "admin", "moved", "kept", "7", "..", ".", "%2F", "%2e", "%61", "x", "folder"])).map(
        lambda parts: "/" + "".join(parts)
    )
)
def test_migrated_answers_only_what_both_readings_of_a_path_give_it(path: str) -> None:
    """Nothing a client sends can pick a side."""
    decision = decide(TABLE, "GET", path)

    readings = {
        match.route.id if match else None for match in (TABLE.match("GET", path), TABLE.match("GET", canonical(path)))
    }
    if decision.primary == "migrated":
        assert decision.route is not None
        assert readings == {decision.route.id}
    else:
        assert readings <= {None, "kept"} or len(readings) == 2
