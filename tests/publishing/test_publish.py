"""routes.yaml -> the next version: what is recorded, what is refused, and what two people at once can do."""

import pytest

from proxy.errors import Refused
from proxy.publishing.freeze import freeze
from proxy.publishing.publish import EMPTY, in_force, publish, published_document, published_text
from proxy.routing.compile import compile_table
from proxy.routing.compiled import digest_of
from proxy.routing.document import Document
from proxy.stores.file_history import FileHistory
from proxy.stores.history import Entry
from tests.publishing.people import DOCUMENT, WHEN, Interrupted, author, document, put, with_line

LIST_LIVE = with_line(DOCUMENT, "stage: shadow", "stage: live")
READ_SHADOW = with_line(DOCUMENT, "stage: legacy", "stage: shadow")
BOTH = with_line(READ_SHADOW, "    match: GET /orders\n", "    match: GET /orders\n    owner: shop\n")


def test_published_document_is_in_force_with_who_when_and_why(history: FileHistory) -> None:
    """Every change of a route is a versioned, conditional write with who and why, and prints its own undo."""
    put(history)

    published = publish(history, READ_SHADOW, document(READ_SHADOW), author("grace", "shadow traffic looks right"))

    digest = digest_of(compile_table(document(READ_SHADOW), 2))
    entry = Entry(
        "publish", 2, 1, digest, "grace", WHEN, "shadow traffic looks right", ("orders.read: legacy → shadow",)
    )
    assert published is not None
    assert (published.entry, published.text, published.frozen) == (entry, READ_SHADOW, "")
    assert (history.head().version, history.entries(1), history.document(2)) == (2, [entry], READ_SHADOW)


def test_nothing_is_published_if_nothing_is_different(history: FileHistory) -> None:
    put(history)
    with_comment = f"# tidied up\n{DOCUMENT}"

    assert publish(history, with_comment, document(with_comment), author()) is None
    assert history.head().version == 1


def test_first_document_is_published_even_if_it_says_nothing(history: FileHistory) -> None:
    published = publish(history, EMPTY, document(EMPTY), author())

    assert published is not None
    assert published.entry.version == 1


def test_before_anything_is_published_legacy_answers_everything(history: FileHistory) -> None:
    assert (published_text(history, 0), in_force(history).document.routes) == (EMPTY, ())


def test_skipped_stages_are_refused_all_at_once(history: FileHistory) -> None:
    text = DOCUMENT.replace("stage: legacy", "stage: migrated")

    with pytest.raises(Refused) as refused:
        publish(history, text, document(text), author())

    assert str(refused.value).splitlines() == [
        "orders.read: unlisted → migrated without shadow or canary before",
        "take it through shadow or canary first, or use --force, which is recorded",
    ]
    assert history.head().version == 0


def test_skipped_stages_that_are_forced_are_recorded(history: FileHistory) -> None:
    put(history)
    text = with_line(DOCUMENT, "stage: legacy", "stage: migrated")

    published = publish(history, text, document(text), author(is_forcing=True))

    assert published is not None
    assert published.entry.forced == ("orders.read: legacy → migrated without shadow or canary before",)


def test_skipped_stages_that_are_allowed_are_recorded_all_the_same(history: FileHistory) -> None:
    put(history)
    text = with_line(DOCUMENT, "stage: legacy", "stage: migrated")

    published = publish(history, text, document(text), author(), may_jump=True)

    assert published is not None
    assert published.entry.forced == ("orders.read: legacy → migrated without shadow or canary before",)


def test_stale_file_that_would_undo_somebodys_change_is_refused(history: FileHistory) -> None:
    """Two people publish one after the other, and nothing is lost."""
    put(history)
    put(history, LIST_LIVE, "grace")

    with pytest.raises(Refused) as refused:
        publish(history, READ_SHADOW, document(READ_SHADOW), author(), base=1)

    assert str(refused.value).splitlines() == [
        "version 2 changed this since version 1, and it would be undone: orders.list: shadow → live",
        "fig diff shows the difference, fig pull takes the published version, --force undoes it all the same",
    ]
    assert (history.head().version, history.document(2)) == (2, LIST_LIVE)


def test_stale_file_that_skips_a_stage_is_told_both_at_once(history: FileHistory) -> None:
    put(history)
    put(history, LIST_LIVE, "grace")
    mine = with_line(DOCUMENT, "stage: legacy", "stage: migrated")

    with pytest.raises(Refused) as refused:
        publish(history, mine, document(mine), author(), base=1)

    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == [
        "version 2 changed this since version 1, and it would be undone",
        "orders.read",
        "fig diff shows the difference, fig pull takes the published version, --force undoes it all the same",
        "take it through shadow or canary first, or use --force, which is recorded",
    ]


def test_undoing_somebodys_change_by_force_is_recorded(history: FileHistory) -> None:
    put(history)
    put(history, LIST_LIVE, "grace")

    published = publish(history, READ_SHADOW, document(READ_SHADOW), author(is_forcing=True), base=1)

    assert published is not None
    assert published.entry.forced == (
        "version 2 changed this since version 1, and it would be undone: orders.list: shadow → live",
    )


