"""The lookup structure: for each method and number of segments a tree of segments, walked with backtracking.

A tree of depth d is {literal: tree, "/": tree of a parameter}; "/" is in no segment. At depth d stands a leaf: the
position of a route, or a list of positions whose conditions are asked in that order. Plain data, straight from JSON.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import length_hint
from typing import Any, Protocol, TypeVar

from proxy.message import Request
from proxy.routing.source import Condition, Readings, all_hold

PARAMETER = "/"
Tree = Any  # a recursive type of JSON data: a dict, and at its depth an int or a list of ints


class Indexed(Protocol):
    """A route, as far as a look-up knows it."""

    @property
    def template(self) -> str:
        """What it matches."""

    @property
    def shape(self) -> str:
        """The template's kinds of segments; a smaller one is more specific."""

    @property
    def when(self) -> Sequence[Condition]:
        """What it asks of a request beside method and path."""


AnyRoute = TypeVar("AnyRoute", bound=Indexed)


@dataclass(frozen=True, slots=True)
class Branches:
    """All routes of one method. Trees by their depth, so that a path's length leaves few to be walked."""

    exact: Mapping[int, Tree]  # "/a/{b}": depth 2
    slashed: Mapping[int, Tree]  # "/a/{b}/": depth 2; "/" itself: depth 0
    rest: Sequence[tuple[int, Tree]]  # "/a/{b+}": depth 1; the deepest first
    shallowest_rest: int  # its depth; without any rest, more than any path counts
    deepest: int

    @classmethod
    def of(cls, compiled: Mapping[str, Tree]) -> "Branches":
        """Return the branches in compiled data, whose keys are "2", "2/" and "1+"."""
        exact = {int(key): tree for key, tree in compiled.items() if key.isdigit()}
        slashed = {int(key[:-1]): tree for key, tree in compiled.items() if key.endswith("/")}
        rest = sorted(((int(key[:-1]), tree) for key, tree in compiled.items() if key.endswith("+")), reverse=True)
        deepest = max([*exact, *slashed, *dict(rest)], default=0)
        return cls(exact, slashed, tuple(rest), min(dict(rest), default=deepest + 1), deepest)

    def find(self, path: str, routes: Mapping[int, AnyRoute], request: Request | None) -> AnyRoute | None:
        """Return the most specific route that matches a raw path and whose conditions the request meets."""
        # Only as many segments as the deepest tree can tell apart: a client may send thousands.
        segments = path.split("/", self.deepest + 1)
        del segments[0]  # what stands before the first slash: nothing
        count = len(segments)
        if segments[-1]:
            tree = self.exact.get(count)
        else:
            count -= 1
            del segments[-1]
            tree = self.slashed.get(count)
        found = None
        # No template has an empty segment inside, and looking for it in every branch of a tree may take long.
        if tree is not None and "//" not in path:
            position = _descend(tree, segments, routes, request)
            if position is not None:
                found = routes[position]
        # A rest is one segment at least.
        return self._with_rest(found, segments, routes, request) if self.shallowest_rest < count else found

    def leads_to(self, template: str) -> Sequence[int]:
        """Return the positions of the routes that stand at a template, in the order in which they are asked."""
        segments = template[1:].split("/")
        last = segments[-1]
        walked = segments[:-1] if not last or last.endswith("+}") else segments
        if last.endswith("+}"):
            tree: Tree = dict(self.rest).get(len(walked))
        else:
            tree = (self.exact if last else self.slashed).get(len(walked))
        for segment in walked:
            if tree is None:
                return ()
            tree = tree.get(PARAMETER if segment.startswith("{") else segment)
        return () if tree is None else (tree,) if isinstance(tree, int) else tree

    def _with_rest(
        self,
        found: AnyRoute | None,
        segments: list[str],
        routes: Mapping[int, AnyRoute],
        request: Request | None,
    ) -> AnyRoute | None:
        """Return the route that was found, or one with a rest that is more specific."""
        literals = -1 if found is None else _literals(found.template)
        most = len(segments) - 1
        if "" in segments:  # no segment before a rest is empty, either
            most = min(most, segments.index(""))
        for depth, tree in self.rest:
            if depth <= literals:
                break  # what was found has literals up to there, and then at least a parameter
            if depth > most:
                continue
            position = _descend(tree, segments[:depth], routes, request)
            if position is not None and (found is None or routes[position].shape < found.shape):
                found = routes[position]
                literals = _literals(found.template)
        return found


def _literals(template: str) -> int:
    """Return how many segments of a template come before its first parameter."""
    begin = template.find("{")
    return template.count("/", 0, begin) - 1 if begin >= 0 else template.count("/")


def _descend(tree: Tree, segments: list[str], routes: Mapping[int, AnyRoute], request: Request | None) -> int | None:
    """Return the first route at the end of the segments whose conditions hold: a literal before a parameter, from the
    left. No segment is empty.
    """
    waiting = None  # trees of parameters that were passed by, and how many segments are left for them
    rest = iter(segments)
    while True:
        for segment in rest:
            below = tree.get(segment)
            if below is None:
                below = tree.get(PARAMETER)
                if below is None:
                    break
            elif PARAMETER in tree:
                if waiting is None:
                    waiting = []
                waiting.append((tree[PARAMETER], length_hint(rest)))
            tree = below
        else:
            if type(tree) is int:
                return tree
            position = _first_that_holds(tree, routes, request)
            if position is not None:
                return position
        if not waiting:
            return None
        tree, left = waiting.pop()
        rest = iter(segments[len(segments) - left :])


def _first_that_holds(leaf: list[int], routes: Mapping[int, AnyRoute], request: Request | None) -> int | None:
    readings: Readings = {}
    for position in leaf:
        if all_hold(routes[position].when, request, readings):
            return position
    return None
