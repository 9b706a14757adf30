"""Every page while clients are at work: light, dark and on a phone. The pictures are kept in build/screenshots."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE, WIDE, Scheme, shoot, visit, watched
from tests.browser.load import ORDER, under_load
from tests.end_to_end.house import ROUTES, House

pytestmark = pytest.mark.browser

COMPARED = ROUTES.replace(
    "match: GET /orders/{id}\n    handler: migrated.orders.api:handler\n    stage: legacy",
    "match: GET /orders/{id}\n    handler: migrated.orders.api:handler\n    stage: shadow",
)
PAGES = {"overview": "", "routes": "routes", "route": "route/orders.read", "left": "left"}
LOOKS: dict[str, tuple[tuple[int, int], Scheme]] = {
    "light": (WIDE, "light"),
    "dark": (WIDE, "dark"),
    "phone": (PHONE, "light"),
    "phone-dark": (PHONE, "dark"),
}


@pytest.fixture(scope="module")
def compared(house: House) -> House:
    """A house in whose table one route is compared."""
    since = house.here
    house.edit(COMPARED)
    house.wait_for_line(lambda line: line.endswith(" published"), since)
    return house


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_page_shows_traffic_as_it_goes_on(compared: House, chromium: Browser, name: str, look: str) -> None:
    """No page complains, loads anything from elsewhere, or is wider than its window."""
    size, scheme = LOOKS[look]
    with under_load(compared), watched(chromium, size, scheme) as page:
        visit(page, compared, PAGES[name])

        shown = page.locator("#content")
        before = shown.inner_text()
        expect(page.get_by_text("No traffic in the last")).to_have_count(0)
        page.wait_for_function("before => document.querySelector('#content').innerText !== before", arg=before)
        if name == "overview":
            page.wait_for_function("document.querySelectorAll('.chart path').length > 20")
        shoot(page, f"{name}-{look}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        is_dark = page.evaluate("document.body.classList.contains('body--dark')")
        assert is_dark is (scheme == "dark")


def test_theme_is_chosen_by_a_button_and_kept(house: House, page: Page) -> None:
    visit(page, house)
    button = page.locator("#theme")

    button.click()
    expect(page.locator("body.body--dark")).to_have_count(1)
    page.reload()
    expect(page.locator("body.body--dark")).to_have_count(1)
    expect(button).to_have_attribute("aria-label", "Theme: dark. Change it")


def test_link_leaves_no_token_in_the_address_and_a_cookie_that_scripts_cannot_read(house: House, page: Page) -> None:
    visit(page, house, "routes")

    assert "token" not in page.url
    assert "fig_dashboard" not in page.evaluate("document.cookie")
    (cookie,) = [one for one in page.context.cookies() if one["name"].startswith("fig_dashboard")]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/fig")


def test_what_somebody_wrote_is_shown_as_text(house: House, page: Page) -> None:
    """A path of a client, or a reason in the history, is no HTML."""
    with house.client() as client:
        client.get("/<img src=x onerror=alert(1)>/<b>")

    visit(page, house, "left")

    expect(page.locator("#content table").last).to_contain_text("{id}")
    assert page.locator("#content img").count() == 0


def test_dashboard_leaves_no_file_behind(house: House) -> None:
    assert sorted(path.name for path in house.routes.parent.iterdir() if path.name.startswith(".")) == [".fig"]


def test_route_shows_where_its_sides_differ_with_requests_that_show_it_again(house: House, page: Page) -> None:
    """Customers answer in place of orders: every comparison differs."""
    wrong = COMPARED.replace(
        "match: GET /orders/{id}\n    handler: migrated.orders",
        "match: GET /orders/{id}\n    handler: migrated.customers",
    )
    since = house.here
    house.edit(wrong)
    house.wait_for_line(lambda line: line.endswith(" published"), since)

    with under_load(house, [ORDER]):
        visit(page, house, "route/orders.read")
        path = page.locator("details.path").first
        path.locator("summary").click()
        expect(path.locator("tbody tr").first).to_contain_text("legacy")
        expect(path.locator(".command").first).to_contain_text("override orders.read legacy | head -1")
        expect(path).to_have_attribute("open", "")
        expect(page.get_by_text("more equal samples would do")).to_be_visible()
        shoot(page, "route-differing")
