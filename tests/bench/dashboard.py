"""What the dashboard costs while it is looked at: `python -m tests.bench.dashboard`, with Debian's Chromium.

A `fig dev` gets 200 requests a second; each page is open in a browser for a while. Its server is to use less than 15 %
of a core, and new numbers are to come every two seconds at the latest.
"""

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from playwright.sync_api import Page

from tests.bench.figures import show
from tests.browser.conftest import browser, visit, watched
from tests.browser.load import CUSTOMER, ORDER, UNLISTED
from tests.browser.test_many_routes import ROUTES as MANY
from tests.end_to_end.house import ROUTES as SAMPLE
from tests.end_to_end.house import House

PER_SECOND = 200
CLIENTS = 4
WATCHED_S = 20.0
PAGES = {"overview": "", "routes": "routes", "a route": "route/{route}", "what is left": "left"}
_TICKS = os.sysconf("SC_CLK_TCK")
# Notes when new numbers come, and returns the longest time in between.
_WATCH = """() => {
  window.updates = [performance.now()];
  const fresh = fig.fresh;
  fig.fresh = (...told) => { window.updates.push(performance.now()); fresh(...told); };
}"""
_LONGEST = "() => Math.max(...[...window.updates, performance.now()].map((at, i, all) => i ? at - all[i - 1] : 0))"


def main() -> None:
    """Measure each page, with the sample's five routes and with two thousand."""
    _measure("the sample's routes", SAMPLE, "orders.read", (ORDER, CUSTOMER, UNLISTED))
    paths = tuple(f"/area{number // 100}/thing{number}/O-5001" for number in range(0, 2000, 7))
    _measure("2000 routes", MANY, "area00.thing0000", paths)


def _measure(name: str, routes: str, route: str, paths: tuple[str, ...]) -> None:
    rows: list[tuple[str, float, str, float | None]] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        House(Path(folder), "--dashboard-port", "0", routes=routes) as house,
        browser() as chromium,
        _asking(house, paths) as answered,
    ):
        pid = house.part("proxy.dev.dashboard")
        rows.append(("nobody looks", _cpu_percent(pid, lambda: time.sleep(WATCHED_S)), "% of a core", 15.0))
        for title, path in PAGES.items():
            with watched(chromium) as page:
                visit(page, house, path.format(route=route))
                page.wait_for_timeout(3000)
                rows += _looked_at(title, page, pid)
        rows.append(("asked", answered[0] / (time.monotonic() - answered[1]), "requests/s", None))
        rows.append(("its memory", _memory_mb(pid), "MB", None))
    show(f"the dashboard, {name}", rows)


def _looked_at(title: str, page: Page, pid: int) -> Iterator[tuple[str, float, str, float | None]]:
    page.evaluate(_WATCH)
    yield (
        f"{title}: its server",
        _cpu_percent(pid, lambda: page.wait_for_timeout(WATCHED_S * 1000)),
        "% of a core",
        15.0,
    )
    yield (f"{title}: longest time without new numbers", page.evaluate(_LONGEST) / 1000, "s", 2.0)


def _cpu_percent(pid: int, wait: Callable[[], object]) -> float:
    used, began = _cpu_s(pid), time.monotonic()
    wait()
    return 100 * (_cpu_s(pid) - used) / (time.monotonic() - began)


def _cpu_s(pid: int) -> float:
    # The fields after the name, which may hold anything. Source: proc(5), /proc/pid/stat.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory_mb(pid: int) -> float:
    resident = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(resident) * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def _asking(house: House, paths: tuple[str, ...]) -> Iterator[list[float]]:
    """Clients that ask as often as they should; gives how many answers there were, and since when."""
    ended, answered = threading.Event(), [0.0, time.monotonic()]

    def ask() -> None:
        due = time.monotonic()
        with house.client() as client:
            for path in cycle(paths):
                due += CLIENTS / PER_SECOND
                if ended.wait(max(0.0, due - time.monotonic())):
                    return
                client.get(path)
                answered[0] += 1

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield answered
    finally:
        ended.set()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main()
