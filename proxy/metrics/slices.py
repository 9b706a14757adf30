"""The newest slices of time, each with what was counted in it; older ones are forgotten."""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Slices(Generic[T]):
    """At most `count` slices of `seconds` each; only those exist in which something was counted."""

    def __init__(self, seconds: int, count: int, make: Callable[[], T]) -> None:
        self.seconds = seconds
        self._count = count
        self._make = make
        self._slices: dict[int, T] = {}

    def of(self, at: float, now: float) -> T | None:
        """Return the slice of a time that is not after now; None if it has been forgotten already."""
        number = int(at // self.seconds)
        if number in self._slices:
            return self._slices[number]
        oldest = int(now // self.seconds) - self._count + 1
        if number < oldest:
            return None
        for old in [one for one in self._slices if one < oldest]:
            del self._slices[old]
        return self._slices.setdefault(number, self._make())

    def start(self, at: float) -> int:
        """Return when the slice of a time begins."""
        return int(at // self.seconds) * self.seconds

    def within(self, start: float, end: float) -> Iterator[tuple[int, T]]:
        """Yield what begins from start to end, with its time, in no order."""
        for number, slice_ in self._slices.items():
            if start <= number * self.seconds <= end:
                yield number * self.seconds, slice_
