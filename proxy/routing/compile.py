"""A checked document -> the compiled table that is published and that the request path loads."""

from collections.abc import Sequence
from typing import Any

from proxy.routing import compiled, pattern
from proxy.routing.document import Document, LegacyDocument, RouteDocument, WhenDocument
from proxy.routing.index import PARAMETER, Branches
from proxy.routing.proof import CompareDocument, FallbackDocument
from proxy.routing.revision import revision_of
from proxy.routing.source import ANY_VALUE, Condition
from proxy.routing.table import DEFAULT_BACKEND, Route, Routes, Table

Json = dict[str, Any]  # Any: JSON


def compile_table(document: Document, version: int) -> bytes:
    """Return the compiled table as canonical JSON with its digest: the same document and version, the same bytes."""
    backends = {DEFAULT_BACKEND: document.legacy, **document.backends}
    return compiled.dump(
        version,
        {
            "index": _index(document.routes),
            "legacy": {name: _backend(backend) for name, backend in backends.items()},
            "routes": [_compact(compiled_route(route)) for route in document.routes],
        },
    )


def unpublished(routes: Sequence[RouteDocument]) -> Table:
    """Return the table that functions would load of these routes, for checks that must look something up in it."""
    return Table(
        routes=Routes([_compact(compiled_route(route)) for route in routes]),
        index={method: Branches.of(trees) for method, trees in _index(routes).items()},
    )


def compiled_route(document: RouteDocument) -> Route:
    """Return one route as functions will see it."""
    fallback = document.fallback
    compare = document.compare if isinstance(document.compare, CompareDocument) else CompareDocument()
    statuses = fallback.statuses if isinstance(fallback, FallbackDocument) else ()
    return Route(
        id=document.id,
        template=pattern.parse(document.match).template,
        stage=document.stage,
        handler=document.handler or "",
        function=document.function or "",
        percent=document.percent or 0.0,
        sticky=_sticky(document.sticky),
        legacy=document.legacy or DEFAULT_BACKEND,
        timeout_s=document.timeout,
        retries=document.retries,
        falls_back=fallback != "never",
        fallback_statuses=statuses,
        fallback_after_s=fallback.after if isinstance(fallback, FallbackDocument) else None,
        compares=document.compare is not False,
        compare=_rules(compare),
        noise_percent=compare.noise_percent,
        shadow_percent=document.shadow.percent,
        shadow_timeout_s=document.shadow.timeout,
        writes=document.writes,
        group=document.group or "",
        when=conditions(document.when),
    )


def compiled_revision(document: RouteDocument) -> str:
    """Return the revision of a route, as functions will name it in the evidence."""
    return revision_of(compiled_route(document), pattern.parse(document.match).methods)


def conditions(when: WhenDocument) -> tuple[Condition, ...]:
    """Return what a request must have, in one order for all routes."""
    return (
        *([Condition("host", "", when.host)] if when.host else []),
        *(Condition("header", *pair) for pair in sorted((name.lower(), value) for name, value in when.header.items())),
        *(Condition("query", name, value) for name, value in sorted(when.query.items())),
        *(Condition("cookie", name, value) for name, value in sorted(when.cookie.items())),
    )


def precedence(asked: tuple[Condition, ...]) -> tuple[int, int]:
    """Return how specific conditions are: their number, then how many ask for one value. The greater is asked first."""
    return len(asked), sum(condition.value != ANY_VALUE for condition in asked)


def _rules(compare: CompareDocument) -> Json:
    """Return what a comparison has to know, as JSON; what says nothing is left out."""
    rules = compare.model_dump(exclude={"noise", "values"}, exclude_defaults=True)
    return {**rules, "values": True} if compare.values == "shown" else rules


def _sticky(sticky: str) -> str:
    return sticky.lower() if sticky.startswith("header:") else sticky


def _compact(route: Route) -> list[Any]:  # Any: JSON
    # Most routes have these four and nothing else of their own, and 10 000 of them are read at every cold start.
    fields = route._asdict()
    usual = [fields.pop(name) for name in ("id", "template", "stage", "handler")]
    others = {name: value for name, value in fields.items() if value != Route._field_defaults[name]}
    return [*usual, others] if others else usual


def _backend(document: LegacyDocument) -> Json:
    return {
        "url": document.url,
        "timeout_s": document.timeout,
        "host": document.host,
        "keep_alive": document.keep_alive,
    }


def _index(routes: Sequence[RouteDocument]) -> Json:
    index: dict[str, Json] = {}
    asked = [conditions(route.when) for route in routes]
    # The most specific conditions first, so that a leaf's list is in the order in which they are asked.
    for position in sorted(range(len(routes)), key=lambda position: precedence(asked[position]), reverse=True):
        parsed = pattern.parse(routes[position].match)
        for method in parsed.methods:
            _insert(index.setdefault(method, {}), parsed.segments, position, is_asked=bool(asked[position]))
    return index


def _insert(trees: Json, segments: tuple[str, ...], position: int, *, is_asked: bool) -> None:
    ending = "+" if segments[-1].endswith("+}") else "/" if segments[-1] == "" else ""
    walked = segments[:-1] if ending else segments
    # The branch and the way down it; the last step leads to the leaf.
    steps = [f"{len(walked)}{ending}", *(PARAMETER if segment.startswith("{") else segment for segment in walked)]
    tree = trees
    for step in steps[:-1]:
        tree = tree.setdefault(step, {})
    leaf = tree.get(steps[-1], [])
    if isinstance(leaf, list):  # else a tie: the first stays, and the check tells
        tree[steps[-1]] = [*leaf, position] if leaf or is_asked else position
