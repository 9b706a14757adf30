"""What pydantic found wrong with a document, in words of our own and at the place where it stands in the file."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from proxy.routing.document import Document
from proxy.routing.strict import MAP_TAG
from proxy.routing.words import did_you_mean, hint, shown
from proxy.routing.yaml_text import Place

_OF_KEY = "[key]"  # pydantic's mark for a problem of a key itself
_MAX_NAME = 80
_IN_QUOTES = "; write it in quotes"
# Source: docs.pydantic.dev/latest/errors/validation_errors
_EXPECTED: Mapping[str, str] = {
    "bool_type": "expected true or false",
    "dict_type": "expected a map of names to values",
    "string_type": "expected text",
    "tuple_type": "expected a list, such as [a, b]",
}
_quoted = re.compile("'([^']+)'").findall
_MISSING: Mapping[str, str] = {
    "version": "1",
    "id": "a name such as orders.read",
    "match": "a method and a path such as GET /orders/{id}",
}


def place_of(error: ErrorDetails, data: Any) -> tuple[Place, bool]:  # Any: a file's plain data
    """Return where in the file a problem is, and whether it is one of the key there."""
    place: Place = ()
    for step in error["loc"]:
        # pydantic's own marks have no place in a file; unless a key is called the same.
        if step not in (MAP_TAG, _OF_KEY) or value_at(data, (*place, step))[1]:
            place = (*place, step)
    is_key = error["loc"][-1:] == (_OF_KEY,) and len(place) < len(error["loc"])
    return place, is_key or error["type"] == "extra_forbidden"


def value_at(data: Any, place: Place) -> tuple[Any, bool]:  # Any: a file's plain data
    """Return the value at a place, and whether there is one."""
    for step in place:
        is_there = step in data if isinstance(data, dict) else isinstance(data, tuple) and step in range(len(data))
        if not is_there:
            return None, False
        data = data[step]
    return data, True


def named(place: Place, data: Any) -> str:  # Any: a file's plain data
    """Return a place as people read it: the route's id and the field, such as "orders.read slo.p95"."""
    if len(place) > 1 and place[0] == "routes" and isinstance(place[1], int):
        return f"{_route_name(place[1], data)} {_dotted(place[2:])}".rstrip()
    return _dotted(place)


def in_words(error: ErrorDetails, place: Place) -> str:
    """Return what was got and what was expected, and what may have been meant."""
    kind, got = error["type"], error["input"]
    if kind == "value_error":
        return str(error["ctx"]["error"])  # our own checks say all of it
    if kind == "extra_forbidden":
        return _unknown_key(str(place[-1]), list(_model_at(place[:-1]).model_fields))
    if kind == "missing":
        return f"got nothing, expected {_MISSING.get(str(place[-1]), 'a value')}"
    if kind == "literal_error":
        expected = error["ctx"]["expected"]
        return f"got {shown(got)}, expected {expected}{hint(got, _quoted(expected))}"
    if kind == "model_type":
        keys = list(_model_at(place).model_fields)
        return f"got {shown(got)}, expected a map with keys such as {', '.join(keys[:3])}"
    expected = _EXPECTED.get(kind, error["msg"][:1].lower() + error["msg"][1:])
    is_unquoted = kind == "string_type" and isinstance(got, bool | int | float)
    return f"got {shown(got)}, {expected}{_IN_QUOTES if is_unquoted else ''}"


def _unknown_key(key: str, known: list[str]) -> str:
    near = did_you_mean(key, known)
    return "unknown key, " + (f"did you mean {near!r}?" if near else f"expected one of {', '.join(known)}")


def _route_name(position: int, data: Any) -> str:  # Any: a file's plain data
    route_id, _ = value_at(data, ("routes", position, "id"))
    return _step(route_id) if isinstance(route_id, str) and route_id else f"route {position + 1}"


def _dotted(place: Place) -> str:
    return ".".join(map(_step, place))


def _step(step: str | int) -> str:
    text = str(step)
    return text[:_MAX_NAME] if text.isprintable() else repr(text[:_MAX_NAME])


def _model_at(place: Place) -> type[BaseModel]:
    model: type[BaseModel] = Document
    for step in place:
        # What is no field is a position in a list or a name in a map, and leads no deeper.
        if isinstance(step, str) and (field := model.model_fields.get(step)):
            model = next(_models_in(field.annotation), model)
    return model


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)
