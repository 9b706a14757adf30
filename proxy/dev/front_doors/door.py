"""What every front door is: pure translation between HTTP and Lambda, its limits, and its own refusals."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from proxy.dev.front_doors.exchange import ClientAnswer, ClientRequest

# Lambda takes 6 MB of JSON per synchronous invocation; this many bytes still passed when it was measured (a field
# report of 2024). The documented figure is 6 MB: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LAMBDA_EVENT_BYTES = 6_291_556


class Refusal(StrEnum):
    """Why a front door answers by itself."""

    MALFORMED_REQUEST = "malformed request"
    HEADERS_TOO_LARGE = "headers too large"
    BODY_TOO_LARGE = "body too large"
    EVENT_TOO_LARGE = "event too large for Lambda"
    TIMEOUT = "no answer in time"
    THROTTLED = "throttled by Lambda"
    INVOKE_REJECTED = "invocation rejected"
    FUNCTION_FAILED = "function failed or returned no valid result"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a front door carries at most.

    What `head_bytes` and `line_bytes` count of the head of a request differs, as the wording of AWS's quotas does: each
    door says it where it sets them. `event_bytes` and `result_bytes` count the function's event and its result as JSON.
    `timeout_s` is the time the function has to answer.
    """

    head_bytes: int
    body_bytes: int
    event_bytes: int
    timeout_s: float
    line_bytes: int = sys.maxsize
    result_bytes: int = sys.maxsize


class FrontDoor(Protocol):
    """One of AWS's HTTP front doors of a Lambda function, without clock, randomness or I/O."""

    @property
    def name(self) -> str:
        """The name under which a person picks the door, such as "http-api"."""
        ...

    @property
    def limits(self) -> Limits:
        """What the door carries at most."""
        ...

    def request_id(self, entropy: bytes) -> str:
        """Sixteen random bytes as a request id of the shape that this door gives out."""
        ...

    def reject(self, request: ClientRequest) -> ClientAnswer | None:
        """The door's own answer to a request that it does not take for its head; None when it takes it.

        The request has no body yet.
        """
        ...

    def event(self, request: ClientRequest) -> dict[str, object]:
        """The event that the function gets for that request; never raises, holds JSON values only."""
        ...

    def answer(self, request: ClientRequest, payload: bytes, function_error: str | None) -> ClientAnswer:
        """What the client gets when the function returned `payload`.

        `function_error` is Lambda's X-Amz-Function-Error, None when the handler returned. A result that is not in the
        door's format gives the door's own refusal; nothing is raised.
        """
        ...

    def refuse(self, reason: Refusal, request_id: str, time: datetime) -> ClientAnswer:
        """What the client gets when the door answers by itself, in AWS's words where they are known."""
        ...
