"""The newest view, made by one task for everybody who looks; nothing is asked for while nobody does."""

import asyncio
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from proxy.dashboard.sources import Sources
from proxy.dashboard.standing import Reader, Standing, StandingReader
from proxy.dashboard.view import View, view_of
from proxy.errors import FigError
from proxy.evidence.found import RouteEvidence
from proxy.publishing.evidence_choice import open_evidence
from proxy.publishing.store_choice import open_store

if TYPE_CHECKING:
    from proxy.metrics.source import Snapshot

_PAUSE_S = 1.2  # between two views, beside the time that they take
_KEPT_S = 3.0  # a view that nobody follows, and one route's examples
_OnView = Callable[[View], None]


class Opened(NamedTuple):
    """What is read again and again."""

    standing: StandingReader
    evidence: Reader | None


class Live:
    """Views by window, for pages that follow them and for whoever asks once."""

    def __init__(self, sources: Sources, now: Callable[[], float] = time.time) -> None:
        self.sources = sources
        self._now = now
        self._stack = ExitStack()
        self._opened: Opened | None = None
        self._standing = Standing()
        self._snapshots: dict[float, Snapshot] = {}
        self._asked_at: dict[float, float] = {}  # by window, when its numbers were asked for
        self._views: dict[float, View] = {}
        self._followers: dict[_OnView, float] = {}
        self._woken = asyncio.Event()
        self._making = asyncio.Lock()
        self._details: dict[str, tuple[float, RouteEvidence]] = {}

    async def run(self) -> None:
        """Make views for ever, as long as somebody follows."""
        with self._stack:
            while True:
                if not self._followers:
                    await self._woken.wait()
                self._woken.clear()
                await self._make(set(self._followers.values()))
                for on_view, window_s in list(self._followers.items()):
                    if (view := self._views.get(window_s)) is not None:
                        self._show(on_view, view)
                try:
                    async with asyncio.timeout(_PAUSE_S):
                        await self._woken.wait()
                except TimeoutError:
                    continue

    def follow(self, window_s: float, on_view: _OnView) -> Callable[[], None]:
        """Call back with every new view of a window, soon for the first time; what is returned ends that."""
        self._followers[on_view] = window_s
        self.wake()

        def end() -> None:
            self._followers.pop(on_view, None)

        return end

    def wake(self) -> None:
        """Make views now: something has been changed."""
        self._woken.set()

    def newest(self, window_s: float) -> View | None:
        """Return the last view of a window, however old it is; None if there was never one."""
        return self._views.get(window_s)

    def age_s(self, view: View) -> float:
        """Return how old a view's numbers are."""
        return max(0.0, self._now() - view.at)

    async def view(self, window_s: float) -> View | None:
        """Return a view of a window that is at most a few seconds old; None if none can be made."""
        view = self._views.get(window_s)
        if view is None or self._now() - view.standing.at > _KEPT_S:
            await self._make({window_s})
        return self._views.get(window_s)

    async def evidence(self, route_id: str) -> RouteEvidence | None:
        """Return all that is known of one route, with examples; None without evidence. Raises FigError."""
        at, found = self._details.get(route_id, (0.0, None))
        if found is None or self._now() - at > _KEPT_S:
            if self._opened is None or self._opened.evidence is None:
                return None
            found = await asyncio.to_thread(self._opened.evidence.read, route_id, with_examples=True)
            self._details = {route_id: (self._now(), found)}  # of the others, somebody may ask again
        return found

    def _show(self, on_view: _OnView, view: View) -> None:
        try:
            on_view(view)
        except Exception:  # one page that cannot show it must not hold up all others
            traceback.print_exc(file=sys.stderr)

    async def _make(self, windows_s: set[float]) -> None:
        async with self._making:
            try:
                self._views |= await asyncio.to_thread(self._views_of, windows_s)
            except Exception as exc:  # the entry of a task: a page that stands still must not do so silently
                traceback.print_exc(file=sys.stderr)
                problem = f"the dashboard itself failed: {exc!r}"
                for window_s, view in self._views.items():
                    self._views[window_s] = replace(view, standing=replace(view.standing, problem=problem))

    def _views_of(self, windows_s: set[float]) -> dict[float, View]:
        for window_s in windows_s:
            if self._now() - self._asked_at.get(window_s, 0.0) >= self.sources.period_s:
                self._asked_at[window_s] = self._now()
                self._snapshots[window_s] = self.sources.metrics.snapshot(window_s)
        compared = {
            route: numbers.comparisons
            for window_s in windows_s
            for route, numbers in self._snapshots[window_s].routes.items()
        }
        self._standing = self._read(compared)
        dropped = self.sources.dropped()
        return {window_s: view_of(self._snapshots[window_s], self._standing, dropped) for window_s in windows_s}

    def _read(self, compared: dict[str, int]) -> Standing:
        try:
            if self._opened is None:
                self._opened = self._open()
            return self._opened.standing.read(compared)
        except FigError as exc:  # it cannot be opened
            return replace(self._standing, at=self._now(), problem=str(exc))

    def _open(self) -> Opened:
        opened = self._stack.enter_context(open_store(self.sources.store))
        place = self.sources.evidence
        evidence = self._stack.enter_context(open_evidence(place)) if place is not None else None
        return Opened(StandingReader(opened.history, evidence, self._now), evidence)
