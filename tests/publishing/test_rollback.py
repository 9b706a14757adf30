"""Back to what was in force before: a whole version, or one route."""

import pytest

from proxy.errors import Misuse, Refused
from proxy.publishing.author import NeedsForce
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
    assert published.entry == Entry("rollback", 3, 2, digest_of(compiled), "grace", WHEN, "errors", changes, (), 1)
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


def test_rollback_twice_goes_back_further_as_undo_does(history: FileHistory) -> None:
    """Once it took the first one back, and put forward what it had been called against."""
    for text in (DOCUMENT, LIST_LIVE, OTHER_PERCENT):
        put(history, text)

    texts = [roll_back(history, author()).text for _ in range(3)]

    assert texts == [LIST_LIVE, DOCUMENT, EMPTY]


def test_rollback_goes_to_what_was_before_the_version_that_was_named_last(history: FileHistory) -> None:
    for text in (DOCUMENT, LIST_LIVE, OTHER_PERCENT):
        put(history, text)
    roll_back(history, author(), 2)

    assert roll_back(history, author()).entry.changes == ("back to version 1", "orders.list: live → shadow")


def test_rollback_with_nothing_left_before_says_so(history: FileHistory) -> None:
    put(history)
    roll_back(history, author())

    with pytest.raises(Refused) as refused:
        roll_back(history, author())

    assert str(refused.value) == (
        "nothing is left before version 2; fig history lists what was in force, fig flip changes it"
    )
    assert history.head().version == 2


def test_rollback_passes_over_what_would_give_the_migrated_side_more_clients(history: FileHistory) -> None:
    """Who has just taken a route back, and rolls back in haste, must not find it forward again."""
    put(history, with_line(DOCUMENT, "percent: 5", "percent: 4"))
    put(history)
    put(history, OTHER_PERCENT)
    put(history, with_line(LIST_LIVE, "percent: 5", "percent: 4"))

    published = roll_back(history, author())

    assert (published.entry.back_to, published.entry.forced) == (1, ())
    assert published.passed == (
        "version 3 was passed over: customers.read: canary 4 % → canary 50 %",
        "version 2 was passed over: customers.read: canary 4 % → canary 5 %",
    )


def test_rollback_leads_nobody_past_a_flip_to_version_0(history: FileHistory) -> None:
    """All would be legacy's, which may be gone for some, to take back one step of one route."""
    put(history, LIST_LIVE)
    put(history)

    with pytest.raises(NeedsForce) as refused:
        roll_back(history, author())

    assert str(refused.value) == (
        "version 1 was passed over: orders.list: shadow → live\n"
        "name a version, which fig history lists, or use --force, which is recorded; version 0 is legacy for everything"
    )
    assert history.head().version == 2


def test_rollback_of_everything_goes_past_what_a_rollback_of_a_route_has_undone(history: FileHistory) -> None:
    put(history)
    put(history, LIST_LIVE)
    roll_back_route(history, "orders.list", author())

    published = roll_back(history, author())

    assert (published.entry.back_to, published.passed) == (0, ())


def test_rollback_that_insists_takes_the_version_before_and_the_history_says_so(history: FileHistory) -> None:
    put(history, LIST_LIVE)
    put(history)

    published = roll_back(history, author(is_forcing=True))

    assert (published.text, published.passed) == (LIST_LIVE, ())
    assert history.entries(1)[0].forced == (
        "version 1 gives the migrated side more clients: orders.list: shadow → live",
    )


def test_rollback_to_a_named_version_may_give_the_migrated_side_more_clients(history: FileHistory) -> None:
    put(history, LIST_LIVE)
    put(history)

    assert roll_back(history, author(), 1).text == LIST_LIVE


def test_rollback_does_not_stop_at_a_version_that_says_the_same(history: FileHistory) -> None:
    """At three in the morning nobody counts how often nothing changes."""
    for text in (DOCUMENT, LIST_LIVE, OTHER_PERCENT, f"# tidied up\n{LIST_LIVE}"):
        put(history, text)

    assert roll_back(history, author()).entry.back_to == 1


def test_rollback_takes_back_what_requests_do_not_notice(history: FileHistory) -> None:
    put(history)
    put(history, f"{DOCUMENT}    owner: team-customers\n")

    assert roll_back(history, author()).text == DOCUMENT


def test_requests_that_a_rollback_would_give_to_a_live_wildcard_count_as_more_clients(history: FileHistory) -> None:
    wild = """\
version: 1
routes:
  - {id: wild, match: 'GET /{rest+}', handler: 'migrated.orders.api:handler', stage: live}
"""
    put(history, wild)
    put(history, f"{wild}  - {{id: kept, match: GET /kept, stage: legacy}}\n")

    with pytest.raises(NeedsForce) as refused:
        roll_back(history, author())

    assert str(refused.value).startswith("version 1 was passed over: kept: ")


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


