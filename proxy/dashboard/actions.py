"""What the buttons do: the very code of `fig flip`, `fig rollback`, `fig freeze` and `fig thaw`, with who and why."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from proxy.dashboard.sources import Sources
from proxy.errors import FigError, Misuse, Refused
from proxy.publishing.author import Author, NeedsForce
from proxy.publishing.evidence_choice import open_gate
from proxy.publishing.flip import Flip, flip, percent_of
from proxy.publishing.follow import File, follow_back, local_before, write_file
from proxy.publishing.freeze import Persistence, freeze, thaw
from proxy.publishing.publish import Published, in_force, published_text
from proxy.publishing.rollback import roll_back_route
from proxy.publishing.store_choice import Opened, open_store
from proxy.publishing.undo import undo_of
from proxy.routing.reader import read
from proxy.routing.table import Stage
from proxy.stores.history import Entry, History, StoreFailed

_TRIES = 10  # of a freeze, a second apart: a page cannot be waited for without end
_SHOWN = 20  # lines of one list


class Done(NamedTuple):
    """What came of a button: lines for people, and the command that takes it back; refused if it changed nothing."""

    is_done: bool
    lines: tuple[str, ...]
    undo: str = ""
    can_be_forced: bool = False


class Person(NamedTuple):
    """Who pressed it and why, and whether what would be refused is to be done."""

    name: str
    why: str
    is_forcing: bool = False


def move(sources: Sources, person: Person, wanted: Flip) -> Done:
    """Give a route another stage, or a canary another percentage: published first, then written to routes.yaml."""

    def work(opened: Opened, author: Author) -> Done:
        history = opened.history
        text = sources.text()
        # Without a file, what was published stands in for it: there is nothing that could say something else.
        current, check = (text, sources.check) if text is not None else (_in_force_text(history), read)
        base = sources.workspace.base(opened.place.name) if text is not None else None
        with open_gate(sources.evidence) as gate:
            published = flip(history, current, check, wanted, author=author, base=base, gate=gate)
        file = write_file(sources.workspace, opened.place.name, published, text) if text is not None else None
        return _published(sources, published, wanted.route_id, file)

    return _attempt(sources, person, work)


def ramp(sources: Sources, person: Person, route_id: str, percent: str) -> Done:
    """Make a route a canary for a percentage of its callers, as it was typed: a slip must not become another one."""
    try:
        wanted = Flip(route_id, "canary", percent_of(percent.strip()))
    except Misuse as exc:
        return Done(False, (f"percent: {exc}",))
    return move(sources, person, wanted)


def roll_back(sources: Sources, person: Person, route_id: str) -> Done:
    """Put a route back to the stage that it had before, as undo goes. Never refused for want of evidence."""

    def work(opened: Opened, author: Author) -> Done:
        local = local_before(sources.workspace, opened.history)
        published = roll_back_route(opened.history, route_id, author, local.text)
        has_file = sources.workspace.routes.is_file()
        file = follow_back(sources.workspace, opened.place.name, local, published) if has_file else None
        return _published(sources, published, route_id, file)

    return _attempt(sources, person, work)


def freeze_all(sources: Sources, person: Person) -> Done:
    """Send every shadow, canary and live route to legacy until a thaw."""

    def work(opened: Opened, author: Author) -> Done:
        done = freeze(opened.history, author, persistence=_patience())
        if not done.is_new:
            return Done(False, (f"frozen already, by {done.entry.who}: {done.entry.why}",))
        heading = "frozen: these routes go to legacy until a thaw" if done.frozen else "frozen until a thaw"
        left = [f"{name} ({stage}) stays where it has arrived" for name, stage in done.left.items()]
        lines = (heading, *_cut(_in_words(done.frozen)), *_cut(left))
        return Done(True, lines, sources.undo(undo_of(done.entry, before=done.before)))

    return _attempt(sources, person, work)


def thaw_all(sources: Sources, person: Person) -> Done:
    """Lift a freeze: every route goes by its own stage again."""

    def work(opened: Opened, author: Author) -> Done:
        done = thaw(opened.history, author, persistence=_patience())
        return Done(True, done.entry.changes, sources.undo(undo_of(done.entry, before=done.before)))

    return _attempt(sources, person, work)


def _attempt(sources: Sources, person: Person, work: Callable[[Opened, Author], Done]) -> Done:
    """Do it, and return what came of it, in words; nothing is raised that a person could not read."""
    try:
        if not (name := " ".join(person.name.split())):
            raise Misuse("who: got nobody, expected a name; the history shows it to whoever asks later")
        author = Author(name, " ".join(person.why.split()), person.is_forcing)
        with open_store(sources.store) as opened:
            return work(opened, _named(author, sources, opened))
    except FigError as exc:
        return Done(False, tuple(str(exc).splitlines()), can_be_forced=isinstance(exc, NeedsForce))


def _named(author: Author, sources: Sources, opened: Opened) -> Author:
    """Return the author as the history shows it: a name that somebody has typed, and on whose account it was done."""
    account = "" if sources.user else f" as {opened.who()}"
    return Author(f"{author.who} (dashboard{account})", author.why, author.is_forcing)


def _published(sources: Sources, published: Published, route_id: str, file: File | None) -> Done:
    entry = published.entry
    lines = [f"version {entry.version} is in force, in place of version {entry.parent}", *_cut(_changes(entry))]
    lines += _cut(list(published.passed))
    if published.frozen:
        lines.append("a freeze is in force: it takes effect after a thaw")
    if file is not None:
        lines.append(file.says)
    return Done(True, tuple(lines), sources.undo(undo_of(entry, route_id=route_id)))


def _changes(entry: Entry) -> list[str]:
    return [*entry.changes, *(f"forced: {line}" for line in entry.forced)]


def _in_force_text(history: History) -> str:
    return published_text(history, in_force(history).head.version)


def _in_words(routes: Mapping[str, Stage]) -> list[str]:
    return [f"{name} ({stage})" for name, stage in routes.items()]


def _cut(lines: list[str]) -> list[str]:
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"… and {more} more"] if more > 0 else [])]


def _patience() -> Persistence:
    """Return what a page has of it: ten tries."""
    told: list[StoreFailed] = []
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) >= _TRIES:
            raise Refused(f"given up after {_TRIES} tries: {told[-1] if told else 'the store does not answer'}")
        time.sleep(seconds)  # buttons act in a thread (pages/dialogs.py), so no page waits for this

    return Persistence(told.append, wait)
