"""How two answers are compared, from the plain data that a published table carries.

What `normalise` takes out is matched against what clients have put into an answer, so its expressions are those whose
time grows with the text alone. Each is compiled once.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from sys import float_info
from typing import Any, NamedTuple, NoReturn

from proxy.routing import linear_regex, renaming
from proxy.routing.json_path import JsonPath, parse
from proxy.routing.linear_regex import LinearRegex
from proxy.shadow.node import Node, Rule, root

FIELDS = ("ignore", "unordered", "tolerance", "normalise", "rename", "headers", "values")
_MAPS = ("tolerance", "normalise", "rename")
_LONGEST_PATTERN = 1000
_MOST = float_info.max
_is_token = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+").fullmatch  # RFC 9110, 5.6.2
_OF_EACH = {
    "ignore": "a list of JSON paths, such as [$.updated_at]",
    "unordered": "a list of JSON paths, such as [$.items]",
    "tolerance": "a map of JSON paths to numbers, such as {$.total: 0.01}",
    "normalise": "a map of JSON paths to regular expressions, such as {$.url: '[?]v=[0-9]+$'}",
    "rename": "a map of JSON paths to names, such as {$.total: totalAmount}",
    "headers": "a list of header names, such as [etag]",
}
_NO_RULE = root(())


class Problem(NamedTuple):
    """What is wrong with rules, and where: `item` is the index in a list, the key in a map, None for all of it."""

    field: str
    item: str | int | None
    message: str


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules, ready to compare with."""

    root: Node  # what they say of a body
    headers: tuple[bytes, ...] = ()  # names in lower case
    values: bool = False  # whether samples may show values
    unrenamed: Node = _NO_RULE  # the root of the same rules without `rename`; the root itself if there is none

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Rules":  # Any: JSON
        """Return the rules in plain data. Raises ValueError with a line for everything that is wrong with it.

        - `ignore` [path]: what may differ, or be there on one side only, with all that lies below it; `$` is the body,
          JSON or not
        - `unordered` [path]: lists whose order does not count
        - `tolerance` {path: number}: by how much two numbers may differ
        - `normalise` {path: regular expression of RE2}: what is taken out of a text on both sides before it is compared
        - `rename` {path: name}: what the migrated answer calls legacy's member; paths have legacy's names everywhere
        - `headers` [name]: headers of the response that are compared, too
        - `values`: whether samples may show values
        """
        wrong = list(problems(data))
        if wrong:
            raise ValueError("\n".join(_line(problem) for problem in wrong))
        names = (name.lower().encode("ascii") for name in data.get("headers", ()))
        rules = list(_rules(data))
        whole = root(rules)
        kept = [rule for rule in rules if rule.field != "rename"]
        unrenamed = whole if len(kept) == len(rules) else root(kept)
        return cls(whole, tuple(dict.fromkeys(names)), data.get("values", False), unrenamed)

    @property
    def has_renames(self) -> bool:
        """Whether one answer, given by both sides, may differ from itself."""
        return self.unrenamed is not self.root

    @property
    def of_one_side(self) -> "Rules":
        """The rules for two answers of legacy, of which neither has the new names."""
        return replace(self, root=self.unrenamed)


def problems(data: object) -> Iterator[Problem]:
    """Yield all that is wrong with rules in plain data; what it lets through, `Rules.of` takes."""
    if not isinstance(data, Mapping):
        yield Problem("", None, f"got {_shown(data)}, expected a map of rules, such as {{ignore: [$.updated_at]}}")
        return
    for field, value in data.items():
        if field not in FIELDS:
            yield Problem(str(field), None, _unknown(field))
        elif field == "values":
            if not isinstance(value, bool):
                yield Problem(field, None, f"got {_shown(value)}, expected true or false")
        elif not isinstance(value, Mapping if field in _MAPS else list | tuple):
            yield Problem(field, None, f"got {_shown(value)}, expected {_OF_EACH[field]}")
        else:
            yield from _item_problems(field, value)


NO_RULES = Rules(_NO_RULE)


def _rules(data: Mapping[str, Any]) -> Iterator[Rule]:
    for text in data.get("ignore", ()):
        yield Rule("ignore", parse(text))
    for text in data.get("unordered", ()):
        yield Rule("unordered", parse(text))
    for text, most in data.get("tolerance", {}).items():
        yield Rule("tolerance", parse(text), tolerance=most)
    for text, pattern in data.get("normalise", {}).items():
        yield Rule("normalise", parse(text), pattern=LinearRegex(pattern))
    for text, name in data.get("rename", {}).items():
        yield Rule("rename", parse(text), new_name=name)


def _item_problems(field: str, value: Any) -> Iterator[Problem]:
    items = value.items() if field in _MAPS else ((item, item) for item in value)
    renamed: renaming.Renamed = {}
    for position, (key, argument) in enumerate(items):
        item = key if field in _MAPS and isinstance(key, str) else position
        try:
            path = None if field == "headers" else _path(key)
            _CHECKS[field](argument)
            if path is not None and field == "rename":
                renaming.check(path, argument, renamed)
        except ValueError as exc:
            yield Problem(field, item, str(exc))


def _path(text: object) -> JsonPath:
    return parse(text) if isinstance(text, str) else _refuse(text, "a JSON path, such as $.updated_at")


def _check_number(most: object) -> None:
    if isinstance(most, bool) or not isinstance(most, int | float) or not 0 <= most <= _MOST:
        _refuse(most, "a number from 0 on, such as 0.01")


def _check_pattern(pattern: object) -> None:
    if not isinstance(pattern, str) or not pattern:
        _refuse(pattern, "a regular expression, such as '[?]v=[0-9]+$'")
    if len(pattern) > _LONGEST_PATTERN:
        raise ValueError(f"got {len(pattern)} characters, expected at most {_LONGEST_PATTERN}")
    linear_regex.check(pattern)


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not name:
        _refuse(name, "the name that the migrated answer has for it, such as totalAmount")


def _check_header(name: object) -> None:
    if not isinstance(name, str) or not _is_token(name):
        _refuse(name, "the name of a header, such as etag")


_CHECKS: Mapping[str, Callable[[object], None]] = {
    "ignore": lambda _: None,
    "unordered": lambda _: None,
    "tolerance": _check_number,
    "normalise": _check_pattern,
    "rename": _check_name,
    "headers": _check_header,
}


def _line(problem: Problem) -> str:
    where = " ".join(str(part) for part in (problem.field, problem.item) if part not in ("", None))
    return f"{where}: {problem.message}" if where else problem.message


# proxy.routing.words loads difflib, 1 ms, and a published table has no problems: whoever has one pays.
def _refuse(value: object, expected: str) -> NoReturn:
    raise ValueError(f"got {_shown(value)}, expected {expected}")


def _shown(value: object) -> str:
    from proxy.routing.words import shown

    return shown(value)


def _unknown(field: object) -> str:
    from proxy.routing.words import hint, shown

    return f"got the field {shown(field)}, expected one of {', '.join(FIELDS)}{hint(field, FIELDS)}"
