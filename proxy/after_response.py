"""Work that runs once the client has its answer.

Lambda freezes an environment once the runtime and every registered extension have asked for the next event. This
module is a Lambda internal extension: a thread that asks for its next event only when its work is done, so the work
runs on time that no client waits for. Outside Lambda it is a plain thread that runs the same loop without asking.

A handler returns `posted(result)`; the runtime drops that object when it has posted it, and that starts the work. Work
started earlier would compete with the posting for the interpreter lock.

Source: docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html (internal extensions: INVOKE only).
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue
from typing import Any, Protocol

Job = Callable[[float], None]  # given the deadline, in seconds of time.monotonic(), by which it must be done


class Events(Protocol):
    """Lambda's side of the loop: an extension that is registered for INVOKE. Both raise OSError when it is gone."""

    def ask(self) -> None:
        """Say that this extension is done; does not wait."""

    def take(self) -> None:
        """Take what came for the last `ask`: the invocation that it announces has begun long ago."""


MAX_JOBS = 256
MARGIN_S = 0.2  # kept free before the function's timeout, for the call that ends the invocation
_GRACE_S = 0.25


class Posted(dict[str, Any]):
    """A result that says when nobody holds it any more. Any: JSON of the front door's dialect."""

    __slots__ = ("_on_dropped",)

    def __init__(self, result: Mapping[str, Any], on_dropped: Callable[[], None]) -> None:
        super().__init__(result)
        self._on_dropped = on_dropped

    def __del__(self) -> None:
        self._on_dropped()


class AfterResponse:
    """Runs jobs after each answer, one after the other, in one thread. Failures are counted, never raised."""

    def __init__(
        self,
        events: Events | None = None,
        now: Callable[[], float] = time.monotonic,
        on_thread: Callable[[], object] = lambda: None,
    ) -> None:
        self._events = events
        self._on_thread = on_thread
        self._now = now
        self._jobs: deque[Job] = deque()
        self._answered: SimpleQueue[int] = SimpleQueue()
        self._invocation = 0
        self._worked = 0  # the newest invocation whose answer has started the work
        self._deadline = 0.0
        self._returned_at: float | None = None
        self.failed = 0  # jobs that raised
        self.dropped = 0  # jobs refused for want of room or of time
        self.problem = ""  # why the newest job failed: the name of the exception

    def start(self) -> None:
        """Start the thread; it ends with the process."""
        threading.Thread(target=self._run, name="after-response", daemon=True).start()

    def __call__(self, job: Job) -> None:
        """Run a job once the client has its answer. With MAX_JOBS waiting already, the job is dropped and counted."""
        if len(self._jobs) >= MAX_JOBS:
            self.dropped += 1
            return
        self._jobs.append(job)

    def begin(self, deadline: float) -> None:
        """An invocation has begun; its work must be done by the deadline, in seconds of time.monotonic()."""
        self._invocation += 1
        self._deadline = deadline - MARGIN_S
        self._returned_at = None

    def posted(self, result: object) -> object:
        """Return the handler's result so that dropping it starts the work. Call it once in every invocation, last."""
        self._returned_at = self._now()
        invocation = self._invocation
        if isinstance(result, dict):
            return Posted(result, lambda: self._answered.put(invocation))
        self._answered.put(invocation)  # text and lists cannot tell when they are dropped
        return result

    def _run(self) -> None:
        self._on_thread()
        # An INVOKE that comes needs nothing done before the answer, so it wakes nobody: it is taken when the answer is
        # posted. One wake-up of a thread (15 µs) instead of two.
        self._ask()
        while True:
            self._wait_for_answer()
            self._tell(lambda events: events.take())  # one that fails loses nothing: the next ask counts
            self.work()
            self._ask()

    def _ask(self) -> None:
        if not self._tell(lambda events: events.ask()):
            # The environment is being shut down, or the API is gone: go on as a plain thread.
            self._events = None

    def _tell(self, what: Callable[[Events], None]) -> bool:
        """Tell Lambda something; return False, and count it, if that failed."""
        try:
            if self._events is not None:
                what(self._events)
        except OSError as exc:
            self._count(exc)
            return False
        return True

    def _wait_for_answer(self) -> None:
        while True:
            try:
                # An answer that somebody held on to must start neither a later invocation's work nor its own again.
                answered = self._answered.get(timeout=_GRACE_S)
                if answered >= self._invocation and answered > self._worked:
                    self._worked = answered
                    return
            except Empty:
                # A wrapper around the handler may hold the answer for ever; waiting as long would hang the function.
                invocation = self._invocation
                if self._jobs and self._returned_at is not None and self._now() - self._returned_at > _GRACE_S:
                    self._worked = invocation
                    return

    def work(self) -> None:
        """Run every waiting job now, in this thread; a test or a bench that has no thread of its own calls this."""
        while self._jobs:
            job = self._jobs.popleft()
            if self._now() > self._deadline:
                self.dropped += 1
                continue
            try:
                job(self._deadline)
            except Exception as exc:  # a job's failure is counted: there is nobody left to raise it to
                self._count(exc)

    def _count(self, exc: Exception) -> None:
        self.failed += 1
        self.problem = type(exc).__name__
