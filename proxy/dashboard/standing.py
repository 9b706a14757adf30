"""What is in force, how it came about, and how far the proof is: read from the store and the evidence, bit by bit."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple, Protocol

from proxy.errors import FigError
from proxy.evidence.found import RouteEvidence
from proxy.publishing.kinds import is_compared
from proxy.publishing.parity import Parity, parity_in
from proxy.publishing.publish import published_document
from proxy.routing.compile import compiled_revision
from proxy.routing.compiled import load
from proxy.routing.document import Document, RouteDocument
from proxy.routing.table import Stage
from proxy.stores.history import Entry, Head, History

_ENTRIES = 1000  # of the history, the newest
_MOMENTS = 40  # of the burn-down
_LOADED_AT_ONCE = 4  # tables for it: each is as large as all routes
_READ_FOR_S = 0.15  # evidence of one round: a query for each route
_AGAIN_S = 2.0  # after which a route with new comparisons is asked for again
_MOVING_AGAIN_S = 60.0
_OTHERS_AGAIN_S = 600.0
_MOVING: tuple[Stage, ...] = ("shadow", "canary", "live")
# What the history says of a stage: "legacy → canary 5 %", "canary 5 % → 20 %", "added, shadow".
_of_stage = re.compile(r"([^:]+): ((?:legacy|shadow|canary [\d.]+ %|live|migrated|retired) → .+|added, .+)").fullmatch


class Flipped(NamedTuple):
    """The last change of a route's stage."""

    entry: Entry
    words: str


class Moment(NamedTuple):
    """How many routes were in which stage from a time on."""

    at: float
    stages: Mapping[str, int]


class Reader(Protocol):
    """Where evidence is read; see proxy/evidence/reader.py."""

    def read(self, route_id: str, *, with_examples: bool = False) -> RouteEvidence:
        """Return all that is known of a route."""


@dataclass(frozen=True, slots=True)
class Standing:
    """All of it, as it was at `at`, in seconds since 1970."""

    at: float = 0.0
    head: Head = field(default_factory=Head)
    document: Document = field(default_factory=lambda: Document(version=1))
    entries: Sequence[Entry] = ()  # newest first
    flipped: Mapping[str, Flipped] = field(default_factory=dict)
    moments: Sequence[Moment] = ()  # oldest first
    compared: frozenset[str] = frozenset()  # routes with two sides whose answers are compared
    parities: Mapping[str, Parity] = field(default_factory=dict)  # of the routes whose evidence has been read
    problem: str = ""  # why this is not of now, or not all


