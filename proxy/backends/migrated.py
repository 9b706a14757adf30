"""Dispatch a request to a migrated handler in this process: an ordinary Lambda handler, given the event as it came."""

import json
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from proxy.errors import MigratedBadResult, MigratedFailed, ResponseTooLarge
from proxy.message import Headers, Request, Response

MAX_BODY_CHARS = 6_250_000  # of Lambda's 6,291,556 bytes of JSON; the rest is for status and headers

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
        except Exception as exc:  # the handler is somebody else's code; whatever it raises is its failure, not ours
            raise MigratedFailed(f"{self._reference}: raised {type(exc).__name__}") from exc
        return Response(_status(result, self._reference), Headers(), b"", result=result)

    def __repr__(self) -> str:
        return f"<Migrated {self._reference}>"


def _load(reference: str) -> LambdaHandler:
    module, _, attribute = reference.partition(":")
    try:
        handler: LambdaHandler = getattr(import_module(module), attribute)
    except Exception as exc:  # an import runs any code; whatever it raises must not end this worker
        # Half-imported modules would give another error the second time; the first one says why.
        sys.modules.pop(module, None)
        raise MigratedFailed(f"{reference}: cannot be loaded: {type(exc).__name__}: {exc}") from exc
    return handler


def _without_own_headers(event: Mapping[str, Any]) -> Mapping[str, Any]:
    headers = event.get("headers") or {}
    if not any(name.lower().startswith("x-fig-") for name in headers):
        return event
    kept = {name: value for name, value in headers.items() if not name.lower().startswith("x-fig-")}
    return {**event, "headers": kept}


def _status(result: object, reference: str) -> int:
    """Return the status that the front door will make of a handler's result. Raises MigratedBadResult if it will not.

    Payload 2.0: with statusCode it is an answer, without it is itself a 200's body.
    """
    if not isinstance(result, Mapping) or "statusCode" not in result:
        _check_is_json(result, reference)
        return 200
    status = result["statusCode"]
    if isinstance(status, str) and status.isdecimal():
        status = int(status)
    if not isinstance(status, int) or isinstance(status, bool) or not 100 <= status <= 599:
        raise MigratedBadResult(f"{reference}: got statusCode {status!r}, expected 100 to 599")
    body, headers, cookies = result.get("body"), result.get("headers"), result.get("cookies")
    if body is not None and not isinstance(body, str):
        raise MigratedBadResult(f"{reference}: got a body of type {type(body).__name__}, expected text or None")
    if isinstance(body, str) and _is_too_large(body):
        raise ResponseTooLarge(f"{reference}: got a body of {len(body)} characters, expected at most {MAX_BODY_CHARS}")
    if headers is not None and not _is_flat(headers):
        raise MigratedBadResult(f"{reference}: got headers that are not a map of text to text, number or bool")
    if cookies is not None and not (isinstance(cookies, list) and all(isinstance(cookie, str) for cookie in cookies)):
        raise MigratedBadResult(f"{reference}: got cookies that are not a list of text")
    return status


def _is_too_large(body: str) -> bool:
    # A character takes up to 4 bytes; only a body that could be too large is worth counting.
    return len(body) * 4 > MAX_BODY_CHARS and len(body.encode("utf-8", "replace")) > MAX_BODY_CHARS


def _is_flat(headers: object) -> bool:
    return isinstance(headers, Mapping) and all(
        isinstance(name, str) and isinstance(value, str | int | float | bool) for name, value in headers.items()
    )


def _check_is_json(result: object, reference: str) -> None:
    try:
        json.dumps(result)
    except (TypeError, ValueError, RecursionError) as exc:
        raise MigratedBadResult(f"{reference}: got a result that is not JSON: {exc}") from exc
