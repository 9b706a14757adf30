"""The routing table as requests see it: frozen, compiled once, looked up by method and path."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from proxy.message import Request
from proxy.routing.index import Branches
from proxy.routing.source import Condition

Stage = Literal["legacy", "shadow", "canary", "live", "migrated", "retired"]
Frozen = Literal["", "moving", "all"]  # nothing; every route that is on its way; those that have arrived, too
DEFAULT_BACKEND = ""


class Route(NamedTuple):
    """One route, compiled."""

    id: str
    template: str
    stage: Stage = "legacy"
    handler: str = ""  # "module:attribute" in this function; "" when there is none
    function: str = ""  # name or ARN of another Lambda function; "" when there is none
    percent: float = 0.0  # of callers that a canary takes, 0 to 100
    sticky: str = "ip"  # what tells callers apart: "cookie:sid", "header:x-user", "ip", …
    legacy: str = DEFAULT_BACKEND  # which legacy system, by name
    timeout_s: float | None = None  # of legacy; None: the backend's own
    retries: int = 1  # how often a safe request is sent again after a connection broke without an answer
    falls_back: bool = True
    fallback_statuses: Sequence[int] = ()  # statuses of the migrated side that count as its failure
    fallback_after_s: float | None = None  # of the migrated side's time for a read; None: half of what is left
    compares: bool = False  # in a canary; in shadow and live, the sides are always compared
    compare: Mapping[str, Any] = MappingProxyType({})  # rules, as in a document. Any: JSON
    noise_percent: float = 0.0  # of what is compared, how many requests legacy gets twice
    shadow_percent: float = 100.0  # of what has a shadow, how many requests are shadowed
    shadow_timeout_s: float = 5.0
    writes: bool = False  # a shadow may write
    group: str = ""  # what salts the canary's buckets; "": the route's id
    when: Sequence[Condition] = ()

    @property
    def shape(self) -> str:
        """The template's kinds of segments: 0 literal, 1 parameter, 2 rest. A smaller one is more specific."""
        segments = self.template[1:].split("/")
        return "".join("2" if part.endswith("+}") else "1" if part.startswith("{") else "0" for part in segments)

    def params(self, path: str) -> dict[str, str]:
        """Return the raw text of the parameters in a path that this route matches."""
        names = self.template[1:].split("/")
        parts = path[1:].split("/", len(names) - 1)
        return {
            name[1:-1].removesuffix("+"): part for name, part in zip(names, parts, strict=True) if name.startswith("{")
        }


class Backend(NamedTuple):
    """A legacy system. `url` may hold ${NAME}, which the function resolves from its own environment."""

    url: str = "${LEGACY_URL}"
    timeout_s: float = 20.0
    host: Literal["client", "legacy"] = "client"  # whose name legacy is asked under
    keep_alive: bool = True


class Routes(Sequence[Route]):
    """Routes by position, each made when it is first asked for from [id, template, stage, handler, {other fields}]."""

    def __init__(self, compiled: Sequence[Sequence[Any]] = ()) -> None:  # Any: JSON
        self._compiled = compiled
        self.made = _Made(compiled)

    def __getitem__(self, position: int) -> Route:  # type: ignore[override]  # no slices: nobody needs them
        return self.made[position]

    def __len__(self) -> int:
        return len(self._compiled)

    def __iter__(self) -> Iterator[Route]:
        return map(self.made.__getitem__, range(len(self)))


class _Made(dict[int, Route]):
    """The routes that were asked for. A dict, for a look-up of one that is there then runs no code of ours."""

    def __init__(self, compiled: Sequence[Sequence[Any]]) -> None:  # Any: JSON
        super().__init__()
        self._compiled = compiled

    def __missing__(self, position: int) -> Route:
        route_id, template, stage, handler, *others = self._compiled[position]
        fields = others[0] if others else {}
        if "when" in fields:
            fields = {**fields, "when": tuple(Condition(*condition) for condition in fields["when"])}
        route = self[position] = Route(route_id, template, stage, handler, **fields)
        return route


@dataclass(frozen=True, slots=True)
class Table:
    """A published version of all routes. `match` takes time in the path's length, not in the number of routes."""

    version: int = 0
    digest: str = ""
    frozen: Frozen = ""
    backends: Mapping[str, Backend] = field(default_factory=lambda: {DEFAULT_BACKEND: Backend()})
    routes: Routes = field(default_factory=Routes)
    index: Mapping[str, Branches] = field(default_factory=dict)

    def match(self, method: str, path: str, request: Request | None = None) -> Route | None:
        """Return the most specific route for a method and a raw path: a literal before a parameter before a rest, from
        the left; then more conditions before fewer. Conditions are asked of the request; without one, none is met.
        """
        branches = self.index.get(method)
        return None if branches is None else branches.find(path, self.routes.made, request)

    def methods_of(self, route: Route) -> list[str]:
        """Return the methods that one of its routes answers."""
        return [
            method
            for method, branches in self.index.items()
            if any(self.routes[position] is route for position in branches.leads_to(route.template))
        ]

    def __repr__(self) -> str:
        frozen = f", frozen {self.frozen}" if self.frozen else ""
        return f"<Table version {self.version}, {len(self.routes)} routes, {self.digest[:12]}{frozen}>"


NO_ROUTES = Table()
