"""Everything that can go wrong, in one tree; each class carries the HTTP status and the stable code a client sees.

FigError
├── BadRequest            400  the client's request cannot be carried to any side
├── NotAnHttpEvent        400  the function was invoked with something that is no HTTP request
├── MethodRefused         405  CONNECT, TRACE
├── Gone                  410  the route is retired
├── LoopDetected          508  the request has been here before
├── LegacyFailed
│   ├── LegacyUnreachable 502  no connection
│   ├── LegacyBroken      502  a connection, but no whole and valid response
│   └── LegacyTimeout     504
├── MigratedFailed        502  the handler raised, or could not be loaded
│   ├── MigratedTimeout   504  the handler did not answer in time
│   ├── MigratedBadResult 502  the handler returned what no front door takes
│   └── MigratedUnwanted  502  (never reaches a client) the handler answered a status that counts as its failure
├── BreakerOpen           503  the target has failed so often that it is not asked for a moment
├── ResponseTooLarge      502  the front door cannot carry the response
├── TableUnreadable       (never reaches a client) the store has no table that this function can use
├── EvidenceFailed        (never reaches a client) what comparisons found cannot be kept, or read
├── BadDocument           (never reaches a client) routes.yaml has problems; carries all of them
├── BadSettings           (never reaches a client) an environment variable has a value that cannot be used
├── Refused               (never reaches a client) a command is not carried out
└── Misuse                (never reaches a client) a command cannot be meant

What only publishers meet stands in the rooms that raise it: StoreFailed and Moved in stores/history.py, EditFailed in
routing/edit.py.
"""

import json
from typing import Literal

from proxy.message import Headers, Response


class FigError(Exception):
    """The root. `status` and `code` go to the client; the message goes to the log, and to the client if `tells`."""

    status: int = 500
    code: str = "internal"
    says: str = "the proxy failed"  # what the client reads; never names a backend


class BadRequest(FigError):
    """The request cannot be carried. Its message is safe to show: it speaks of the client's own bytes, by kind only."""

    status = 400

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code
        self.says = says


class NotAnHttpEvent(FigError):
    """The event is of no HTTP front door that this function knows."""

    status = 400
    code = "unsupported_event"
    says = "this function answers HTTP requests only"


class MethodRefused(FigError):
    """CONNECT would open a tunnel, TRACE would show cookies to scripts: neither is forwarded (RFC 9110, 9.3)."""

    status = 405
    code = "method_refused"
    says = "this method is not forwarded"


class Gone(FigError):
    """The route is retired: neither side answers it any more (RFC 9110, 15.5.11)."""

    status = 410
    code = "retired"
    says = "this endpoint is gone"


class LoopDetected(FigError):
    """The request's Via names this proxy already: legacy leads back here (RFC 9110, 7.6.3; RFC 5842, 7.2)."""

    status = 508
    code = "loop_detected"
    says = "the request came back to the proxy that had forwarded it"


class LegacyFailed(FigError):
    """The legacy system did not give a usable answer."""

    status = 502
    code = "legacy_failed"
    says = "the backend gave no usable answer"


class LegacyUnreachable(LegacyFailed):
    """No connection: refused, no such host, TLS not verified."""

    code = "legacy_unreachable"
    says = "the backend could not be reached"


class LegacyBroken(LegacyFailed):
    """A connection, but the response was cut short or is not HTTP."""

    code = "legacy_broken"
    says = "the backend's answer was incomplete or malformed"
    before_any_answer = False  # True: the connection broke before the first byte of an answer


class LegacyTimeout(LegacyFailed):
    """No whole response before the deadline."""

    status = 504
    code = "legacy_timeout"
    says = "the backend did not answer in time"


class MigratedFailed(FigError):
    """The migrated handler raised, or could not be loaded."""

    status = 502
    code = "migrated_failed"
    says = "the handler failed"
    nothing_committed = False  # True: the handler itself has said so, and another side may execute the write


class MigratedTimeout(MigratedFailed):
    """The handler did not answer before the deadline. If it is a function of its own, it may still be running."""

    status = 504
    code = "migrated_timeout"
    says = "the handler did not answer in time"


class MigratedBadResult(MigratedFailed):
    """The migrated handler returned something that the front door would refuse."""

    code = "migrated_bad_result"
    says = "the handler gave no usable answer"


class MigratedUnwanted(MigratedFailed):
    """The handler answered a status that the route lists as its failure; if nobody else can answer, that goes back."""

    code = "migrated_unwanted"


class BreakerOpen(FigError):
    """The target has failed so often that it is left alone for a moment; nothing was sent to it."""

    status = 503
    code = "breaker_open"
    says = "this endpoint is out of order for a moment"


class ResponseTooLarge(FigError):
    """The response is larger than the front door can carry back."""

    status = 502
    code = "response_too_large"
    says = "the answer is too large to be carried"


class TableUnreadable(FigError):
    """The store holds no table that this function can use; the last good one stays.

    `frozen` is the freeze in force, when the store told that much: it counts for the table that stays.
    """

    code = "table_unreadable"

    # The same literals as proxy.routing.table.Frozen, which stands above this module.
    def __init__(self, message: str, frozen: Literal["", "moving", "all"] | None = None) -> None:
        super().__init__(message)
        self.frozen = frozen


class EvidenceFailed(FigError):
    """What was found by comparing the two sides cannot be kept, or read; the message says where, why and the cure."""

    code = "evidence_failed"


class BadDocument(FigError):
    """routes.yaml has problems. `problems` holds all of them, one line each, in the order of the file."""

    code = "bad_document"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class BadSettings(FigError):
    """An environment variable has a value that cannot be used."""

    code = "bad_settings"


class Refused(FigError):
    """What a command was to do is not done; the message says why, and what to do instead."""

    code = "refused"


class Misuse(FigError):
    """What a command was asked for cannot be meant; the message says how to ask."""

    code = "misuse"


def answer(error: FigError, request_id: str) -> Response:
    """Return the proxy's own answer for an error: a small JSON body with the reason code and the request's id."""
    fields = {"code": error.code, "message": error.says, "requestId": request_id}
    body = json.dumps(fields, separators=(",", ":")).encode()
    return Response(error.status, Headers(((b"Content-Type", b"application/json"),)), body, error.code)
