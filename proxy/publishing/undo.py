"""The command that takes a change back. Law: every change of a route prints its own undo."""

from proxy.routing.table import Frozen
from proxy.stores.history import Entry


def undo_of(entry: Entry, *, route_id: str | None = None, before: Frozen = "") -> list[str]:
    """Return the arguments of the `fig` command that takes an entry's change back.

    `route_id` if one route was changed; `before` is the freeze that was in force, for a freeze or a thaw.
    """
    why = ["--why", f"undo {entry.kind} of version {entry.version}"]
    if entry.kind in ("freeze", "thaw"):
        return [*_to_freeze(before, is_frozen=entry.kind == "freeze"), *why]
    if route_id is not None:
        # By its number: without one, a rollback goes on further back, and gives nobody to the migrated side again.
        return ["rollback", str(entry.parent), "--route", route_id, *why]
    return ["rollback", str(entry.parent), *why]


def _to_freeze(before: Frozen, *, is_frozen: bool) -> list[str]:
    if before == "all":
        return ["freeze", "--include-migrated", "--force"]
    if before == "moving":
        # A freeze of everything lets go of what has arrived only by force.
        return ["freeze", "--force"] if is_frozen else ["freeze"]
    return ["thaw"]
