"""Everything that goes wrong around a function, in the words and shapes that Lambda gives it.

    Exception
    ├── LambdaRejected       Invoke itself says no; the function never saw the event
    │   ├── RequestTooLarge
    │   └── FunctionStopped
    ├── FunctionStartError   no execution environment came up
    └── Refused              a call to the Runtime or Extensions API that a worker must not make now

A Failure is no exception but an answer: why an execution environment ended, told to whoever waits for it.
"""

import json
import signal
from dataclasses import dataclass

from proxy.dev.lambda_runtime.limits import MAX_EXTENSIONS, MAX_PAYLOAD_BYTES


class LambdaRejected(Exception):
    """Lambda's Invoke answers with this HTTP status and X-Amzn-ErrorType instead of a result."""

    status: int = 500
    error_type: str = "ServiceException"


class RequestTooLarge(LambdaRejected):
    """The event is longer than Lambda takes. Source: API reference, Invoke, RequestTooLargeException."""

    status = 413
    error_type = "RequestTooLargeException"

    def __init__(self, size: int) -> None:
        super().__init__(
            f"Request must be smaller than {MAX_PAYLOAD_BYTES} bytes for the InvokeFunction operation (got {size})"
        )


class FunctionStopped(LambdaRejected):
    """The local function was not started, or was stopped before it answered."""


class FunctionStartError(Exception):
    """Init failed in every execution environment; the message is the init error's text."""


class Refused(Exception):
    """The Runtime or Extensions API answers with this status and error object."""

    def __init__(self, status: int, error_type: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = error_object(error_type, message)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an execution environment ended."""

    error_type: str
    message: str
    """Without the request id, so that two workers that fail alike read alike."""
    posted: bytes | None = None
    """The error object that the runtime reported itself, if it did."""

    def payload(self, request_id: str) -> bytes:
        """Return the error object that the invoker gets."""
        return self.posted or error_object(self.error_type, f"RequestId: {request_id} Error: {self.message}")

    def __str__(self) -> str:
        return f"{self.error_type}: {self.message}"


def error_object(error_type: str, message: str) -> bytes:
    """Return the two fields that each of Lambda's own errors has, as JSON."""
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def timed_out(timeout_s: float) -> Failure:
    """The function's own limit has passed. Source: the emulator's managed-instances code, invoke/utils.go."""
    return Failure("Sandbox.Timedout", f"Task timed out after {timeout_s:.2f} seconds")


def init_timed_out(limit_s: float) -> Failure:
    """Init took longer than Lambda's limit for it. The words are ours: the cloud only writes them to a log."""
    return Failure("Sandbox.Timedout", f"Init timed out after {limit_s:.2f} seconds")


def restore_timed_out(limit_s: float) -> Failure:
    """What runs after a restore took longer than Lambda's limit for it. The words are ours, as for init."""
    return Failure("Sandbox.Timedout", f"Restore timed out after {limit_s:.2f} seconds")


def exited(returncode: int) -> Failure:
    """The process ended; negative is the signal that ended it. Source: the emulator's rapid/handlers.go.

    The emulator tells an exit with status 0 apart by its wording alone.
    """
    if returncode == 0:
        return Failure("Runtime.ExitError", "Runtime exited without providing a reason")
    if returncode > 0:
        return Failure("Runtime.ExitError", f"Runtime exited with error: exit status {returncode}")
    # Go spells signals as the C library does, in lower case; macOS appends the number.
    name = (signal.strsignal(-returncode) or f"signal {-returncode}").split(":")[0].lower()
    return Failure("Runtime.ExitError", f"Runtime exited with error: signal: {name}")


def start_reported(error_type: str, posted: bytes) -> Failure:
    """The runtime could not start or restore the function and said so in `posted`, usually an error object with a
    stack trace.
    """
    try:
        said = json.loads(posted)
        lines = [str(said["errorMessage"]), *map(str, said.get("stackTrace", ()))]
        return Failure(said.get("errorType") or error_type, "\n".join(lines), posted)
    except (ValueError, TypeError, KeyError, AttributeError):
        # Lambda passes on whatever a runtime posts.
        return Failure(error_type, posted.decode(errors="replace"), posted or None)


def response_too_large() -> bytes:
    """Return what the invoker gets instead of a response above 6 MB."""
    return error_object(
        "Function.ResponseSizeTooLarge",
        f"Response payload size exceeded maximum allowed payload size ({MAX_PAYLOAD_BYTES} bytes).",
    )


def request_entity_too_large() -> Refused:
    """What the runtime gets for a response above 6 MB."""
    message = f"Exceeded maximum allowed payload size ({MAX_PAYLOAD_BYTES} bytes)."
    return Refused(413, "RequestEntityTooLarge", message)


def invalid_request_id() -> Refused:
    """What the runtime gets for answering an invocation that isn't the current one."""
    return Refused(400, "InvalidRequestID", "Invalid request ID")


def runtime_transition(state: str, wanted: str) -> Refused:
    """What the runtime gets for a call that its state doesn't allow."""
    message = f"State transition from {state} to {wanted} failed for runtime. Error: State transition is not allowed"
    return Refused(403, "InvalidStateTransition", message)


def extension_transition(state: str, wanted: str, extension: str) -> Refused:
    """What an extension gets for a call that its state doesn't allow."""
    return Refused(
        403,
        "Extension.InvalidExtensionState",
        f"State transition from {state} to {wanted} failed for extension {extension}. "
        "Error: State transition is not allowed",
    )


def too_many_extensions() -> Refused:
    """What the eleventh extension gets."""
    return Refused(403, "Extension.TooManyExtensions", f"Extension limit ({MAX_EXTENSIONS}) reached")
