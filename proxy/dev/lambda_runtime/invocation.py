"""One event on its way through: as it waits, and as an execution environment gets it."""

import asyncio
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from proxy.dev.lambda_runtime.config import Invoked
from proxy.dev.lambda_runtime.errors import FunctionStopped


def _request_id() -> str:
    return str(uuid.uuid4())


def _trace_id() -> str:
    """Return an X-Ray tracing header that samples nothing. Source: X-Ray developer guide, "Tracing header"."""
    root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    return f"Root={root};Parent={secrets.token_hex(8)};Sampled=0"


def _answer() -> asyncio.Future[Invoked]:
    return asyncio.get_running_loop().create_future()


@dataclass(frozen=True, slots=True)
class Invocation:
    """An event and the future of its answer, which the invoker may give up (cancel) at any time."""

    event: bytes
    request_id: str = field(default_factory=_request_id)
    trace_id: str = field(default_factory=_trace_id)
    answer: asyncio.Future[Invoked] = field(default_factory=_answer)

    def succeed(self, payload: bytes) -> None:
        """Answer with the handler's result, unless there is an answer already."""
        self._settle(lambda: self.answer.set_result(Invoked(payload, None, self.request_id)))

    def fail(self, payload: bytes) -> None:
        """Answer with an error object, unless there is an answer already."""
        self._settle(lambda: self.answer.set_result(Invoked(payload, "Unhandled", self.request_id)))

    def abandon(self) -> None:
        """Tell the invoker that the function stopped, unless there is an answer already."""
        stopped = FunctionStopped("the function is stopped; start it again")
        self._settle(lambda: self.answer.set_exception(stopped))
        # Looked at once, so that asyncio doesn't complain about an invoker that is gone itself.
        _ = self.answer.cancelled() or self.answer.exception()

    def _settle(self, settle: Callable[[], None]) -> None:
        if not self.answer.done():
            settle()


@dataclass(frozen=True, slots=True)
class Given:
    """An invocation that an execution environment works on."""

    invocation: Invocation
    deadline_ms: int
    """Milliseconds since the epoch."""
