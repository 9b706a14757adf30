"""One route's stage in the text of routes.yaml, with every other character as it was: comments, quotes, line ends.

The text is spliced where the parsed nodes stand, then read again: what comes back differs from the old document by
exactly that stage, or nothing comes back.
"""

import json
import re
from itertools import pairwise
from typing import NamedTuple

from pydantic import ValidationError

from proxy.errors import BadDocument, FigError
from proxy.routing import problems, yaml_text
from proxy.routing.document import Document, RouteDocument
from proxy.routing.reader import collector_off, read
from proxy.routing.words import hint, shown
from proxy.routing.yaml_text import Finder, Items, Map, Node, Scalar

_BEFORE_STAGE = ("id", "match", "when", "function", "handler")  # the keys after which a stage is written
_anchor = re.compile(r"&[A-Za-z0-9_-]+(?:\s|#[^\r\n]*)*").match
_line_end = re.compile(r"\r\n|\r|\n")
_NEW_LINE = "\n"  # in a text of one line
_is_comma = re.compile(r"\s*,\s*").fullmatch
_is_colon = re.compile(r"\s*:[ \t]*").fullmatch


class EditFailed(FigError):
    """The text cannot be changed; the message says what to do by hand."""

    code = "edit_failed"


class _Splice(NamedTuple):
    """Text that takes the place of another, by indexes; nothing is taken away if both are one."""

    start: int
    end: int
    text: str


def with_stage(text: str, route_id: str, stage: str, percent: float | None = None) -> str:
    """Return the text of routes.yaml with a route's stage changed, and its percent if one is given.

    Raises BadDocument for a text that is no document already; EditFailed for a route that is not there, for a stage
    that the route cannot be in, and for text that is written in a way that cannot be spliced.
    """
    document = read(text)
    expected, position = _changed(document, route_id, stage, percent)
    with collector_off():
        edited, line = _edited(text, position, stage, percent)
    try:
        is_right = read(edited) == expected
    except BadDocument:
        is_right = False
    if not is_right:
        keys = f"stage: {stage}" if percent is None else f"stage: {stage} and percent: {_number(percent)}"
        how = f"is written in a way that cannot be changed here; write {keys} by hand, at line {line}"
        raise EditFailed(f"{route_id}: {how}")
    return edited


def _edited(text: str, position: int, stage: str, percent: float | None) -> tuple[str, int]:
    """Return the text with the route at a position changed, as far as that can be done; and the route's line."""
    body = text.removeprefix("\ufeff")  # where indexes are counted from
    top = yaml_text.parse(body)
    route = Finder(top).at(("routes", position)) if top else None
    if not isinstance(route, Map):
        raise EditFailed(f"got {text[:80]!r}, expected a document with routes")
    edited = body
    for splice in sorted(_splices(body, route, stage, percent), reverse=True):
        edited = edited[: splice.start] + splice.text + edited[splice.end :]
    return text[: len(text) - len(body)] + edited, route.start.line + 1


def _changed(document: Document, route_id: str, stage: str, percent: float | None) -> tuple[Document, int]:
    """Return the document that an edit is to lead to, and the position of the route. Raises EditFailed."""
    known = [route.id for route in document.routes]
    if route_id not in known:
        raise EditFailed(f"got {shown(route_id)}, expected the id of a route{hint(route_id, known)}")
    position = known.index(route_id)
    route_place = ("routes", position)
    fields = document.routes[position].model_dump(mode="json", exclude_none=True)
    fields |= {"stage": stage} if percent is None else {"stage": stage, "percent": percent}
    try:
        route = RouteDocument.model_validate_json(json.dumps(fields))
    except ValidationError as exc:
        found = [(problems.place_of(error, fields)[0], error) for error in exc.errors(include_url=False)]
        said = [f"{route_id} {place[-1]}: {problems.in_words(error, (*route_place, *place))}" for place, error in found]
        raise EditFailed("\n".join(said)) from exc
    routes = (*document.routes[:position], route, *document.routes[position + 1 :])
    return document.model_copy(update={"routes": routes}), position


def _splices(text: str, route: Map, stage: str, percent: float | None) -> list[_Splice]:
    pairs = {key.text: position for position, (key, _) in enumerate(route.pairs) if isinstance(key, Scalar)}
    splices, added = [], []
    for key, word in (("stage", stage), ("percent", None if percent is None else _number(percent))):
        value = route.pairs[pairs[key]][1] if key in pairs else None
        if word is not None and isinstance(value, Scalar):
            splices.append(_replaced(text, value, word))
        elif word is not None:
            added.append((key, word))
    if added:
        after = pairs["stage"] if "stage" in pairs else max(pairs[key] for key in _BEFORE_STAGE if key in pairs)
        splices.append((_added_in_flow if route.is_flow else _added_in_block)(text, route, after, added))
    return splices


def _number(percent: float) -> str:
    return f"{percent:.12g}"


def _replaced(text: str, value: Scalar, word: str) -> _Splice:
    start, end = value.start.index, value.end.index
    if anchor := _anchor(text, start):
        start = anchor.end()
    if value.style in ("'", '"'):
        return _Splice(start, end, f"{value.style}{word}{value.style}")
    if value.style:  # "|" or ">": the word stands in a line of its own below
        start = text.index(value.text.strip(), _end_of_line(text, start))
        end = start + len(value.text.strip())
    return _Splice(start, end, word)


def _added_in_flow(text: str, route: Map, after: int, added: list[tuple[str, str]]) -> _Splice:
    """Write keys into {id: a, match: GET /a} as the keys beside them are written."""
    key, value = route.pairs[after]
    quote = key.style if isinstance(key, Scalar) else ""
    colon = text[key.end.index : value.start.index]
    commas = (text[one[1].end.index : next_one[0].start.index] for one, next_one in pairwise(route.pairs))
    comma = next(filter(_is_comma, commas), ", ")
    parts = [
        f"{comma}{quote}{name}{quote}"
        + (colon if _is_colon(colon) else ": ")
        + (word if name == "percent" else f"{quote}{word}{quote}")
        for name, word in added
    ]
    return _Splice(value.end.index, value.end.index, "".join(parts))


def _added_in_block(text: str, route: Map, after: int, added: list[tuple[str, str]]) -> _Splice:
    """Write keys into lines of their own, below the key that they belong to and its comment."""
    key, value = route.pairs[after]
    last = _last(value)
    # A block scalar ends where the next thing begins, so its own last line is looked for.
    end = last.start.index + len(text[last.start.index : last.end.index].rstrip())
    at = _end_of_line(text, end)
    line_end = _line_end.search(text, at) or _line_end.search(text)
    new_line = f"{line_end[0] if line_end else _NEW_LINE}{' ' * key.start.column}"
    return _Splice(at, at, "".join(f"{new_line}{name}: {word}" for name, word in added))


def _last(node: Node) -> Node:
    if isinstance(node, Map) and not node.is_flow and node.pairs:
        return _last(node.pairs[-1][1])
    if isinstance(node, Items) and not node.is_flow and node.values:
        return _last(node.values[-1])
    return node


def _end_of_line(text: str, index: int) -> int:
    line_end = _line_end.search(text, index)
    return line_end.start() if line_end else len(text)
