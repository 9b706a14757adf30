"""Why a request goes where it goes: the decision, and every route that its path could have led to.

The decision is `decide`'s own, on the very table that functions load; nothing is decided here.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from proxy.message import SAFE_METHODS, Headers, Request
from proxy.routing.canary import bucket_of, salt, sticky_key, taken
from proxy.routing.decide import Decision, decide
from proxy.routing.index import PARAMETER, Branches, Tree
from proxy.routing.pattern import METHODS, canonical
from proxy.routing.source import ANY_VALUE, Condition, values
from proxy.routing.table import Route, Table

# What would end a value where it stands. A header's value is only read as a whole.
_SEPARATORS = {"path": "/?#", "query": "&#", "cookie": ";"}


class Candidate(NamedTuple):
    """A route whose template fits the request's path, and why it was not taken: "" for the one that was."""

    route: Route
    methods: tuple[str, ...]
    rejected: str


class Caller(NamedTuple):
    """How a route tells this caller from others. Without a key each request is placed anew, so there is no bucket."""

    sticky: str  # "cookie:sid"
    key: str
    bucket: int | None
    taken: int  # buckets below this one are the migrated side's, at the route's percentage


class Explanation(NamedTuple):
    """A decision, and all that led to it. `notes` are sentences for people."""

    decision: Decision
    candidates: tuple[Candidate, ...]  # the one that was taken first, then those that came nearest
    caller: Caller | None
    notes: tuple[str, ...]


def explain(table: Table, request: Request) -> Explanation:
    """Return the decision for a request, with everything that led to it."""
    decision = decide(table, request)
    lenient = canonical(request.path)
    paths = [request.path, lenient] if decision.reason == "ambiguous_path" else [request.path]
    fitting = {route.id: (route, methods) for path in paths for route, methods in _fitting(table, path)}
    candidates = [
        Candidate(route, methods, _rejection(route, methods, request, decision)) for route, methods in fitting.values()
    ]
    candidates.sort(key=lambda candidate: _nearness(candidate, request))
    return Explanation(
        decision, tuple(candidates), _caller(decision, request), tuple(_notes(table, request, decision, candidates))
    )


def as_caller(route: Route, request: Request, key: str) -> Request:
    """Return the request as the caller with that sticky key would send it, or as its front door would vouch for it.

    Raises ValueError for a key that cannot stand where the route looks for it.
    """
    kind, _, name = route.sticky.partition(":")
    separators = _SEPARATORS.get(kind, "")
    if not key or not all("!" <= character <= "~" and character not in separators for character in key):
        without = f" without {' and '.join(separators)}" if separators else ""
        raise ValueError(f"got {key!r}, expected visible ASCII{without}, as it stands in a request's {route.sticky}")
    if kind == "ip":
        return replace(request, client_ip=key)
    if kind == "claim":
        return replace(request, event={"requestContext": {"authorizer": {"jwt": {"claims": {name: key}}}}})
    if kind == "path":
        return replace(request, path=_with_parameter(route, request.path, name, key))
    if kind == "query":
        others = [pair for pair in request.query.split("&") if pair and pair.partition("=")[0] != name]
        return replace(request, query="&".join([f"{name}={key}", *others]))
    value = key
    if kind == "cookie":
        sent = [pair.strip() for line in values(request, "header", "cookie") for pair in line.split(";")]
        others = [pair for pair in sent if pair and pair.partition("=")[0] != name]
        kind, name, value = "header", "cookie", "; ".join([f"{name}={key}", *others])
    header = name.encode("latin-1")
    kept = tuple(pair for pair in request.headers if pair[0].lower() != header)
    return replace(request, headers=Headers(((header, value.encode("latin-1")), *kept)))


def _fitting(table: Table, path: str) -> Iterator[tuple[Route, tuple[str, ...]]]:
    """Yield every route whose template fits a path, with the methods that it lists, conditions aside."""
    methods: dict[int, list[str]] = {}
    for method, branches in table.index.items():
        for position in _positions(branches, path):
            methods.setdefault(position, []).append(method)
    for position, listed in methods.items():
        yield table.routes[position], tuple(sorted(listed, key=METHODS.index))


