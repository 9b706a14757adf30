"""Run somebody else's code beside the request path, with a time limit, and go on without it when it hangs.

A thread cannot be ended from outside. One that hangs is left to itself, in a daemon thread, and its target is not asked
again before it is back: so hanging shadows never pile up. A function of its own (`function:`) has no such problem.
"""

import threading
from collections.abc import Callable, Hashable
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


class TookTooLong(Exception):
    """The time was up; the call goes on by itself."""


class StillBusy(Exception):
    """The last call of the same target has not come back yet."""


class InTime(Generic[T]):
    """Calls with a time limit. `on_thread` is run first in each new thread."""

    def __init__(self, on_thread: Callable[[], object] = lambda: None) -> None:
        self._on_thread = on_thread
        self._left_alone: dict[Hashable, threading.Thread] = {}

    def __call__(self, target: Hashable, call: Callable[[], T], limit_s: float) -> T:
        """Return what a call returns, or raise what it raises.

        Raises StillBusy instead of calling, and TookTooLong after the limit, in seconds.
        """
        if self.is_busy(target):
            raise StillBusy
        outcomes: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()

        def run() -> None:
            self._on_thread()
            try:
                outcomes.put((call(), None))
            except BaseException as exc:  # whatever it raises is told to whoever waits
                outcomes.put((None, exc))

        thread = threading.Thread(target=run, name="shadow", daemon=True)
        thread.start()
        try:
            result, raised = outcomes.get(timeout=max(limit_s, 0.0))
        except Empty:
            self._left_alone[target] = thread
            raise TookTooLong from None
        if raised is not None:
            raise raised
        return result  # type: ignore[return-value]  # None only where T has it, or with an exception

    def is_busy(self, target: Hashable) -> bool:
        """Tell whether the last call of a target hangs still."""
        thread = self._left_alone.get(target)
        if thread is None or thread.is_alive():
            return thread is not None
        del self._left_alone[target]
        return False
