"""What the pages say is what a client has counted."""

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import visit
from tests.browser.load import CUSTOMER, ORDER, UNLISTED, Load
from tests.end_to_end.house import House

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def load(house: House) -> Load:
    """Requests of every kind, all answered: their counts are known."""
    load = Load(house)
    load.ask(CUSTOMER, 17, agent="okhttp/4.12")
    load.ask(ORDER, 11, agent="okhttp/4.12")
    load.ask(ORDER, 4, agent="partner/1.0")
    load.ask(UNLISTED, 5, agent="partner/1.0")
    load.ask("/invoices/2026-0017", 3, agent="partner/1.0")
    return load


def number_beside(page: Page, name: str, at: int = 0) -> Locator:
    """The number in the tiles beside a name."""
    return page.locator(".tile").nth(at).locator("dt", has_text=name).locator("xpath=following-sibling::dd[1]")


def test_counts_on_the_overview_are_those_of_the_client(house: House, load: Load, page: Page) -> None:
    visit(page, house)

    expect(number_beside(page, "migrated")).to_have_text(str(load.by_side["migrated"]))
    expect(number_beside(page, "legacy")).to_have_text(str(load.by_side["legacy"]))
    expect(number_beside(page, "all of the last", at=1)).to_have_text(str(load.by_side.total()))
    expect(page.locator(".tile").nth(2).locator(".main")).to_have_text(str(load.errors))


def test_counts_in_the_routes_are_those_of_the_client(house: House, load: Load, page: Page) -> None:
    visit(page, house, "routes")

    for route, requests in (
        ("customers.read", load.by_path[CUSTOMER]),
        ("orders.read", load.by_path[ORDER]),
        ("unlisted", 8),
        ("orders.create", 0),
    ):
        cell = page.locator(f'.ag-center-cols-container [row-id="{route}"] [col-id="requests"]')
        expect(cell).to_have_text(str(requests))


def test_who_still_needs_legacy_is_counted_by_route_and_client(house: House, load: Load, page: Page) -> None:
    visit(page, house, "left")

    users = page.get_by_role("region", name="Legacy traffic by route and client")
    expect(users.locator("tbody tr")).to_have_text(
        [
            "orders.readlegacyagent:okhttp11",
            "/reports/sales.csvunlistedagent:partner5",
            "orders.readlegacyagent:partner4",
            "/invoices/{id}unlistedagent:partner3",
        ]
    )
    paths = page.get_by_role("region", name="Unlisted paths that reach legacy")
    expect(paths.locator("tbody tr")).to_have_text(["/reports/sales.csv5", "/invoices/{id}3"])


def test_page_of_a_route_has_its_own_counts(house: House, load: Load, page: Page) -> None:
    visit(page, house, "route/orders.read")

    expect(number_beside(page, "legacy")).to_have_text("15")
    expect(number_beside(page, "migrated")).to_have_text("0")


def test_programs_get_the_same_numbers_with_the_token_alone(house: House, load: Load, page: Page) -> None:
    visit(page, house)  # which waits until all lines are counted
    expect(number_beside(page, "legacy")).to_have_text(str(load.by_side["legacy"]))
    url, _, token = house.dashboard_link.partition("?token=")

    with httpx.Client(trust_env=False) as client:
        refused = client.get(f"{url}api/snapshot")
        answer = client.get(f"{url}api/snapshot?window=300", headers={"Authorization": f"Bearer {token}"})

    assert refused.status_code == 401
    routes = answer.json()["routes"]
    assert routes["orders.read"]["flows"]["legacy"]["requests"] == 15
    assert routes["customers.read"]["flows"]["migrated"]["requests"] == 17
    assert answer.json()["unlisted_paths"] == {"/reports/sales.csv": 5, "/invoices/{id}": 3}
