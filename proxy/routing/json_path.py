"""The JSON paths of rules: `$`, `.name`, `['name']`, `.*`, `[*]`, `[0]` and, at any depth, `..name` and `..*`.

A subset of RFC 9535 with its meaning: what parses here selects the same nodes in any implementation. Filters, slices,
unions and indexes from the end are left out, for a rule speaks of a field, not of the data that happens to be in it.
"""

import json
import re
from typing import NamedTuple, NoReturn

Key = str | int  # a member's name, or an element's index
Location = tuple[Key, ...]  # where a node stands: ("items", 0, "price")

EXPECTED = "a JSON path that begins with $, such as $.updated_at"
_LONGEST = 512
_STEPS = ".name, ['name'], .*, [*], [0], ..name or ..*"
# RFC 9535, 2.5.1.1 (shorthand names) and 2.3.1.1 (quoted ones); blanks may stand where 2.1.1 and 2.3 put an S. Names
# hold what is not ASCII: a set of all that would take 5 ms to compile.
_BLANK = r"[ \t\n\r]*"
_NAME = r"[^\x00-@\[-^`{-\x7f][^\x00-/:-@\[-^`{-\x7f]*"
_ESCAPED = r"\\(?:[bfnrt/\\]|u[0-9A-Fa-f]{4})"
_segment = re.compile(
    rf"""{_BLANK}(?:
        (?P<dots>\.\.?)(?:(?P<name>{_NAME})|\*)
        |(?P<deep>\.\.)?\[{_BLANK}(?:
            '(?P<single>(?:[^'\\\x00-\x1f]|{_ESCAPED}|\\')*)'
            |"(?P<double>(?:[^"\\\x00-\x1f]|{_ESCAPED}|\\")*)"
            |(?P<index>0|[1-9][0-9]{{0,14}})
            |\*
        ){_BLANK}\])""",
    re.VERBOSE,
).match
# What RFC 9535 has and rules have not: how it begins, and its name.
_LEFT_OUT = (
    (r"(?:\.\.)?\[\s*\?", "a filter"),
    (r"(?:\.\.)?\[\s*-?[0-9]*\s*:", "a slice"),
    (r"(?:\.\.)?\[\s*-[0-9]", "an index from the end"),
)
_UNION = r"""\[(?:'[^']*'|"[^"]*"|[^\]'"])*,"""
_ODD_NAME = r"\.{0,2}([^.\[\]'\"\\\s]+)"


class Step(NamedTuple):
    """One step down. `key` None takes every child; `is_deep`: any number of levels may lie before it."""

    key: Key | None
    is_deep: bool = False

    def takes(self, key: object) -> bool:
        """Tell whether the step leads to the child under a key."""
        return self.key is None or self.key == key


class JsonPath(NamedTuple):
    """A parsed path."""

    text: str
    steps: tuple[Step, ...]

    def matches(self, location: Location) -> bool:
        """Tell whether the path selects the node at a location."""
        reached = {0}
        for key in location:
            reached = {after for position in reached for after in self.advance(position, key)}
        return len(self.steps) in reached

    def advance(self, position: int, key: object) -> list[int]:
        """Return how many steps may be taken once the child under a key is entered, `position` being taken before.

        More than one number only where a deep step may be taken here or further down; none: the path has left.
        """
        if position == len(self.steps):
            return []
        step = self.steps[position]
        taken = [position + 1] if step.takes(key) else []
        return [*taken, position] if step.is_deep else taken


def parse(text: str) -> JsonPath:
    """Return the path that a text is. Raises ValueError saying what was got and expected."""
    if len(text) > _LONGEST:
        raise ValueError(f"got {len(text)} characters, expected at most {_LONGEST}")
    if not text.startswith("$"):
        raise ValueError(f"got {_shown(text)}, expected {EXPECTED}")
    steps = []
    at = 1
    while at < len(text):
        found = _segment(text, at)
        if found is None:
            _refuse(text, at)
        steps.append(_step(found))
        at = found.end()
    return JsonPath(text, tuple(steps))


def _step(found: re.Match[str]) -> Step:
    name, index = found["name"], found["index"]
    is_deep = found["deep"] is not None or found["dots"] == ".."
    if index is not None:
        return Step(int(index), is_deep)
    if found["double"] is not None:
        name = _unescaped(found["double"])
    elif found["single"] is not None:
        name = _unescaped(found["single"].replace("\\'", "'").replace('"', '\\"'))
    return Step(name if name is None else _whole(name), is_deep)


def _unescaped(text: str) -> str:
    name: str = json.loads(f'"{text}"')
    return name


def _whole(name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError as exc:
        raise ValueError(f"got {_shown(name)}, expected whole characters: half of a surrogate pair is none") from exc
    return name


def _refuse(text: str, at: int) -> NoReturn:
    rest = text[at:]
    for begins, name in _LEFT_OUT:
        if re.match(begins, rest):
            raise ValueError(f"got {name} in {_shown(text)}, which is not supported, expected {_STEPS}")
    if re.match(_UNION, rest):
        raise ValueError(
            f"got a union in {_shown(text)}, which is not supported, expected a path for each of its parts"
        )
    if rest.isspace():
        raise ValueError(f"got {_shown(text)}, expected no blank at the end")
    # In $.updated-at the step .updated was taken before the odd character was met.
    before = None if rest.startswith(".") else re.search(rf"\.({_NAME})$", text[:at])
    begun = before[1] if before else ""
    odd = re.match(_ODD_NAME, rest)
    if odd and (begun or rest.startswith(".")):
        raise ValueError(f"got {_shown(text)}, expected quotes around an odd name: [{begun + odd[1]!r}]")
    raise ValueError(f"got {_shown(rest)} at character {at + 1} of {_shown(text)}, expected {_STEPS}")


def _shown(text: str) -> str:
    from proxy.routing.words import shown  # loads difflib, 1 ms, and a published table has no bad path

    return shown(text)
