"""Everything back to legacy at once, again and again until it is written; and the end of that."""

from dataclasses import replace
from typing import get_args

import pytest

from proxy.errors import Refused
from proxy.publishing.author import NeedsForce
from proxy.publishing.freeze import Persistence, Thaw, freeze, frozen_stages, thaw
from proxy.routing.compile import compile_table
from proxy.routing.compiled import digest_of, load
from proxy.routing.decide import decide
from proxy.routing.table import Frozen, Stage
from proxy.stores.file_history import FileHistory
from proxy.stores.history import Entry, StoreFailed
from tests.publishing.people import DOCUMENT, WHEN, Failing, author, document, put, with_line
from tests.samples import request

MIGRATED = with_line(DOCUMENT, "stage: legacy", "stage: migrated")
RETIRED = with_line(MIGRATED, "stage: shadow", "stage: retired")


def test_freeze_sends_what_is_on_its_way_to_legacy_and_leaves_what_has_arrived(history: FileHistory) -> None:
    """Every change of a route is a versioned, conditional write with who and why, and prints its own undo."""
    put(history, MIGRATED)

    done = freeze(history, author("grace", "errors"))

    words = ("orders.list: shadow → legacy (frozen)", "customers.read: canary → legacy (frozen)")
    entry = Entry("freeze", 1, 1, "", "grace", WHEN, "errors", words)
    assert done.entry == history.entries(1)[0] == history.head().froze == entry
    assert (done.frozen, done.left) == (
        {"orders.list": "shadow", "customers.read": "canary"},
        {"orders.read": "migrated"},
    )
    assert (history.head().version, history.head().frozen, done.before, done.is_new) == (1, "moving", "", True)


@pytest.mark.parametrize("frozen", get_args(Frozen))
@pytest.mark.parametrize("stage", get_args(Stage))
def test_stages_that_are_told_to_be_frozen_are_those_that_decide_sends_to_legacy(frozen: Frozen, stage: Stage) -> None:
    text = with_line(DOCUMENT, "stage: legacy", f"stage: {stage}\n    percent: 5")
    of = replace(load(compile_table(document(text), 1)), frozen=frozen)

    reason = decide(of, request("GET", "/orders/7")).reason

    assert (reason == "frozen") == (stage in frozen_stages(frozen))


def test_freeze_of_what_has_arrived_is_refused_with_all_of_it(history: FileHistory) -> None:
    put(history, RETIRED)

    with pytest.raises(Refused) as refused:
        freeze(history, author(), includes_migrated=True)

    assert str(refused.value).splitlines() == [
        "orders.read is migrated: its legacy may be gone",
        "orders.list is retired: its legacy may be gone",
        "--force sends them to legacy all the same",
    ]
    assert history.head().frozen == ""


def test_freeze_of_what_has_arrived_by_force_is_recorded(history: FileHistory) -> None:
    put(history, MIGRATED)

    done = freeze(history, author(is_forcing=True), includes_migrated=True)

    assert (history.head().frozen, done.left) == ("all", {})
    assert done.frozen == {"orders.read": "migrated", "orders.list": "shadow", "customers.read": "canary"}
    assert done.entry.forced == ("orders.read is migrated: its legacy may be gone",)


def test_freeze_works_before_anything_is_published(history: FileHistory) -> None:
    done = freeze(history, author())

    assert (history.head().version, history.head().frozen, done.frozen) == (0, "moving", {})


@pytest.mark.parametrize("method", ["head", "freeze"])
def test_freeze_is_tried_again_until_it_is_written(history: FileHistory, method: str) -> None:
    put(history)
    told: list[str] = []
    waited: list[float] = []

    freeze(
        Failing(history, **{method: 3}),
        author(),
        persistence=Persistence(lambda exc: told.append(str(exc)), waited.append),
    )

    assert history.head().frozen == "moving"
    assert told == [f"the store does not answer {method}, {left}" for left in (3, 2, 1)]
    assert waited == [1.0, 1.0, 1.0]


def test_trouble_that_goes_on_is_told_once() -> None:
    trouble = ["no answer", "no answer", "denied", "no answer"]
    told: list[str] = []

    def work() -> str:
        if trouble:
            raise StoreFailed(trouble.pop(0))
        return "done"

    assert Persistence(lambda exc: told.append(str(exc)), lambda _: None).until_done(work) == "done"
    assert told == ["no answer", "denied", "no answer"]


