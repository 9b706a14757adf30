"""Back to what was in force before: a whole version, or one route. Old content under a new number, so history grows."""

from contextlib import suppress

from proxy.errors import BadDocument, FigError, Misuse, Refused
from proxy.publishing.author import Author
from proxy.publishing.flip import route_of
from proxy.publishing.publish import EMPTY, Published, in_force, move, published_document, published_text, put
from proxy.routing.changes import changes
from proxy.routing.compile import compile_table
from proxy.routing.compiled import as_version, digest_of, load
from proxy.routing.document import Document, RouteDocument
from proxy.routing.edit import EditFailed, with_stage
from proxy.routing.reader import read
from proxy.stores.history import History

_LOOKED_AT = 200  # versions; who goes back further names one


def roll_back(history: History, author: Author, to: int | None = None) -> Published:
    """Put an earlier version in force again, by default the one before; 0 is legacy for everything.

    What was published then is published again, unchecked: it was in force, and now is no time to argue. Raises Refused,
    Misuse for a version that is not an earlier one, StoreFailed.
    """
    head = history.head()
    if not head.version:
        raise Refused("nothing has been published yet, so there is nothing to roll back")
    to = head.version - 1 if to is None else to
    if not 0 <= to < head.version:
        raise Misuse(f"got version {to}, expected one from 0 to {head.version - 1}; fig history lists them")
    version, text = head.version + 1, published_text(history, to)
    compiled = as_version(history.compiled(to), version) if to else compile_table(read(EMPTY), version)
    words = (f"back to version {to}", *_words(history, head.version, text))
    entry = author.entry("rollback", head.version, digest_of(compiled), words)
    return move(history, entry, compiled, text)._replace(frozen=head.frozen)


def roll_back_route(history: History, route_id: str, author: Author, text: str | None = None) -> Published:
    """Put one route back to the stage and percentage that it had before its last flip; the others stay as they are.

    `text` is a routes.yaml that says what is in force, if there is one: its comments are kept, else those that were
    published. Raises Refused if there was no other stage before, Misuse if there is no such route, StoreFailed.
    """
    seen = in_force(history)
    now = route_of(seen.document, route_id)
    current = text if text is not None and _says(text) == seen.document else published_text(history, seen.head.version)
    version = _last_otherwise(history, seen.head.version, now)
    changed = _taken_back(history, version, current, now)
    return put(history, seen, changed, read(changed), kind="rollback", author=author)


def _last_otherwise(history: History, version: int, now: RouteDocument) -> int:
    """Return the newest version before one in which a route had another stage or, in a canary, another percentage.

    By the compiled tables: they are read in a hundredth of the time that documents take.
    """
    for earlier in range(version - 1, max(version - 1 - _LOOKED_AT, 0), -1):
        routes = load(history.compiled(earlier)).routes
        before = next((route for route in routes if route.id == now.id), None)
        if before is None:
            break
        if before.stage != now.stage or (now.stage == "canary" and before.percent != now.percent):
            return earlier
    raise Refused(f"{now.id}: got {now.stage}, and no earlier version has it otherwise; fig flip changes it")


def _taken_back(history: History, version: int, text: str, now: RouteDocument) -> str:
    """Return the text with a route's stage as it was in a version."""
    before = route_of(published_document(history, version), now.id)
    earlier = published_text(history, version)
    # If the flip is all that has happened since, then what it added goes, too.
    with suppress(EditFailed):  # at that time the route could not have been in its stage of now
        if with_stage(earlier, now.id, now.stage, now.percent) == text:
            return earlier
    return with_stage(text, now.id, before.stage, before.percent)


def _says(text: str) -> Document | None:
    try:
        return read(text)
    except BadDocument:
        return None


def _words(history: History, version: int, after: str) -> tuple[str, ...]:
    try:
        before = published_document(history, version)
        return tuple(change.text for change in changes(before, read(after)))
    except FigError:
        return ()  # damaged, or written for another fig: it cannot be told in words, and that must not hold anybody up
