"""One route to another stage: what is published, what the file gets, and what is refused."""

import pytest

from proxy.errors import BadDocument, Misuse, Refused
from proxy.publishing.flip import Flip, flip
from proxy.publishing.freeze import freeze
from proxy.publishing.publish import Published
from proxy.routing.document import Document
from proxy.routing.reader import read
from proxy.routing.table import Stage
from proxy.stores.file_history import FileHistory
from proxy.stores.history import History
from tests.publishing.people import DOCUMENT, WHEN, Interrupted, author, put, with_line


def flipped(
    history: History, route_id: str, stage: Stage, percent: float | None = None, *, force: bool = False
) -> Published:
    return flip(history, DOCUMENT, read, Flip(route_id, stage, percent), author=author(is_forcing=force))


@pytest.mark.parametrize(
    ("route_id", "stage", "percent", "before", "after", "words"),
    [
        ("orders.read", "shadow", None, "stage: legacy", "stage: shadow", "orders.read: legacy → shadow"),
        ("orders.list", "live", None, "stage: shadow", "stage: live", "orders.list: shadow → live"),
        ("customers.read", "canary", 25, "percent: 5", "percent: 25", "customers.read: canary 5 % → 25 %"),
        ("customers.read", "legacy", None, "stage: canary", "stage: legacy", "customers.read: canary 5 % → legacy"),
        (
            "orders.list",
            "canary",
            0.5,
            "stage: shadow",
            "stage: canary\n    percent: 0.5",
            "orders.list: shadow → canary 0.5 %",
        ),
    ],
)
def test_flip_publishes_the_file_with_one_word_changed(
    history: FileHistory, route_id: str, stage: Stage, percent: float | None, before: str, after: str, words: str
) -> None:
    """Every change of a route is a versioned, conditional write with who and why, and prints its own undo."""
    put(history)

    published = flipped(history, route_id, stage, percent)

    entry = published.entry
    assert (entry.kind, entry.version, entry.parent, entry.changes) == ("flip", 2, 1, (words,))
    assert (entry.who, entry.when, entry.why) == ("ada", WHEN, "a reason")
    assert published.text == history.document(2) == with_line(DOCUMENT, before, after)


def test_canary_keeps_the_percentage_that_the_file_has(history: FileHistory) -> None:
    text = with_line(DOCUMENT, "stage: legacy", "stage: legacy\n    percent: 10")
    put(history, text)

    published = flip(history, text, read, Flip("orders.read", "canary"), author=author())

    assert published.entry.changes == ("orders.read: legacy → canary 10 %",)


@pytest.mark.parametrize(
    ("route_id", "stage", "percent", "says"),
    [
        ("orders.reed", "shadow", None, "got the route 'orders.reed', which is not there; fig routes lists them – did"),
        ("orders.read", "canary", None, "orders.read: got canary without a percentage, expected one, such as --perc"),
        ("orders.read", "shadow", 5.0, "orders.read: got --percent 5 for stage shadow, expected none; leave it out"),
    ],
)
def test_flip_that_cannot_be_meant_is_misuse(
    history: FileHistory, route_id: str, stage: Stage, percent: float | None, says: str
) -> None:
    put(history)

    with pytest.raises(Misuse) as refused:
        flipped(history, route_id, stage, percent)

    assert str(refused.value).startswith(says)
    assert history.head().version == 1


@pytest.mark.parametrize(
    ("route_id", "stage", "percent", "says"),
    [
        ("orders.list", "shadow", None, "orders.list: got shadow, where it is already; nothing was published"),
        ("customers.read", "canary", 5.0, "customers.read: got canary 5 %, where it is already; nothing was published"),
    ],
)
def test_flip_to_where_the_route_is_already_is_refused(
    history: FileHistory, route_id: str, stage: Stage, percent: float | None, says: str
) -> None:
    put(history)

    with pytest.raises(Refused) as refused:
        flipped(history, route_id, stage, percent)

    assert (str(refused.value), history.head().version) == (says, 1)


def test_flip_that_skips_a_stage_is_refused_and_with_force_recorded(history: FileHistory) -> None:
    put(history)

    with pytest.raises(Refused, match="--force, which is recorded"):
        flipped(history, "orders.read", "migrated")
    published = flipped(history, "orders.read", "migrated", force=True)

    assert published.entry.forced == ("orders.read: legacy → migrated without shadow or canary before",)
    assert history.entries(1)[0].forced == published.entry.forced


def test_flip_before_anything_is_published_is_refused(history: FileHistory) -> None:
    with pytest.raises(Refused, match="nothing has been published yet, so there is nothing to flip; fig publish is fi"):
        flipped(history, "orders.read", "shadow")


