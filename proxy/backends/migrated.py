"""Dispatch a request to a migrated handler in this process: an ordinary Lambda handler, given the event as it came."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from proxy.backends.handed_event import without_own_headers
from proxy.backends.result import status_of
from proxy.errors import MigratedFailed
from proxy.message import Headers, Request, Response

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
            result = self._handler(without_own_headers(request.event), request.context)
        except (Exception, SystemExit) as exc:  # somebody else's code: whatever it raises is its failure, not ours
            raise MigratedFailed(f"{self._reference}: raised {type(exc).__name__}") from exc
        status = status_of(result, request.dialect, self._reference)
        return Response(status, Headers(), b"", result=result)

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
