"""routes.yaml, as a person writes it -> checked models; every problem at once, with line and column.

The only place that validates, and never on the request path: pydantic and yaml cost 150 ms at start.
"""

import json
import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from yaml.constructor import SafeConstructor

from proxy.errors import BadDocument
from proxy.routing import pattern
from proxy.routing.origin import check_origin as check_origin  # offered here, too
from proxy.routing.table import Stage

MAX_BYTES = 10_000_000
_MAX_DEPTH = 20  # a document needs 4; yaml's own recursion ends the process at some 20 000
_MAX_SHOWN = 80

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)").fullmatch
_is_reference = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*").fullmatch
_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0}


def _seconds(value: object) -> object:
    if not isinstance(value, str) or not (parts := _DURATION(value)):
        raise ValueError("expected a duration such as 20s, 300ms or 1m")
    return float(parts[1]) * _UNIT_S[parts[2]]


Duration = Annotated[float, BeforeValidator(_seconds), Field(gt=0, le=900)]


# What a route's clients cannot do without; `fig doctor` refuses a front door that does not carry it.
Need = Literal["raw-path", "raw-query", "repeated-headers", "streaming", "large-body"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class LegacyDocument(_Strict):
    """The legacy system that answers everything unlisted."""

    url: str = "${LEGACY_URL}"
    timeout: Duration = 20.0
    # The client's, by default: with another Host, signed requests fail, and applications emit links around the proxy.
    host: Literal["client", "legacy"] = "client"
    keep_alive: bool = True

    @field_validator("url")
    @classmethod
    def _is_an_origin(cls, url: str) -> str:
        return url if "${" in url else check_origin(url)


class RouteDocument(_Strict):
    """One route as a person writes it."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    match: str
    stage: Stage = "legacy"
    # validate_default: whether a handler is needed is asked of a route without one, too.
    handler: Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")] | None = Field(
        default=None, validate_default=True
    )
    timeout: Duration | None = None
    needs: tuple[Need, ...] = ()

    @field_validator("match")
    @classmethod
    def _parses(cls, match: str) -> str:
        pattern.parse(match)
        return match

    @field_validator("handler")
    @classmethod
    def _is_there_when_its_stage_needs_it(cls, handler: str | None, info: ValidationInfo) -> str | None:
        stage = info.data.get("stage", "legacy")  # absent when the stage itself is wrong
        if stage != "legacy" and handler is None:
            raise ValueError(f"stage {stage} needs a handler, such as migrated.orders.api:handler")
        return handler


class Document(_Strict):
    """A whole routes.yaml."""

    version: Literal[1]
    legacy: LegacyDocument = LegacyDocument()
    routes: tuple[RouteDocument, ...] = ()


_Place = tuple[str | int, ...]
HandlerCheck = Callable[[str], str | None]  # "module:attribute" -> what is wrong with it, or None


def read(text: str, name: str = "routes.yaml", handler_problem: HandlerCheck = lambda _: None) -> Document:
    """Return the checked document in a file's text. Raises BadDocument with every problem as `file:line:column …`."""
    if len(text) > MAX_BYTES:
        raise BadDocument([f"{name}:1:1 got {len(text)} characters, expected at most {MAX_BYTES}"])
    reader = _Reader(name)
    data = reader.data(text)
    document = None
    try:
        document = Document.model_validate_json(_json(data))
    except ValidationError as exc:
        reader.note_errors(exc, data)
    reader.note_routes(data, handler_problem)
    if document is None or reader.problems:
        raise BadDocument(reader.problems)
    return document


def _json(data: object) -> str:
    # Strict validation of Python data refuses a list where a tuple stands; from JSON it takes what JSON has. YAML has
    # more (dates): as text they fail where they stand, with the same kind of message as any other wrong value.
    return json.dumps(data, default=str)


class _Reader:
    """Keeps where each value stands in the file, and every problem with its line and column."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._marks: dict[_Place, yaml.Mark] = {}
        self._found: list[tuple[int, int, str]] = []
        self._unusable: set[_Place] = set()  # what stands there is told already
        self._scalars = SafeConstructor()
        self._seen: set[int] = set()

    @property
    def problems(self) -> list[str]:
        """Every problem as one line, in the order of the file."""
        return [f"{self._name}:{line}:{column} {what}" for line, column, what in sorted(self._found)]

    def data(self, text: str) -> Any:  # Any: whatever the file holds; pydantic says what it should be
        """Return the file's plain data, noting what cannot be used of it. Raises BadDocument for what is no YAML."""
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            self._check_depth(yaml.parse(text, Loader=loader))
            node = yaml.compose(text, Loader=loader)
        except yaml.MarkedYAMLError as exc:
            what = ", ".join(filter(None, (exc.context, exc.problem))) or "is not YAML"
            self._note(exc.problem_mark or exc.context_mark, what)
            raise BadDocument(self.problems) from exc
        except yaml.YAMLError as exc:
            self._note(None, f"is not YAML: {' '.join(str(exc).split())}")
            raise BadDocument(self.problems) from exc
        return self._plain(node, ()) if node is not None else None

    def note_errors(self, error: ValidationError, data: Any) -> None:
        """Note pydantic's errors, but for those of values that are known to be unusable."""
        for item in error.errors(include_url=False):
            place = item["loc"]
            if place in self._unusable:
                continue
            where = " ".join(filter(None, (_route_id(place, data), _field(place))))
            self._note(self._mark(place), f"{where}: {_says(item, place)}".lstrip(": "))

    def note_routes(self, data: Any, handler_problem: HandlerCheck) -> None:
        """Note what is wrong with handlers, and what two routes together show: one id, or one method and shape.

        A handler is checked whether its stage needs it yet or not. Taken from the plain data, so that a mistake in one
        route hides none in another.
        """
        routes = data.get("routes") if isinstance(data, dict) else None
        ids: dict[str, int] = {}
        shapes: dict[tuple[str, tuple[str, ...]], tuple[int, str, str]] = {}
        for position, route in enumerate(routes if isinstance(routes, list) else ()):
            if not isinstance(route, dict):
                continue
            route_id, match, handler = route.get("id"), route.get("match"), route.get("handler")
            named = _route_id(("routes", position), data)
            if isinstance(route_id, str):
                self._note_repeated_id(ids, position, route_id)
            if isinstance(match, str):
                self._note_tie(shapes, position, named, match)
            if isinstance(handler, str) and _is_reference(handler) and (problem := handler_problem(handler)):
                self._note(self._mark(("routes", position, "handler")), f"{named} handler: {problem}")

    def _note_repeated_id(self, ids: dict[str, int], position: int, route_id: str) -> None:
        first = ids.setdefault(route_id, position)
        if first != position:
            line = self._mark(("routes", first, "id")).line + 1
            what = f"{route_id} id: got the id of the route in line {line}, expected a new one"
            self._note(self._mark(("routes", position, "id")), what)

    def _note_tie(
        self,
        shapes: dict[tuple[str, tuple[str, ...]], tuple[int, str, str]],
        position: int,
        named: str,
        match: str,
    ) -> None:
        try:
            parsed = pattern.parse(match)
        except ValueError:
            return  # told where it stands
        shape = tuple(re.sub(r"\{\w+", "{", segment) for segment in parsed.segments)
        others = [shapes.setdefault((method, shape), (position, named, match)) for method in parsed.methods]
        other = next((other for other in others if other[0] != position), None)
        if other is not None:
            what = f"got {match!r}, which ties with {other[1]} ({other[2]!r}), expected one of them to go"
            self._note(self._mark(("routes", position, "match")), f"{named} match: {what}")

    def _check_depth(self, events: Iterable[yaml.Event]) -> None:
        depth = 0
        for event in events:
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > _MAX_DEPTH:
                    what = f"got more than {_MAX_DEPTH} levels, expected at most that many"
                    self._note(event.start_mark, what)
                    raise BadDocument(self.problems)
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1

    def _plain(self, node: yaml.Node, place: _Place) -> Any:
        self._marks[place] = node.start_mark
        # An alias gives the same node again; one that holds itself would never end, and a few lines of them can stand
        # for gigabytes.
        if id(node) in self._seen:
            return self._skip(node.start_mark, place, "got an alias of this, expected it written out")
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(child, (*place, index)) for index, child in enumerate(node.value)]
        try:
            return self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError):  # a tag of somebody's own, a 13th month, an integer of 5000 digits
            tag = node.tag.removeprefix("tag:yaml.org,2002:")
            return self._skip(node.start_mark, place, f"got {_shown(node.value)}, which is no {tag} that can be read")

    def _mapping(self, node: yaml.MappingNode, place: _Place) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._note(key_node.start_mark, "got a list or map as a key, expected text")
                continue
            key = str(key_node.value)
            if key in result:
                self._note(key_node.start_mark, f"got the key {_shown(key)} twice, expected it once")
            result[key] = self._plain(value_node, (*place, key))
        return result

    def _skip(self, mark: yaml.Mark, place: _Place, what: str) -> None:
        self._note(mark, what)
        self._unusable.add(place)

    def _mark(self, place: _Place) -> yaml.Mark:
        while place not in self._marks and place:
            place = place[:-1]
        return self._marks.get(place, yaml.Mark(self._name, 0, 0, 0, None, 0))

    def _note(self, mark: Any, what: str) -> None:  # Any: yaml has two kinds of marks, its own and libyaml's
        self._found.append((mark.line + 1, mark.column + 1, what) if mark else (1, 1, what))


