"""Back to what was in force before: a whole version, or one route."""

import pytest

from proxy.errors import Misuse, Refused
from proxy.publishing.flip import Flip, flip
from proxy.publishing.freeze import freeze
from proxy.publishing.publish import EMPTY, in_force
from proxy.publishing.rollback import roll_back, roll_back_route
from proxy.routing.compile import compile_table
from proxy.routing.compiled import digest_of, load
from proxy.routing.reader import read
from proxy.routing.table import Stage
from proxy.stores.file_history import FileHistory
from proxy.stores.history import Entry
from tests.publishing.people import DOCUMENT, WHEN, Interrupted, author, document, put, with_line

LIST_LIVE = with_line(DOCUMENT, "stage: shadow", "stage: live")
OTHER_PERCENT = with_line(LIST_LIVE, "percent: 5", "percent: 50")


def test_rollback_puts_old_content_in_force_under_a_new_number(history: FileHistory) -> None:
    """Every change of a route is a versioned, conditional write with who and why, and prints its own undo."""
    put(history)
    put(history, LIST_LIVE)

    published = roll_back(history, author("grace", "errors"))

    compiled = compile_table(document(), 3)
    changes = ("back to version 1", "orders.list: live → shadow")
    assert published.entry == Entry("rollback", 3, 2, digest_of(compiled), "grace", WHEN, "errors", changes)
    assert (history.head().version, history.compiled(3), history.document(3)) == (3, compiled, DOCUMENT)
    assert published.text == DOCUMENT


def test_rollback_goes_to_the_version_that_was_named(history: FileHistory) -> None:
    for text in (DOCUMENT, LIST_LIVE, OTHER_PERCENT):
        put(history, text)

    published = roll_back(history, author(), 1)

    assert published.entry.changes == (
        "back to version 1",
        "orders.list: live → shadow",
        "customers.read: canary 50 % → 5 %",
    )


def test_rollback_to_version_0_leaves_everything_to_legacy(history: FileHistory) -> None:
    put(history)

    published = roll_back(history, author())

    assert (len(load(history.compiled(2)).routes), history.document(2), published.text) == (0, EMPTY, EMPTY)


def test_rollback_twice_is_no_change(history: FileHistory) -> None:
    put(history)
    put(history, LIST_LIVE)

    roll_back(history, author())
    roll_back(history, author())

    assert (history.head().version, history.document(4)) == (4, LIST_LIVE)


def test_rollback_before_anything_is_published_is_refused(history: FileHistory) -> None:
    with pytest.raises(Refused, match="nothing has been published yet, so there is nothing to roll back"):
        roll_back(history, author())


@pytest.mark.parametrize("version", [-1, 2, 3])
def test_rollback_to_what_is_no_earlier_version_is_misuse(history: FileHistory, version: int) -> None:
    put(history)
    put(history, LIST_LIVE)

    with pytest.raises(Misuse) as refused:
        roll_back(history, author(), version)

    assert str(refused.value) == f"got version {version}, expected one from 0 to 1; fig history lists them"


@pytest.mark.parametrize(("first", "second"), [("version: 2\n", DOCUMENT), (DOCUMENT, "version: 2\n")])
def test_rollback_of_a_version_that_this_fig_cannot_read_works_all_the_same(
    history: FileHistory, first: str, second: str
) -> None:
    for version, text in enumerate((first, second), 1):
        compiled = compile_table(document(), version)
        history.publish(
            Entry("publish", version, version - 1, digest_of(compiled), "grace", WHEN, "by another fig"), compiled, text
        )

    published = roll_back(history, author())

    assert (published.entry.changes, published.text) == (("back to version 1",), first)
    assert history.head().version == 3


def test_rollback_that_was_overtaken_at_the_last_moment_is_refused_with_what_happened(history: FileHistory) -> None:
    put(history)
    put(history, LIST_LIVE)
    overtaken = Interrupted(history, lambda: put(history, OTHER_PERCENT, "grace"))

    with pytest.raises(Refused, match="version 2 was in force when this began, and 3 is now: nothing was published"):
        roll_back(overtaken, author())

    assert history.head().version == 3


