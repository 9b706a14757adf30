"""A checked document -> the compiled table that is published and that the request path loads."""

import json
from typing import Any

from proxy.routing import pattern
from proxy.routing.document import Document
from proxy.routing.table import FORMAT, digest_of


def compile_table(document: Document, version: int) -> bytes:
    """Return the compiled table as canonical JSON with its digest: the same document and version, the same bytes."""
    index: dict[str, dict[str, Any]] = {}
    routes = []
    for position, route in enumerate(document.routes):
        parsed = pattern.parse(route.match)
        for method in parsed.methods:
            _insert(index.setdefault(method, {}), parsed, position)
        routes.append(
            {
                "id": route.id,
                "stage": route.stage,
                "template": parsed.template,
                "handler": route.handler or "",
                "timeout_s": route.timeout,
            }
        )
    compiled: dict[str, Any] = {
        "format": FORMAT,
        "version": version,
        "legacy": {
            "url": document.legacy.url,
            "timeout_s": document.legacy.timeout,
            "host": document.legacy.host,
            "keep_alive": document.legacy.keep_alive,
        },
        "routes": routes,
        "index": index,
    }
    compiled["digest"] = digest_of(compiled)
    return json.dumps(compiled, sort_keys=True, separators=(",", ":")).encode()


def _insert(node: dict[str, Any], parsed: pattern.Pattern, position: int) -> None:
    names: list[str] = []
    for segment in parsed.segments:
        if segment.endswith("+}"):
            node["+"] = [position, [*names, segment[1:-2]]]
            return
        if segment.startswith("{"):
            names.append(segment[1:-1])
            node = node.setdefault("{", {})
        else:
            node = node.setdefault("/", {}).setdefault(segment, {})
    node["."] = [position, names]
