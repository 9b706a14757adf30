"""How much work the worst look-up in a table is: an upper bound, so that no client can make the proxy spend more.

Work is counted in steps: one for each segment that is looked up at one node of a tree (a turn of `_descend`), one for
each condition that is asked at a leaf, and READ for each name under which such a leaf reads the request's values.

worst(t) bounds the steps of any walk of a tree t, and failing(t) those of any walk that finds nothing. A node of t has
a tree L for each literal and may have a tree P of a parameter. It takes one step, and then the segment at hand is

    a literal whose tree L finds a route     at most worst(L)
    a literal whose tree L finds nothing     at most failing(L), and then the walk of P
    no literal                               the walk of P

where an absent P takes no step and finds nothing. With F, the greatest failing(L) or 0, that is

    worst(t) = 1 + max(worst(L) of each L, F + worst(P))        failing(t) = 1 + F + failing(P)

If P cannot fail, neither can t; nor can a leaf whose last route asks for nothing. So the tree with every mask of
literals and parameters is walked straight down, however large it is. The bound lets L and P each have the segments that
are worst for it, where really both get the same; it is exact where no node has both.

A look-up walks the one tree of its path's depth and slash, and at most each tree of a rest that is shallower: the bound
is the greatest sum of those. A path with an empty segment takes no more: nothing is looked up from there on. A path
with two readings is looked up twice.
"""

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from proxy.routing.index import PARAMETER, Branches, Tree
from proxy.routing.listed import Listed, Problem, names
from proxy.routing.table import Route, Table

MOST_STEPS = 150  # about 25 µs where a usual look-up takes 1 µs
READ = 10  # steps in the time that it takes to read a header, cookie or parameter of a usual request

_Walked = list[tuple[int, Tree]]  # the trees of one look-up, with their depths
_Walk = tuple[Tree, int, bool]  # a tree, its depth, and whether it is walked without finding a route


class Cost(NamedTuple):
    """What walks of a tree can take, in steps. `failing` is None for a tree in which every walk finds a route."""

    worst: int
    failing: int | None


_ABSENT = Cost(0, 0)


def too_slow(routes: Sequence[Listed], table: Table) -> Iterator[Problem]:
    """Yield a problem for each set of routes that together make some look-up take more than MOST_STEPS."""
    found: dict[tuple[int, tuple[int, ...]], list[str]] = {}
    for method, branches in table.index.items():
        steps, walked = worst_lookup(branches, table.routes)
        if steps > MOST_STEPS:
            positions = {position for depth, tree in walked for position in _ends(tree, depth, table.routes)}
            found.setdefault((steps, tuple(sorted(positions))), []).append(method)
    for (steps, at), methods in found.items():
        first, *others = (routes[position] for position in at)
        where = f"here or in {names(others)}" if others else "here"
        yield Problem(
            first.position,
            "match",
            f"got {first.shown}, with which a look-up of {', '.join(methods)} may take {steps} steps, expected at most "
            f"{MOST_STEPS}: have fewer literals where others have {{name}}, {{name+}} or when: {where}",
        )


def worst_lookup(branches: Branches, routes: Sequence[Route]) -> tuple[int, _Walked]:
    """Return the bound for the routes of one method, in steps, and the trees that such a look-up walks."""
    rests = [(cost(tree, depth, routes).worst, depth, tree) for depth, tree in branches.rest]
    worst = sum(steps for steps, _, _ in rests), list(branches.rest)  # of a path that is longer than any template
    for trees in (branches.exact, branches.slashed):
        for depth, tree in trees.items():
            shallower = [rest for rest in rests if rest[1] < depth]
            steps = cost(tree, depth, routes).worst + sum(steps for steps, _, _ in shallower)
            worst = max(worst, (steps, [(depth, tree), *(rest[1:] for rest in shallower)]), key=itemgetter(0))
    return worst


def cost(tree: Tree, depth: int, routes: Sequence[Route]) -> Cost:
    """Return what walks of a tree can take. Of one that is too deep by itself, only that."""
    if depth > MOST_STEPS:
        return Cost(depth, depth)
    if depth == 0:
        return _cost_of_leaf(tree, routes)
    parameter, worst, failing = _ABSENT, 0, 0
    for segment, below in tree.items():
        found = cost(below, depth - 1, routes)
        if segment == PARAMETER:
            parameter = found
        else:
            worst = max(worst, found.worst)
            failing = max(failing, found.failing or 0)
    return Cost(
        1 + max(worst, failing + parameter.worst),
        None if parameter.failing is None else 1 + failing + parameter.failing,
    )


def _cost_of_leaf(leaf: int | list[int], routes: Sequence[Route]) -> Cost:
    if isinstance(leaf, int):
        return Cost(0, None)
    asked = [routes[position].when for position in leaf]
    read = {(source, name) for conditions in asked for source, name, _ in conditions}
    steps = sum(map(len, asked)) + READ * len(read)
    return Cost(steps, steps if asked[-1] else None)


def _ends(tree: Tree, depth: int, routes: Sequence[Route]) -> Iterator[int]:
    """Yield positions of routes: those at which the worst walk of a tree ends, or one below a node where it fails."""
    walks: list[_Walk] = [(tree, depth, False)]
    while walks:
        tree, depth, fails = walks.pop()
        below = _below(tree, depth, routes, fails=fails) if 0 < depth <= MOST_STEPS else []
        walks += below
        if not below:
            while isinstance(tree, dict):
                tree = next(iter(tree.values()))
            yield from [tree] if isinstance(tree, int) else tree


def _below(tree: Tree, depth: int, routes: Sequence[Route], *, fails: bool) -> list[_Walk]:
    """Return the walks of which the bound for a node is made, as in `cost`; none where it fails there and then."""
    literals = [(cost(below, depth - 1, routes), below) for segment, below in tree.items() if segment != PARAMETER]
    worst, worst_tree = max(((found.worst, below) for found, below in literals), key=itemgetter(0), default=(0, None))
    failing, failing_tree = max(
        ((found.failing or 0, below) for found, below in literals), key=itemgetter(0), default=(0, None)
    )
    parameter = tree.get(PARAMETER)
    after = cost(parameter, depth - 1, routes).worst if parameter is not None else 0
    if not fails and worst > failing + after:
        return [(worst_tree, depth - 1, False)]
    walks = [(failing_tree, depth - 1, True)] if failing else []
    return walks if parameter is None else [*walks, (parameter, depth - 1, fails)]