def test_thaw_is_tried_again_until_it_is_written(history: FileHistory) -> None:
    freeze(history, author())
    waited: list[float] = []

    thaw(Failing(history, head=1, freeze=2), author(), persistence=Persistence(wait=waited.append))

    assert (history.head().frozen, waited) == ("", [1.0, 1.0, 1.0])


def test_freeze_can_be_given_up(history: FileHistory) -> None:
    def give_up(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        freeze(Failing(history, freeze=1), author(), persistence=Persistence(wait=give_up))

    assert history.head().frozen == ""


def test_freeze_works_though_what_is_in_force_cannot_be_read(history: FileHistory) -> None:
    put(history)

    done = freeze(Failing(history, compiled=1), author())

    assert (history.head().frozen, done.frozen, done.entry.changes) == ("moving", {}, ())


def test_freeze_of_what_has_arrived_needs_force_if_nobody_can_tell_what_that_is(history: FileHistory) -> None:
    put(history)

    with pytest.raises(Refused, match="version 1 cannot be read: it may have routes that have arrived"):
        freeze(Failing(history, compiled=1), author(), includes_migrated=True)


def test_freeze_works_though_this_fig_cannot_read_the_document(history: FileHistory) -> None:
    compiled = compile_table(document(), 1)
    history.publish(
        Entry("publish", 1, 0, digest_of(compiled), "ada", WHEN, "by another fig"), compiled, "version: 2\n"
    )

    assert freeze(history, author()).frozen == {"orders.list": "shadow", "customers.read": "canary"}


@pytest.mark.parametrize("includes_migrated", [False, True])
def test_freeze_that_is_in_force_already_is_done_and_not_repeated(
    history: FileHistory, includes_migrated: bool
) -> None:
    put(history, MIGRATED)
    first = freeze(history, author(is_forcing=True), includes_migrated=includes_migrated)

    second = freeze(history, author("grace"), includes_migrated=includes_migrated)

    assert second == first._replace(before=first.before or history.head().frozen, is_new=False)
    assert len(history.entries(10)) == 2


def test_freeze_can_be_widened(history: FileHistory) -> None:
    put(history, MIGRATED)
    freeze(history, author())

    done = freeze(history, author(is_forcing=True), includes_migrated=True)

    assert (history.head().frozen, done.before) == ("all", "moving")


def test_freeze_that_would_let_go_of_what_has_arrived_needs_force(history: FileHistory) -> None:
    put(history, MIGRATED)
    freeze(history, author(is_forcing=True), includes_migrated=True)

    with pytest.raises(Refused, match="this one would let go of what has arrived; --force does so"):
        freeze(history, author())
    done = freeze(history, author(is_forcing=True))

    assert (history.head().frozen, done.before, len(done.entry.forced)) == ("moving", "all", 1)


def test_publishing_does_not_lift_a_freeze(history: FileHistory) -> None:
    put(history)
    freeze(history, author())

    put(history, MIGRATED)

    assert (history.head().version, history.head().frozen) == (2, "moving")


def test_thaw_lifts_a_freeze_and_tells_which(history: FileHistory) -> None:
    put(history)
    freeze(history, author())

    done = thaw(history, author("grace", "all is well"))

    entry = Entry("thaw", 1, 1, "", "grace", WHEN, "all is well", ("every route goes by its own stage again",))
    assert (done, history.head().frozen, history.entries(1)) == (Thaw(entry, "moving"), "", [entry])


def test_thaw_without_a_freeze_is_refused(history: FileHistory) -> None:
    put(history)

    with pytest.raises(Refused, match="nothing is frozen, so there is nothing to thaw"):
        thaw(history, author())


def test_freeze_of_what_has_arrived_needs_force_where_nothing_has_arrived_yet(history: FileHistory) -> None:
    """The next publication may have a route that has."""
    put(history)

    with pytest.raises(NeedsForce, match="no route has arrived yet"):
        freeze(history, author(), includes_migrated=True)
    forced = freeze(history, author(is_forcing=True), includes_migrated=True)

    assert (forced.entry.forced, history.head().frozen) == ((), "all")