def test_file_that_has_what_others_changed_is_published_though_it_was_taken_before(history: FileHistory) -> None:
    put(history)
    put(history, READ_SHADOW, "grace")

    published = publish(history, BOTH, document(BOTH), author(), base=1)

    assert published is not None
    assert published.entry.changes == ("orders.list: owner none → shop",)


def test_field_of_the_document_itself_that_would_be_undone_is_told(history: FileHistory) -> None:
    put(history)
    put(history, with_line(DOCUMENT, "version: 1\n", "version: 1\nlegacy: {timeout: 5s}\n"), "grace")

    with pytest.raises(Refused, match="and it would be undone: legacy") as refused:
        publish(history, READ_SHADOW, document(READ_SHADOW), author(), base=1)

    assert "orders" not in str(refused.value)


@pytest.mark.parametrize("base", [None, 2, 9])
def test_base_that_the_store_does_not_know_protects_nothing_and_hinders_nothing(
    history: FileHistory, base: int | None
) -> None:
    put(history)
    put(history, LIST_LIVE, "grace")

    published = publish(history, READ_SHADOW, document(READ_SHADOW), author(), base=base)

    assert published is not None
    assert published.entry.version == 3


def test_publisher_who_was_overtaken_at_the_last_moment_is_told_what_happened(history: FileHistory) -> None:
    """Two people publish at once: one wins, the other is told, and nothing is lost."""
    put(history)
    overtaken = Interrupted(history, lambda: put(history, LIST_LIVE, "grace"))

    with pytest.raises(Refused) as refused:
        publish(overtaken, READ_SHADOW, document(READ_SHADOW), author())

    assert str(refused.value).splitlines() == [
        "version 1 was in force when this began, and 2 is now: nothing was published",
        f"  version 2, grace, {WHEN}: a reason",
        "    orders.list: shadow → live",
        "fig pull takes the published version; then do it again",
    ]
    assert (history.head().version, history.document(2)) == (2, LIST_LIVE)


def test_publisher_who_was_overtaken_is_not_told_of_freezes_which_are_no_versions(history: FileHistory) -> None:
    put(history)

    def overtake() -> None:
        put(history, LIST_LIVE, "grace")
        freeze(history, author("joan"))

    with pytest.raises(Refused) as refused:
        publish(Interrupted(history, overtake), READ_SHADOW, document(READ_SHADOW), author())

    assert [line for line in str(refused.value).splitlines() if line.startswith("  version")] == [
        f"  version 2, grace, {WHEN}: a reason"
    ]


def test_publisher_who_was_overtaken_by_a_freeze_publishes_all_the_same(history: FileHistory) -> None:
    put(history)
    overtaken = Interrupted(history, lambda: freeze(history, author("grace")))

    published = publish(overtaken, READ_SHADOW, document(READ_SHADOW), author())

    assert published is not None
    assert (history.head().version, history.head().frozen) == (2, "moving")


def test_freeze_in_force_stays_and_is_told(history: FileHistory) -> None:
    put(history)
    freeze(history, author("grace"))

    published = publish(history, READ_SHADOW, document(READ_SHADOW), author())

    assert published is not None
    assert (published.frozen, history.head().frozen) == ("moving", "moving")


def test_version_that_this_fig_cannot_read_is_refused_with_what_works_all_the_same(history: FileHistory) -> None:
    compiled = compile_table(document(), 1)
    entry = Entry("publish", 1, 0, digest_of(compiled), "grace", WHEN, "from the future")
    history.publish(entry, compiled, "version: 2\n")

    with pytest.raises(Refused) as refused:
        published_document(history, 1)

    first, *_, last = str(refused.value).splitlines()
    assert first == "version 1 cannot be read by this fig:"
    assert last == "use the fig that published it; fig rollback and fig freeze work all the same"


def test_publish_that_does_not_pass_the_gate_is_refused_with_all_that_is_wrong(history: FileHistory) -> None:
    put(history)
    theirs = with_line(DOCUMENT, "stage: shadow", "stage: live")
    put(history, theirs, "grace")
    mine = with_line(with_line(DOCUMENT, "percent: 5", "percent: 25"), "stage: legacy", "stage: migrated")

    def gate(before: Document, after: Document) -> list[str]:
        assert (before, after) == (document(theirs), document(mine))
        return ["customers.read: 212 of 400 samples"]

    with pytest.raises(Refused) as refused:
        publish(history, mine, document(mine), author(), 1, gate=gate)
    published = publish(history, mine, document(mine), author(is_forcing=True), 1, gate=gate)

    *lines, undo, skip, prove = str(refused.value).splitlines()
    assert lines == [
        "version 2 changed this since version 1, and it would be undone: orders.list: shadow → live",
        "orders.read: legacy → migrated without shadow or canary before",
        "customers.read: 212 of 400 samples",
    ]
    assert undo.startswith("fig diff shows the difference, ")
    assert skip.startswith("take it through shadow or canary first, ")
    assert prove.startswith("collect more evidence first (fig parity tells how far it is), ")
    assert published is not None
    assert published.entry.forced == tuple(lines)
