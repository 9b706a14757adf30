"""Which side has answered, told to a tester who has chosen one by a valid override, and to nobody else."""

from dataclasses import replace
from typing import Any

from proxy.message import NO_RESULT, Dialect, Headers, Response

HEADER = "x-fig-side"


def marked(response: Response, side: str, dialect: Dialect) -> Response:
    """Return the response with a header that names the side; a handler's result gets it in its dialect."""
    result = response.result
    if result is NO_RESULT:
        return replace(response, headers=Headers((*response.headers.pairs, (HEADER.encode(), side.encode()))))
    # Payload 2.0: a result without a status is a body, and has no headers to add to.
    if not isinstance(result, dict) or "statusCode" not in result:
        return response
    key, value = ("multiValueHeaders", [side]) if dialect == "alb" else ("headers", side)
    headers: dict[str, Any] = {**(result.get(key) or {}), HEADER: value}
    return replace(response, result={**result, key: headers})
