"""A backend that fails, and a source that stops: seen on the page within seconds."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import shoot, visit
from tests.browser.load import ORDER, under_load
from tests.end_to_end.house import LEGACY, House, until

pytestmark = pytest.mark.browser

# The requirement: a failing backend is shown within five seconds.
SHOWN_MS = 5000


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house of the test's own, of which parts are ended."""
    with House(tmp_path, "--dashboard-port", "0", "--workers", "1") as house:
        yield house


def test_failing_backend_is_shown_within_seconds(house: House, page: Page) -> None:
    visit(page, house)
    with under_load(house, [ORDER]) as load:
        until(lambda: load.by_side["legacy"])

        os.kill(house.part(LEGACY), signal.SIGKILL)
        until(lambda: load.errors)
        look = page.locator(".concerns")
        expect(look).to_contain_text("requests failed", timeout=SHOWN_MS)
        expect(look).to_contain_text("orders.read")
        shoot(page, "failing")

        page.goto(page.url + "routes")
        cell = page.locator('.ag-center-cols-container [row-id="orders.read"] [col-id="legacy_errors"]')
        expect(cell).not_to_have_text("0 %")


def test_numbers_are_told_to_be_stale_when_their_source_has_stopped(house: House, page: Page) -> None:
    visit(page, house)
    part = house.part("proxy.dev.dashboard")

    os.kill(part, signal.SIGSTOP)
    try:
        expect(page.locator(".fresh.stale")).to_contain_text("stale: as of")
    finally:
        os.kill(part, signal.SIGCONT)
    expect(page.locator(".fresh.stale")).to_have_count(0)
