"""Whoever can answer, made on first use from the table in force."""

import time
from collections.abc import Callable

import httpx

from proxy.backends.headers import Crossing
from proxy.backends.legacy import Legacy
from proxy.backends.migrated import Migrated
from proxy.backends.services import Services
from proxy.backends.transport import LegacyTransport
from proxy.errors import BadSettings, Gone, LegacyUnreachable
from proxy.message import Handler, Request, Response
from proxy.routing.decide import Decision
from proxy.routing.origin import check_origin
from proxy.routing.table import DEFAULT_BACKEND, Backend, Route, Table
from proxy.settings import Settings, resolve

_UNLISTED = Route("", "/")  # what a route says of legacy when it says nothing


class Sides:
    """Asks legacy or a migrated handler, as a decision says. Connections and handlers are kept from call to call."""

    def __init__(
        self,
        settings: Settings,
        resolve_variables: Callable[[str], str] = resolve,
        make_transport: Callable[..., LegacyTransport] = LegacyTransport,
        services: Services | None = None,
    ) -> None:
        self._settings = settings
        self._resolve = resolve_variables
        self._make_transport = make_transport
        self._services = services or Services(settings)
        self._crossing = Crossing(
            settings.via.encode("ascii"), frozenset(name.encode("latin-1") for name in settings.kept_headers)
        )
        self._legacy: dict[Backend, Legacy] = {}
        self._migrated: dict[str, Handler] = {}

    def check(self, table: Table) -> None:
        """Raise LegacyUnreachable for a table with a backend that this function may not or cannot forward to.

        Law: nothing that is published can choose a host outside the function's allow-list.
        """
        for backend in table.backends.values():
            self._origin(backend)

    def ask(self, decision: Decision, table: Table, request: Request) -> Response:
        """Return the answer of the decision's primary. Raises FigError."""
        route = decision.route or _UNLISTED
        if decision.primary == "proxy":
            raise Gone(f"{route.id}: got a request, expected none: the route is retired")
        if decision.primary == "migrated":
            return self._migrated_of(route)(request)
        # A table that named no such backend was never published.
        legacy = self._legacy_of(table.backends.get(route.legacy) or table.backends[DEFAULT_BACKEND])
        return legacy(request, route.timeout_s, route.retries)

    def _migrated_of(self, route: Route) -> Handler:
        name = route.function or route.handler
        migrated = self._migrated.get(name)
        if migrated is None:
            migrated = self._migrated[name] = self._make_migrated(route)
        return migrated

    def _make_migrated(self, route: Route) -> Handler:
        if not route.function:
            return Migrated(route.handler)
        from proxy.backends.function import Function

        return Function(route.function, self._services.functions().send, time.monotonic)

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
        host = origin.partition("://")[2]
        allowed = self._settings.legacy_hosts
        if allowed is not None and host not in allowed:
            # What is published chooses among the hosts that the function's own settings allow, and no other.
            raise LegacyUnreachable(f"legacy: got host {host!r}, expected one of FIG_LEGACY_HOSTS")
        return origin

    def _make_legacy(self, backend: Backend) -> Legacy:
        origin = self._origin(backend)
        try:
            transport = self._make_transport(
                tls=origin.startswith("https://"),
                ca_file=self._settings.legacy_ca_file,
                keep_alive=backend.keep_alive,
            )
            return Legacy(
                origin,
                backend.timeout_s,
                transport.handle_request,
                crossing=self._crossing,
                own_host=backend.host == "legacy",
            )
        except (OSError, httpx.InvalidURL) as exc:  # no such CA file, or a name that IDNA does not allow
            raise LegacyUnreachable(f"legacy: {type(exc).__name__}: {exc}") from exc
