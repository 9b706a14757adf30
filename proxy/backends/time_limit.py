"""A time limit for somebody else's code in this process: it is stopped, and the client gets an answer of ours.

A signal, not a thread: the code runs where Lambda runs it, nothing of it goes on behind the next request, and it costs
3 µs instead of 40 (measured). It interrupts waiting for a socket, sleeping and computing in Python; a C extension that
holds the interpreter is ended by Lambda's own timeout.

It rings again until the code is left, for what is raised once may be lost: Python prints what leaves a __del__ and goes
on, and a bare except catches everything. So what cleans up has a quarter of a second.
Source: docs.python.org/3/library/signal.html#execution-of-python-signal-handlers
"""

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

T = TypeVar("T")

AGAIN_S = 0.25


class TimeIsUp(BaseException):
    """Raised inside the code whose time is up. Not an Exception: few catch those by mistake."""

    was_begun = True  # False: the time was up before the code was called


def run_until(deadline: float, call: Callable[[], T]) -> T:
    """Return what `call` returns, or raise TimeIsUp at the deadline, in seconds of time.monotonic().

    Only the main thread can be interrupted, which is where Lambda runs handlers; elsewhere there is no limit.
    """
    if threading.get_ident() != threading.main_thread().ident:
        return call()
    began = time.monotonic()
    left_s = deadline - began
    if left_s <= 0:
        late = TimeIsUp()
        late.was_begun = False
        raise late
    # Somebody else may have a use for signal and timer between the calls.
    rings_in_s, rings_again_s = signal.setitimer(signal.ITIMER_REAL, 0)
    before = signal.signal(signal.SIGALRM, _ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, left_s, AGAIN_S)
        return _called(call)
    finally:
        # The timer first: a ring that is on its way still finds our own handler, which raises nothing out here.
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if rings_in_s:
            rings_in_s = max(began + rings_in_s - time.monotonic(), 1e-6)
            signal.setitimer(signal.ITIMER_REAL, rings_in_s, rings_again_s)


def leave_to_main_thread() -> None:
    """Keep the signal from this thread: the system may hand it to any, and only the main one acts on it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})


def _called(call: Callable[[], T]) -> T:
    return call()


def _ring(_number: int, frame: FrameType | None) -> None:
    """Raise TimeIsUp in the code that was called, and nowhere else: what run_until does around it has to be done."""
    while frame is not None and frame.f_code is not _called.__code__:
        if frame.f_code is run_until.__code__:
            return
        frame = frame.f_back
    raise TimeIsUp
