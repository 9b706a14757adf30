"""Two thousand routes: found, sorted, walked through by keys, and followed as they change."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE, shoot, visit, watched
from tests.browser.load import Load
from tests.end_to_end.house import House

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.browser

STAGES = ("legacy", "legacy", "legacy", "shadow", "migrated")
ROUTES = "version: 1\nlegacy:\n  url: ${LEGACY_URL}\nroutes:\n" + "".join(
    f"  - id: area{number // 100:02d}.thing{number:04d}\n    match: GET /area{number // 100}/thing{number}/{{id}}\n"
    f"    handler: migrated.orders.api:handler\n    stage: {STAGES[number % len(STAGES)]}\n"
    for number in range(2000)
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with two thousand routes, five of which were asked for."""
    folder: Path = tmp_path_factory.mktemp("many")
    with House(folder, "--dashboard-port", "0", "--workers", "1", routes=ROUTES) as house:
        load = Load(house)
        for number in range(5):
            load.ask(f"/area17/thing{1770 + number}/O-5001", 1 + number)
        yield house


def first(page: Page) -> str:
    """The id of the first row that is shown."""
    found: str = page.locator('.ag-pinned-left-cols-container [row-index="0"] a').inner_text()
    return found


def test_all_of_two_thousand_routes_are_there_and_those_with_traffic_first(house: House, page: Page) -> None:
    visit(page, house, "routes")

    expect(page.get_by_text("2000 listed")).to_be_visible()
    cell = page.locator('.ag-center-cols-container [row-id="area17.thing1774"] [col-id="requests"]')
    expect(cell).to_have_text("5")
    assert first(page) == "area17.thing1774"
    assert page.locator('[role="treegrid"], [role="grid"]').get_attribute("aria-rowcount") == "2001"
    shoot(page, "routes-2000")


def test_route_is_found_by_search_and_opened_by_keys(house: House, page: Page) -> None:
    visit(page, house, "routes")
    page.get_by_label("Search routes").fill("thing1234")

    expect(page.locator('.ag-pinned-left-cols-container [role="row"]')).to_have_count(1)
    page.locator('.ag-pinned-left-cols-container [col-id="id"]').first.click(position={"x": 190, "y": 8})
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("area12.thing1234")


def test_routes_are_sorted_by_a_column_with_keys(house: House, page: Page) -> None:
    visit(page, house, "routes")
    expect(page.locator('.ag-pinned-left-cols-container [row-index="0"]')).to_be_visible()

    page.locator('.ag-header-cell[col-id="id"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator('.ag-pinned-left-cols-container [row-index="0"] a')).to_have_text("area00.thing0000")
    page.keyboard.press("Enter")
    expect(page.locator('.ag-pinned-left-cols-container [row-index="0"] a')).to_have_text("area19.thing1999")


def test_row_follows_while_it_is_looked_at(house: House, page: Page) -> None:
    visit(page, house, "routes?filter=thing1790")
    cell = page.locator('.ag-center-cols-container [row-id="area17.thing1790"] [col-id="requests"]')
    expect(cell).to_have_text("0")

    Load(house).ask("/area17/thing1790/O-5001", 3)

    expect(cell).to_have_text("3")


def test_phone_shows_few_columns_of_all_routes(house: House, chromium: Browser) -> None:
    with watched(chromium, PHONE) as page:
        visit(page, house, "routes")

        expect(page.locator(".ag-header-cell-text:visible")).to_have_text(["Route", "Stage", "Reqs", "Errors"])
        shoot(page, "routes-2000-phone")