def _positions(branches: Branches, path: str) -> Iterator[int]:
    # The same branches as `Branches.exact_position` and `rest_positions` walk, but to every leaf.
    is_slashed = path.endswith("/")
    depth = path.count("/") - is_slashed
    tree = (branches.slashed if is_slashed else branches.exact).get(depth)
    if tree is not None:
        yield from _leaves(tree, path[1:].removesuffix("/").split("/") if depth else [])
    for rest_depth, rest_tree in branches.rest:
        if rest_depth < depth:
            yield from _leaves(rest_tree, path[1:].split("/", rest_depth)[:rest_depth])


def _leaves(tree: Tree, segments: list[str]) -> Iterator[int]:
    if not segments:
        yield from [tree] if isinstance(tree, int) else tree
        return
    keys = [segments[0], PARAMETER] if segments[0] else [segments[0]]
    for key in keys:
        if key in tree:
            yield from _leaves(tree[key], segments[1:])


def _rejection(route: Route, methods: tuple[str, ...], request: Request, decision: Decision) -> str:
    taken = decision.route
    if taken is not None and taken.id == route.id:
        return ""
    if request.method not in methods:
        return f"answers {', '.join(methods)}, not {request.method}"
    if unmet := [_unmet(condition, request) for condition in route.when if not condition.holds(request)]:
        return "; ".join(unmet)
    if taken is None:
        return "the path has two readings, and only one of them leads here"
    if taken.template == route.template:
        return f"asks less of a request than {taken.id}"
    return f"less specific than {taken.id} ({taken.template})"


def _unmet(condition: Condition, request: Request) -> str:
    found = values(request, condition.source, condition.name)
    got = " and ".join(map(repr, found)) or "none"
    return f"{words(condition)} not met: got {got}"


def words(condition: Condition) -> str:
    """Return a condition as people read it: "header x-beta=1"."""
    name = " ".join(filter(None, (condition.source, condition.name)))
    if condition.value == ANY_VALUE:
        return f"any {name}"
    return f"{name}={condition.value}" if condition.name else f"{name} {condition.value}"


def _nearness(candidate: Candidate, request: Request) -> tuple[bool, bool, str, int]:
    route = candidate.route
    return bool(candidate.rejected), request.method not in candidate.methods, route.shape, -len(route.when)


def _caller(decision: Decision, request: Request) -> Caller | None:
    route = decision.route
    if route is None:
        return None
    key = sticky_key(route, request)
    return Caller(route.sticky, key, bucket_of(salt(route), key) if key else None, taken(route.percent))


def _notes(table: Table, request: Request, decision: Decision, candidates: list[Candidate]) -> Iterator[str]:
    route = decision.route
    if decision.reason == "ambiguous_path":
        readings = [
            f"{path} leads to {found.id if (found := table.match(request.method, path, request)) else 'no route'}"
            for path in (request.path, canonical(request.path))
        ]
        yield f"servers read this path in two ways: {', '.join(readings)}; so legacy answers"
    elif route is None:
        yield _unlisted(request, candidates)
    elif decision.reason == "frozen":
        yield f"a freeze is in force: without it, {decide(replace(table, frozen=''), request).primary} would answer"
    else:
        yield from _left_out(table, request, decision, route)


def _unlisted(request: Request, candidates: list[Candidate]) -> str:
    if not candidates:
        return "no route lists this path: legacy answers"
    if any(request.method in candidate.methods for candidate in candidates):
        return "no route's conditions are met: legacy answers"
    if any(request.method.upper() in candidate.methods for candidate in candidates):
        return f"methods are case-sensitive, and no route lists {request.method} for this path: legacy answers"
    return f"this path is listed, but not for {request.method}: legacy answers, and says whether it knows the method"


def _left_out(table: Table, request: Request, decision: Decision, route: Route) -> Iterator[str]:
    """Yield why there is no shadow or fallback where the stage has one."""
    # What a GET would get from the very same routes: the difference is the method's alone.
    as_get = decide(replace(table, index={"GET": table.index[request.method]}), replace(request, method="GET"))
    if decision.shadow != as_get.shadow:
        yield f"no shadow: {request.method} may write, and the route does not say writes: true"
    if decision.fallback and request.method not in SAFE_METHODS:
        yield f"fallback only if the handler says that nothing was committed: {request.method} may write"
    if decision.primary == "migrated" and not route.falls_back:
        yield "no fallback: the route says fallback: never"


def _with_parameter(route: Route, path: str, name: str, key: str) -> str:
    params = route.params(path)
    segments = route.template[1:].split("/")
    return "/" + "/".join(
        {**params, name: key}.get(segment[1:-1].removesuffix("+"), "") if segment.startswith("{") else segment
        for segment in segments
    )
