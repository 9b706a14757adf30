"""Which side and which version of the function have answered, told to a tester with a valid override alone."""

from dataclasses import replace
from typing import Any

from proxy.message import NO_RESULT, Dialect, Headers, Response

HEADER = "x-fig-side"
CODE_HEADER = "x-fig-code"


def marked(response: Response, side: str, code: str, dialect: Dialect) -> Response:
    """Return the response with headers that name the side and, if it is known, the version of the function.

    A handler's result gets them in its dialect.
    """
    result = response.result
    marks = {HEADER: side, **({CODE_HEADER: code} if code else {})}
    if result is NO_RESULT:
        pairs = tuple((name.encode(), value.encode()) for name, value in marks.items())
        return replace(response, headers=Headers((*response.headers.pairs, *pairs)))
    # Payload 2.0: a result without a status is a body, and has no headers to add to.
    if not isinstance(result, dict) or "statusCode" not in result:
        return response
    key = "multiValueHeaders" if dialect == "alb" else "headers"
    added = {name: [value] for name, value in marks.items()} if dialect == "alb" else marks
    headers: dict[str, Any] = {**(result.get(key) or {}), **added}
    return replace(response, result={**result, key: headers})
