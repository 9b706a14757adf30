"""Everything back to legacy at once, whatever routes.yaml says; and the end of that."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from proxy.errors import FigError, Refused
from proxy.publishing.author import Author
from proxy.routing.compiled import load
from proxy.routing.table import Frozen, Stage
from proxy.stores.history import Entry, Head, History, Kind, StoreFailed

Result = TypeVar("Result")

_AGAIN_S = 1.0
_MOVING = frozenset[Stage](("shadow", "canary", "live"))
_ARRIVED = frozenset[Stage](("migrated", "retired"))
_NONE_YET = "--include-migrated: no route has arrived yet; one that does would go to legacy, which may be gone"
_NARROWED = "a freeze of everything is in force, and this one would let go of what has arrived; --force does so"


class Freeze(NamedTuple):
    """What a freeze does: the routes that go back to legacy, and those that stay where they are, with their stages."""

    entry: Entry
    frozen: Mapping[str, Stage]
    left: Mapping[str, Stage]
    before: Frozen  # the freeze that was in force; the same one if `is_new` is False: nothing was written
    is_new: bool = True


class Thaw(NamedTuple):
    """A thaw, and the freeze that it lifted."""

    entry: Entry
    before: Frozen


class Persistence(NamedTuple):
    """What to do while the store fails: tell why, unless that was told just now, wait, and try again, for ever."""

    tell: Callable[[StoreFailed], None] = lambda _: None
    wait: Callable[[float], None] = time.sleep

    def until_done(self, work: Callable[[], Result]) -> Result:
        """Return what the work returns, once it does not fail any more."""
        told = ""
        while True:
            try:
                return work()
            except StoreFailed as exc:
                if str(exc) != told:
                    told = str(exc)
                    self.tell(exc)
                self.wait(_AGAIN_S)


FOR_EVER = Persistence()


def frozen_stages(frozen: Frozen) -> frozenset[Stage]:
    """Return the stages whose routes a freeze sends to legacy."""
    return {"": frozenset[Stage](), "moving": _MOVING, "all": _MOVING | _ARRIVED}[frozen]


def freeze(
    history: History, author: Author, *, includes_migrated: bool = False, persistence: Persistence = FOR_EVER
) -> Freeze:
    """Send every shadow, canary and live route to legacy until a thaw; tried again and again until it is written.

    A flag at the head, so publishing does not lift it, and no routes.yaml is needed. With `includes_migrated` also
    routes that have arrived, whose legacy may be gone: refused unless the author forces it. Raises Refused.
    """
    wanted: Frozen = "all" if includes_migrated else "moving"
    head = persistence.until_done(history.head)
    stages = _stages(history, head)
    frozen = {name: stage for name, stage in (stages or {}).items() if stage in frozen_stages(wanted)}
    left = {name: stage for name, stage in (stages or {}).items() if stage in _ARRIVED - frozen_stages(wanted)}
    if head.frozen == wanted and head.froze is not None:
        return Freeze(head.froze, frozen, left, wanted, is_new=False)
    forced = _forced(author, head, wanted, stages)
    words = tuple(f"{name}: {stage} → legacy (frozen)" for name, stage in frozen.items())
    entry = _note(history, author, wanted, words, forced, persistence)
    return Freeze(entry, frozen, left, head.frozen)


def thaw(history: History, author: Author, *, persistence: Persistence = FOR_EVER) -> Thaw:
    """Lift a freeze: every route goes by its own stage again. Raises Refused if nothing is frozen."""
    before = persistence.until_done(history.head).frozen
    if not before:
        raise Refused("nothing is frozen, so there is nothing to thaw")
    words = ("every route goes by its own stage again",)
    return Thaw(_note(history, author, "", words, (), persistence), before)


def _forced(author: Author, head: Head, wanted: Frozen, stages: Mapping[str, Stage] | None) -> tuple[str, ...]:
    if wanted == "all":
        cure = "--force sends them to legacy all the same"
        if stages is None:
            return author.insist([f"version {head.version} cannot be read: it may have routes that have arrived"], cure)
        arrived = [f"{name} is {stage}: its legacy may be gone" for name, stage in stages.items() if stage in _ARRIVED]
        # Asked for each time: the next publication may have what has arrived.
        author.insist(arrived or [_NONE_YET], cure)
        return tuple(arrived)
    return author.insist([_NARROWED], "fig thaw ends it") if head.frozen == "all" else ()


def _note(
    history: History,
    author: Author,
    frozen: Frozen,
    words: tuple[str, ...],
    forced: tuple[str, ...],
    persistence: Persistence,
) -> Entry:
    def write() -> Entry:
        version = history.head().version
        kind: Kind = "freeze" if frozen else "thaw"
        entry = Entry(kind, version, version, "", author.who, author.when(), author.why, words, forced)
        history.freeze(entry, frozen)
        return entry

    return persistence.until_done(write)


def _stages(history: History, head: Head) -> Mapping[str, Stage] | None:
    """Return the stage of every route in force; None if that cannot be read, which must not stop a freeze."""
    if not head.version:
        return {}
    try:
        return {route.id: route.stage for route in load(history.compiled(head.version)).routes}
    except FigError:
        return None
