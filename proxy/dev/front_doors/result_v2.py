"""Payload format 2.0, from the function's result to the answer: what HTTP APIs and function URLs share.

Source: docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html and
docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

from proxy.dev.front_doors import result
from proxy.dev.front_doors.exchange import ClientAnswer
from proxy.dev.front_doors.headers import is_hop_by_hop


def parse(payload: bytes) -> ClientAnswer:
    """The answer that the function asked for, as it asked for it.

    Names keep the function's case, an absent Content-Type becomes application/json, fields of one connection and
    Content-Length are left out, `multiValueHeaders` is ignored. Every field can be written to the wire as it is.
    Raises MalformedResult.
    """
    found = result.load(payload)
    if not isinstance(found, dict) or "statusCode" not in found:
        # AWS infers the rest: the whole JSON is the body of a 200, and a bare string is the body itself.
        body = result.utf8(found, "result") if isinstance(found, str) else payload
        return ClientAnswer(200, (result.JSON_TYPE,), body)
    status = result.status(found["statusCode"])
    headers = [*_headers(found.get("headers")), *_cookies(found.get("cookies"))]
    if not any(name.lower() == b"content-type" for name, _ in headers):
        headers.append(result.JSON_TYPE)
    return ClientAnswer(status, tuple(headers), result.body(found.get("body"), found.get("isBase64Encoded")))


def _headers(value: object) -> list[tuple[bytes, bytes]]:
    if value is None:
        return []
    fields = [
        result.field(name, result.field_text(name, each)) for name, each in result.field_map(value, "headers").items()
    ]
    # The server frames the message itself, so a length that the function names can only be wrong.
    return [pair for pair in fields if not is_hop_by_hop(pair[0]) and pair[0].lower() != b"content-length"]


def _cookies(value: object) -> list[tuple[bytes, bytes]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(cookie, str) for cookie in value):
        raise result.MalformedResult("cookies: expected a list of text")
    return [result.field("set-cookie", cookie) for cookie in value]
