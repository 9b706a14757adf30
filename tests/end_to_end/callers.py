"""Clients that call one endpoint again and again, each on a connection that it keeps."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

import httpx

from .house import DEADLINE_S, House

_LATEST = 5  # so many answers in a row tell on which side a caller is


@dataclass(frozen=True, slots=True)
class Call:
    """One call that was answered. `began` and `ended` are seconds of time.monotonic()."""

    began: float
    ended: float
    request_id: str
    status: int
    side: Literal["legacy", "migrated"]
    document: object  # less the time of its reading


@dataclass
class Callers:
    """What every caller got so far."""

    calls: list[list[Call]]
    failures: list[Exception] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def all(self) -> list[Call]:
        """Every call of every caller."""
        return [call for calls in self.calls for call in list(calls)]

    def are_on(self, side: str, since: float) -> bool:
        """Tell whether the latest answers of every caller, all asked for after a time, came from one side."""
        latest = [[call for call in list(calls)[-_LATEST:] if call.began >= since] for calls in self.calls]
        return all(len(calls) == _LATEST and {call.side for call in calls} == {side} for calls in latest)

    def latest_of(self, side: str) -> float:
        """Return when the last answer of a side was asked for."""
        return max(call.began for call in self.all if call.side == side)


@contextmanager
def calling(house: House, path: str, count: int = 4) -> Iterator[Callers]:
    """Callers at work while the block runs; at its end their last answers have come."""
    callers = Callers([[] for _ in range(count)])

    def call(calls: list[Call]) -> None:
        try:
            with house.client() as client:
                while not callers.ended.is_set():
                    calls.append(_call(client, path))
        except Exception as exc:  # a thread's exception would only be printed; the test asserts that there was none
            callers.failures.append(exc)

    threads = [threading.Thread(target=call, args=(calls,), daemon=True) for calls in callers.calls]
    for thread in threads:
        thread.start()
    try:
        yield callers
    finally:
        callers.ended.set()
        for thread in threads:
            thread.join(DEADLINE_S)


def _call(client: httpx.Client, path: str) -> Call:
    began = time.monotonic()
    answer = client.get(path)
    ended = time.monotonic()
    document = answer.json()
    if isinstance(document, dict):
        document.pop("generated_at", None)
    # Only legacy names its server.
    side: Literal["legacy", "migrated"] = "legacy" if "server" in answer.headers else "migrated"
    return Call(began, ended, answer.headers["apigw-requestid"], answer.status_code, side, document)
