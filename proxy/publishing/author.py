"""Who publishes, when, and why."""

import getpass
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from proxy.errors import Misuse, Refused
from proxy.stores.history import Entry, Kind


class NeedsForce(Refused):
    """Refused, and done all the same for who insists on it."""


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Author:
    """Who stands behind a change. Raises Misuse without a why: people read the history at three in the morning."""

    who: str
    why: str
    is_forcing: bool = False  # --force: do what would be refused, and record that
    now: Callable[[], datetime] = utc_now

    def __post_init__(self) -> None:
        if not self.why.strip():
            raise Misuse(f"--why: got {self.why!r}, expected the reason; the history shows it to whoever asks later")

    def when(self) -> str:
        """Return the time of the change: ISO 8601 in UTC, to the millisecond."""
        return self.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def entry(self, kind: Kind, parent: int, digest: str, changes: tuple[str, ...]) -> Entry:
        """Return the history's entry for the version that this author makes after a parent."""
        return Entry(kind, parent + 1, parent, digest, self.who, self.when(), self.why, changes)

    def insist(self, objections: list[str], cure: str) -> tuple[str, ...]:
        """Return the objections as what was forced. Raises NeedsForce with all of them if nobody forces."""
        if objections and not self.is_forcing:
            raise NeedsForce("\n".join([*objections, cure]))
        return tuple(objections)


def local_user() -> str:
    """Return the name of this machine's user, for stores that know no other."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run under a number that has no name
        return "unknown"
