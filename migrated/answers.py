"""Answers in the form that the clients know: compact JSON, faults, and the two pages of the framework before this."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from aws_lambda_powertools.event_handler import Response

# Byte for byte what a client got for a path that nobody serves.
_NO_SUCH_PAGE = """<!doctype html>
<html lang=en>
<title>404 Not Found</title>
<h1>Not Found</h1>
<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try \
again.</p>
"""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one field of what a client sent."""

    field: str
    problem: str


def json_answer(status: int, content: object, headers: Mapping[str, str] | None = None) -> Response[str]:
    """Return a JSON answer; separators, escapes and the line feed at its end are those that clients have always got."""
    return Response(status, "application/json", json.dumps(content, separators=(",", ":")) + "\n", headers)


def fault(status: int, code: str, detail: str, fields: Sequence[Problem] = ()) -> Response[str]:
    """Return an error answer; `fields` appears in it only when there are any."""
    content: dict[str, object] = {"code": code, "detail": detail}
    if fields:
        content["fields"] = [asdict(problem) for problem in fields]
    return json_answer(status, {"fault": content})


def invalid_query(fields: Sequence[Problem]) -> Response[str]:
    """Return the answer to a query string with problems."""
    return fault(400, "INVALID_QUERY", "the query is not valid", fields)


def method_not_allowed(method: str, allowed: str) -> Response[str]:
    """Return the answer to a method that a path does not have; `allowed` is the value of Allow."""
    response = fault(405, "METHOD_NOT_ALLOWED", f"{method} is not allowed here")
    response.headers["Allow"] = allowed
    return response


def no_such_page() -> Response[str]:
    """Return the answer to a path that nobody serves."""
    return Response(404, "text/html; charset=utf-8", _NO_SUCH_PAGE)
