"""Documents, tables and requests that the tests of routing are made of."""

import json
from collections.abc import Mapping
from typing import Any

from proxy.message import Headers, Request
from proxy.routing.compile import compile_table
from proxy.routing.compiled import load
from proxy.routing.document import Document
from proxy.routing.table import Table

HANDLER = "some.module:handler"
_NEED_A_HANDLER = ("shadow", "canary", "live", "migrated")

Row = str | Mapping[str, Any]  # a match alone, or the fields of a route; Any: a document's values


def document(*rows: Row, **fields: Any) -> Document:  # Any: a document's values
    """Return a checked document. Routes without an id are called r0, r1, … by their positions."""
    return Document.model_validate_json(
        json.dumps({"version": 1, **fields, "routes": [_route(at, row) for at, row in enumerate(rows)]})
    )


def lines(text: str) -> list[dict[str, Any]]:
    """Return the routes written as "id: METHOD /path [stage]", one a line. Any: a document's values."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        route_id, _, rest = line.partition(": ")
        method, path, *stage = rest.split()
        found.append({"id": route_id, "match": f"{method} {path}", "stage": stage[0] if stage else "legacy"})
    return found


def table(*rows: Row, version: int = 1) -> Table:
    """Return the table that functions load of these routes."""
    return load(compile_table(document(*rows), version))


def asking(
    method: str = "GET",
    path: str = "/",
    query: str = "",
    headers: Mapping[str, str] | None = None,
    *,
    cookie: str = "",
    host: str = "",
    ip: str = "203.0.113.24",
    request_id: str = "request-1",
    event: dict[str, Any] | None = None,  # Any: JSON
) -> Request:
    """Return a request with that and nothing else."""
    pairs = [*(headers or {}).items(), *([("Cookie", cookie)] if cookie else [])]
    return Request(
        method=method,
        path=path,
        query=query,
        headers=Headers(tuple((name.encode(), value.encode("latin-1")) for name, value in pairs)),
        body=b"",
        client_ip=ip,
        scheme="https",
        host=host,
        id=request_id,
        deadline=0.0,
        event=event,
    )


def _route(at: int, row: Row) -> dict[str, Any]:
    fields = {"match": row} if isinstance(row, str) else dict(row)
    if fields.get("stage") in _NEED_A_HANDLER and "function" not in fields:
        fields.setdefault("handler", HANDLER)
    return {"id": f"r{at}", **fields}
