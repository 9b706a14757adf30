"""Buttons do what `fig` does: clients notice, routes.yaml follows, the history says who and why, the gate refuses."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import shoot, visit
from tests.browser.load import CUSTOMER, ORDER, Load
from tests.end_to_end.house import ROUTES, House, until

pytestmark = pytest.mark.browser


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house of the test's own: its table is changed."""
    with House(tmp_path, "--dashboard-port", "0", "--workers", "1") as house:
        yield house


def press(
    page: Page, button: str, why: str, *, verb: str = "", stage: str = "", percent: str = "", who: str = ""
) -> None:
    """Press a button, answer what it asks, and confirm."""
    page.get_by_role("button", name=button).click()
    dialog = page.get_by_role("dialog")
    if stage:
        dialog.get_by_label("Stage").click()
        page.get_by_role("option", name=f"{stage}:").click()
    if percent:
        dialog.get_by_label("Percent").fill(percent)
    if who:
        dialog.get_by_label("Who are you?").fill(who)
    dialog.get_by_label("Why?").fill(why)
    dialog.get_by_role("button", name=verb or button.removesuffix(" …"), exact=True).click()


def side_of(house: House, path: str) -> str:
    """The side that answers a path now."""
    load = Load(house)
    load.ask(path)
    return next(iter(load.by_side))


def test_flip_by_button_is_noticed_by_clients_and_taken_back_by_another(house: House, page: Page) -> None:
    visit(page, house, "route/customers.read")
    assert side_of(house, CUSTOMER) == "migrated"

    press(page, "Move …", "customers see errors", stage="legacy")
    expect(page.get_by_role("alert")).to_contain_text("customers.read: migrated → legacy")
    expect(page.get_by_role("alert")).to_contain_text("--route customers.read --why")
    until(lambda: side_of(house, CUSTOMER) == "legacy")
    assert house.routes.read_text() == ROUTES.replace("stage: migrated", "stage: legacy")
    shoot(page, "dialog-done")
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".route-heading .stage")).to_have_text("legacy")
    history = page.locator(".history > li").first
    expect(history).to_contain_text("customers see errors")
    expect(history).to_contain_text("(dashboard)")

    # Back to more clients for the migrated side: a rollback does not go there by itself.
    press(page, "Roll back …", "they were somebody else's")
    expect(page.get_by_role("alert")).to_contain_text("was passed over: customers.read: legacy → migrated")
    page.get_by_role("checkbox").click()
    page.get_by_role("dialog").get_by_role("button", name="Roll back", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("forced: version 1 gives the migrated side more clients")
    until(lambda: side_of(house, CUSTOMER) == "migrated")


def test_refusal_of_the_gate_is_shown_and_changes_nothing(house: House, page: Page) -> None:
    before = house.routes.read_text()
    visit(page, house, "route/orders.read")

    press(page, "Move …", "all looks well", stage="canary", percent="5")

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Refused. Nothing was changed.")
    expect(alert).to_contain_text("orders.read: nothing was ever compared")
    shoot(page, "dialog-refused")
    assert house.routes.read_text() == before
    assert side_of(house, ORDER) == "legacy"


def test_insisting_does_it_all_the_same_and_a_canary_is_ramped(house: House, page: Page) -> None:
    visit(page, house, "route/orders.read")
    press(page, "Move …", "half of them", stage="canary", percent="50")
    expect(page.get_by_role("alert")).to_contain_text("Refused")

    page.get_by_role("checkbox").click()
    page.get_by_role("dialog").get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("forced: orders.read: nothing was ever compared")
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".route-heading .stage")).to_have_text("canary 50 %")

    press(page, "Ramp …", "everybody", percent="100")
    expect(page.get_by_role("alert")).to_contain_text("Refused")
    page.get_by_role("checkbox").click()
    page.get_by_role("dialog").get_by_role("button", name="Ramp", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("canary 50 % → 100 %")
    until(lambda: side_of(house, ORDER) == "migrated")


def test_freeze_takes_everything_back_until_a_thaw(house: House, page: Page) -> None:
    visit(page, house, "")
    press(page, "Freeze", "errors everywhere")
    expect(page.get_by_role("alert")).to_contain_text("customers.read (migrated) stays where it has arrived")
    page.get_by_role("button", name="Close").click()
    note = page.locator(".frozen-note")
    expect(note).to_contain_text("Frozen.")
    expect(note).to_contain_text("errors everywhere")
    expect(page.get_by_role("dialog")).to_have_count(0)
    shoot(page, "frozen")

    press(page, "Thaw", "mended")
    expect(page.get_by_role("alert")).to_contain_text("every route goes by its own stage again")
    page.get_by_role("button", name="Close").click()
    expect(note).to_be_empty()


def test_nothing_is_done_without_a_reason(house: House, page: Page) -> None:
    visit(page, house, "")

    press(page, "Freeze", "  ")

    expect(page.get_by_role("alert")).to_contain_text("Say who you are and why")
    noted = json.loads((house.routes.parent / ".fig" / "dev.json").read_text())
    assert noted["dashboard"]["url"].endswith("/fig/")
    assert not any("freeze by" in line for line in house.lines)


def test_dialog_is_used_by_keys_alone(house: House, page: Page) -> None:
    """The first field has the focus, which stays inside; Enter confirms, Escape leaves, and then it is back."""
    visit(page, house, "route/customers.list")
    button = page.get_by_role("button", name="Move …")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Why?")).to_be_focused()

    for _ in range(8):
        page.keyboard.press("Tab")
        # The body has it for a moment where a browser of a person would show its own address bar.
        assert page.evaluate("document.activeElement.matches('body, .q-dialog *')")
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()
