"""Where two JSON values differ.

A walk of our own: deepdiff 9.1 takes 53 ms for two bodies of 47 KB, be they equal or with 31 differences in them, and
this takes 2 and 3 (`python -m tests.bench.compare`). Only what differs is entered, for forms tell that before.
"""

from typing import Literal

from proxy.shadow.difference import MISSING, Difference, Kind, Path
from proxy.shadow.forms import Forms, Json, is_loose, is_within, tolerated
from proxy.shadow.node import Node
from proxy.shadow.pairing import Element, Pairer

JsonType = Literal["null", "boolean", "number", "string", "array", "object"]
_TYPES: dict[type, JsonType] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def json_type(value: Json) -> JsonType:
    """Return the JSON type of a value that json.loads returned."""
    return _TYPES[type(value)]


def differences(control: Json, candidate: Json, node: Node, most: int) -> list[Difference]:
    """Return the differences of two JSON values, at most so many, each kind and path once with its first example.

    `node` is what the rules say of both. Neither may be nested so deep that recursion would fail.
    """
    walk = _Walk(most)
    walk.visit(control, candidate, node, Path())
    return list(walk.found.values())


class _Walk:
    def __init__(self, most: int) -> None:
        self.found: dict[tuple[Kind, str], Difference] = {}
        self._most = most
        self._forms = Forms()

    def visit(self, control: Json, candidate: Json, node: Node, path: Path) -> None:
        if node.ignored or len(self.found) >= self._most:
            return
        ours = self._forms.of(control, node, is_migrated=False)
        theirs = self._forms.of(candidate, node, is_migrated=True)
        if (ours is theirs or ours == theirs) and not is_loose(ours):
            return
        kind = json_type(control)
        if kind != json_type(candidate):
            self._report("type", path, control, candidate)
        elif kind == "object":
            self._objects(control, candidate, node, path)
        elif kind == "array":
            self._lists(control, candidate, node, path)
        elif node.tolerance is None or kind != "number" or not is_within(control, candidate, node.tolerance):
            self._report("value", path, control, candidate)

    def _objects(self, control: dict[str, Json], candidate: dict[str, Json], node: Node, path: Path) -> None:
        members, extra = node.in_legacy_names(candidate)
        for name, value in control.items():
            child = node.child(name)
            if child.ignored:
                continue
            if name in members:
                self.visit(value, members[name], child, path.child(name, child.renamed))
            else:
                self._report("missing", path.child(name, child.renamed), value, MISSING)
        for name, value in members.items():
            child = node.child(name)
            if name not in control and not child.ignored:
                self._report("extra", path.child(name, child.renamed), MISSING, value)
        for name in extra:
            if not node.child(name).ignored:
                self._report("extra", path.child(name), MISSING, candidate[name])

    def _lists(self, control: list[Json], candidate: list[Json], node: Node, path: Path) -> None:
        pairing = Pairer(
            lambda element, name, is_migrated: self._id_of(element, name, node, is_migrated),
            lambda element, is_migrated: tolerated(
                element.value, node.child(element.position), is_migrated=is_migrated
            ),
        ).pair(
            self._elements(control, node, is_migrated=False),
            self._elements(candidate, node, is_migrated=True),
            is_ordered=not node.unordered,
        )
        if pairing.is_reordered:
            self._report("order", path, control, candidate)
        for mine, theirs in pairing.pairs:
            self.visit(mine.value, theirs.value, node.child(mine.position), path.child(mine.position))
        for element in pairing.missing:
            self._report("missing", path.child(element.position), element.value, MISSING)
        for element in pairing.extra:
            self._report("extra", path.child(element.position), MISSING, element.value)

    def _elements(self, elements: list[Json], node: Node, *, is_migrated: bool) -> list[Element]:
        return [
            Element(index, value, self._forms.of(value, child, is_migrated=is_migrated))
            for index, value in enumerate(elements)
            if not (child := node.child(index)).ignored
        ]

    def _id_of(self, element: Element, name: str, node: Node, is_migrated: bool) -> object:
        if not isinstance(element.value, dict):
            return None
        inner = node.child(element.position)
        members = inner.in_legacy_names(element.value)[0] if is_migrated else element.value
        value = members.get(name)
        child = inner.child(name)
        # An id that may differ is none.
        if child.ignored or child.tolerance is not None or not isinstance(value, str | int) or isinstance(value, bool):
            return None
        return self._forms.of(value, child, is_migrated=is_migrated)

    def _report(self, kind: Kind, path: Path, control: Json, candidate: Json) -> None:
        if len(self.found) < self._most:
            difference = Difference(kind, path.text, control, candidate, path.is_secret)
            self.found.setdefault((kind, path.text), difference)
