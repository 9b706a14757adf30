"""Buttons are the code of `fig`: the same refusals, the same file, the same history."""

from dataclasses import replace

import pytest

from proxy.dashboard.actions import Person, freeze_all, move, ramp, roll_back, thaw_all
from proxy.dashboard.sources import Sources
from proxy.publishing.flip import Flip
from proxy.stores.file_history import FileHistory
from tests.publishing.people import DOCUMENT, put, with_line

ADA = Person("ada", "compare them")
INSISTING = Person("ada", "I have looked", is_forcing=True)
TO_SHADOW = with_line(DOCUMENT, "    stage: legacy", "    stage: shadow")


def test_flip_publishes_and_writes_the_file_and_says_how_to_take_it_back(
    sources: Sources, history: FileHistory
) -> None:
    done = move(sources, ADA, Flip("orders.read", "shadow"))

    assert done.is_done
    assert done.lines == (
        "version 2 is in force, in place of version 1",
        "orders.read: legacy → shadow",
        f"{sources.workspace.routes} says so, too",
    )
    assert done.undo == "fig rollback 1 --route orders.read --why 'undo flip of version 2'"
    assert (sources.workspace.text(), history.document(2)) == (TO_SHADOW, TO_SHADOW)
    entry = history.entries(1)[0]
    assert (entry.kind, entry.who, entry.why) == ("flip", "ada (dashboard)", "compare them")


def test_gate_refuses_without_evidence_and_nothing_is_changed(sources: Sources, history: FileHistory) -> None:
    done = move(sources, ADA, Flip("orders.list", "canary", 5))

    assert (done.is_done, done.can_be_forced, done.undo) == (False, True, "")
    assert done.lines[0].startswith("orders.list: no evidence is kept")
    assert (sources.workspace.text(), history.head().version) == (DOCUMENT, 1)


def test_who_insists_is_in_the_history_with_what_was_forced(sources: Sources, history: FileHistory) -> None:
    done = move(sources, INSISTING, Flip("orders.list", "canary", 5))

    assert done.is_done
    assert any(line.startswith("forced: orders.list: no evidence is kept") for line in done.lines)
    assert history.entries(1)[0].forced != ()


@pytest.mark.parametrize("typed", ["150", "-5", "5,5", "5%", "", "abc", "nan", "inf"])
def test_percentage_that_is_none_is_refused_and_never_becomes_another(
    sources: Sources, history: FileHistory, typed: str
) -> None:
    """A field of numbers made 100 of 150, and 55 of 5,5."""
    done = ramp(sources, INSISTING, "orders.list", typed)

    assert (done.is_done, done.can_be_forced) == (False, False)
    assert done.lines[0].startswith(f"percent: got {typed!r}, expected a number from 0 to 100")
    assert history.head().version == 1


def test_percentage_is_taken_as_it_was_typed(sources: Sources, history: FileHistory) -> None:
    assert ramp(sources, INSISTING, "orders.list", " 5.5 ").is_done
    assert "percent: 5.5" in history.document(2)


def test_skipped_stage_is_refused_like_fig_refuses_it(sources: Sources) -> None:
    done = move(sources, ADA, Flip("orders.read", "live"))

    assert done.lines[0] == "orders.read: legacy → live without shadow or canary before"
    assert done.can_be_forced


def test_file_that_says_something_else_stops_a_flip_and_cannot_be_forced(sources: Sources) -> None:
    """Somebody's changes would go along unseen."""
    sources.workspace.write(DOCUMENT.replace("percent: 5", "percent: 7"))

    done = move(sources, INSISTING, Flip("orders.read", "shadow"))

    assert (done.is_done, done.can_be_forced) == (False, False)
    assert done.lines[0] == "version 1 is in force, and routes.yaml says something else:"


def test_without_a_file_what_is_in_force_is_flipped(sources: Sources, history: FileHistory) -> None:
    """A dashboard of a deployed stack runs where there is no checkout."""
    sources.workspace.routes.unlink()

    done = move(sources, ADA, Flip("orders.read", "shadow"))

    assert done.lines == ("version 2 is in force, in place of version 1", "orders.read: legacy → shadow")
    assert history.document(2) == TO_SHADOW
    assert not sources.workspace.routes.exists()


