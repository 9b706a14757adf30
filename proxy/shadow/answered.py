"""A side's response as an answer to compare: what a client would have got of it.

A migrated handler's result goes to the front door untouched, so only here is it read as status, headers and body. It
was checked before by the rules of its dialect (see proxy/backends/result.py, with the sources).
"""

import json
from collections.abc import Iterator
from typing import Any

from pybase64 import b64decode

from proxy.message import NO_RESULT, Headers, Pair, Request, Response
from proxy.shadow.compare import Answer

_JSON_TYPE: Pair = (b"content-type", b"application/json")
_BODILESS = frozenset({204, 205, 304})


def answer_of(response: Response, request: Request) -> Answer:
    """Return the answer in a response to a request. Raises ValueError for a result that was never checked."""
    if response.result is NO_RESULT:
        return Answer(response.status, response.headers, response.body)
    result = response.result
    if not isinstance(result, dict) or (request.dialect == "2.0" and "statusCode" not in result):
        # Payload 2.0: what has no statusCode is itself the body of a 200.
        body = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, default=float)
        return Answer(200, Headers((_JSON_TYPE,)), _unless_bodiless(request, 200, body.encode()))
    pairs = tuple(_pairs(result, request.dialect))
    if request.dialect in ("2.0", "1.0") and not any(name.lower() == b"content-type" for name, _ in pairs):
        pairs = (*pairs, _JSON_TYPE)
    return Answer(response.status, Headers(pairs), _unless_bodiless(request, response.status, _body(result)))


def _unless_bodiless(request: Request, status: int, body: bytes) -> bytes:
    return b"" if request.method == "HEAD" or status in _BODILESS else body


def _body(result: dict[str, Any]) -> bytes:  # Any: JSON of the dialect
    body = result.get("body")
    if not body:
        return b""
    return b64decode(body, validate=True) if result.get("isBase64Encoded") else str(body).encode()


def _pairs(result: dict[str, Any], dialect: str) -> Iterator[Pair]:  # Any: the same
    # Of a name in both maps, a REST API adds up the values; HTTP APIs and function URLs know only `headers`.
    if dialect != "2.0":
        for name, values in (result.get("multiValueHeaders") or {}).items():
            yield from (_pair(name, value) for value in values)
    for name, value in (result.get("headers") or {}).items():
        yield _pair(name, value if isinstance(value, str) else json.dumps(value))
    if dialect == "2.0":
        yield from (_pair("set-cookie", cookie) for cookie in result.get("cookies") or ())


def _pair(name: str, value: str) -> Pair:
    # An octet a character where it fits, else UTF-8: as the local front doors write them.
    try:
        return name.encode("latin-1"), value.encode("latin-1").strip(b" \t")
    except UnicodeEncodeError:
        return name.encode(), value.encode().strip(b" \t")
