"""Which names are counted by themselves: as many as memory is meant to hold."""

from collections.abc import Hashable


class Known:
    """At most so many names at a time; one that was not told for `keep_s` makes room for others."""

    def __init__(self, most: int, keep_s: float) -> None:
        self._keep_s = keep_s
        self._most = most
        self._told_at: dict[Hashable, float] = {}
        self._oldest = 0.0  # of those, when they were last looked through

    def admits(self, name: Hashable, at: float) -> bool:
        """Tell whether a name that is told now is one of them."""
        told_at = self._told_at.get(name)
        if told_at is None and len(self._told_at) >= self._most:
            forgotten = at - self._keep_s
            if self._oldest >= forgotten:
                return False
            self._told_at = {one: told for one, told in self._told_at.items() if told >= forgotten}
            self._oldest = min(self._told_at.values(), default=at)
            if len(self._told_at) >= self._most:
                return False
        self._told_at[name] = max(at, told_at or 0.0)
        return True
