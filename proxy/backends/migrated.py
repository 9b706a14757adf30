"""Dispatch a request to a migrated handler in this process: an ordinary Lambda handler, given the event as it came."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from proxy.backends.committed import is_declared_by, taken_from
from proxy.backends.handed_event import handed_event
from proxy.backends.result import status_of
from proxy.backends.time_limit import TimeIsUp, run_until
from proxy.errors import MigratedFailed, MigratedTimeout
from proxy.message import Headers, Request, Response

# Any: an event and a result are JSON data of the front door's dialect.
LambdaHandler = Callable[[Mapping[str, Any], object], Any]


class Migrated:
    """A Handler that calls "module:attribute", loaded when it is first needed (an SDK costs 160 ms and more)."""

    def __init__(self, reference: str) -> None:
        self._reference = reference
        self._handler: LambdaHandler | None = None

    def __call__(self, request: Request) -> Response:
        """Return what the handler returned, untouched in `result`.

        Raises MigratedFailed, MigratedBadResult, and MigratedTimeout at the request's deadline.
        """
        handler = self.loaded()
        event = handed_event(request)
        try:
            result = run_until(request.deadline, lambda: handler(event, request.context))
        except TimeIsUp as exc:
            late = MigratedTimeout(f"{self._reference}: stopped, for its time was up")
            late.nothing_committed = not exc.was_begun  # its import has taken all the time
            raise late from exc
        except KeyboardInterrupt:  # whoever has started this process ends it
            raise
        except BaseException as exc:  # somebody else's code: whatever it raises is its failure, not ours
            failed = MigratedFailed(f"{self._reference}: raised {type(exc).__name__}")
            failed.nothing_committed = is_declared_by(exc)
            raise failed from exc
        status = status_of(result, request.dialect, self._reference)
        return answered(status, result)

    def loaded(self) -> LambdaHandler:
        """Return the handler, imported now if it has not been. Raises MigratedFailed."""
        # Outside of any time limit: an import that is cut short would be cut short each time.
        if self._handler is None:
            self._handler = _load(self._reference)
        return self._handler

    def __repr__(self) -> str:
        return f"<Migrated {self._reference}>"


def answered(status: int, result: object) -> Response:
    """Return a handler's result as a response; what an error says of what was committed is taken out of it."""
    if status < 400:
        return Response(status, Headers(), b"", result=result)
    result, is_declared = taken_from(result)
    return Response(status, Headers(), b"", result=result, nothing_committed=is_declared)


def _load(reference: str) -> LambdaHandler:
    module, _, attribute = reference.partition(":")
    try:
        handler: LambdaHandler = getattr(import_module(module), attribute)
    except (Exception, SystemExit) as exc:  # an import runs any code; whatever it raises must not end this worker
        # Python itself forgets a module that was imported by half. One that merely lacks the attribute is kept: it may
        # be the module of other routes, too.
        failed = MigratedFailed(f"{reference}: cannot be loaded: {type(exc).__name__}: {exc}")
        failed.nothing_committed = True  # it was never asked
        raise failed from exc
    return handler
