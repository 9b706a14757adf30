"""What the rules say of one node of a JSON body, and the way to its children.

All paths are walked at once: a Node is the set of places that the paths have reached, as in an automaton, and is made
when a body first leads to it. A body is compared with one look-up per member, however many rules there are.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from proxy.routing.json_path import JsonPath, Key
from proxy.routing.linear_regex import LinearRegex

Field = Literal["ignore", "unordered", "tolerance", "normalise", "rename"]
_OTHER = object()  # stands for every key that no path names
# Paths with .. can reach a set of places for each subset of their steps; past this many, nodes are made afresh.
_MOST_KEPT = 4096


class Rule(NamedTuple):
    """One rule: what holds at a path."""

    field: Field
    path: JsonPath
    tolerance: float = 0.0
    pattern: LinearRegex | None = None
    new_name: str = ""


Reached = frozenset[tuple[int, int]]  # (the rule's position, how many steps of its path are taken)


class Node:
    """One node. Where two rules speak of it, the later tolerance or name counts, and every pattern."""

    __slots__ = ("_back", "_children", "_reached", "_rules", "ignored", "patterns", "renamed", "tolerance", "unordered")

    def __init__(self, rules: "_Rules", reached: Reached) -> None:
        self._rules = rules
        self._reached = reached
        self._back: dict[str, str] | None = None
        self.ignored = False
        self.unordered = False
        self.tolerance: float | None = None
        self.patterns: tuple[LinearRegex, ...] = ()
        self.renamed = ""  # its name in the migrated answer; "" if it is the same
        # None: not made yet.
        self._children: dict[object, Node | None] = {_OTHER: None}
        for position, taken in sorted(reached):
            rule = rules.rules[position]
            if taken == len(rule.path.steps):
                self._apply(rule)
            elif (key := rule.path.steps[taken].key) is not None:
                self._children[key] = None
        if self.ignored:  # what lies below is ignored, too
            self._children = {_OTHER: self}

    @property
    def is_free(self) -> bool:
        """Whether no rule speaks of this node or of anything below it."""
        return not self._reached

    def child(self, key: Key) -> "Node":
        """Return the node under a member's name, in legacy's words, or under an element's index."""
        known: object = key if key in self._children else _OTHER
        node = self._children[known]
        if node is None:
            node, is_kept = self._rules.node(self._after(known))
            if is_kept:
                self._children[known] = node
        return node

    def in_legacy_names(self, members: dict[str, object]) -> tuple[dict[str, object], Sequence[str]]:
        """Return a migrated object's members under the names that legacy has for them.

        And apart from them the names that legacy uses for something that the migrated answer calls otherwise: such a
        member is not legacy's, whatever its name.
        """
        back = self._renamed_children()
        if not back:
            return members, ()
        taken = frozenset(back.values())
        return (
            {back.get(name, name): value for name, value in members.items() if name in back or name not in taken},
            [name for name in members if name in taken and name not in back],
        )

    def normalised(self, text: str) -> str:
        """Return a text without what the patterns match."""
        for pattern in self.patterns:
            text = pattern.removed_from(text)
        return text

    def _apply(self, rule: Rule) -> None:
        if rule.field == "ignore":
            self.ignored = True
        elif rule.field == "unordered":
            self.unordered = True
        elif rule.field == "tolerance":
            self.tolerance = rule.tolerance
        elif rule.field == "rename":
            self.renamed = rule.new_name
        elif rule.pattern is not None:
            self.patterns = (*self.patterns, rule.pattern)

    def _after(self, key: object) -> Reached:
        rules = self._rules.rules
        return frozenset(
            (position, after) for position, taken in self._reached for after in rules[position].path.advance(taken, key)
        )

    def _renamed_children(self) -> dict[str, str]:
        """Return legacy's names by those that the migrated answer has for them."""
        if self._back is None:
            names = [key for key in self._children if isinstance(key, str)]
            self._back = {child.renamed: name for name in names if (child := self.child(name)).renamed}
        return self._back


class _Rules:
    """All rules, and the nodes that were made so far."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = rules
        self._nodes: dict[Reached, Node] = {}

    def node(self, reached: Reached) -> tuple[Node, bool]:
        """Return the node for what was reached, and whether it is kept."""
        node = self._nodes.get(reached)
        if node is not None:
            return node, True
        is_kept = len(self._nodes) < _MOST_KEPT
        node = Node(self, reached)
        if is_kept:
            self._nodes[reached] = node
        return node, is_kept


def root(rules: Sequence[Rule]) -> Node:
    """Return what the rules say of a whole body."""
    made = _Rules(rules)
    return made.node(frozenset((position, 0) for position in range(len(rules))))[0]