class StandingReader:
    """Reads a bit more each time it is asked, so that no round takes long. Not for two threads at once."""

    def __init__(self, history: History, evidence: Reader | None, now: Callable[[], float]) -> None:
        self._history = history
        self._evidence = evidence
        self._now = now
        self._standing = Standing()
        self._counted: dict[int, Mapping[str, int]] = {}  # by version, routes by stage
        self._known: dict[str, _Known] = {}
        self._asked: list[RouteDocument] = []  # those of which there may be evidence

    def read(self, comparisons: Mapping[str, int]) -> Standing:
        """Return what is known now; what cannot be read is as it was, and told. `comparisons` were told lately."""
        problems: list[str] = []
        for step in (self._read_history, self._count_stages, lambda: self._read_evidence(comparisons)):
            try:
                step()
            except FigError as exc:
                problems.append(str(exc))
        self._standing = replace(self._standing, at=self._now(), problem="; ".join(dict.fromkeys(problems)))
        return self._standing

    def _read_history(self) -> None:
        head = self._history.head()
        if head == self._standing.head and self._standing.at:
            return
        document = self._standing.document
        if head.version != self._standing.head.version:
            document = published_document(self._history, head.version)
            self._asked = [route for route in document.routes if has_parity(route)]
        entries = self._history.entries(_ENTRIES)
        self._standing = replace(
            self._standing,
            head=head,
            document=document,
            entries=entries,
            flipped=flips(entries),
            compared=frozenset(route.id for route in self._asked),
        )
        self._tell_parities()

    def _count_stages(self) -> None:
        versions = {entry.version: entry for entry in reversed(self._standing.entries) if entry.digest}
        wanted = sample(sorted(versions))
        for version in [one for one in wanted if one not in self._counted][-_LOADED_AT_ONCE:]:
            self._counted[version] = Counter(route.stage for route in load(self._history.compiled(version)).routes)
        self._counted = {version: self._counted[version] for version in wanted if version in self._counted}
        moments = tuple(Moment(seconds_of(versions[one].when), stages) for one, stages in self._counted.items())
        if moments != self._standing.moments:
            self._standing = replace(self._standing, moments=moments)

    def _read_evidence(self, comparisons: Mapping[str, int]) -> None:
        if self._evidence is None:
            return
        ends = self._now() + _READ_FOR_S
        for route in self._due(comparisons):
            known = _Known(self._now(), comparisons.get(route.id, 0), self._evidence.read(route.id))
            self._known[route.id] = known
            if self._now() >= ends:
                break
        self._tell_parities()

    def _due(self, comparisons: Mapping[str, int]) -> list[RouteDocument]:
        """Return the routes whose evidence is to be read, the most urgent first: has it changed, or was it never?"""
        now, urgent = self._now(), []
        for route in self._asked:
            known = self._known.get(route.id)
            if known is None:
                urgent.append((1 if route.stage in _MOVING else 2, 0.0, route))
                continue
            has_news = comparisons.get(route.id, 0) != known.comparisons
            again_s = _AGAIN_S if has_news else _MOVING_AGAIN_S if route.stage in _MOVING else _OTHERS_AGAIN_S
            if now - known.at >= again_s:
                urgent.append((0 if has_news else 3, known.at, route))
        return [route for *_, route in sorted(urgent, key=lambda one: one[:2])]

    def _tell_parities(self) -> None:
        parities = {}
        for route in self._standing.document.routes:
            if (known := self._known.get(route.id)) is not None:
                parities[route.id] = known.parity(route)
        if parities != self._standing.parities:
            self._standing = replace(self._standing, parities=parities)


class _Known:
    """The evidence of one route, when it was read, and how many comparisons had been told then."""

    __slots__ = ("_of", "_parity", "at", "comparisons", "evidence")

    def __init__(self, at: float, comparisons: int, evidence: RouteEvidence) -> None:
        self.at = at
        self.comparisons = comparisons
        self.evidence = evidence
        self._of: RouteDocument | None = None
        self._parity = Parity(0, 0, 0.0, 0)

    def parity(self, route: RouteDocument) -> Parity:
        """Return what it says of a route as it is now: with another handler or other rules, nothing."""
        if self._of is not route:
            found = self.evidence.compared(compiled_revision(route))
            self._of, self._parity = route, parity_in(found, route)
        return self._parity


def has_parity(route: RouteDocument) -> bool:
    """Tell whether a route has two sides whose answers are compared."""
    return bool(route.handler or route.function) and route.stage != "retired" and is_compared(route)


def flips(entries: Iterable[Entry]) -> dict[str, Flipped]:
    """Return the last change of each route's stage; entries come newest first."""
    found: dict[str, Flipped] = {}
    for entry in entries:
        if not entry.digest:
            continue  # a freeze or a thaw changes no stage
        for words in entry.changes:
            told = _of_stage(words)
            if told is not None and told[1] not in found:
                found[told[1]] = Flipped(entry, told[2])
    return found


def sample(versions: Sequence[int]) -> list[int]:
    """Return at most so many of ascending versions, the first and the newest among them; the same ones as they grow."""
    step = 1
    while len(versions) / step > _MOMENTS - 2:
        step *= 2
    return [one for at, one in enumerate(versions) if at in (0, len(versions) - 1) or one % step == 0]


def seconds_of(iso: str) -> float:
    """Return a time of the history in seconds since 1970; 0 for one that is none."""
    try:
        return datetime.fromisoformat(iso).timestamp()
    except ValueError:
        return 0.0
