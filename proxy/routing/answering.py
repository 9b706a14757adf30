"""Who answers a route's clients, in words."""

from proxy.routing.document import RouteDocument


def answered_by(route: RouteDocument, *, is_frozen: bool = False) -> str:
    """Return who answers in a route's stage; during a freeze of it that is legacy."""
    migrated = route.handler or f"function {route.function}"
    if is_frozen or route.stage in ("legacy", "shadow"):
        return "legacy"
    return {"canary": f"legacy and {migrated}", "retired": "410 Gone"}.get(route.stage, migrated)
