"""Look-ups that count their steps, as the bound for them does."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from proxy.message import Headers, Pair, Request
from proxy.routing.index import PARAMETER, Branches, Tree
from proxy.routing.source import Condition
from proxy.routing.table import Table
from proxy.routing.worst_lookup import READ


@dataclass
class Counted:
    """A table whose look-ups count their steps: segments looked up, conditions asked, and READ for each value read."""

    table: Table
    requests: Sequence[Request]
    steps: int = 0
    branches: Branches = field(init=False)

    def __post_init__(self) -> None:
        found = self.table.index["GET"]
        self.branches = replace(
            found,
            exact={depth: self._tree(tree) for depth, tree in found.exact.items()},
            slashed={depth: self._tree(tree) for depth, tree in found.slashed.items()},
            rest=[(depth, self._tree(tree)) for depth, tree in found.rest],
        )
        self.routes = {
            at: route._replace(when=_counted_conditions(self._count, route.when))
            for at, route in enumerate(self.table.routes)
        }
        self.requests = [
            replace(request, headers=_counted_headers(lambda: self._count(READ), request.headers))
            for request in self.requests
        ]

    def worst(self, paths: Iterable[str]) -> int:
        """Return the steps of the look-up that takes the most."""
        return max(self._lookup(path, request) for path in paths for request in self.requests)

    def _lookup(self, path: str, request: Request) -> int:
        self.steps = 0
        self.branches.find(path, self.routes, request)
        return self.steps

    def _count(self, steps: int = 1) -> None:
        self.steps += steps

    def _tree(self, tree: Tree) -> Tree:
        if not isinstance(tree, dict):
            return tree
        return _counted_tree(self._count, {segment: self._tree(below) for segment, below in tree.items()})


def _counted_tree(count: Callable[[], None], trees: dict[str, Tree]) -> Tree:
    class CountedTree(dict[str, Tree]):
        def get(self, segment: str, default: Tree = None) -> Tree:
            if segment != PARAMETER:
                count()
            return super().get(segment, default)

    return CountedTree(trees)


def _counted_conditions(count: Callable[[], None], asked: Iterable[Condition]) -> tuple[Condition, ...]:
    class CountedConditions(tuple[Condition, ...]):
        def __iter__(self) -> Iterator[Condition]:
            for condition in super().__iter__():
                count()
                yield condition

    return CountedConditions(asked)


def _counted_headers(count: Callable[[], None], headers: Headers) -> Headers:
    class CountedPairs(tuple[Pair, ...]):
        def __iter__(self) -> Iterator[Pair]:
            count()
            return super().__iter__()

    return Headers(CountedPairs(headers.pairs))
