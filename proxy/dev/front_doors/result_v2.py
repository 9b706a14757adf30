"""Payload format 2.0, from the function's result to the answer: what HTTP APIs and function URLs share.

Source: docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html and
docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode
from typing import NoReturn

from proxy.dev.front_doors.exchange import ClientAnswer
from proxy.dev.front_doors.headers import is_hop_by_hop, is_safe_field

_JSON_TYPE = (b"content-type", b"application/json")
_STATUS_TEXT = re.compile(r"[0-9]{3}")


class MalformedResult(ValueError):
    """The function's result is not in payload format 2.0; the message says where and why."""


def parse(payload: bytes) -> ClientAnswer:
    """The answer that the function asked for, as it asked for it.

    Names keep the function's case, an absent Content-Type becomes application/json, fields of one connection and
    Content-Length are left out, `multiValueHeaders` is ignored. Every field can be written to the wire as it is.
    Raises MalformedResult.
    """
    result = _json(payload)
    if not isinstance(result, dict) or "statusCode" not in result:
        # AWS infers the rest: the whole JSON is the body of a 200, and a bare string is the body itself.
        body = _utf8(result, "result") if isinstance(result, str) else payload
        return ClientAnswer(200, (_JSON_TYPE,), body)
    status = _status(result["statusCode"])
    headers = [*_headers(result.get("headers")), *_cookies(result.get("cookies"))]
    if not any(name.lower() == b"content-type" for name, _ in headers):
        headers.append(_JSON_TYPE)
    return ClientAnswer(status, tuple(headers), _body(result.get("body"), result.get("isBase64Encoded")))


def _json(payload: bytes) -> object:
    try:
        result: object = json.loads(payload.decode("utf-8"), parse_constant=_not_json)
    except (ValueError, RecursionError) as exc:
        raise MalformedResult("result: not valid JSON") from exc
    return result


def _not_json(constant: str) -> NoReturn:
    raise MalformedResult(f"result: got {constant}, which is not JSON")


def _status(value: object) -> int:
    # Below 200 an answer is not final. Above 599 HTTP has no class (RFC 9110, 15); what AWS makes of those is
    # unverified. A bool is an int to Python, but not to JSON.
    if isinstance(value, str) and _STATUS_TEXT.fullmatch(value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 200 <= value <= 599:
        return value
    raise MalformedResult("statusCode: expected 200 to 599, as a number or as text")


def _headers(value: object) -> list[tuple[bytes, bytes]]:
    if value is None:
        return []
    if not isinstance(value, dict):
        raise MalformedResult(f"headers: got {type(value).__name__}, expected an object")
    fields = [_field(name, _field_text(name, each)) for name, each in value.items()]
    # The server frames the message itself, so a length that the function names can only be wrong.
    return [pair for pair in fields if not is_hop_by_hop(pair[0]) and pair[0].lower() != b"content-length"]


def _field_text(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    raise MalformedResult(f"headers: got {type(value).__name__} for {name!r}, expected text, a number or a boolean")


def _cookies(value: object) -> list[tuple[bytes, bytes]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(cookie, str) for cookie in value):
        raise MalformedResult("cookies: expected a list of text")
    return [_field("set-cookie", cookie) for cookie in value]


def _field(name: str, value: str) -> tuple[bytes, bytes]:
    # Space around a value is not part of it (RFC 9110, 5.5), and the HTTP parser under the server refuses it.
    pair = (_utf8(name, "headers"), _utf8(value, "headers").strip(b" \t"))
    if not is_safe_field(*pair):
        raise MalformedResult(f"headers: {name!r} would break the wire")
    return pair


def _body(value: object, is_base64: object) -> bytes:
    if value is None:
        return b""
    if not isinstance(value, str):
        raise MalformedResult(f"body: got {type(value).__name__}, expected text")
    if not isinstance(is_base64, (bool, type(None))):
        raise MalformedResult(f"isBase64Encoded: got {type(is_base64).__name__}, expected a boolean")
    if not is_base64:
        return _utf8(value, "body")
    try:
        return b64decode(_utf8(value, "body"), validate=True)
    except binascii.Error as exc:
        raise MalformedResult("body: not valid base64") from exc


def _utf8(value: str, where: str) -> bytes:
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError as exc:
        raise MalformedResult(f"{where}: holds half of a surrogate pair") from exc
