"""Whoever can answer, made on first use from the table in force."""

from collections.abc import Callable

import httpx

from proxy.backends.headers import Crossing
from proxy.backends.legacy import Legacy
from proxy.backends.migrated import Migrated
from proxy.backends.transport import LegacyTransport
from proxy.errors import BadSettings, LegacyUnreachable
from proxy.message import Request, Response
from proxy.routing.decide import Decision
from proxy.routing.origin import check_origin
from proxy.routing.table import Backend, Table
from proxy.settings import Settings, resolve


class Sides:
    """Asks legacy or a migrated handler, as a decision says. Connections and handlers are kept from call to call."""

    def __init__(
        self,
        settings: Settings,
        resolve_variables: Callable[[str], str] = resolve,
        make_transport: Callable[..., LegacyTransport] = LegacyTransport,
    ) -> None:
        self._settings = settings
        self._resolve = resolve_variables
        self._make_transport = make_transport
        self._crossing = Crossing(
            settings.via.encode("ascii"), frozenset(name.encode("latin-1") for name in settings.kept_headers)
        )
        self._legacy: dict[Backend, Legacy] = {}
        self._migrated: dict[str, Migrated] = {}

    def ask(self, decision: Decision, table: Table, request: Request) -> Response:
        """Return the answer of the decision's primary. Raises FigError."""
        route = decision.route
        if decision.primary == "migrated" and route is not None:
            migrated = self._migrated.get(route.handler)
            if migrated is None:
                migrated = self._migrated[route.handler] = Migrated(route.handler)
            return migrated(request)
        legacy = self._legacy.get(table.legacy)
        if legacy is None:
            legacy = self._legacy[table.legacy] = self._make_legacy(table.legacy)
        return legacy(request, route.timeout_s if route else None)

    def _make_legacy(self, backend: Backend) -> Legacy:
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