def test_rollback_during_a_freeze_tells_the_freeze(history: FileHistory) -> None:
    put(history)
    freeze(history, author())

    assert roll_back(history, author()).frozen == "moving"


@pytest.mark.parametrize(
    ("route_id", "stage", "percent"),
    [
        ("orders.read", "shadow", None),
        ("orders.read", "canary", 5.0),
        ("orders.list", "live", None),
        ("customers.read", "canary", 25.0),
        ("customers.read", "migrated", None),
    ],
)
def test_rollback_of_a_route_undoes_its_flip_to_the_letter(
    history: FileHistory, route_id: str, stage: Stage, percent: float | None
) -> None:
    """Every change of a route is a versioned, conditional write with who and why, and prints its own undo."""
    put(history)
    flip(history, DOCUMENT, read, Flip(route_id, stage, percent), author=author())

    published = roll_back_route(history, route_id, author())

    assert (published.entry.kind, published.entry.version, published.entry.parent) == ("rollback", 3, 2)
    assert published.text == history.document(3) == DOCUMENT


def test_rollback_of_a_route_twice_is_no_change(history: FileHistory) -> None:
    put(history)
    flipped = flip(history, DOCUMENT, read, Flip("orders.read", "canary", 5), author=author())

    roll_back_route(history, "orders.read", author())
    roll_back_route(history, "orders.read", author())

    assert history.document(4) == flipped.text


def test_rollback_of_a_route_leaves_what_others_have_changed_since(history: FileHistory) -> None:
    put(history)
    text = flip(history, DOCUMENT, read, Flip("orders.read", "shadow"), author=author()).text
    flip(history, text, read, Flip("orders.list", "live"), author=author("grace"))

    published = roll_back_route(history, "orders.read", author())

    assert published.entry.changes == ("orders.read: shadow → legacy",)
    assert published.text == LIST_LIVE


def test_rollback_of_a_route_keeps_the_comments_of_the_file(history: FileHistory) -> None:
    put(history)
    text = flip(history, DOCUMENT, read, Flip("orders.read", "shadow"), author=author()).text
    commented = f"# tidied up\n{text}"

    published = roll_back_route(history, "orders.read", author(), commented)

    assert published.text == f"# tidied up\n{DOCUMENT}"


@pytest.mark.parametrize("text", ["no document", LIST_LIVE])
def test_rollback_of_a_route_takes_the_published_text_if_the_file_says_something_else(
    history: FileHistory, text: str
) -> None:
    put(history)
    flip(history, DOCUMENT, read, Flip("orders.read", "shadow"), author=author())

    assert roll_back_route(history, "orders.read", author(), text).text == DOCUMENT


def test_rollback_of_a_route_needs_no_force_for_what_nobody_would_be_let_to_publish(history: FileHistory) -> None:
    put(history, with_line(DOCUMENT, "stage: legacy", "stage: migrated"))
    put(history)

    roll_back_route(history, "orders.read", author())

    assert in_force(history).document.routes[0].stage == "migrated"


def test_rollback_of_a_route_does_not_go_back_beyond_the_time_when_it_was_not_there(history: FileHistory) -> None:
    for text in (LIST_LIVE, EMPTY, DOCUMENT):
        put(history, text)

    with pytest.raises(Refused, match=r"orders\.list: got shadow, and no earlier version has it otherwise"):
        roll_back_route(history, "orders.list", author())


@pytest.mark.parametrize(
    ("route_id", "error", "says"),
    [
        (
            "orders.raed",
            Misuse,
            "got the route 'orders.raed', which is not there; fig routes lists them – did you mean",
        ),
        ("orders.list", Refused, "orders.list: got live, and no earlier version has it otherwise; fig flip changes it"),
        (
            "customers.read",
            Refused,
            "customers.read: got canary, and no earlier version has it otherwise; fig flip cha",
        ),
    ],
)
def test_rollback_of_a_route_without_an_earlier_stage_is_refused(
    history: FileHistory, route_id: str, error: type[Exception], says: str
) -> None:
    put(history, EMPTY)
    put(history, LIST_LIVE)
    flip(history, LIST_LIVE, read, Flip("orders.read", "shadow"), author=author())

    with pytest.raises(error) as refused:
        roll_back_route(history, route_id, author())

    assert str(refused.value).startswith(says)
