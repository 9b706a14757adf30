"""Nodes of YAML -> plain data, with everything noted that could be read in two ways or in none.

Editors read YAML 1.2, most programs 1.1, and the two differ about `on`, `010` and `12:30`: such a value is refused
unless it stands in quotes. A date is text, as in 1.2; a field that is one says so.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from proxy.routing.words import flow, shown
from proxy.routing.yaml_text import Alias, Items, Map, Node, Place, Scalar

Note = Callable[[Place, Node, str], None]  # what is wrong with the value at a place, and the node to point at

_DIGITS = "plain digits"
_may_be_no_text = re.compile(r"[-+.0-9~<nNtTfFyYoO]|$").match
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)").fullmatch
_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)").fullmatch
_MAX_DIGITS = 18
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
# Sources: yaml.org/type/bool.html, int.html, float.html (1.1); yaml.org/spec/1.2.2, 10.3.2 (1.2)
_SURPRISES = (
    (re.compile(r"yes|Yes|YES|on|On|ON").fullmatch, "some programs read as true", "true"),
    (re.compile(r"no|No|NO|off|Off|OFF").fullmatch, "some programs read as false", "false"),
    (
        re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?").fullmatch,
        "some programs read in base 60",
        _DIGITS,
    ),
    (
        re.compile(r"[-+]?0(?:[0-9_]+|o[0-7_]+|b[01_]+|x[0-9a-fA-F_]+)").fullmatch,
        "programs read as different numbers",
        _DIGITS,
    ),
    (re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*(?:\.[0-9_]*)?").fullmatch, "some programs read as a number", _DIGITS),
    (
        re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+").fullmatch,
        "some programs read as a number",
        _DIGITS,
    ),
    (re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)").fullmatch, "programs read as no finite number", _DIGITS),
)


class Unreadable(ValueError):
    """A value that programs read in different ways, or not at all."""


def plain(node: Node, note: Note, place: Place = ()) -> Any:  # Any: whatever the file holds; pydantic judges it
    """Return the data that a node stands for: dict, tuple, str, int, float, bool. What cannot be used is noted.

    In its place stands None, which nothing else is: a key without a value is noted, too.
    """
    if isinstance(node, Alias):
        # One that holds itself would never end, and a few lines of them can stand for gigabytes.
        note(place, node, f"got the alias *{node.name}, expected what it stands for, written out")
    elif node.tag:
        tag = node.tag.replace("tag:yaml.org,2002:", "!!")
        note(place, node, f"got the tag {shown(tag)}, expected a value without one")
    elif isinstance(node, Map):
        return _map(node, note, place)
    elif isinstance(node, Items):
        return tuple(plain(inner, note, (*place, index)) for index, inner in enumerate(node.values))
    else:
        try:
            value = node.text if node.style else _plain_scalar(node.text)
        except Unreadable as exc:
            note(place, node, str(exc))
            return None
        if value is None:
            note(place, node, "got nothing, expected a value, or no such key at all")
        return value
    return None


def _plain_scalar(text: str) -> str | int | float | bool | None:
    """Return the value of text without quotes. Raises Unreadable if programs read it in different ways."""
    if not _may_be_no_text(text):
        return text
    if text.lower() in _WORDS and text in (text.lower(), text.upper(), text.capitalize()):
        return _WORDS[text.lower()]
    if _INTEGER(text) or _DECIMAL(text):
        if len(text) > _MAX_DIGITS:  # more than that, a program's numbers do not hold
            raise Unreadable(f"got {shown(text)}, expected at most {_MAX_DIGITS} digits, or quotes if it is text")
        return int(text) if _INTEGER(text) else float(text)
    for matches, how, plainly in _SURPRISES:
        if matches(text):
            raise Unreadable(f"got {text[:80]}, which {how}; write {plainly}, or put it in quotes if it is text")
    return text


def _map(node: Map, note: Note, place: Place) -> dict[str, Any]:  # Any: as above
    result: dict[str, Any] = {}
    for key_node, value_node in node.pairs:
        if problem := _problem_of_key(key_node):
            note(place, key_node, problem)
        elif isinstance(key_node, Scalar):
            key = key_node.text
            if key in result:
                note((*place, key), key_node, "got this key twice, expected it once")
            result[key] = plain(value_node, note, (*place, key))
    return result


def _problem_of_key(node: Node) -> str | None:
    if not isinstance(node, Scalar) or node.tag:
        return "got a key that is a list, a map, an alias or has a tag, expected text"
    return None if node.style else _problem_of_plain_key(node.text)


@lru_cache  # a document has few keys, many times
def _problem_of_plain_key(text: str) -> str | None:
    if text == "<<":
        return "got the merge key <<, expected the keys themselves, written out"
    try:
        is_text = isinstance(_plain_scalar(text), str)
    except Unreadable:
        is_text = False
    return None if is_text else f"got the key {flow(text) if text else 'nothing'}, expected text; write it in quotes"
