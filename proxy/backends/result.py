"""What a front door will make of a handler's result, checked before it goes back untouched.

A result that the front door would refuse becomes our 502 with a reason code, never the gateway's without one.
"""

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from pybase64 import b64decode

from proxy.errors import MigratedBadResult, ResponseTooLarge
from proxy.message import Dialect

# Of Lambda's 6,291,556 bytes of JSON, and of a load balancer's 1 MB; the rest is for status and headers.
MAX_JSON_BYTES = 6_250_000
MAX_ALB_JSON_BYTES = 1_000_000
# The runtime writes other characters than ASCII as they are since Python 3.12, and as \uXXXX before (awslambdaric 4.2).
_ENSURES_ASCII = sys.version_info < (3, 12)

# The fields that are checked one by one; any other must be JSON. Source of what each front door takes: the pages named
# in proxy/events/losses.py. A REST API refuses what it does not know.
_CHECKED = frozenset({"statusCode", "body", "headers", "multiValueHeaders", "cookies"})
_KNOWN_TO_REST = frozenset({"statusCode", "body", "headers", "multiValueHeaders", "isBase64Encoded"})
_MAP_OF_ALB: Mapping[Dialect, str] = {"alb": "multiValueHeaders", "alb-single": "headers"}


def status_of(result: object, dialect: Dialect, reference: str) -> int:
    """Return the status that the front door will make of a result. Raises MigratedBadResult if it will make none.

    Raises ResponseTooLarge if the front door cannot carry it. `reference` names the handler in the error.
    """

    def refuse(what: str) -> MigratedBadResult:
        return MigratedBadResult(f"{reference}: {what}")

    if dialect == "2.0" and (not isinstance(result, dict) or "statusCode" not in result):
        _check_is_json(result, reference)  # payload 2.0: without statusCode it is itself the body of a 200
        return 200
    if not isinstance(result, dict):
        raise refuse(f"got a result of type {type(result).__name__}, expected a dict with statusCode")
    status = _status(result, dialect, refuse)
    _check_fields(result, refuse)
    if dialect == "1.0" and (unknown := result.keys() - _KNOWN_TO_REST):
        raise refuse(f"got the keys {sorted(unknown)}, expected none but {sorted(_KNOWN_TO_REST)}")
    if dialect in _MAP_OF_ALB:
        _check_for_alb(result, _MAP_OF_ALB[dialect], refuse)
    _check_size(result, MAX_JSON_BYTES if dialect in ("1.0", "2.0") else MAX_ALB_JSON_BYTES, reference)
    rest = {name: value for name, value in result.items() if name not in _CHECKED and not isinstance(value, bool)}
    if rest:
        _check_is_json(rest, reference)
    return status


Refuse = Callable[[str], MigratedBadResult]


def _status(result: Mapping[str, Any], dialect: Dialect, refuse: Refuse) -> int:
    if dialect == "1.0" and result and "statusCode" not in result:
        return 200  # recorded: headers alone are a 200, and nothing at all is a 502
    status = result.get("statusCode")
    if isinstance(status, str) and len(status) == 3 and status.isdecimal() and dialect not in _MAP_OF_ALB:
        status = int(status)
    # Below 200 an answer is not final (RFC 9110, 15.2).
    if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 599:
        raise refuse(f"got statusCode {status!r}, expected 200 to 599")
    return status


def _check_fields(result: Mapping[str, Any], refuse: Refuse) -> None:
    body, headers, cookies = result.get("body"), result.get("headers"), result.get("cookies")
    if body is not None and not _is_text(body):
        raise refuse(f"got a body of type {type(body).__name__}, expected valid text or None")
    if headers is not None and not _is_flat(headers):
        raise refuse("got headers that are not a map of text to text of one line, number or bool")
    lists = result.get("multiValueHeaders")
    if lists is not None and not (isinstance(lists, dict) and all(map(_is_list_of_lines, lists.values()))):
        raise refuse("got multiValueHeaders that are not a map of text to lists of text of one line")
    if cookies is not None and not _is_list_of_lines(cookies):
        raise refuse("got cookies that are not a list of text of one line")
    if result.get("isBase64Encoded") and body:
        try:
            b64decode(body, validate=True)
        except ValueError as exc:
            raise refuse("got a body that is not base64, expected some for isBase64Encoded") from exc


def _check_for_alb(result: Mapping[str, Any], expected: str, refuse: Refuse) -> None:
    other = "headers" if expected == "multiValueHeaders" else "multiValueHeaders"
    if result.get(other):
        raise refuse(f"got {other}, which this target group ignores, expected {expected}")


def _check_size(result: Mapping[str, Any], limit: int, reference: str) -> None:
    body = result.get("body")
    # JSON takes up to 6 bytes for a character; only a body that could be too large is worth writing.
    if body and len(body) * 6 > limit and len(_json(body).encode()) > limit:
        raise ResponseTooLarge(f"{reference}: got a body of {len(body)} characters, expected at most {limit} of JSON")


def _is_text(value: object) -> bool:
    # A lone surrogate is a str, but no text: the runtime cannot write it, and the client would get a gateway's answer.
    if not isinstance(value, str):
        return False
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_flat(headers: object) -> bool:
    return isinstance(headers, dict) and all(
        _is_text(name) and (_is_line(value) or isinstance(value, int | float)) for name, value in headers.items()
    )


def _is_line(value: object) -> bool:
    # CR, LF or NUL would be an injected header; a front door refuses them with an answer of its own.
    return _is_text(value) and not any(character in str(value) for character in "\r\n\0")


def _is_list_of_lines(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_line, value))


def _check_is_json(result: object, reference: str) -> None:
    try:
        size = len(_json(result).encode())
    except (TypeError, ValueError, RecursionError) as exc:
        raise MigratedBadResult(f"{reference}: got a result that is not JSON: {exc}") from exc
    if size > MAX_JSON_BYTES:
        raise ResponseTooLarge(f"{reference}: got a result of {size} bytes, expected at most {MAX_JSON_BYTES}")


def _json(value: object) -> str:
    """Return what the runtime will write. Raises TypeError, ValueError or RecursionError for what is not JSON."""
    return json.dumps(value, ensure_ascii=_ENSURES_ASCII, allow_nan=False, default=_number)


def _number(value: object) -> float:
    from decimal import Decimal  # 2 ms, and only a handler that returns one has it loaded already

    if not isinstance(value, Decimal):
        raise TypeError(f"got a {type(value).__name__}")
    return float(value)
