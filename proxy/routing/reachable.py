"""Routes that no request can reach, because others catch everything that they would.

Found by looking up witnesses in the table itself. They suffice: put fresh text in place of every parameter of a route,
and of every segment of its rest, in a request that reaches it, and leave out what it does not ask for. The route still
matches, and no route matches that did not before; so the route is still the most specific. Fresh texts are all alike,
which leaves one witness for each number of segments in the rest, with a slash at the end and without. Beyond the depth
of the deepest template only rests match, and all numbers are alike.

A path with two readings needs no witness of its own: `decide` follows it only where its lenient reading leads to the
same route, and that reading is a path with one reading.
"""

from collections.abc import Iterator, Sequence

from proxy.routing.listed import Listed, Problem, names
from proxy.routing.table import Table
from proxy.routing.witness import path_of, request_for


def unreachable(routes: Sequence[Listed], table: Table, fresh: str) -> Iterator[Problem]:
    """Yield a problem for each route that no request reaches, naming what it meets instead."""
    by_id = {route.id: route for route in routes}
    for route in routes:
        if request_for("GET", "/", route.asked, fresh) is None:
            yield Problem(
                route.position,
                "when",
                "got conditions that no request can meet together, expected others or none",
            )
        elif hiding := _hiding(route, table, fresh):
            yield Problem(
                route.position,
                "match",
                f"got {route.shown}, which no request can reach, expected it to go or to match more than "
                f"{names([by_id[found] for found in hiding])}",
            )


def _hiding(route: Listed, table: Table, fresh: str) -> list[str]:
    """Return the ids of the routes that witnesses for a route lead to; none if one leads to the route."""
    mine = table.routes[route.position]
    hiding: dict[str, None] = {}
    for method in route.methods:
        for path in _paths(route, table.index[method].deepest, fresh):
            request = request_for(method, path, route.asked, fresh) if route.asked else None
            found = table.match(method, path, request)
            if found is mine:
                return []
            if found is not None:
                hiding[found.id] = None
    return list(hiding)


def _paths(route: Listed, deepest: int, fresh: str) -> Iterator[str]:
    endings = [""]
    if route.segments[-1].endswith("+}"):
        most = max(0, deepest + 1 - len(route.segments))  # beyond the one segment that stands for a rest already
        endings = [f"/{fresh}" * count + slash for count in range(most + 1) for slash in ("", "/")]
    for ending in endings:
        yield path_of(route.segments, fresh, ending)
