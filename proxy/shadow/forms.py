"""Forms: two JSON values have the same form exactly when the rules tell no difference, tolerances aside.

A form costs one look at each node, whatever is compared with it afterwards, so lists of any order are compared in the
time that it takes to read them.
"""

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proxy.routing.json_path import Key
    from proxy.shadow.node import Node

Json = Any  # Any: what json.loads returns


class Form:
    """The form of lists, objects and what has no Python value of its own; each stands for itself alone."""

    __slots__ = ("is_loose",)

    def __init__(self, is_loose: bool) -> None:
        self.is_loose = is_loose  # holds numbers with a tolerance: the same form need not mean no difference


# To Python, True is 1; to JSON, it is no number.
_TRUE = Form(is_loose=False)
_FALSE = Form(is_loose=False)
_UNORDERED = Form(is_loose=False)
_TOLERATED_NUMBER = Form(is_loose=True)
_EXTRA_NAME = Form(is_loose=False)


def is_loose(form: object) -> bool:
    """Tell whether values of one form may still differ, by more than a tolerance."""
    return type(form) is Form and form.is_loose


def is_within(number: float, other: float, tolerance: float) -> bool:
    """Tell whether two numbers differ by at most a tolerance, as they are written: 1.01 and 1 by 0.01."""
    if number is other or number == other:
        return True
    try:
        distance = abs(number - other)
        if distance <= tolerance or not math.isfinite(distance):
            return distance <= tolerance
        # What reading decimals as doubles, and subtracting them, may have added: 1.01 - 1 is 0.010000000000000009.
        return distance <= tolerance + math.ulp(max(abs(number), abs(other))) + math.ulp(tolerance)
    except OverflowError:  # a whole number beyond every double, and a fraction
        return False


class Forms:
    """The forms of two values that are compared; `is_migrated` tells on which side a value stands."""

    def __init__(self) -> None:
        self._of: dict[int, object] = {}  # by id, for both values live as long as the comparison
        self._known: dict[tuple[object, ...], Form] = {}

    def of(self, value: Json, node: "Node", *, is_migrated: bool) -> object:
        """Return the form of a value. Strings and numbers are their own: 1 and 1.0 are one number (RFC 8259, 6)."""
        kind = type(value)
        if kind is dict or kind is list:
            form = self._of.get(id(value))
            if form is None:
                if node.is_free:
                    form = self._free(value)
                elif kind is dict:
                    form = self._object(value, node, is_migrated)
                else:
                    form = self._list(value, node, is_migrated)
            return form
        if kind is bool:
            return _TRUE if value else _FALSE
        if kind is str:
            return node.normalised(value) if node.patterns else value
        return _TOLERATED_NUMBER if node.tolerance is not None and value is not None else value

    def _object(self, value: dict[str, Json], node: "Node", is_migrated: bool) -> Form:
        members, extra = node.in_legacy_names(value) if is_migrated else (value, ())
        parts: list[object] = [dict]
        for name in sorted(members):
            child = node.child(name)
            if not child.ignored:
                parts += name, self.of(members[name], child, is_migrated=is_migrated)
        for name in sorted(extra):
            if not node.child(name).ignored:
                parts += _EXTRA_NAME, name, self._free(value[name])
        return self._form(value, tuple(parts))

    def _list(self, value: list[Json], node: "Node", is_migrated: bool) -> Form:
        parts: list[object] = []
        for index, element in enumerate(value):
            child = node.child(index)
            if not child.ignored:
                parts.append(self.of(element, child, is_migrated=is_migrated))
        if not node.unordered:
            return self._form(value, (list, *parts))
        loose = any(map(is_loose, parts))  # frozenset hides it from _form
        return self._form(value, (_UNORDERED, _TOLERATED_NUMBER if loose else None, frozenset(Counter(parts).items())))

    def _free(self, value: Json) -> object:
        """Return the form of a value that no rule speaks of: most of a body, so this is where the time goes."""
        kind = type(value)
        if kind is dict:
            parts: list[object] = [dict]
            for name in sorted(value):
                inner = value[name]
                parts.append(name)
                parts.append(inner if type(inner) is str else self._free(inner))
        elif kind is list:
            parts = [list, *map(self._free, value)]
        elif kind is bool:
            return _TRUE if value else _FALSE
        else:
            return value
        return self._form(value, tuple(parts))

    def _form(self, value: Json, parts: tuple[object, ...]) -> Form:
        form = self._known.get(parts)
        if form is None:
            form = self._known[parts] = Form(any(map(is_loose, parts)))
        self._of[id(value)] = form
        return form


def tolerated(value: Json, node: "Node", *, is_migrated: bool) -> list[tuple[float, float]]:
    """Return the numbers in a value that have a tolerance, each with it, in one order on both sides."""
    if isinstance(value, dict):
        members = node.in_legacy_names(value)[0] if is_migrated else value
        children: list[tuple[Key, Json]] = [(name, members[name]) for name in sorted(members)]
    elif isinstance(value, list):
        children = list(enumerate(value))
    else:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return [(value, node.tolerance)] if is_number and node.tolerance is not None else []
    found = []
    for key, inner in children:
        child = node.child(key)
        if not child.is_free and not child.ignored:
            found += tolerated(inner, child, is_migrated=is_migrated)
    return sorted(found) if node.unordered else found
