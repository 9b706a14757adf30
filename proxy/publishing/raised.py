"""Which routes' migrated side would answer what it has not answered before: more clients, or other requests.

So does another handler of a live route, and one more method: in their stage nobody has compared them. Fewer clients,
fewer methods and more conditions are ways back, and so are other rules to compare by: they answer nobody.
"""

from collections.abc import Iterator
from typing import NamedTuple

from proxy.routing import pattern
from proxy.routing.changes import jumps
from proxy.routing.compile import conditions
from proxy.routing.document import Document, RouteDocument
from proxy.routing.table import Route, Stage

_REACH: dict[Stage, float] = {"legacy": 0, "shadow": 0, "live": 101, "migrated": 102, "retired": 103}


class Raised(NamedTuple):
    """A route as it would be, and what of it would be another one in a stage in which clients are answered by it."""

    route: RouteDocument
    changed: tuple[str, ...] = ()  # "handler", "path", "methods", "conditions"


def raised(before: Document, after: Document) -> list[Raised]:
    """Return the routes whose migrated side would answer more; those that skip a stage are left to `jumps`."""
    known = {route.id: route for route in before.routes}
    found = [(known.get(route.id), route) for route in after.routes]
    wanted = [Raised(route, tuple(_changed(was, route))) for was, route in found if _answers_more(was, route)]
    # Asked of each alone: whether it is among those that skip a stage, `jumps` tells in words only.
    return [one for one in wanted if not jumps(before, Document(version=1, routes=(one.route,)))]


def reach(route: RouteDocument | Route) -> float:
    """Return a number that grows with the clients whom the migrated side answers: a canary's percentage, then more."""
    return (route.percent or 0.0) if route.stage == "canary" else _REACH[route.stage]


def in_words(route: RouteDocument | Route) -> str:
    """Return a route's stage as people read it: "canary 5 %"."""
    return f"canary {route.percent:g} %" if route.stage == "canary" else route.stage


def _answers_more(before: RouteDocument | None, after: RouteDocument) -> bool:
    if after.stage == "retired":
        return False
    return reach(after) > (reach(before) if before is not None else 0) or any(_changed(before, after))


def _changed(before: RouteDocument | None, after: RouteDocument) -> Iterator[str]:
    if before is None or not reach(before) or not reach(after):
        return
    if (before.handler, before.function) != (after.handler, after.function):
        yield "handler"
    was, now = pattern.parse(before.match), pattern.parse(after.match)
    if was.template != now.template:
        yield "path"
    if set(now.methods) - set(was.methods):
        yield "methods"
    if set(conditions(before.when)) - set(conditions(after.when)):
        yield "conditions"
