"""A breaker: leaves a target alone for a moment when too many of the last requests to it have failed.

closed     asked; the last WINDOW outcomes are kept, and MINIMUM of them with SHARE failures open it
open       not asked; after a pause, doubled with each failed probe, it is half-open
half-open  one request at a time is let through as a probe: PROBES good ones in a row close it, a bad one opens it

A probe that hangs for LONGEST_PAUSE_S is given up, and another takes its place: it may never come back.

The window counts events, not time: with one request an hour or a thousand a second it needs the same evidence.
Source of the states: Nygard, Release It!, and resilience4j's count-based sliding window.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Literal

from proxy.errors import BreakerOpen, FigError, LegacyFailed, LegacyTimeout, MigratedFailed, MigratedTimeout
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
        self._probed_at: float | None = None  # when the probe that is under way was let through
        self._generation = 0  # a permit of an earlier state, or of an earlier probe, tells nothing of this one

    @property
    def state(self) -> State:
        """Closed, open or half-open, as of now."""
        opened_at = self._opened_at  # read once: another thread may close it meanwhile
        if opened_at is None:
            return "closed"
        return "half-open" if self._now() - opened_at >= self._pause_s else "open"

    def is_open(self) -> bool:
        """Tell whether the target is not to be asked now."""
        state = self.state
        return state == "open" or (state == "half-open" and self._is_probing())

    def permit(self) -> "Permit":
        """Return the right to ask once. Raises BreakerOpen."""
        with self._lock:
            if self._opened_at is not None:
                now = self._now()
                left_s = self._opened_at + self._pause_s - now
                if left_s > 0 or self._is_probing():
                    again = f"in {left_s:.1f} s" if left_s > 0 else "after the probe that is under way"
                    raise BreakerOpen(f"{self._name}: got too many failures, expected to be asked again {again}")
                self._probed_at = now
                self._generation += 1
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
            self._probed_at = None
            if not is_good:
                self._open(min(self._pause_s * 2, LONGEST_PAUSE_S))
                return
            self._good_probes += 1
            if self._good_probes >= PROBES:
                self._close()

    def _give_back(self, generation: int) -> None:
        with self._lock:
            if generation == self._generation and self._opened_at is not None:
                self._probed_at = None

    def _is_probing(self) -> bool:
        probed_at = self._probed_at
        return probed_at is not None and self._now() - probed_at < LONGEST_PAUSE_S

    def _open(self, pause_s: float) -> None:
        self._opened_at, self._pause_s = self._now(), pause_s
        self._change()

    def _close(self) -> None:
        self._opened_at = None
        self._outcomes.clear()
        self._change()

    def _change(self) -> None:
        self._good_probes, self._probed_at = 0, None
        self._generation += 1

    def __repr__(self) -> str:
        opened_at = self._opened_at
        opened = f" {self._now() - opened_at:.1f}s" if opened_at is not None else ""
        return f"<Breaker {self._name} {self.state}{opened}>"


class Permit:
    """The right to ask a target once, and the duty to tell what came of it or give it back: the first word counts."""

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

    def give_back(self) -> None:
        """Tell nothing of the target; another probe may take the place of this one."""
        if not self._is_used:
            self._is_used = True
            self._breaker._give_back(self._generation)


def guarded(
    breaker: Breaker, ask: Callable[[Request], Response], request: Request, *, is_hurried: bool = False
) -> Response:
    """Return what `ask` returns, and let the breaker know. Raises BreakerOpen, and whatever `ask` raises.

    A 5xx is the target's failure; an answer that is too large, or a request that cannot be carried, is not. Nor is it
    one to be too late for a request that `is_hurried`: it came with less time than the target is given otherwise.
    """
    permit = breaker.permit()
    is_good = False
    try:
        response = ask(request)
        is_good = response.status < 500
    except FigError as exc:
        if is_hurried and isinstance(exc, LegacyTimeout | MigratedTimeout):
            permit.give_back()
        is_good = not isinstance(exc, LegacyFailed | MigratedFailed)
        raise
    finally:
        permit.report(is_good=is_good)
    return response