def test_rollback_needs_no_evidence_and_the_file_follows(sources: Sources, history: FileHistory) -> None:
    move(sources, ADA, Flip("orders.read", "shadow"))

    done = roll_back(sources, Person("ada", "it was too early"), "orders.read")

    assert done.is_done
    assert (sources.workspace.text(), history.document(3)) == (DOCUMENT, DOCUMENT)


def test_rollback_that_is_pressed_again_goes_back_further_and_never_forward(
    sources: Sources, history: FileHistory
) -> None:
    move(sources, ADA, Flip("orders.read", "shadow"))
    move(sources, INSISTING, Flip("orders.read", "live"))

    done = [roll_back(sources, ADA, "orders.read") for _ in range(3)]

    assert [one.lines[1 if one.is_done else 0] for one in done] == [
        "orders.read: live → shadow",
        "orders.read: shadow → legacy",
        "orders.read: got legacy, and nothing else is left before; fig flip changes it",
    ]
    assert done[0].undo == "fig rollback 3 --route orders.read --why 'undo rollback of version 4'"


def test_rollback_to_more_clients_has_to_be_insisted_on(sources: Sources, history: FileHistory) -> None:
    move(sources, ADA, Flip("orders.list", "legacy"))
    move(sources, ADA, Flip("customers.read", "legacy"))

    done, forced = (roll_back(sources, person, "customers.read") for person in (ADA, INSISTING))

    assert (done.is_done, done.can_be_forced) == (False, True)
    assert done.lines[0] == "version 2 was passed over: customers.read: legacy → canary 5 %"
    assert forced.lines[1:3] == (
        "customers.read: legacy → canary 5 %",
        "forced: version 2 gives the migrated side more clients: customers.read: legacy → canary 5 %",
    )


def test_freeze_and_thaw_say_who_froze_and_what_stays(sources: Sources, history: FileHistory) -> None:
    done = freeze_all(sources, ADA)
    again = freeze_all(sources, Person("grace", "me, too"))
    thawed = thaw_all(sources, ADA)
    once_more = thaw_all(sources, ADA)

    assert done.lines == (
        "frozen: these routes go to legacy until a thaw",
        "orders.list (shadow)",
        "customers.read (canary)",
    )
    assert done.undo == "fig thaw --why 'undo freeze of version 1'"
    assert (again.is_done, again.lines) == (False, ("frozen already, by ada (dashboard): compare them",))
    assert thawed.undo == "fig freeze --why 'undo thaw of version 1'"
    assert (once_more.is_done, once_more.lines) == (False, ("nothing is frozen, so there is nothing to thaw",))
    assert [entry.who for entry in history.entries(2)] == ["ada (dashboard)"] * 2


def test_change_without_who_or_why_is_refused(sources: Sources) -> None:
    assert "who:" in move(sources, Person(" ", "why"), Flip("orders.read", "shadow")).lines[0]
    assert "--why" in move(sources, Person("ada", " "), Flip("orders.read", "shadow")).lines[0]


def test_where_several_can_press_a_name_comes_with_the_account_it_was_done_on(
    sources: Sources, history: FileHistory
) -> None:
    """A name that somebody has typed proves nothing."""
    shared = replace(sources, user="")

    move(shared, Person("grace\nroot", "compare"), Flip("orders.read", "shadow"))

    who = history.entries(1)[0].who
    assert who.startswith("grace root (dashboard as ")


def test_options_of_the_store_are_in_the_undo(sources: Sources) -> None:
    elsewhere = replace(sources, options=["--store", "file:my store"])

    done = move(elsewhere, ADA, Flip("orders.read", "shadow"))

    assert done.undo.endswith("--store 'file:my store'")


def test_somebody_who_was_faster_is_told(sources: Sources, history: FileHistory) -> None:
    put(history, DOCUMENT.replace("percent: 5", "percent: 7"), name="grace")

    done = move(sources, ADA, Flip("orders.read", "shadow"))

    assert not done.is_done
    assert "version 2 is in force" in done.lines[0]
