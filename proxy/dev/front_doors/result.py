"""What the front doors share in reading a function's result: JSON of the right types that can go to the wire."""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode
from typing import NoReturn

from proxy.dev.front_doors.headers import is_safe_field

JSON_TYPE = (b"content-type", b"application/json")

_STATUS_TEXT = re.compile(r"[0-9]{3}")


class MalformedResult(ValueError):
    """The function's result is not in the door's format; the message says where and why."""


class UndecodableBody(MalformedResult):
    """The body is not the base64 that it is said to be."""


def load(payload: bytes) -> object:
    """The result as JSON. Raises MalformedResult."""
    try:
        result: object = json.loads(payload.decode("utf-8"), parse_constant=_not_json)
    except (ValueError, RecursionError) as exc:
        raise MalformedResult("result: not valid JSON") from exc
    return result


def _not_json(constant: str) -> NoReturn:
    raise MalformedResult(f"result: got {constant}, which is not JSON")


def status(value: object, *, may_be_text: bool = True) -> int:
    """The status of a final answer. Raises MalformedResult.

    Below 200 an answer is not final. Above 599 HTTP has no class (RFC 9110, 15); what AWS makes of those is unverified.
    """
    if may_be_text and isinstance(value, str) and _STATUS_TEXT.fullmatch(value):
        value = int(value)
    # A bool is an int to Python, but not to JSON.
    if isinstance(value, int) and not isinstance(value, bool) and 200 <= value <= 599:
        return value
    raise MalformedResult(f"statusCode: expected 200 to 599, as a number{' or as text' if may_be_text else ''}")


def field_map(value: object, where: str) -> dict[str, object]:
    """The map of header names to values. Raises MalformedResult."""
    if isinstance(value, dict):
        return value
    raise MalformedResult(f"{where}: got {type(value).__name__}, expected an object")


def field_text(name: str, value: object) -> str:
    """A header value that may be a number or a boolean, as text. Raises MalformedResult."""
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    raise MalformedResult(f"headers: got {type(value).__name__} for {name!r}, expected text, a number or a boolean")


def field(name: str, value: str) -> tuple[bytes, bytes]:
    """The header as it goes to the wire. Raises MalformedResult.

    Space around a value is not part of it (RFC 9110, 5.5), and the HTTP parser under the server refuses it.
    """
    pair = (_octets(name), _octets(value).strip(b" \t"))
    if not is_safe_field(*pair):
        raise MalformedResult(f"headers: {name!r} would break the wire")
    return pair


def body(value: object, is_base64: object) -> bytes:
    """The body; absent and null are the empty body and "is text". Raises MalformedResult."""
    if value is None:
        return b""
    if not isinstance(value, str):
        raise MalformedResult(f"body: got {type(value).__name__}, expected text")
    if not isinstance(is_base64, (bool, type(None))):
        raise MalformedResult(f"isBase64Encoded: got {type(is_base64).__name__}, expected a boolean")
    if not is_base64:
        return utf8(value, "body")
    try:
        return b64decode(utf8(value, "body"), validate=True)
    except binascii.Error as exc:
        raise UndecodableBody("body: not valid base64") from exc


def _octets(value: str) -> bytes:
    """A header's text as bytes: an octet a character where it fits, which keeps what legacy sent, else UTF-8.

    RFC 9110, 5.5 has nothing better than ISO-8859-1 to offer; what AWS's front doors do is unverified.
    """
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return utf8(value, "headers")


def utf8(value: str, where: str) -> bytes:
    """The text as bytes. Raises MalformedResult."""
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError as exc:
        raise MalformedResult(f"{where}: holds half of a surrogate pair") from exc
