"""Requests made up to show what a table does with them: fresh text where a route takes any, and nothing besides."""

from collections.abc import Iterable, Sequence

from proxy.message import Headers, Request
from proxy.routing.listed import Listed
from proxy.routing.source import ANY_VALUE, Condition, all_hold

_COOKIE = ("header", "cookie")


def fresh_text(routes: Sequence[Listed]) -> str:
    """Return a short text that is no literal of any route, and no value that one asks for."""
    taken = {segment for route in routes for segment in route.segments}
    taken.update(condition.value for route in routes for condition in route.asked)
    text, number = "x", 0
    while text in taken:
        number += 1
        text = f"x{number}"
    return text


def path_of(segments: Sequence[str], fresh: str, ending: str = "") -> str:
    """Return a path that a template matches, with fresh text for each parameter and an ending after it."""
    return "/" + "/".join(fresh if segment.startswith("{") else segment for segment in segments) + ending


def request_for(method: str, path: str, asked: Iterable[Condition], fresh: str) -> Request | None:
    """Return a request that meets the conditions and brings nothing else, or None if there is none."""
    asked = tuple(asked)
    wanted = _values(asked, fresh)
    cookies = "; ".join(f"{name}={value}" for (source, name), value in wanted.items() if source == "cookie")
    if cookies and wanted.get(_COOKIE, fresh) == fresh:
        wanted[_COOKIE] = cookies
    request = Request(
        method=method,
        path=path,
        query="&".join(f"{name}={value}" for (source, name), value in wanted.items() if source == "query"),
        headers=Headers(
            tuple((name.encode(), value.encode()) for (source, name), value in wanted.items() if source == "header")
        ),
        body=b"",
        client_ip="",
        scheme="https",
        host=wanted.get(("host", ""), ""),
        id="",
        deadline=0.0,
    )
    return request if all_hold(asked, request, {}) else None


def words(method: str, path: str, asked: Iterable[Condition], fresh: str) -> str:
    """Return that request as people read it: "GET /orders/x with header x-beta=1 and query page=x"."""
    wanted = " and ".join(
        f"{source} {name}={value}" if name else f"{source} {value}"
        for (source, name), value in _values(asked, fresh).items()
    )
    return f"{method} {path} with {wanted}" if wanted else f"{method} {path}"


def _values(asked: Iterable[Condition], fresh: str) -> dict[tuple[str, str], str]:
    wanted: dict[tuple[str, str], str] = {}
    for source, name, value in asked:
        if value != ANY_VALUE:
            wanted[source, name] = value
        else:
            wanted.setdefault((source, name), fresh)
    return wanted