def test_flip_of_a_file_with_changes_of_its_own_is_refused_with_all_of_them(history: FileHistory) -> None:
    put(history, with_line(DOCUMENT, "percent: 5", "percent: 10"))

    with pytest.raises(Refused) as refused:
        flipped(history, "orders.read", "shadow")

    assert str(refused.value).splitlines() == [
        "version 1 is in force, and routes.yaml says something else:",
        "  customers.read: canary 10 % → 5 %",
        "fig publish makes that the next version, fig pull takes it back; then flip again",
    ]


def test_flip_of_a_stale_file_is_refused_with_what_changed_meanwhile(history: FileHistory) -> None:
    """Two people flip one after the other, and nothing is lost."""
    put(history)
    other = flip(history, DOCUMENT, read, Flip("orders.list", "live"), author=author("grace"))

    with pytest.raises(Refused) as refused:
        flip(history, DOCUMENT, read, Flip("orders.read", "shadow"), author=author(), base=1)

    assert str(refused.value).splitlines() == [
        "version 2 changed this since version 1, and it would be undone: orders.list: shadow → live",
        "fig pull takes the published version; then flip again",
    ]
    assert (history.head().version, history.document(2)) == (2, other.text)


def test_flip_that_was_overtaken_at_the_last_moment_is_refused_with_what_happened(history: FileHistory) -> None:
    """Two people flip at once: one wins, the other is told, and nothing is lost."""
    put(history)
    overtaken = Interrupted(
        history, lambda: flip(history, DOCUMENT, read, Flip("orders.list", "live"), author=author("grace"))
    )

    with pytest.raises(Refused) as refused:
        flipped(overtaken, "orders.read", "shadow")

    assert str(refused.value).splitlines()[:3] == [
        "version 1 was in force when this began, and 2 is now: nothing was published",
        f"  version 2, grace, {WHEN}: a reason",
        "    orders.list: shadow → live",
    ]
    assert history.head().version == 2


def test_flip_during_a_freeze_tells_the_freeze(history: FileHistory) -> None:
    put(history)
    freeze(history, author())

    assert flipped(history, "orders.list", "live").frozen == "moving"


def test_flip_to_a_handler_that_is_not_there_is_refused_with_its_line(history: FileHistory) -> None:
    """A bad document never replaces a good table, and says everything that is wrong with it at once."""

    def check(text: str) -> Document:
        return read(
            text, "routes.yaml", lambda reference: f"got {reference!r}, expected another" if "live" in text else None
        )

    put(history)

    with pytest.raises(BadDocument) as refused:
        flip(history, DOCUMENT, check, Flip("orders.list", "live"), author=author())

    assert [problem.split(": ")[0] for problem in refused.value.problems] == [
        "routes.yaml:5:14 orders.read handler",
        "routes.yaml:9:14 orders.list handler",
        "routes.yaml:13:14 customers.read handler",
    ]
    assert history.head().version == 1


@pytest.mark.parametrize(("route_id", "stage"), [("orders.list", "live"), ("customers.read", "live")])
def test_flip_that_does_not_pass_the_gate_is_refused_and_with_force_recorded(
    history: FileHistory, route_id: str, stage: Stage
) -> None:
    put(history)
    asked: list[tuple[Document, Document]] = []

    def gate(before: Document, after: Document) -> list[str]:
        asked.append((before, after))
        return [f"{route_id}: 212 of 400 samples", f"{route_id}: 40 of 100 writes in its canary"]

    with pytest.raises(Refused) as refused:
        flip(history, DOCUMENT, read, Flip(route_id, stage), author=author(), gate=gate)
    published = flip(history, DOCUMENT, read, Flip(route_id, stage), author=author(is_forcing=True), gate=gate)

    assert str(refused.value).splitlines() == [
        f"{route_id}: 212 of 400 samples",
        f"{route_id}: 40 of 100 writes in its canary",
        "collect more evidence first (fig parity tells how far it is), or use --force, which is recorded",
    ]
    assert history.entries(1)[0].forced == published.entry.forced == tuple(gate(*asked[0]))
    assert asked[0] == (read(DOCUMENT), read(published.text))


def test_flip_that_passes_the_gate_is_published_with_nothing_forced(history: FileHistory) -> None:
    put(history)

    published = flip(
        history, DOCUMENT, read, Flip("orders.list", "live"), author=author(), gate=lambda before, after: []
    )

    assert (published.entry.version, published.entry.forced) == (2, ())
