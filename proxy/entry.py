"""What an entry of the function does around the app: decode the event, ask, encode, start what comes after."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from proxy.after_response import AfterResponse
from proxy.app import App
from proxy.errors import FigError
from proxy.events.codec import HTTP_API, Codec, codec_of
from proxy.message import NO_RESULT

# Kept free before the function's timeout: our own 504 must be on its way before Lambda ends the invocation.
MARGIN_S = 0.5
_NO_CONTEXT_S = 29.0  # a test or a console may call without a context


class Entry:
    """The function's handler, with everything it needs built once for all invocations of an environment."""

    def __init__(self, app: App, after_response: AfterResponse, now: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._after = after_response
        self._now = now

    def __call__(self, event: Mapping[str, Any], context: object) -> object:
        """Return the result for Lambda; never raises, whatever the event holds."""
        begun = self._now()
        ends = begun + _remaining_s(context)
        self._after.begin(ends)
        return self._after.posted(self._result(event, context, begun, ends - MARGIN_S))

    def _result(self, event: Mapping[str, Any], context: object, begun: float, deadline: float) -> object:
        codec: Codec = HTTP_API
        try:
            codec = codec_of(event)
            # The front door gives up by itself, however long the function may run.
            deadline = min(deadline, begun + codec.timeout_s - MARGIN_S)
            request = codec.decode(event, deadline, context)
            response = self._app.handle(request, codec.max_body_bytes)
        except FigError as exc:
            response = self._app.refuse(exc, _request_id(context))
        except Exception as exc:  # the last fence: a defect of ours must be a 500 with a code, not a gateway's 502
            response = self._app.refuse(_defect(exc), _request_id(context))
        return codec.encode(response) if response.result is NO_RESULT else response.result


def _defect(exc: Exception) -> FigError:
    # Not in a local variable of the fence: an exception and the frame that names it keep each other, and the answer.
    defect = FigError("got an exception that nothing here foresaw")
    defect.__cause__ = exc
    return defect


def _remaining_s(context: object) -> float:
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    return remaining() / 1000 if remaining else _NO_CONTEXT_S


def _request_id(context: object) -> str:
    return str(getattr(context, "aws_request_id", ""))
