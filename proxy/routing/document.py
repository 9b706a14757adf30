"""routes.yaml, as a person writes it -> checked models; every problem at once, with line and column.

The only place that validates, and never on the request path: pydantic and yaml cost 150 ms at start.
"""

import json
import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from yaml.constructor import SafeConstructor

from proxy.errors import BadDocument
from proxy.routing import pattern
from proxy.routing.table import Stage

MAX_BYTES = 10_000_000

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)").fullmatch
_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0}


def _seconds(value: object) -> object:
    if not isinstance(value, str) or not (parts := _DURATION(value)):
        raise ValueError("expected a duration such as 20s, 300ms or 1m")
    return float(parts[1]) * _UNIT_S[parts[2]]


Duration = Annotated[float, BeforeValidator(_seconds), Field(gt=0, le=900)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class LegacyDocument(_Strict):
    """The legacy system that answers everything unlisted."""

    url: str = "${LEGACY_URL}"
    timeout: Duration = 20.0

    @field_validator("url")
    @classmethod
    def _is_an_origin(cls, url: str) -> str:
        return url if "${" in url else check_origin(url)


class RouteDocument(_Strict):
    """One route as a person writes it."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    match: str
    stage: Stage = "legacy"
    handler: Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")] | None = None
    timeout: Duration | None = None

    @field_validator("match")
    @classmethod
    def _parses(cls, match: str) -> str:
        pattern.parse(match)
        return match

    @model_validator(mode="after")
    def _has_what_its_stage_needs(self) -> Self:
        if self.stage != "legacy" and self.handler is None:
            raise ValueError(f"stage {self.stage} needs a handler, such as migrated.orders.api:handler")
        return self


class Document(_Strict):
    """A whole routes.yaml."""

    version: Literal[1]
    legacy: LegacyDocument = LegacyDocument()
    routes: tuple[RouteDocument, ...] = ()


def check_origin(url: str) -> str:
    """Return an http(s) origin without a trailing slash. Raises ValueError for a path, credentials or anything else.

    A path would be glued before every client's path; credentials would be sent with every request and shown in logs.
    """
    origin = re.fullmatch(r"(https?://)([^/?#@\s\\]+)/?", url)
    if origin is None:
        shown = re.sub(r"//[^/]*@", "//…@", url)  # an error message is logged: it must not hold the password
        raise ValueError(f"got {shown!r}, expected http(s)://host[:port] without path, query or credentials")
    host = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?", origin[2])
    if host is None or (host[2] and not 0 < int(host[2]) < 65536):
        raise ValueError(f"got {url!r}, expected a host name or address and a port from 1 to 65535")
    return origin[1] + origin[2]


HandlerCheck = Callable[[str], str | None]  # "module:attribute" -> what is wrong with it, or None


def read(text: str, name: str = "routes.yaml", handler_problem: HandlerCheck = lambda _: None) -> Document:
    """Return the checked document in a file's text. Raises BadDocument with every problem as `file:line:column …`."""
    if len(text) > MAX_BYTES:
        raise BadDocument([f"{name}:1:1 got {len(text)} characters, expected at most {MAX_BYTES}"])
    reader = _Reader(name)
    data = reader.data(text)
    try:
        document = Document.model_validate_json(_json(data))
    except ValidationError as exc:
        raise BadDocument(reader.problems_of(exc, data)) from exc
    problems = reader.problems_between(document) + reader.problems_of_handlers(document, handler_problem)
    if problems:
        raise BadDocument(problems)
    return document


def _json(data: object) -> str:
    # Strict validation of Python data refuses a list where a tuple stands; from JSON it takes what JSON has. YAML has
    # more (dates): as text they fail where they stand, with the same kind of message as any other wrong value.
    return json.dumps(data, default=str)


class _Reader:
    """Keeps where each value stands in the file, so that a problem can be said with line and column."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._marks: dict[tuple[str | int, ...], yaml.Mark] = {}
        self._problems: list[str] = []
        self._scalars = SafeConstructor()
        self._seen: set[int] = set()

    def data(self, text: str) -> Any:  # Any: whatever the file holds; pydantic says what it should be
        """Return the file's plain data. Raises BadDocument for what is no YAML, or YAML that nobody needs here."""
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            node = yaml.compose(text, Loader=loader)
        except yaml.MarkedYAMLError as exc:
            mark = exc.problem_mark or exc.context_mark
            raise BadDocument([self._at(mark, exc.problem or "is not YAML")]) from exc
        except yaml.YAMLError as exc:
            raise BadDocument([f"{self._name}:1:1 is not YAML: {exc}"]) from exc
        data = self._plain(node, ()) if node is not None else None
        if self._problems:
            raise BadDocument(self._problems)
        return data

    def problems_of(self, error: ValidationError, data: Any) -> list[str]:
        """Return pydantic's errors as lines with positions, in the order of the file."""
        found = []
        for item in error.errors(include_url=False):
            place = tuple(part for part in item["loc"] if part != "Document")
            mark = self._mark(place)
            where = " ".join(filter(None, (_route_id(place, data), _field(place))))
            found.append((mark.line, mark.column, self._at(mark, f"{where}: {_says(item, place)}".lstrip(": "))))
        return [line for *_, line in sorted(found)]

    def problems_between(self, document: Document) -> list[str]:
        """Return what only two routes together show: the same id, or the same method and template shape."""
        problems: list[str] = []
        ids: dict[str, int] = {}
        shapes: dict[tuple[str, tuple[str, ...]], RouteDocument] = {}
        for position, route in enumerate(document.routes):
            if route.id in ids:
                first = self._mark(("routes", ids[route.id], "id")).line + 1
                mark = self._mark(("routes", position, "id"))
                problems.append(
                    self._at(mark, f"{route.id} id: got the id of the route in line {first}, expected a new one")
                )
            ids.setdefault(route.id, position)
            parsed = pattern.parse(route.match)
            shape = tuple(re.sub(r"\{\w+", "{", segment) for segment in parsed.segments)
            for method in parsed.methods:
                other = shapes.setdefault((method, shape), route)
                if other is not route:
                    mark = self._mark(("routes", position, "match"))
                    what = (
                        f"got {route.match!r}, which ties with {other.id} ({other.match!r}), expected one of them to go"
                    )
                    problems.append(self._at(mark, f"{route.id} match: {what}"))
                    break
        return problems

    def problems_of_handlers(self, document: Document, handler_problem: HandlerCheck) -> list[str]:
        """Return what is wrong with the handlers that routes name, whether their stage needs them yet or not."""
        return [
            self._at(self._mark(("routes", position, "handler")), f"{route.id} handler: {problem}")
            for position, route in enumerate(document.routes)
            if route.handler and (problem := handler_problem(route.handler))
        ]

    def _plain(self, node: yaml.Node, place: tuple[str | int, ...]) -> Any:
        self._marks[place] = node.start_mark
        # An alias gives the same node again; one that holds itself would never end, and a few lines of them can stand
        # for gigabytes.
        if id(node) in self._seen:
            self._problems.append(self._at(node.start_mark, "got an alias of this, expected it written out"))
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(child, (*place, index)) for index, child in enumerate(node.value)]
        return self._scalars.construct_object(node)

    def _mapping(self, node: yaml.MappingNode, place: tuple[str | int, ...]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in result:
                self._problems.append(self._at(key_node.start_mark, f"got the key {key!r} twice, expected it once"))
            result[key] = self._plain(value_node, (*place, key))
        return result

    def _mark(self, place: tuple[str | int, ...]) -> yaml.Mark:
        while place not in self._marks and place:
            place = place[:-1]
        return self._marks.get(place, yaml.Mark(self._name, 0, 0, 0, None, 0))

    def _at(self, mark: yaml.Mark | None, what: str) -> str:
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return f"{self._name}:{line}:{column} {what}"


def _route_id(place: tuple[str | int, ...], data: Any) -> str:
    if len(place) < 2 or place[0] != "routes" or not isinstance(place[1], int):
        return ""
    route = data["routes"][place[1]]
    return str(route.get("id", f"route {place[1] + 1}")) if isinstance(route, dict) else f"route {place[1] + 1}"


def _field(place: tuple[str | int, ...]) -> str:
    parts = place[2:] if len(place) > 1 and place[0] == "routes" else place
    return ".".join(str(part) for part in parts)


_KNOWN: dict[tuple[str, ...], type[BaseModel]] = {(): Document, ("legacy",): LegacyDocument, ("routes",): RouteDocument}


def _says(item: Any, place: tuple[str | int, ...]) -> str:  # Any: pydantic's ErrorDetails
    kind, got = item["type"], item["input"]
    if kind == "extra_forbidden":
        model = _KNOWN.get(tuple(str(part) for part in place[:1]) if len(place) > 1 else ())
        names = list(model.model_fields) if model else []
        near = get_close_matches(str(place[-1]), names, 1)
        return "unknown key" + (f", did you mean {near[0]!r}?" if near else f", expected one of {', '.join(names)}")
    if kind == "missing":
        return "got nothing, expected a value"
    if kind == "literal_error":
        expected = item["ctx"]["expected"]
        near = get_close_matches(str(got), re.findall(r"'([^']+)'", expected), 1)
        return f"got {got!r}, expected {expected}" + (f" – did you mean {near[0]!r}?" if near else "")
    if kind == "value_error":
        message = str(item["ctx"]["error"])
        return message if message.startswith(("got", "stage")) else f"got {got!r}, {message}"
    return f"got {got!r}, {item['msg'][0].lower()}{item['msg'][1:]}"
