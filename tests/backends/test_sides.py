"""Whoever can answer, made on first use from the table in force."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial

import pytest

from proxy.backends.breaker import MINIMUM
from proxy.backends.sides import Sides
from proxy.backends.transport import LegacyTransport
from proxy.errors import BreakerOpen, Gone, LegacyTimeout, LegacyUnreachable, MigratedFailed
from proxy.routing.decide import Decision, decide
from proxy.routing.table import Backend, Route, Stage, Table
from proxy.settings import Settings, read, resolve
from tests.raw_legacy import OK, RawLegacy, say, stall
from tests.samples import request, table

MakeTransport = Callable[..., LegacyTransport]
UNLISTED = Decision("legacy", None, None, "unlisted")


def sides(make_transport: MakeTransport, settings: Settings | None = None, **variables: str) -> Sides:
    return Sides(settings or Settings(), partial(resolve, environ=variables), make_transport)


def to(url: str) -> Table:
    """A table whose legacy URL is that text, valid or not."""
    return replace(table(), backends={"": Backend(url, 5.0)})


def test_decision_is_asked_of_its_side(make_transport: MakeTransport) -> None:
    routes = table("""
        kept: GET /kept legacy
        moved: GET /moved migrated tests.backends.handlers:returns
    """)
    with RawLegacy() as server:
        both = sides(make_transport, LEGACY_URL=server.origin)
        asked = [request(path=path, event={"returns": {"statusCode": 299}}) for path in ("/kept", "/moved", "/other")]

        answers = [both.ask(decide(routes, one), routes, one).status for one in asked]

        assert (answers, len(server.requests)) == ([200, 299, 200], 2)


def test_connections_and_handlers_are_kept_from_call_to_call(make_transport: MakeTransport) -> None:
    made: list[LegacyTransport] = []

    def make(**how: bool | str) -> LegacyTransport:
        made.append(make_transport(**how))
        return made[-1]

    routes = table("moved: GET /moved migrated tests.backends.handlers:returns")
    with RawLegacy() as server:
        both = Sides(Settings(), partial(resolve, environ={"LEGACY_URL": server.origin}), make)

        for _ in range(3):
            both.ask(UNLISTED, routes, request())
            both.ask(decide(routes, request(path="/moved")), routes, request(event={"returns": "x"}))

        assert (len(made), [len(requests) for requests in server.connections]) == (1, [3])
        assert list(both._migrated) == ["tests.backends.handlers:returns"]


def test_new_table_with_another_legacy_asks_that_one(make_transport: MakeTransport) -> None:
    with RawLegacy() as first, RawLegacy() as second:
        both = sides(make_transport, A=first.origin, B=second.origin)

        for url in ("${A}", "${B}", "${A}"):
            both.ask(UNLISTED, table(legacy=url), request())

        assert (len(first.requests), len(second.requests)) == (2, 1)


def test_route_with_a_timeout_of_its_own_waits_no_longer(make_transport: MakeTransport) -> None:
    route = Route("slow", "/", timeout_s=0.2)
    with RawLegacy(stall()) as server:
        both = sides(make_transport, LEGACY_URL=server.origin)

        with pytest.raises(LegacyTimeout):
            both.ask(Decision("legacy", None, None, "stage", route), table(), request(left_s=60.0))


def test_trailing_slash_of_the_environments_url_is_no_part_of_its_host(make_transport: MakeTransport) -> None:
    with RawLegacy() as server:
        settings = Settings(legacy_hosts=frozenset({f"127.0.0.1:{server.port}"}))
        both = sides(make_transport, settings, LEGACY_URL=f"{server.origin}/")

        answer = both.ask(UNLISTED, table(), request())

        assert answer.body == b"ok"


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}", "${{LEGACY_URL}}", "http://${{HOST}}"])
@pytest.mark.parametrize(
    "allowed", [{"legacy.example.com"}, {"127.0.0.1"}, {"127.0.0.1:1"}, {"http://127.0.0.1:{port}"}]
)
def test_host_that_the_function_does_not_allow_is_never_connected_to(
    make_transport: MakeTransport, url: str, allowed: set[str]
) -> None:
    """Nothing that is published can choose a host outside the function's allow-list."""
    with RawLegacy() as server:
        hosts = frozenset(host.format(port=server.port) for host in allowed)
        both = sides(
            make_transport,
            Settings(legacy_hosts=hosts),
            LEGACY_URL=server.origin,
            HOST=f"127.0.0.1:{server.port}",
        )

        with pytest.raises(LegacyUnreachable, match="expected LEGACY_URL's or one of FIG_LEGACY_HOSTS"):
            both.ask(UNLISTED, to(url.format(port=server.port)), request())

        assert server.connections == []


