"""Evidence of a test's own, and documents to ask it about."""

from collections.abc import Callable
from typing import Any

from proxy.evidence.found import ContractResult, Counts, OfCode, Path, RouteEvidence, Traffic
from proxy.publishing.flip import route_of
from proxy.publishing.kinds import kinds_of
from proxy.routing.compile import compiled_revision
from proxy.routing.document import Document, RouteDocument

HOUR = "2026-12-02T12"
WHEN = "2026-12-02T12:00:00Z"


def routes(*more: dict[str, Any]) -> Document:
    """A document with these routes. Any: as YAML has them."""
    usual = {"id": "orders.read", "match": "GET /orders/{id}", "handler": "migrated.orders.api:handler"}
    return Document.model_validate({"version": 1, "routes": [{**usual, **fields} for fields in more]})


def with_stage(document: Document, route_id: str, **fields: Any) -> Document:
    """The same document, with other fields of one route. Any: as YAML has them."""
    changed = [
        RouteDocument.model_validate({**route.model_dump(mode="json", exclude_none=True), **fields})
        if route.id == route_id
        else route
        for route in document.routes
    ]
    return Document(version=1, routes=tuple(changed))


def revision(document: Document, route_id: str) -> str:
    """The revision of a route."""
    return compiled_revision(route_of(document, route_id))


def of_code(
    counts: Counts = Counts(),  # noqa: B008  # frozen
    *paths: Path,
    migrated: Traffic = Traffic(),  # noqa: B008
    legacy: Traffic = Traffic(),  # noqa: B008
    code: str = "7",
    last: str = HOUR,
    writes: Counts = Counts(),  # noqa: B008
) -> OfCode:
    """What a version of the function has found."""
    return OfCode(code, HOUR, last, counts, writes, migrated, legacy, paths)


def known(
    document: Document, found: dict[str, OfCode], contracts: dict[str, tuple[int, int]] | None = None
) -> Callable[[str], RouteEvidence]:
    """Evidence for routes' revisions in a document: what was found by the newest code, and how contracts went."""

    def lookup(route_id: str) -> RouteEvidence:
        here = revision(document, route_id)
        counts = (contracts or {}).get(route_id)
        methods = kinds_of(route_of(document, route_id)).writes
        results = {here: (ContractResult(*counts, "ada", WHEN, "7", methods),)} if counts is not None else {}
        return RouteEvidence(route_id, {here: (found[route_id],)} if route_id in found else {}, results)

    return lookup
