"""The command that takes a change back, for each kind of change."""

import pytest

from proxy.publishing.undo import undo_of
from proxy.routing.table import Frozen
from proxy.stores.history import Entry, Kind
from tests.publishing.people import WHEN


@pytest.mark.parametrize(
    ("kind", "route_id", "before", "undo"),
    [
        ("publish", None, "", ["rollback", "6"]),
        ("rollback", None, "", ["rollback", "6"]),
        ("flip", "orders.read", "", ["rollback", "6", "--route", "orders.read"]),
        ("rollback", "orders.read", "", ["rollback", "6", "--route", "orders.read"]),
        ("freeze", None, "", ["thaw"]),
        ("freeze", None, "moving", ["freeze", "--force"]),
        ("freeze", None, "all", ["freeze", "--include-migrated", "--force"]),
        ("thaw", None, "moving", ["freeze"]),
        ("thaw", None, "all", ["freeze", "--include-migrated", "--force"]),
    ],
)
def test_undo_of_a_change(kind: Kind, route_id: str | None, before: Frozen, undo: list[str]) -> None:
    """Every change of a route is a versioned, conditional write with who and why, and prints its own undo."""
    entry = Entry(kind, 7, 6, "", "ada", WHEN, "a reason")

    assert undo_of(entry, route_id=route_id, before=before) == [*undo, "--why", f"undo {kind} of version 7"]
