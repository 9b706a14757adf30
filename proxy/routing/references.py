"""What a document refers to by name, and whether it is there: handlers, legacy systems, variables. And ids: each names
one route.

Asked of the plain data of a file, so that another mistake in a route hides none of these.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from typing import Any

from proxy.routing.words import hint, shown
from proxy.routing.written import REFERENCE
from proxy.routing.yaml_text import Place

HandlerCheck = Callable[[str], str | None]  # "module:attribute" -> what is wrong with it, or None
FileCheck = Callable[[str], str | None]  # a file that is named beside the document -> what is wrong with it, or None
UrlCheck = Callable[[str], str | None]  # a URL that holds ${NAME} -> what is wrong with what it stands for, or None
_is_reference = re.compile(REFERENCE).fullmatch


def problems(
    data: Any,  # Any: a file's plain data
    handler_problem: HandlerCheck,
    line_of: Callable[[Place], int],
    url_problem: UrlCheck = lambda _: None,
    file_problem: FileCheck = lambda _: None,
) -> Iterator[tuple[Place, str]]:
    """Yield the place of each name that names nothing, or something else as well, and what is wrong with it.

    A handler is checked whether its stage needs it yet or not.
    """
    fields = data if isinstance(data, dict) else {}
    backends = fields.get("backends")
    names = backends if isinstance(backends, dict) else {}
    for place, url in _urls_in(fields, names):
        if "${" in url and (problem := url_problem(url)) is not None:
            yield place, problem
    problem_with = cache(handler_problem)  # many routes share a handler, and to look for it takes reading its source
    first_with: dict[str, Place] = {}
    for position, route in enumerate(_tuple(fields.get("routes"))):
        for field, value in _names_in(route):
            place = ("routes", position, field)
            if field == "id":
                problem = _repeated(value, place, first_with, line_of)
            elif field == "legacy":
                problem = None if value in names else _unknown_backend(value, names)
            elif field == "contract":
                problem = file_problem(value)
            else:
                problem = problem_with(value) if _is_reference(value) else None
            if problem is not None:
                yield place, problem


def _urls_in(fields: Mapping[str, Any], backends: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    legacy: tuple[Place, object] = (("legacy",), fields.get("legacy"))
    for place, backend in (legacy, *((("backends", name), backend) for name, backend in backends.items())):
        url = backend.get("url") if isinstance(backend, Mapping) else None
        if isinstance(url, str):
            yield (*place, "url"), url


def _names_in(route: object) -> Iterator[tuple[str, str]]:
    fields = route if isinstance(route, Mapping) else {}
    for field in ("id", "legacy", "handler", "contract"):
        if isinstance(value := fields.get(field), str):
            yield field, value


def _tuple(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()


def _repeated(route_id: str, place: Place, first_with: dict[str, Place], line_of: Callable[[Place], int]) -> str | None:
    first = first_with.setdefault(route_id, place)
    return None if first is place else f"got the id of the route in line {line_of(first)}, expected a new one"


def _unknown_backend(name: str, known: Collection[str]) -> str:
    expected = f"one of the backends: {', '.join(known)}" if known else "no such key: the document has no backends"
    return f"got {shown(name)}, expected {expected}{hint(name, known)}"