def test_list_of_further_hosts_does_not_cut_legacy_itself_off(make_transport: MakeTransport) -> None:
    with RawLegacy() as server:
        environ = {"LEGACY_URL": server.origin, "FIG_LEGACY_HOSTS": "older.example"}
        both = sides(make_transport, read(environ), **environ)

        answer = both.ask(UNLISTED, table(), request())

        assert answer.body == b"ok"


@pytest.mark.parametrize(
    ("listed", "url", "is_allowed"),
    [
        ("Older.Example", "https://older.example", True),
        ("older.example", "https://OLDER.example:443", True),
        ("older.example:443", "https://older.example", True),
        ("older.example:80", "http://older.example", True),
        ("older.example", "http://older.example:80", True),
        ("older.example:443", "http://older.example", False),
        ("older.example:80", "https://older.example", False),
        ("older.example", "https://older.example:8443", False),
        ("older.example:8443", "https://older.example", False),
        ("older.example", "https://older.example.evil", False),
    ],
)
def test_host_is_one_of_the_list_in_any_case_and_with_or_without_its_usual_port(
    make_transport: MakeTransport, listed: str, url: str, is_allowed: bool
) -> None:
    """Nothing that is published can choose a host outside the function's allow-list."""
    both = sides(make_transport, read({"LEGACY_URL": "https://old.example", "FIG_LEGACY_HOSTS": listed}))

    with nullcontext() if is_allowed else pytest.raises(LegacyUnreachable, match="got host"):
        both.check(to(url))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "good.example",
        "//good.example",
        "ftp://good.example",
        "http://good.example@evil.example",
        "http://evil.example/good.example",
        "http://evil.example#good.example",
        "http://good.example\\@evil.example",
        "http://good.example/api",
        "http://good.example:99999",
        "http://[::1",
        "http://xn--/",
        "${ABSENT}",
        "${GOOD}@evil.example",
        "${GOOD",
    ],
)
@pytest.mark.parametrize("allowed", [frozenset(), frozenset({"good.example"})])
def test_url_that_is_no_origin_is_our_502(make_transport: MakeTransport, url: str, allowed: frozenset[str]) -> None:
    """The client gets our 502 with a reason code; no host is chosen by what stands around an allowed one."""
    both = sides(make_transport, Settings(legacy_hosts=allowed), GOOD="http://good.example")

    with pytest.raises(LegacyUnreachable, match=r"^legacy: "):
        both.ask(UNLISTED, to(url), request())


def test_certificate_file_that_is_not_there_is_our_502(make_transport: MakeTransport) -> None:
    """The client gets our 502 with a reason code."""
    both = sides(make_transport, Settings(legacy_ca_file="/nowhere/ca.pem"), LEGACY_URL="https://127.0.0.1:1")

    with pytest.raises(LegacyUnreachable, match="No such file"):
        both.ask(UNLISTED, table(), request())


def test_renewed_sides_close_their_connections_and_make_new_ones(make_transport: MakeTransport) -> None:
    with RawLegacy() as server:
        both = sides(make_transport, LEGACY_URL=server.origin)

        for _ in range(2):
            both.ask(UNLISTED, table(), request())
            both.ask(UNLISTED, table(), request())
            both.renew()

        assert [len(requests) for requests in server.connections] == [2, 2]


def failing() -> None:
    raise ValueError


def test_breaker_of_one_route_says_nothing_of_another_with_the_same_handler(make_transport: MakeTransport) -> None:
    routes = table("""
        one: GET /one migrated tests.backends.handlers:returns
        two: GET /two migrated tests.backends.handlers:returns
    """)
    both = sides(make_transport)
    one, two = routes.routes

    for _ in range(MINIMUM):
        with pytest.raises(MigratedFailed):
            both.ask(Decision("migrated", None, None, "stage", one), routes, request(event={"returns": failing}))

    assert [(both.is_open(route), both.state_of(route)) for route in (one, two)] == [(True, "open"), (False, "closed")]
    elsewhere = one._replace(handler="tests.backends.handlers:echo")
    assert both.state_of(elsewhere) == "closed"  # with another target, a route begins anew


