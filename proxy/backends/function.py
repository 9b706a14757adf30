"""Dispatch a request to a migrated handler that is a Lambda function of its own: the same event, the same result."""

import json
from collections.abc import Callable

from proxy.aws.call import Answer, AwsError
from proxy.aws.sigv4 import Unsigned
from proxy.backends.committed import ERROR_TYPE
from proxy.backends.handed_event import handed_event
from proxy.backends.migrated import answered
from proxy.backends.result import status_of
from proxy.errors import MigratedBadResult, MigratedFailed, MigratedTimeout
from proxy.message import Pair, Request, Response

Send = Callable[[Unsigned, float], Answer]  # a signed call to Lambda, by a time limit in seconds; raises AwsError


class Function:
    """A Handler that invokes another function by its name or ARN, with an alias if it has one.

    Invoked once: when nobody knows whether it ran, it is not asked again. Its own deadline is its own timeout; this
    side waits no longer than the client can.
    Source: docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    """

    def __init__(self, name: str, send: Send, now: Callable[[], float]) -> None:
        self._name = name
        # In a path, ":" is written as it is by nobody who signs: botocore escapes it, and so does this.
        self._path = f"/2015-03-31/functions/{name.replace(':', '%3A')}/invocations"
        self._send = send
        self._now = now

    def __call__(self, request: Request) -> Response:
        """Return what the function returned, in `result`. Raises MigratedFailed, MigratedTimeout, MigratedBadResult."""
        body = json.dumps(handed_event(request), separators=(",", ":")).encode()
        left_s = request.deadline - self._now()
        try:
            answer = self._send(Unsigned("POST", self._path, _trace(request), body), left_s)
        except AwsError as exc:
            kind = MigratedTimeout if exc.code == "Timeout" else MigratedFailed
            failed = kind(f"function {self._name}: {exc}")
            failed.nothing_committed = exc.code == "NoCredentials"  # nothing was sent
            raise failed from exc
        if answer.status != 200:
            failed = MigratedFailed(f"function {self._name}: got status {answer.status} from Lambda, expected 200")
            # Lambda's own 4xx: it was not invoked. After a 5xx, nobody knows.
            # Source: docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (Errors)
            failed.nothing_committed = 400 <= answer.status < 500
            raise failed
        kind_of_error = answer.headers.get(b"x-amz-function-error")
        if kind_of_error is not None:  # its text may quote what the client sent
            failed = MigratedFailed(f"function {self._name}: failed ({kind_of_error.decode('latin-1')})")
            failed.nothing_committed = _error_type(answer.body) == ERROR_TYPE
            raise failed
        try:
            result = json.loads(answer.body)
        except (ValueError, RecursionError) as exc:
            what = f"function {self._name}: got {len(answer.body)} bytes that are no JSON"
            raise MigratedBadResult(what) from exc
        return answered(status_of(result, request.dialect, self._name), result)

    def __repr__(self) -> str:
        return f"<Function {self._name}>"


def _trace(request: Request) -> tuple[Pair, ...]:
    # The function's own trace goes on from it, too, and not only what it logs of the event.
    # Source: docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
    value = request.headers.get(b"x-amzn-trace-id")
    return ((b"x-amzn-trace-id", value),) if value else ()


def _error_type(body: bytes) -> object:
    # Source: docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html ({"errorMessage", "errorType", …})
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return fields.get("errorType") if isinstance(fields, dict) else None
