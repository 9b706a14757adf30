"""The same pages for a deployed stack: CloudWatch's numbers, and a table that no file of this folder says."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from proxy.stores.file_history import FileHistory
from tests.browser.conftest import open_link, shoot
from tests.browser.test_buttons import press

pytestmark = pytest.mark.browser


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def link(tmp_path: Path, store: Path) -> Iterator[str]:
    """What opens the dashboard of a stack."""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.browser.cloud_pages", str(store)]
    # Its folder has no routes.yaml; the code is found all the same.
    with subprocess.Popen(
        command, cwd=tmp_path, env={"PATH": "", "PYTHONPATH": str(root)}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def test_same_page_shows_what_cloudwatch_knows(link: str, page: Page) -> None:
    open_link(page, link)

    tile = page.locator(".tile").first
    expect(tile.locator(".main")).to_have_text("25.0\N{NO-BREAK SPACE}%")
    expect(tile.locator("dd")).to_have_text(["10", "30", "0 of 3"])
    expect(page.locator(".concerns")).to_contain_text("customers.read 1 of 40 requests failed")
    shoot(page, "cloud-overview")


def test_who_presses_a_button_says_so_where_several_can(link: str, store: Path, page: Page) -> None:
    """Nobody's machine stands behind a page that several people open; there is no file, so what is in force counts."""
    open_link(page, link, "route/customers.read")

    press(page, "Move …", "it fails", stage="legacy", who="grace")

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("customers.read: canary 5 % → legacy")
    expect(alert).to_contain_text(f"--store file:{store}")
    (entry, _) = FileHistory(store).entries(9)
    assert (entry.who.split(" ")[0], entry.why) == ("grace", "it fails")
    assert "(dashboard as " in entry.who
