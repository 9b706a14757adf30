"""Whoever can answer, made on first use from the table in force."""

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Literal

import httpx

from proxy.backends.breaker import Breaker, State, guarded
from proxy.backends.headers import Crossing
from proxy.backends.legacy import Legacy
from proxy.backends.migrated import Migrated
from proxy.backends.services import Services
from proxy.backends.transport import LegacyTransport
from proxy.errors import BadSettings, Gone, LegacyUnreachable, MigratedFailed
from proxy.message import Handler, Request, Response
from proxy.routing.decide import Decision, Side, is_owed_to_legacy
from proxy.routing.origin import check_origin, hosts_of
from proxy.routing.table import DEFAULT_BACKEND, Backend, Route, Table
from proxy.settings import Settings, resolve

if TYPE_CHECKING:
    from proxy.backends.secret import SecretHeaders

_UNLISTED = Route("", "/")  # what a route says of legacy when it says nothing

Role = Literal["answers", "compares"]  # what a side is asked for: the client's answer, or one to compare with it


class Sides:
    """Asks legacy or a migrated handler, as a decision says. Connections and handlers are kept from call to call."""

    def __init__(
        self,
        settings: Settings,
        resolve_variables: Callable[[str], str] = resolve,
        make_transport: Callable[..., LegacyTransport] = LegacyTransport,
        services: Services | None = None,
        secret: "SecretHeaders | None" = None,
    ) -> None:
        self._settings = settings
        self._resolve = resolve_variables
        self._make_transport = make_transport
        self._services = services or Services(settings)
        self._secret = secret
        self._crossing = Crossing(
            settings.via.encode("ascii"), frozenset(name.encode("latin-1") for name in settings.kept_headers)
        )
        self._legacy: dict[Backend, Legacy] = {}
        self._transports: list[LegacyTransport] = []
        self._migrated: dict[str, Migrated] = {}
        self._functions: dict[str, Handler] = {}
        self._breakers: dict[tuple[Role, Side, str, str], Breaker] = {}

    def check(self, table: Table) -> None:
        """Raise LegacyUnreachable for a table with a backend that this function may not or cannot forward to.

        Law: nothing that is published can choose a host outside the function's allow-list.
        """
        for backend in table.backends.values():
            self._origin(backend)

    def ask(self, decision: Decision, table: Table, request: Request) -> Response:
        """Return the answer of the decision's primary. Raises FigError."""
        route = decision.route or _UNLISTED
        if decision.primary == "legacy":
            return self._ask_legacy(route, table, request)
        if decision.primary == "proxy":
            raise Gone(f"{route.id}: got a request, expected none: the route is retired")
        return guarded(self._breaker("answers", "migrated", route), self._migrated_of(route), request)

    def ask_instead(self, decision: Decision, table: Table, request: Request) -> Response:
        """Return the answer of a side that stands in for another: the fallback. Raises FigError.

        Legacy has a breaker here, which it has not as the primary: then it is always asked, for the proxy must never be
        the reason that a client is refused.
        """
        route = decision.route or _UNLISTED
        if decision.primary != "legacy":
            return self.ask(decision, table, request)
        own_limit_s = self._backend(route, table).timeout_s if route.timeout_s is None else route.timeout_s
        return guarded(
            self._breaker("answers", "legacy", route),
            lambda one: self._ask_legacy(route, table, one),
            request,
            is_hurried=request.deadline - time.monotonic() < own_limit_s,
        )

    def ask_to_compare(self, decision: Decision, table: Table, request: Request, *, is_hurried: bool) -> Response:
        """Return the answer of the decision's primary to compare another with. Raises FigError.

        What becomes of it says nothing to the breakers of what answers clients, nor they to this. A write that is owed
        to legacy has none. `is_hurried`: with less time than the route gives its shadows.
        """
        route, side = decision.route or _UNLISTED, decision.primary
        ask = partial(self._ask_legacy, route, table) if side == "legacy" else self._migrated_of(route)
        if is_owed_to_legacy(decision, request):
            return ask(request)
        return guarded(self._breaker("compares", side, route), ask, request, is_hurried=is_hurried)

    def is_open(self, route: Route) -> bool:
        """Tell whether the breaker is open of a route's migrated side as it answers clients."""
        return self._is_open("answers", "migrated", route)

    def is_open_to_compare(self, route: Route) -> bool:
        """Tell whether the breaker is open of a route's migrated side as it is asked for comparing."""
        return self._is_open("compares", "migrated", route)

    def state_of(self, route: Route) -> State:
        """Return the state of the breaker of a route's migrated side as it answers clients."""
        breaker = self._breakers.get(_key("answers", "migrated", route))
        return breaker.state if breaker else "closed"

    def load(self, routes: Iterable[Route]) -> None:
        """Import every handler of these routes that can be imported; the others tell when they are asked."""
        for route in routes:
            if route.handler and route.stage not in ("legacy", "retired"):
                try:
                    self._in_process(route).loaded()
                except MigratedFailed:
                    continue

    def renew(self) -> None:
        """Close every connection to legacy; the next request makes new ones."""
        for transport in self._transports:
            transport.close()
        self._transports.clear()
        self._legacy.clear()

    def _ask_legacy(self, route: Route, table: Table, request: Request) -> Response:
        return self._legacy_of(self._backend(route, table))(request, route.timeout_s, route.retries)

    def _backend(self, route: Route, table: Table) -> Backend:
        # A table that named no such backend was never published.
        return table.backends.get(route.legacy) or table.backends[DEFAULT_BACKEND]

    def _breaker(self, role: Role, side: Side, route: Route) -> Breaker:
        key = _key(role, side, route)
        breaker = self._breakers.get(key)
        if breaker is None:
            breaker = self._breakers[key] = Breaker(f"{route.id} {side}")
        return breaker

    def _is_open(self, role: Role, side: Side, route: Route) -> bool:
        breaker = self._breakers.get(_key(role, side, route))
        return breaker is not None and breaker.is_open()

    def _migrated_of(self, route: Route) -> Handler:
        if not route.function:
            return self._in_process(route)
        function = self._functions.get(route.function)
        if function is None:
            from proxy.backends.function import Function

            function = Function(route.function, self._services.functions().send, time.monotonic)
            self._functions[route.function] = function
        return function

    def _in_process(self, route: Route) -> Migrated:
        migrated = self._migrated.get(route.handler)
        if migrated is None:
            migrated = self._migrated[route.handler] = Migrated(route.handler)
        return migrated

    def _legacy_of(self, backend: Backend) -> Legacy:
        legacy = self._legacy.get(backend)
        if legacy is None:
            legacy = self._legacy[backend] = self._make_legacy(backend)
        return legacy

    def _origin(self, backend: Backend) -> str:
        try:
            # Checked here, too: what ${NAME} stands for was not known when the table was.
            origin = check_origin(self._resolve(backend.url))
        except (BadSettings, ValueError) as exc:
            raise LegacyUnreachable(f"legacy: {exc}") from exc
        allowed = self._settings.legacy_hosts
        hosts = hosts_of(origin)
        if allowed is not None and allowed.isdisjoint(hosts):
            # What is published chooses among the hosts that the function's own settings allow, and no other.
            raise LegacyUnreachable(f"legacy: got host {hosts[0]!r}, expected LEGACY_URL's or one of FIG_LEGACY_HOSTS")
        return origin

    def _own_origin(self) -> str:
        """Return the origin that the function's own settings name; the secret is for that one alone."""
        try:
            return check_origin(self._resolve("${LEGACY_URL}"))
        except (BadSettings, ValueError):
            return ""

    def _make_legacy(self, backend: Backend) -> Legacy:
        origin = self._origin(backend)
        try:
            transport = self._make_transport(
                tls=origin.startswith("https://"),
                ca_file=self._settings.legacy_ca_file,
                keep_alive=backend.keep_alive,
            )
            self._transports.append(transport)
            return Legacy(
                origin,
                backend.timeout_s,
                transport.handle_request,
                crossing=self._crossing,
                own_host=backend.host == "legacy",
                secret=self._secret if self._secret is not None and origin == self._own_origin() else None,
            )
        except (OSError, httpx.InvalidURL) as exc:  # no such CA file, or a name that IDNA does not allow
            raise LegacyUnreachable(f"legacy: {type(exc).__name__}: {exc}") from exc


def _key(role: Role, side: Side, route: Route) -> tuple[Role, Side, str, str]:
    # One breaker for each route: a handler may serve several, and one that fails must not take the others along. With
    # another target, a route begins anew. And one for each role: a shadow has less time and another load than a client.
    return role, side, route.id, (route.function or route.handler) if side == "migrated" else route.legacy
