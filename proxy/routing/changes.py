"""What differs between two documents, in words; which changes skip a stage; and which would undo somebody else's."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from proxy.routing.document import Document, RouteDocument
from proxy.routing.table import Stage
from proxy.routing.words import flow

Fields = Mapping[str, Any]  # Any: JSON, as a document has it: {"stage": "canary", "percent": 5}
_Places = Mapping[str, Fields]  # routes by id; or "legacy", "backends.reports" and, under "", what else a document has

_amount = re.compile(r"([0-9.]+)(ms|s|m|%)").fullmatch
_NAMES = {"legacy": "backend"}  # of a route: its stage may be legacy as well


class Change(NamedTuple):
    """One line of what differs."""

    route: str  # its id; "" for the document itself
    field: str  # "stage", "legacy.url"; "" when a whole route came or went
    before: Fields  # of what the line tells; what was not there is missing
    after: Fields
    text: str  # "orders.read: canary 5 % → 20 %"


def changes(before: Document, after: Document) -> list[Change]:
    """Return what differs: the document's own fields, then routes in the order of `after`, then those that are gone.

    The order of routes means nothing, so another one is no change.
    """
    same = _same(before, after)
    return [
        *_between(_own(before), _own(after), _of_document),
        *_between(_routes(before, same), _routes(after, same), _of_route),
    ]


def jumps(before: Document, after: Document) -> list[str]:
    """Return in words which routes skip a stage on their way. Every way back is legal.

    Before shadow or canary, nobody has seen how the migrated side answers; before live or migrated, nobody knows
    whether clients can do without legacy.
    """
    stages = {route.id: route.stage for route in before.routes}
    found = (_jump(stages.get(route.id), route) for route in after.routes)
    return [text for text in found if text is not None]


def lost(base: Document, theirs: Document, mine: Document) -> list[str]:
    """Return what publishing `mine` would silently undo: ids of routes, and names of the document's own fields.

    That is what somebody changed since `base`, and what `mine` has otherwise than they do.
    """
    own = _undone(_own(base), _own(theirs), _own(mine))
    same = _same(base, theirs)
    of_routes = _undone(*(_routes(document, same) for document in (base, theirs, mine)))
    return [*(_dotted(*place) for place in own), *dict.fromkeys(route_id for route_id, _ in of_routes)]


def _undone(was: _Places, is_now: _Places, would_be: _Places) -> Iterator[tuple[str, str]]:
    for place in dict.fromkeys((*is_now, *was)):
        sides = was.get(place), is_now.get(place), would_be.get(place)
        if None in sides:  # it came or went: on their side, or on mine
            if sides[0] != sides[1] != sides[2]:
                yield place, ""
            continue
        before, now, after = (side or {} for side in sides)
        for field in dict.fromkeys((*now, *before)):
            if before.get(field) != now.get(field) != after.get(field):
                yield place, field


def _jump(before: Stage | None, route: RouteDocument) -> str | None:
    step = f"{route.id}: {before or 'unlisted'} → {route.stage}"
    if before in (None, "legacy") and route.stage in ("live", "migrated", "retired"):
        return f"{step} without shadow or canary before"
    if before in ("shadow", "canary") and route.stage == "retired":
        return f"{step} without live or migrated before"
    return None


def _between(
    before: _Places, after: _Places, of_one: Callable[[str, Fields, Fields], Iterator[Change]]
) -> Iterator[Change]:
    for place, fields in after.items():
        yield from of_one(place, before.get(place, {}), fields)
    for place, fields in before.items():
        if place not in after:
            yield from of_one(place, fields, {})


def _of_route(name: str, before: Fields, after: Fields) -> Iterator[Change]:
    if not before or not after:
        words = f"added, {_stage(after)}" if after else "removed, legacy answers"
        yield Change(name, "", before, after, f"{name}: {words}")
        return
    differs = _differing(before, after)
    for fields, words in (_of_stage(before, after, differs), _of_side(before, after)):
        if fields:
            differs = [field for field in differs if field not in fields]
            yield _change(name, fields, before, after, words)
    for field in differs:
        words = f"{_NAMES.get(field, field)} {_word(field, before)} → {_word(field, after)}"
        yield _change(name, (field,), before, after, words)


def _of_stage(before: Fields, after: Fields, differs: list[str]) -> tuple[tuple[str, ...], str]:
    """Return which fields the words about a stage tell of, and these words: "legacy → canary 5 %"."""
    if "stage" in differs:
        # A stage that is no canary may keep a percent for later, of which its words say nothing.
        tells_percent = all(side["stage"] == "canary" or "percent" not in side for side in (before, after))
        return ("stage", "percent") if tells_percent else ("stage",), f"{_stage(before)} → {_stage(after)}"
    if "percent" in differs and after["stage"] == "canary":
        return ("percent",), f"canary {_word('percent', before)} → {_word('percent', after)}"
    return (), ""


def _of_side(before: Fields, after: Fields) -> tuple[tuple[str, ...], str]:
    """Return the words for a handler that moved to a function of its own, or back."""
    for was, now in (("handler", "function"), ("function", "handler")):
        if was in before and now in after:
            return (was, now), f"{was} {_word(was, before)} → {now} {_word(now, after)}"
    return (), ""


def _of_document(place: str, before: Fields, after: Fields) -> Iterator[Change]:
    if not before or not after:
        came, went = ({place: side} if side else {} for side in (after, before))
        yield Change("", place, went, came, f"{place}: {'added' if after else 'removed'}")
        return
    for field in _differing(before, after):
        name = _dotted(place, field)
        was, now = ({name: side[field]} if field in side else {} for side in (before, after))
        words = f"{field} {_word(field, before)} → {_word(field, after)}"
        yield Change("", name, was, now, f"{place}: {words}" if place else words)


def _change(route: str, fields: tuple[str, ...], before: Fields, after: Fields, words: str) -> Change:
    was, now = ({field: side[field] for field in fields if field in side} for side in (before, after))
    return Change(route, fields[0], was, now, f"{route}: {words}")


def _differing(before: Fields, after: Fields) -> list[str]:
    return [field for field in dict.fromkeys((*before, *after)) if before.get(field) != after.get(field)]


def _same(one: Document, other: Document) -> frozenset[str]:
    """Return the ids of routes that two documents have alike; of ten thousand, that is most."""
    routes = {route.id: route for route in one.routes}
    return frozenset(route.id for route in other.routes if routes.get(route.id) == route)


def _routes(document: Document, left_out: Collection[str]) -> _Places:
    return {route.id: _fields(route) for route in document.routes if route.id not in left_out}


def _own(document: Document) -> _Places:
    backends = {f"backends.{name}": _fields(backend) for name, backend in document.backends.items()}
    others = _fields(document, left_out=("legacy", "backends", "routes"))
    return {"legacy": _fields(document.legacy), **backends, "": others}


def _fields(model: BaseModel, left_out: Collection[str] = ()) -> Fields:
    """Return the fields as a document has them; of a model inside, only what is not as usual."""
    unusual = model.model_dump(mode="json", exclude=set(left_out), exclude_defaults=True)
    every = model.model_dump(mode="json", exclude=set(left_out), exclude_none=True)
    return {name: unusual.get(name, {} if isinstance(value, dict) else value) for name, value in every.items()}


def _dotted(place: str, field: str) -> str:
    return ".".join(filter(None, (place, field)))


def _stage(fields: Fields) -> str:
    stage = str(fields["stage"])
    return f"{stage} {_word('percent', fields)}" if stage == "canary" else stage


def _word(field: str, fields: Fields) -> str:
    value = fields.get(field)
    if value is None or value == "":
        return "none"
    if field == "percent":
        return f"{value:g} %"
    if not isinstance(value, str):
        return flow(value)
    amount = _amount(value)
    return f"{amount[1]} {amount[2]}" if amount else value if value.isprintable() else repr(value)
