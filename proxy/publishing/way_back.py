"""Where a rollback goes that names no version: back as undo goes, past what rollbacks have undone already.

So who repeats it never comes forward again. A version that would give the migrated side more clients than it has now
was taken back in another way, by a flip or a publication: it is passed over, and told. Nobody is led past it to version
0, which is legacy for everything: a legacy that is gone answers nobody.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from proxy.errors import FigError, Refused
from proxy.publishing.author import Author
from proxy.publishing.moved import moved
from proxy.publishing.publish import EMPTY, published_text, said_by
from proxy.publishing.raised import in_words, reach
from proxy.routing.compile import compile_table
from proxy.routing.compiled import as_version, load
from proxy.routing.document import RouteDocument
from proxy.routing.reader import read
from proxy.routing.table import Route
from proxy.stores.history import Entry, History

_LOOKED_AT = 200  # versions; who goes back further names one
_MAX_NAMED = 5  # routes of one line
_CURE = "name a version, which fig history lists, or use --force, which is recorded"


class Back(NamedTuple):
    """The version to go back to, what was passed over on the way, and what was forced, in words."""

    version: int
    passed: tuple[str, ...] = ()
    forced: tuple[str, ...] = ()


class _More(NamedTuple):
    """What of a version gives the migrated side more clients, in words, and which routes' stages do so."""

    line: str
    route_ids: tuple[str, ...] = ()

    def counts(self, entries: Mapping[int, Entry], version: int, at: int) -> bool:
        """Tell whether that was taken back otherwise than by a rollback of the route, which has settled it."""
        lanes = (_as_undo_goes(entries, version, route_id) for route_id in self.route_ids)
        return not self.route_ids or any(at in lane for lane in lanes)


def version_before(history: History, version: int, author: Author) -> Back:
    """Return the newest version before one that says something else, and gives the migrated side no more clients.

    Who forces gets the newest one that says something else. Raises NeedsForce or Refused if nothing is left, and
    StoreFailed.
    """
    entries = _entries(history)
    passed: dict[str, str] = {}
    for at in _as_undo_goes(entries, version):
        if _is_same(history, version, at) or (not at and passed):
            continue
        more = _more_clients(history, version, at)
        if more is None or author.is_forcing:
            return Back(at, tuple(passed.values()), (_gives(at, more.line),) if more else ())
        if more.counts(entries, version, at):
            passed.setdefault(more.line, _passed(at, more.line))
    author.insist(list(passed.values()), f"{_CURE}; version 0 is legacy for everything")
    raise Refused(f"nothing is left before version {version}; fig history lists what was in force, fig flip changes it")


def stage_before(history: History, version: int, now: RouteDocument, author: Author) -> Back:
    """Return the newest version before one in which a route had another stage or, in a canary, another percentage.

    One with more clients is passed over but for who forces. By the compiled tables: they are read in a hundredth of the
    time that documents take. Raises NeedsForce or Refused if nothing is left, StoreFailed.
    """
    passed: dict[str, str] = {}
    for at in _as_undo_goes(_entries(history), version, now.id):
        before = _routes(history, at).get(now.id)
        if before is None:
            break
        if in_words(before) == in_words(now):
            continue
        line = _step(now, before)
        if reach(before) <= reach(now):
            return Back(at, tuple(passed.values()))
        if author.is_forcing:
            return Back(at, forced=(_gives(at, line),))
        passed.setdefault(line, _passed(at, line))
    author.insist(list(passed.values()), _CURE)
    raise Refused(f"{now.id}: got {in_words(now)}, and nothing else is left before; fig flip changes it")


def _as_undo_goes(entries: Mapping[int, Entry], version: int, route_id: str = "") -> Iterator[int]:
    """Yield the versions before one, newest first, less those that a rollback of everything, or of a route, undid."""
    at = version
    for _ in range(_LOOKED_AT):
        at = _origin(entries, at, route_id) - 1
        if at < 0:
            return
        yield at


def _origin(entries: Mapping[int, Entry], version: int, route_id: str) -> int:
    """Return the version whose content a version has by way of rollbacks: itself if there was none."""
    entry = entries.get(version)
    # An entry that names a later version is damaged, and would lead around for ever.
    while entry is not None and entry.back_to is not None and entry.back_to < version and entry.route in ("", route_id):
        version = entry.back_to
        entry = entries.get(version)
    return version


def _entries(history: History) -> dict[int, Entry]:
    with suppress(FigError):  # what is damaged in the history must not hold up who goes back
        return {entry.version: entry for entry in history.entries(_LOOKED_AT) if entry.digest}
    return {}


def _is_same(history: History, version: int, at: int) -> bool:
    """Tell whether two versions say the same. A table leaves out what requests need not know, such as an owner."""
    before = history.compiled(at) if at else compile_table(read(EMPTY), 0)
    try:
        if as_version(before, version) != history.compiled(version):
            return False
    except FigError:
        return False  # damaged: nobody knows, and that must not hold anybody up
    texts = [published_text(history, one) for one in (version, at)]
    documents = [said_by(text) for text in texts]
    return texts[0] == texts[1] or (documents[0] is not None and documents[0] == documents[1])


def _more_clients(history: History, version: int, at: int) -> _More | None:
    """Return what of an earlier version gives the migrated side more clients than now; None if nothing, or unknown."""
    try:
        now = _routes(history, version)
    except FigError:
        return None  # damaged, and that must not hold anybody up
    more = [
        before
        for before in _routes(history, at).values()
        if reach(before) > (reach(now[before.id]) if before.id in now else 0)
    ]
    if more:
        return _More(_line([_step(now.get(route.id), route) for route in more]), tuple(route.id for route in more))
    requests = list(_moved(history, version, at))
    return _More(_line(requests)) if requests else None


def _moved(history: History, version: int, at: int) -> Iterator[str]:
    documents = [said_by(published_text(history, one)) for one in (version, at)]
    if documents[0] is not None and documents[1] is not None:
        yield from moved(documents[0], documents[1])


def _routes(history: History, version: int) -> dict[str, Route]:
    return {route.id: route for route in load(history.compiled(version)).routes} if version else {}


def _step(now: RouteDocument | Route | None, before: Route) -> str:
    return f"{before.id}: {'unlisted' if now is None else in_words(now)} → {in_words(before)}"


def _gives(version: int, line: str) -> str:
    return f"version {version} gives the migrated side more clients: {line}"


def _passed(version: int, line: str) -> str:
    return f"version {version} was passed over: {line}"


def _line(parts: Sequence[str]) -> str:
    more = [f"and {len(parts) - _MAX_NAMED} more"] if len(parts) > _MAX_NAMED else []
    return "; ".join([*parts[:_MAX_NAMED], *more])
