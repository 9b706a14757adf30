"""routes.yaml -> a checked document, or every problem at once, with line and column."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from pydantic import ValidationError

from proxy.errors import BadDocument
from proxy.routing import ambiguity, problems, references, yaml_text, yaml_values
from proxy.routing.document import Document, RouteDocument
from proxy.routing.references import FileCheck, HandlerCheck, UrlCheck
from proxy.routing.words import shown
from proxy.routing.yaml_text import Finder, Mark, Node, NotYaml, Place, Scalar

MAX_BYTES = 10_000_000
_MAX_LINE = 500  # characters that tell one problem


def read(
    source: str | bytes,
    name: str = "routes.yaml",
    handler_problem: HandlerCheck = lambda _: None,
    url_problem: UrlCheck = lambda _: None,
    file_problem: FileCheck = lambda _: None,
) -> Document:
    """Return the checked document in a file's text or bytes.

    Raises BadDocument with every problem as `file:line:column route field: got …, expected …`. `url_problem` is for
    whoever knows what ${NAME} stands for: mostly that is the function alone.
    """
    size = len(source) if isinstance(source, bytes) else len(source.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise BadDocument([f"{name}:1:1 got {size} bytes, expected at most {MAX_BYTES}"])
    with collector_off():
        # Its nodes are gone before the collector looks again.
        return _document(source, name, _Checks(handler_problem, url_problem, file_problem))


@contextmanager
def collector_off() -> Iterator[None]:
    """Keep the garbage collector away while a document is read, which makes that 2.6 times as fast."""
    # A hundred thousand nodes at once would make the collector look through all of them again and again.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Checks(NamedTuple):
    """What is asked of the names in a document."""

    handler: HandlerCheck
    url: UrlCheck
    file: FileCheck


def _document(source: str | bytes, name: str, checks: _Checks) -> Document:
    try:
        top = yaml_text.parse(yaml_text.decode(source) if isinstance(source, bytes) else source)
    except NotYaml as exc:
        raise BadDocument([_line(name, exc.line, exc.column, str(exc))]) from exc
    if top is None or isinstance(top, Scalar):
        got = "nothing" if top is None or not top.text else shown(top.text)
        raise BadDocument([f"{name}:1:1 got {got}, expected a document that begins with version: 1"])
    return _Reading(name, top).document(checks)


class _Reading:
    """A document that is being read: its nodes, its plain data, and what was found wrong with it so far."""

    def __init__(self, name: str, top: Node) -> None:
        self._name = name
        self._finder = Finder(top)
        self._found: list[tuple[int, int, str]] = []
        unusable: list[tuple[Place, Node, str]] = []
        self._data = yaml_values.plain(top, lambda *noted: unusable.append(noted))
        for place, node, what in unusable:  # told now only: it takes the ids of the routes
            self._note(node.start, place, what)

    def document(self, checks: _Checks) -> Document:
        """Return the document. Raises BadDocument with all that is wrong, in the order of the file."""
        document = None
        try:
            document = Document.model_validate(self._data)
        except ValidationError as exc:
            self._note_errors(exc)
        named = references.problems(
            self._data, checks.handler, lambda place: self._mark(place).line + 1, checks.url, checks.file
        )
        for place, what in named:
            self._note(self._mark(place), place, what)
        routes = dict(enumerate(document.routes)) if document else dict(self._right_routes())
        positions = tuple(routes)
        for problem in ambiguity.problems(tuple(routes.values())):
            place = ("routes", positions[problem.position], problem.field)
            self._note(self._mark(place), place, problem.message)
        if document is None or self._found:
            raise BadDocument([_line(self._name, *found) for found in sorted(self._found)])
        return document

    def _note_errors(self, invalid: ValidationError) -> None:
        for error in invalid.errors(include_url=False):
            place, is_key = problems.place_of(error, self._data)
            if problems.value_at(self._data, place) == (None, True):
                continue  # None stands for what was noted already
            key = self._finder.key_at(place) if is_key else None
            self._note(key.start if key else self._mark(place), place, problems.in_words(error, place))

    def _right_routes(self) -> Iterator[tuple[int, RouteDocument]]:
        """Yield the routes that are right by themselves: a mistake in one hides none between others."""
        routes, _ = problems.value_at(self._data, ("routes",))
        for position, route in enumerate(routes if isinstance(routes, tuple) else ()):
            try:
                yield position, RouteDocument.model_validate(route)
            except ValidationError:
                continue

    def _mark(self, place: Place) -> Mark:
        return self._finder.at(place).start

    def _note(self, mark: Mark, place: Place, what: str) -> None:
        where = problems.named(place, self._data)
        self._found.append((mark.line, mark.column, f"{where}: {what}" if where else what))


def _line(name: str, line: int, column: int, what: str) -> str:
    return f"{name}:{line + 1}:{column + 1} {what if len(what) <= _MAX_LINE else f'{what[: _MAX_LINE - 1]}…'}"
