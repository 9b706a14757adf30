"""routes.yaml -> the next version, in force at once; refused if it would undo what others did meanwhile."""

from collections.abc import Callable
from typing import NamedTuple

from proxy.errors import BadDocument, Refused
from proxy.publishing.author import Author
from proxy.publishing.gate import CURE
from proxy.routing.changes import Change, changes, jumps, lost
from proxy.routing.compile import compile_table
from proxy.routing.compiled import digest_of
from proxy.routing.document import Document
from proxy.routing.reader import read
from proxy.routing.table import Frozen
from proxy.stores.history import Entry, Head, History, Kind, Moved

# (what is in force, what would be) -> what has to be known before and is not, in words; empty: go on.
Gate = Callable[[Document, Document], list[str]]

SKIPPED = "take it through shadow or canary first, or use --force, which is recorded"
EMPTY = "version: 1\n"  # what is in force before anything is published: legacy answers everything
_UNDONE = "fig diff shows the difference, fig pull takes the published version, --force undoes it all the same"
_ASKED = 20  # more entries than versions, for the freezes and thaws among them


class InForce(NamedTuple):
    """What a publisher has seen: the head, and what its version says."""

    head: Head
    document: Document


class Published(NamedTuple):
    """A version that is in force now, and the text of routes.yaml that made it."""

    entry: Entry
    text: str
    frozen: Frozen = ""  # with a freeze in force, what was published shows only after a thaw
    passed: tuple[str, ...] = ()  # what a rollback has passed over, in words


def publish(
    history: History,
    text: str,
    document: Document,
    author: Author,
    base: int | None = None,
    *,
    may_jump: bool = False,
    gate: Gate | None = None,
) -> Published | None:
    """Publish a checked document as the next version; None if it changes nothing.

    `base` is the version that the file was taken from, if that is known. With `may_jump`, skipped stages are recorded
    but not refused. Raises Refused for what would undo others' changes, skip the stages in between or not pass the
    gate, and when somebody else publishes at the same time; StoreFailed.
    """
    seen = in_force(history)
    if seen.head.version and seen.document == document:
        return None
    undone, skipped = undone_by(history, seen, document, base), jumps(seen.document, document)
    unproven = gate(seen.document, document) if gate is not None else []
    if may_jump:
        author.insist(undone, _UNDONE)
    else:
        cures = [cure for cure, lines in ((_UNDONE, undone), (SKIPPED, skipped), (CURE, unproven)) if lines]
        author.insist([*undone, *skipped, *unproven], "\n".join(cures))
    return put(history, seen, text, document, kind="publish", author=author, forced=(*undone, *skipped, *unproven))


def in_force(history: History) -> InForce:
    """Return what is in force now. Raises Refused if this fig cannot read it; StoreFailed."""
    head = history.head()
    return InForce(head, published_document(history, head.version))


def undone_by(history: History, seen: InForce, document: Document, base: int | None) -> list[str]:
    """Return what others have published since `base` and a document would undo, in words.

    Nothing is known of that without a base, or with one that this store has never had: it was started anew.
    """
    version = seen.head.version
    if base is None or base >= version:
        return []
    was = published_document(history, base)
    names = lost(was, seen.document, document)
    theirs = [change.text for change in changes(was, seen.document) if _is_of(change, names)]
    return [f"version {version} changed this since version {base}, and it would be undone: {what}" for what in theirs]


def _is_of(change: Change, names: list[str]) -> bool:
    """Tell whether a change is of one of the routes, or of one of the document's own fields and what they hold."""
    return change.route in names if change.route else any(f"{change.field}.".startswith(f"{name}.") for name in names)


def put(
    history: History,
    seen: InForce,
    text: str,
    document: Document,
    *,
    kind: Kind,
    author: Author,
    forced: tuple[str, ...] = (),
    back_to: int | None = None,
    route: str = "",
) -> Published:
    """Make the version after the one seen. Raises Refused, saying what happened meanwhile, if another is in force."""
    compiled = compile_table(document, seen.head.version + 1)
    words = tuple(change.text for change in changes(seen.document, document))
    entry = author.entry(kind, seen.head.version, digest_of(compiled), words)
    entry = entry._replace(forced=forced, back_to=back_to, route=route)
    return move(history, entry, compiled, text)._replace(frozen=seen.head.frozen)


def move(history: History, entry: Entry, compiled: bytes, text: str) -> Published:
    """Move the head to a new version. Raises Refused, saying what happened meanwhile, if it is not at the parent."""
    try:
        history.publish(entry, compiled, text)
    except Moved as exc:
        raise Refused(_meanwhile(history, entry.parent, exc.head)) from exc
    return Published(entry, text)


def published_document(history: History, version: int) -> Document:
    """Return the document of a version; 0 is the empty one. Raises Refused for one that this fig cannot read.

    Handlers are not looked for: a version that is in force may name some that this folder no longer has.
    """
    try:
        return read(published_text(history, version), f"version {version}")
    except BadDocument as exc:
        raise Refused(
            f"version {version} cannot be read by this fig:\n{exc}\nuse the fig that published it; fig rollback and "
            "fig freeze work all the same"
        ) from exc


def said_by(text: str) -> Document | None:
    """Return what a text says; None if this fig cannot read it. For ways back, which nothing may hold up."""
    try:
        return read(text)
    except BadDocument:
        return None


def published_text(history: History, version: int) -> str:
    """Return the text of routes.yaml that made a version."""
    return history.document(version) if version else EMPTY


def _meanwhile(history: History, seen: int, head: Head) -> str:
    entries = history.entries(head.version - seen + _ASKED)
    lines = [f"version {seen} was in force when this began, and {head.version} is now: nothing was published"]
    for entry in reversed([entry for entry in entries if entry.version > seen and entry.digest]):
        lines.append(f"  version {entry.version}, {entry.who}, {entry.when}: {' '.join(entry.why.split())}")
        lines += [f"    {words}" for words in entry.changes]
    return "\n".join([*lines, "fig pull takes the published version; then do it again"])
