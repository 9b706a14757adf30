"""One task makes views for everybody who looks, and none for nobody."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from proxy.dashboard.live import Live
from proxy.dashboard.sources import Sources
from proxy.metrics.source import Snapshot
from proxy.publishing.store_choice import Place
from tests.dashboard.conftest import FakeMetrics
from tests.end_to_end.house import DEADLINE_S

if TYPE_CHECKING:
    from proxy.dashboard.view import View

Work = Callable[[Live], Awaitable[None]]


def running(sources: Sources, work: Work) -> None:
    """Do something while views are made."""

    async def run() -> None:
        live = Live(sources)
        task = asyncio.create_task(live.run())
        try:
            async with asyncio.timeout(DEADLINE_S):
                await work(live)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())


def test_who_follows_gets_views_until_he_is_gone(sources: Sources) -> None:
    async def work(live: Live) -> None:
        views: asyncio.Queue[View] = asyncio.Queue()
        end = live.follow(300.0, views.put_nowait)
        first = await views.get()
        assert (first.window_s, first.standing.head.version) == (300.0, 1)
        assert live.newest(300.0) is first

        live.wake()
        await views.get()
        end()
        assert live._followers == {}

    running(sources, work)


def test_windows_that_nobody_follows_are_not_asked_for(sources: Sources, metrics: FakeMetrics) -> None:
    async def work(live: Live) -> None:
        views: asyncio.Queue[View] = asyncio.Queue()
        live.follow(300.0, views.put_nowait)
        live.follow(3600.0, lambda _: None)
        await views.get()

    assert metrics.asked == []
    running(sources, work)
    assert set(metrics.asked) == {300.0, 3600.0}


def test_who_asks_once_gets_a_view_that_is_made_for_him(sources: Sources, metrics: FakeMetrics) -> None:
    async def work(live: Live) -> None:
        one, other = await asyncio.gather(live.view(60.0), live.view(60.0))
        assert one is not None
        assert other is not None
        assert other.snapshot is metrics.snapshot_

    running(sources, work)


def test_source_that_is_slow_to_change_is_not_asked_at_every_view(sources: Sources, metrics: FakeMetrics) -> None:
    async def work(live: Live) -> None:
        views: asyncio.Queue[View] = asyncio.Queue()
        live.follow(300.0, views.put_nowait)
        for _ in range(3):
            live.wake()
            await views.get()

    running(replace(sources, period_s=3600.0), work)
    assert metrics.asked == [300.0]


def test_store_that_cannot_be_opened_is_told_beside_the_numbers(sources: Sources) -> None:
    async def work(live: Live) -> None:
        view = await live.view(300.0)
        assert view is not None
        assert view.concerns[0].text == view.standing.problem != ""

    place = Place("dynamodb:nowhere", "http://127.0.0.1:9", "eu-west-1", is_dev=True)
    running(replace(sources, store=place), work)


def test_dashboard_that_fails_itself_says_so_and_goes_on(sources: Sources, capfd: object) -> None:
    class Broken(FakeMetrics):
        def snapshot(self, window_s: float) -> Snapshot:
            if len(self.asked) == 1:
                self.asked.append(window_s)
                raise RuntimeError("a fault of ours")
            return super().snapshot(window_s)

    async def work(live: Live) -> None:
        views: asyncio.Queue[View] = asyncio.Queue()
        live.follow(300.0, views.put_nowait)
        texts = []
        for _ in range(3):
            texts.append((await views.get()).standing.problem)
            live.wake()
        assert texts == ["", "the dashboard itself failed: RuntimeError('a fault of ours')", ""]

    running(replace(sources, metrics=Broken(), period_s=0.0), work)


def test_evidence_is_none_where_none_is_kept(sources: Sources) -> None:
    async def work(live: Live) -> None:
        await live.view(300.0)
        assert await live.evidence("orders.read") is None

    running(sources, work)


def test_page_that_cannot_show_a_view_does_not_hold_up_the_others(sources: Sources) -> None:
    def fail(view: "View") -> None:
        raise RuntimeError(view.window_s)

    async def work(live: Live) -> None:
        views: asyncio.Queue[View] = asyncio.Queue()
        live.follow(300.0, fail)
        live.follow(300.0, views.put_nowait)
        await views.get()
        live.wake()
        await views.get()

    running(sources, work)