def _route_id(place: _Place, data: Any) -> str:
    if len(place) < 2 or place[0] != "routes" or not isinstance(place[1], int):
        return ""
    route = data["routes"][place[1]]
    route_id = route.get("id") if isinstance(route, dict) else None
    return route_id[:_MAX_SHOWN] if isinstance(route_id, str) else f"route {place[1] + 1}"


def _field(place: _Place) -> str:
    parts = place[2:] if len(place) > 1 and place[0] == "routes" else place
    return ".".join(str(part) for part in parts)


_KNOWN: dict[tuple[str, ...], type[BaseModel]] = {(): Document, ("legacy",): LegacyDocument, ("routes",): RouteDocument}


def _says(item: Any, place: _Place) -> str:  # Any: pydantic's ErrorDetails
    kind, got = item["type"], _shown(item["input"])
    if kind == "extra_forbidden":
        model = _KNOWN.get(tuple(str(part) for part in place[:1]) if len(place) > 1 else ())
        names = list(model.model_fields) if model else []
        near = get_close_matches(str(place[-1]), names, 1)
        return "unknown key" + (f", did you mean {near[0]!r}?" if near else f", expected one of {', '.join(names)}")
    if kind == "missing":
        return "got nothing, expected a value"
    if kind == "literal_error":
        expected = item["ctx"]["expected"]
        near = get_close_matches(str(item["input"]), re.findall(r"'([^']+)'", expected), 1)
        return f"got {got}, expected {expected}" + (f" – did you mean {near[0]!r}?" if near else "")
    if kind == "value_error":
        message = str(item["ctx"]["error"])
        return message if message.startswith(("got", "stage")) else f"got {got}, {message}"
    return f"got {got}, {item['msg'][0].lower()}{item['msg'][1:]}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 1]}…"