OF_LEGACY = Decision("legacy", "legacy", None, "stage")
OF_MIGRATED = Decision("migrated", "migrated", None, "stage")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_handler_that_fails_as_a_shadow_is_still_asked_for_clients(make_transport: MakeTransport, method: str) -> None:
    """What only compares shares no breaker with what answers, on either side."""
    routes = table("one: ANY /one live tests.backends.handlers:returns")
    both, decision = sides(make_transport), OF_MIGRATED._replace(route=routes.routes[0])

    for _ in range(MINIMUM):
        with pytest.raises(MigratedFailed):
            both.ask_to_compare(decision, routes, request(method, event={"returns": failing}), is_hurried=False)

    assert both.is_open_to_compare(routes.routes[0])
    assert (both.is_open(routes.routes[0]), both.state_of(routes.routes[0])) == (False, "closed")
    assert both.ask(decision, routes, request(method, event={"returns": {"statusCode": 299}})).status == 299


def test_handler_that_fails_for_clients_is_still_compared(make_transport: MakeTransport) -> None:
    routes = table("one: GET /one live tests.backends.handlers:returns")
    both, decision = sides(make_transport), OF_MIGRATED._replace(route=routes.routes[0])

    for _ in range(MINIMUM):
        with pytest.raises(MigratedFailed):
            both.ask(decision, routes, request(event={"returns": failing}))
    answer = both.ask_to_compare(decision, routes, request(event={"returns": {"statusCode": 299}}), is_hurried=False)

    assert (answer.status, both.state_of(routes.routes[0])) == (299, "open")


@pytest.mark.parametrize(
    ("stage", "method", "is_asked"), [("live", "POST", True), ("live", "GET", False), ("canary", "POST", False)]
)
def test_legacy_that_fails_as_a_shadow_still_gets_what_it_is_owed(
    make_transport: MakeTransport, stage: Stage, method: str, is_asked: bool
) -> None:
    """A write of a live route, whatever a breaker says: or going back would lose it."""
    decision = OF_LEGACY._replace(route=Route("one", "/one", stage))
    with RawLegacy(say(b"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n")) as server:
        both = sides(make_transport, LEGACY_URL=server.origin)
        for _ in range(MINIMUM):
            both.ask_to_compare(decision, table(), request("GET"), is_hurried=False)

        if is_asked:
            both.ask_to_compare(decision, table(), request(method), is_hurried=False)
        else:
            with pytest.raises(BreakerOpen):
                both.ask_to_compare(decision, table(), request(method), is_hurried=False)
        as_fallback = both.ask_instead(decision, table(), request())

        assert (as_fallback.status, len(server.requests)) == (503, MINIMUM + 1 + is_asked)


@pytest.mark.parametrize(("own_limit_s", "is_asked"), [(0.02, False), (60.0, True)])
def test_legacy_that_is_too_late_as_the_fallback_has_failed_only_if_it_had_all_of_its_own_time(
    make_transport: MakeTransport, own_limit_s: float, is_asked: bool
) -> None:
    decision = OF_LEGACY._replace(route=Route("one", "/one", "live", timeout_s=own_limit_s))
    with RawLegacy(stall()) as server:
        both = sides(make_transport, LEGACY_URL=server.origin)
        for _ in range(MINIMUM):
            with pytest.raises(LegacyTimeout):
                both.ask_instead(decision, table(), request(left_s=0.05))

        server.script(say(OK))

        if is_asked:
            assert both.ask_instead(decision, table(), request()).body == b"ok"
        else:
            with pytest.raises(BreakerOpen):
                both.ask_instead(decision, table(), request())


def test_retired_route_is_gone_without_asking_anybody(make_transport: MakeTransport) -> None:
    route = Route("old", "/old", "retired")

    with pytest.raises(Gone, match="old: got a request, expected none: the route is retired"):
        sides(make_transport).ask(Decision("proxy", None, None, "stage", route), table(), request())
