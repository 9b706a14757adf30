"""The shop's own form of an error answer, older than any standard for it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from flask import Response, jsonify, request
from werkzeug.exceptions import MethodNotAllowed


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one field of what a client sent."""

    field: str
    problem: str


def fault(status: int, code: str, detail: str, fields: Sequence[Problem] = ()) -> Response:
    """Return an error answer; `fields` appears in it only when there are any."""
    content: dict[str, object] = {"code": code, "detail": detail}
    if fields:
        content["fields"] = [asdict(problem) for problem in fields]
    response = jsonify({"fault": content})
    response.status_code = status
    return response


def invalid_query(fields: Sequence[Problem]) -> Response:
    """Return the answer to a query string with problems."""
    return fault(400, "INVALID_QUERY", "the query is not valid", fields)


def method_not_allowed(error: MethodNotAllowed) -> Response:
    """Return the 405 of the shop: its own body, and the methods in alphabetical order."""
    response = fault(405, "METHOD_NOT_ALLOWED", f"{request.method} is not allowed here")
    # Werkzeug keeps the methods in a set: unsorted they would change their order from process to process.
    response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return response
