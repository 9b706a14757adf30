"""Which side and which version of the function have answered, told to a tester with a valid override alone."""

import json
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
    if dialect == "2.0" and (not isinstance(result, dict) or "statusCode" not in result):
        result = _whole(result)
    assert isinstance(result, dict), "in the other dialects every result is one"
    key = "multiValueHeaders" if dialect == "alb" else "headers"
    added = {name: [value] for name, value in marks.items()} if dialect == "alb" else marks
    headers: dict[str, Any] = {**(result.get(key) or {}), **added}
    return replace(response, result={**result, key: headers})


def _whole(result: object) -> dict[str, Any]:
    """Return what payload 2.0 makes of a result without a status, which has no headers to add to: a 200 of JSON.

    Source: docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    # As the runtime would write it (awslambdaric's to_json).
    body = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, default=float)
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": body}
