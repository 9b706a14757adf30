"""What stands in for the network and the clocks: it notes what it is asked and answers by a script."""

from typing import NamedTuple

from proxy.aws.call import Answer
from proxy.message import Headers, Pair


class Asked(NamedTuple):
    """One request, as it was handed over to be sent."""

    method: str
    url: str
    headers: Headers
    body: bytes
    timeout_s: float


class FakeService:
    """An Ask. Answers, or raises, in order; the last one goes on for ever."""

    def __init__(self, *script: Answer | OSError) -> None:
        self.script = script
        self.asked: list[Asked] = []

    def __call__(self, method: str, url: str, headers: list[Pair], body: bytes, timeout_s: float) -> Answer:
        outcome = self.script[min(len(self.asked), len(self.script) - 1)]
        self.asked.append(Asked(method, url, Headers(tuple(headers)), body, timeout_s))
        if isinstance(outcome, OSError):
            raise outcome
        return outcome


class FakeClock:
    """A clock that stands still unless it is told to move, and may run on at each look by `step_s`."""

    def __init__(self, at: float = 1_440_938_160.0, step_s: float = 0.0) -> None:
        self.at = at
        self.step_s = step_s

    def __call__(self) -> float:
        self.at += self.step_s
        return self.at


def answer(status: int, body: bytes, **headers: str) -> Answer:
    """Return an answer; an underscore in a header's name stands for a hyphen."""
    pairs = tuple((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items())
    return Answer(status, Headers(pairs), body)
