"""Dispatch a request to a migrated handler in this process: an ordinary Lambda handler, given the event as it came."""

import json
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from proxy.errors import MigratedBadResult, MigratedFailed, ResponseTooLarge
from proxy.message import Headers, Request, Response

MAX_JSON_BYTES = 6_250_000  # of Lambda's 6,291,556 bytes of JSON; the rest is for status and headers
_CHECKED = frozenset({"statusCode", "body", "headers", "cookies"})
# The runtime writes other characters than ASCII as they are since Python 3.12, and as \uXXXX before (awslambdaric 4.2).
_ENSURES_ASCII = sys.version_info < (3, 12)

# Any: an event and a result are JSON data of the front door's dialect.
LambdaHandler = Callable[[Mapping[str, Any], object], Any]


class Migrated:
    """A Handler that calls "module:attribute", loaded when it is first needed (an SDK costs 160 ms and more)."""

    def __init__(self, reference: str) -> None:
        self._reference = reference
        self._handler: LambdaHandler | None = None

    def __call__(self, request: Request) -> Response:
        """Return what the handler returned, untouched in `result`. Raises MigratedFailed or MigratedBadResult."""
        if self._handler is None:
            self._handler = _load(self._reference)
        assert request.event is not None, "a request for a handler in this process carries its event"
        try:
            result = self._handler(_without_own_headers(request.event), request.context)
        except (Exception, SystemExit) as exc:  # somebody else's code: whatever it raises is its failure, not ours
            raise MigratedFailed(f"{self._reference}: raised {type(exc).__name__}") from exc
        return Response(_status(result, self._reference), Headers(), b"", result=result)

    def __repr__(self) -> str:
        return f"<Migrated {self._reference}>"


def _load(reference: str) -> LambdaHandler:
    module, _, attribute = reference.partition(":")
    try:
        handler: LambdaHandler = getattr(import_module(module), attribute)
    except (Exception, SystemExit) as exc:  # an import runs any code; whatever it raises must not end this worker
        # Python itself forgets a module that was imported by half. One that merely lacks the attribute is kept: it may
        # be the module of other routes, too.
        raise MigratedFailed(f"{reference}: cannot be loaded: {type(exc).__name__}: {exc}") from exc
    return handler


def _without_own_headers(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the event without the client's x-fig- headers, in whichever of its maps they stand."""
    for key in ("headers", "multiValueHeaders"):
        headers = event.get(key) or {}
        if any(name.lower().startswith("x-fig-") for name in headers):
            kept = {name: value for name, value in headers.items() if not name.lower().startswith("x-fig-")}
            event = {**event, key: kept}
    return event


def _status(result: object, reference: str) -> int:
    """Return the status that the front door will make of a handler's result. Raises MigratedBadResult if it will not.

    Payload 2.0: with statusCode it is an answer, without it is itself a 200's body.
    """
    if not isinstance(result, dict) or "statusCode" not in result:
        _check_is_json(result, reference)
        return 200
    status = result["statusCode"]
    if isinstance(status, str) and len(status) == 3 and status.isdecimal():
        status = int(status)
    # Below 200 an answer is not final (RFC 9110, 15.2).
    if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 599:
        raise MigratedBadResult(f"{reference}: got statusCode {status!r}, expected 200 to 599")
    body, headers, cookies = result.get("body"), result.get("headers"), result.get("cookies")
    if body is not None and not _is_text(body):
        raise MigratedBadResult(f"{reference}: got a body of type {type(body).__name__}, expected valid text or None")
    if isinstance(body, str) and _is_too_large(body):
        raise ResponseTooLarge(f"{reference}: got a body of {len(body)} characters, {_TOO_MUCH}")
    if headers is not None and not _is_flat(headers):
        raise MigratedBadResult(f"{reference}: got headers that are not a map of text to text, number or bool")
    if cookies is not None and not (isinstance(cookies, list) and all(map(_is_text, cookies))):
        raise MigratedBadResult(f"{reference}: got cookies that are not a list of text")
    rest = {name: value for name, value in result.items() if name not in _CHECKED and not isinstance(value, bool)}
    if rest:
        _check_is_json(rest, reference)
    return status


_TOO_MUCH = f"expected at most {MAX_JSON_BYTES} bytes of JSON"


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


def _is_too_large(body: str) -> bool:
    # JSON takes up to 6 bytes for a character; only a body that could be too large is worth writing.
    return len(body) * 6 > MAX_JSON_BYTES and len(_json(body).encode()) > MAX_JSON_BYTES


def _is_flat(headers: object) -> bool:
    return isinstance(headers, dict) and all(
        _is_text(name) and (_is_text(value) or isinstance(value, int | float)) for name, value in headers.items()
    )


def _check_is_json(result: object, reference: str) -> None:
    try:
        size = len(_json(result).encode())
    except (TypeError, ValueError, RecursionError) as exc:
        raise MigratedBadResult(f"{reference}: got a result that is not JSON: {exc}") from exc
    if size > MAX_JSON_BYTES:
        raise ResponseTooLarge(f"{reference}: got a result of {size} bytes, {_TOO_MUCH}")


def _json(value: object) -> str:
    """Return what the runtime will write. Raises TypeError, ValueError or RecursionError for what is not JSON."""
    return json.dumps(value, ensure_ascii=_ENSURES_ASCII, allow_nan=False, default=_number)


def _number(value: object) -> float:
    from decimal import Decimal  # 2 ms, and only a handler that returns one has it loaded already

    if not isinstance(value, Decimal):
        raise TypeError(f"got a {type(value).__name__}")
    return float(value)
