"""Back to what was in force before: a whole version, or one route. Old content under a new number, so history grows.

Which version that is, if none is named, `way_back` tells.
"""

from contextlib import suppress

from proxy.errors import FigError, Misuse, Refused
from proxy.publishing.author import Author
from proxy.publishing.flip import route_of
from proxy.publishing.publish import EMPTY, Published, in_force, move, published_document, published_text, put, said_by
from proxy.publishing.raised import in_words
from proxy.publishing.way_back import Back, stage_before, version_before
from proxy.routing.changes import changes
from proxy.routing.compile import compile_table
from proxy.routing.compiled import as_version, digest_of
from proxy.routing.document import RouteDocument
from proxy.routing.edit import EditFailed, with_stage
from proxy.routing.reader import read
from proxy.stores.history import History


def roll_back(history: History, author: Author, to: int | None = None) -> Published:
    """Put an earlier version in force again, by default the one before; 0 is legacy for everything.

    What was published then is published again, unchecked: it was in force, and now is no time to argue. Raises Refused,
    also if nothing is left before, Misuse for a version that is not an earlier one, StoreFailed.
    """
    head = history.head()
    if not head.version:
        raise Refused("nothing has been published yet, so there is nothing to roll back")
    _check(to, head.version)
    back = version_before(history, head.version, author) if to is None else Back(to)
    version, text = head.version + 1, published_text(history, back.version)
    compiled = (
        as_version(history.compiled(back.version), version) if back.version else compile_table(read(EMPTY), version)
    )
    words = (f"back to version {back.version}", *_words(history, head.version, text))
    entry = author.entry("rollback", head.version, digest_of(compiled), words)
    entry = entry._replace(forced=back.forced, back_to=back.version)
    return move(history, entry, compiled, text)._replace(frozen=head.frozen, passed=back.passed)


def roll_back_route(
    history: History, route_id: str, author: Author, text: str | None = None, to: int | None = None
) -> Published:
    """Put one route back to the stage and percentage that it had before its last flip, or in the version `to`.

    The others stay as they are. `text` is a routes.yaml that says what is in force, if there is one: its comments are
    kept, else those that were published. Raises Refused if no other stage is left before, Misuse if there is no such
    route or version, StoreFailed.
    """
    seen = in_force(history)
    version = seen.head.version
    now = route_of(seen.document, route_id)
    _check(to, version)
    current = text if text is not None and said_by(text) == seen.document else published_text(history, version)
    back = stage_before(history, version, now, author) if to is None else Back(to)
    changed = _taken_back(history, back.version, current, now)
    document = read(changed)
    if document == seen.document:
        raise Refused(f"{route_id}: got {in_words(now)}, as in version {back.version}; nothing was published")
    published = put(
        history,
        seen,
        changed,
        document,
        kind="rollback",
        author=author,
        forced=back.forced,
        back_to=back.version,
        route=route_id,
    )
    return published._replace(passed=back.passed)


def _check(to: int | None, version: int) -> None:
    if to is not None and not 0 <= to < version:
        raise Misuse(f"got version {to}, expected one from 0 to {version - 1}; fig history lists them")


def _taken_back(history: History, version: int, text: str, now: RouteDocument) -> str:
    """Return the text with a route's stage as it was in a version."""
    before = route_of(published_document(history, version), now.id)
    earlier = published_text(history, version)
    # If the flip is all that has happened since, then what it added goes, too.
    with suppress(EditFailed):  # at that time the route could not have been in its stage of now
        if with_stage(earlier, now.id, now.stage, now.percent) == text:
            return earlier
    return with_stage(text, now.id, before.stage, before.percent)


def _words(history: History, version: int, after: str) -> tuple[str, ...]:
    try:
        before = published_document(history, version)
        return tuple(change.text for change in changes(before, read(after)))
    except FigError:
        return ()  # damaged, or written for another fig: it cannot be told in words, and that must not hold anybody up
