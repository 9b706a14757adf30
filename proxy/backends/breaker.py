"""A breaker: leaves a target alone for a moment when too many of the last requests to it have failed.

closed     asked; the last WINDOW outcomes are kept, and MINIMUM of them with SHARE failures open it
open       not asked; after a pause, doubled with each failed probe, it is half-open
half-open  one request at a time is let through as a probe: PROBES good ones in a row close it, a bad one opens it

The window counts events, not time: with one request an hour or a thousand a second it needs the same evidence.
Source of the states: Nygard, Release It!, and resilience4j's count-based sliding window.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Literal

from proxy.errors import BreakerOpen, FigError, LegacyFailed, MigratedFailed
from proxy.message import Request, Response

WINDOW = 20
MINIMUM = 10
SHARE = 0.5
PAUSE_S = 5.0
LONGEST_PAUSE_S = 60.0
PROBES = 2

State = Literal["closed", "open", "half-open"]


class Breaker:
    """The breaker of one target, in one environment. Safe to use from several threads."""

    def __init__(self, name: str, now: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._now = now
        self._lock = threading.Lock()
        self._outcomes: deque[bool] = deque(maxlen=WINDOW)
        self._opened_at: float | None = None
        self._pause_s = PAUSE_S
        self._good_probes = 0
        self._is_probing = False
        self._generation = 0  # a permit of an earlier state tells nothing of this one

    @property
    def state(self) -> State:
        """What it would do with the next request."""
        if self._opened_at is None:
            return "closed"
        return "half-open" if self._now() - self._opened_at >= self._pause_s else "open"

    def is_open(self) -> bool:
        """Tell whether the target is not to be asked now."""
        return self._opened_at is not None and (self._is_probing or self.state == "open")

    def permit(self) -> "Permit":
        """Return the right to ask once. Raises BreakerOpen."""
        if self._opened_at is None:
            return Permit(self, self._generation)
        with self._lock:
            if self.is_open():
                left_s = max(self._opened_at + self._pause_s - self._now(), 0.0) if self._opened_at else 0.0
                raise BreakerOpen(f"{self._name}: got too many failures, expected to be asked again in {left_s:.1f} s")
            self._is_probing = self._opened_at is not None
            return Permit(self, self._generation)

    def _report(self, generation: int, *, is_good: bool) -> None:
        with self._lock:
            if generation != self._generation:
                return
            if self._opened_at is None:
                self._outcomes.append(is_good)
                failures = self._outcomes.count(False)
                if not is_good and len(self._outcomes) >= MINIMUM and failures >= SHARE * len(self._outcomes):
                    self._open(PAUSE_S)
                return
            self._is_probing = False
            if not is_good:
                self._open(min(self._pause_s * 2, LONGEST_PAUSE_S))
                return
            self._good_probes += 1
            if self._good_probes >= PROBES:
                self._close()

    def _open(self, pause_s: float) -> None:
        self._opened_at, self._pause_s = self._now(), pause_s
        self._change()

    def _close(self) -> None:
        self._opened_at, self._pause_s = None, PAUSE_S
        self._outcomes.clear()
        self._change()

    def _change(self) -> None:
        self._good_probes, self._is_probing = 0, False
        self._generation += 1

    def __repr__(self) -> str:
        opened = f" {self._now() - self._opened_at:.1f}s" if self._opened_at is not None else ""
        return f"<Breaker {self._name} {self.state}{opened}>"


class Permit:
    """The right to ask a target once, and the duty to tell what came of it: the first report counts, and no other."""

    __slots__ = ("_breaker", "_generation", "_is_used")

    def __init__(self, breaker: Breaker, generation: int) -> None:
        self._breaker = breaker
        self._generation = generation
        self._is_used = False

    def report(self, *, is_good: bool) -> None:
        """Tell whether the target did its work."""
        if not self._is_used:
            self._is_used = True
            self._breaker._report(self._generation, is_good=is_good)


def guarded(breaker: Breaker, ask: Callable[[Request], Response], request: Request) -> Response:
    """Return what `ask` returns, and let the breaker know. Raises BreakerOpen, and whatever `ask` raises.

    A 5xx is the target's failure; an answer that is too large, or a request that cannot be carried, is not.
    """
    permit = breaker.permit()
    is_good = False
    try:
        response = ask(request)
        is_good = response.status < 500
    except FigError as exc:
        is_good = not isinstance(exc, LegacyFailed | MigratedFailed)
        raise
    finally:
        permit.report(is_good=is_good)
    return response