def test_rollback_of_a_route_goes_back_further_each_time_as_undo_does(history: FileHistory) -> None:
    """Once it went to and fro, and put the route forward again past the gate."""
    put(history)
    text = flip(history, DOCUMENT, read, Flip("orders.read", "shadow"), author=author()).text
    text = flip(history, text, read, Flip("orders.read", "canary", 5), author=author()).text
    text = flip(history, text, read, Flip("orders.list", "live"), author=author()).text
    flip(history, text, read, Flip("orders.read", "live"), author=author())

    changes = [roll_back_route(history, "orders.read", author()).entry.changes for _ in range(3)]

    assert changes == [
        ("orders.read: live → canary 5 %",),
        ("orders.read: canary 5 % → shadow",),
        ("orders.read: shadow → legacy",),
    ]
    with pytest.raises(Refused) as refused:
        roll_back_route(history, "orders.read", author())
    assert str(refused.value) == "orders.read: got legacy, and nothing else is left before; fig flip changes it"
    assert [route.stage for route in in_force(history).document.routes] == ["legacy", "live", "canary"]


def test_rollback_of_a_route_goes_by_a_rollback_of_everything_too(history: FileHistory) -> None:
    put(history)
    text = flip(history, DOCUMENT, read, Flip("orders.read", "shadow"), author=author()).text
    flip(history, text, read, Flip("orders.read", "live"), author=author())
    roll_back(history, author(), 2)

    assert roll_back_route(history, "orders.read", author()).entry.changes == ("orders.read: shadow → legacy",)


def test_rollback_of_a_route_to_the_stage_that_a_version_has(history: FileHistory) -> None:
    """So its undo is told: a rollback that names no version goes further back."""
    put(history)
    text = flip(history, DOCUMENT, read, Flip("orders.read", "shadow"), author=author()).text
    text = flip(history, text, read, Flip("orders.read", "live"), author=author()).text
    roll_back_route(history, "orders.read", author())
    put(history, with_line(history.document(4), "percent: 5", "percent: 50"))

    published = roll_back_route(history, "orders.read", author(), None, 3)

    assert (published.entry.changes, published.entry.back_to) == (("orders.read: shadow → live",), 3)
    assert published.text == with_line(text, "percent: 5", "percent: 50")


@pytest.mark.parametrize(
    ("version", "error", "says"),
    [
        (2, Misuse, "got version 2, expected one from 0 to 1; fig history lists them"),
        (1, Refused, "orders.read: got legacy, as in version 1; nothing was published"),
        (0, Misuse, "got the route 'orders.read', which is not there; fig routes lists them"),
    ],
)
def test_rollback_of_a_route_to_a_version_that_does_not_help_is_refused(
    history: FileHistory, version: int, error: type[Exception], says: str
) -> None:
    put(history)
    put(history, LIST_LIVE)

    with pytest.raises(error) as refused:
        roll_back_route(history, "orders.read", author(), None, version)

    assert str(refused.value) == says


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


def test_rollback_of_a_route_that_has_only_been_further_forward_is_refused_without_force(history: FileHistory) -> None:
    put(history, with_line(DOCUMENT, "stage: legacy", "stage: migrated"))
    put(history)

    with pytest.raises(NeedsForce) as refused:
        roll_back_route(history, "orders.read", author())
    forced = roll_back_route(history, "orders.read", author(is_forcing=True))

    assert str(refused.value) == (
        "version 1 was passed over: orders.read: legacy → migrated\n"
        "name a version, which fig history lists, or use --force, which is recorded"
    )
    assert forced.entry.forced == ("version 1 gives the migrated side more clients: orders.read: legacy → migrated",)


def test_rollback_of_a_route_to_a_named_version_needs_no_force(history: FileHistory) -> None:
    put(history, with_line(DOCUMENT, "stage: legacy", "stage: migrated"))
    put(history)

    roll_back_route(history, "orders.read", author(), None, 1)

    assert in_force(history).document.routes[0].stage == "migrated"


def test_rollback_of_a_route_does_not_go_back_beyond_the_time_when_it_was_not_there(history: FileHistory) -> None:
    for text in (LIST_LIVE, EMPTY, DOCUMENT):
        put(history, text)

    with pytest.raises(Refused, match=r"orders\.list: got shadow, and nothing else is left before"):
        roll_back_route(history, "orders.list", author())


@pytest.mark.parametrize(
    ("route_id", "error", "says"),
    [
        (
            "orders.raed",
            Misuse,
            "got the route 'orders.raed', which is not there; fig routes lists them – did you mean",
        ),
        ("orders.list", Refused, "orders.list: got live, and nothing else is left before; fig flip changes it"),
        ("customers.read", Refused, "customers.read: got canary 5 %, and nothing else is left before; fig flip cha"),
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
