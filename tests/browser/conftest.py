"""A browser, and pages that fail the test if they complain or load anything from elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.end_to_end.house import DEADLINE_S, House

_CHROMIUM = "/usr/bin/chromium"
_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SHOTS = Path(__file__).parents[2] / "build" / "screenshots"
WIDE, PHONE = (1400, 900), (390, 844)

Scheme = Literal["light", "dark"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of all tests; without it every one fails, for a page that nobody has seen is not tested."""
    expect.set_options(timeout=DEADLINE_S * 1000)
    with browser() as launched:
        yield launched


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's Chromium, as if it had just been installed."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=_CHROMIUM, args=list(_OPTIONS))
        try:
            yield launched
        finally:
            launched.close()


@contextmanager
def watched(chromium: Browser, size: tuple[int, int] = WIDE, scheme: Scheme = "light") -> Iterator[Page]:
    """A page of a browser that has never been here. It must not complain, and loads nothing from elsewhere."""
    complaints: list[str] = []
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", lambda got: complaints.append(f"{got.status} {got.url}") if got.status >= 400 else None)
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    try:
        yield page
        assert complaints == []
        assert asked <= {urlsplit(page.url).netloc}
    finally:
        context.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Such a page, for a test that needs one."""
    with watched(chromium) as page:
        yield page


def visit(page: Page, house: House, path: str = "") -> Page:
    """Open a page of a house's dashboard; it shows numbers."""
    return open_link(page, house.dashboard_link, path)


def open_link(page: Page, opening: str, path: str = "") -> Page:
    """Open a page of a dashboard by its link; it shows numbers."""
    link = urlsplit(opening)
    mark = "&" if "?" in path else "?"
    page.goto(f"{link.scheme}://{link.netloc}{link.path}{path}{mark}{link.query}")
    expect(page.locator("#fresh")).to_contain_text("as of")
    return page


def shoot(page: Page, name: str) -> None:
    """Keep a picture for whoever wants to see it."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with a dashboard, of a test module's own: each counts its own traffic."""
    with House(tmp_path_factory.mktemp("house"), "--dashboard-port", "0") as house:
        yield house
