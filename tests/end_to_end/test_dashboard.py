"""The dashboard as a part of `fig dev`: on a port of its own, behind its token, counting what the workers write."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from .house import House, until

PART = "proxy.dev.dashboard"


@pytest.fixture(scope="module")
def shown_house(tmp_path_factory: pytest.TempPathFactory, frugal: tuple[str, ...]) -> Iterator[House]:
    """A house with a dashboard."""
    with House(tmp_path_factory.mktemp("shown"), *frugal, "--dashboard-port", "0") as house:
        yield house


@pytest.fixture
def outside() -> Iterator[httpx.Client]:
    """Somebody who has no token."""
    with httpx.Client(trust_env=False, verify=False, timeout=30) as client:
        yield client


def numbers(house: House, client: httpx.Client) -> dict[str, Any]:
    """What the dashboard has counted. Any: JSON."""
    noted = json.loads((house.routes.parent / ".fig" / "dev.json").read_text())["dashboard"]
    answer = client.get(f"{noted['url']}api/snapshot", headers={"Authorization": f"Bearer {noted['token']}"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_it_counts_what_clients_got_in_a_process_of_its_own(shown_house: House, outside: httpx.Client) -> None:
    def counted() -> tuple[int, int]:
        found = numbers(shown_house, outside)
        flows = found["routes"].get("customers.read", {"flows": {}})["flows"]
        return flows.get("migrated", {"requests": 0})["requests"], found["unlisted_paths"].get("/reports/sales.csv", 0)

    with shown_house.client() as client:
        for _ in range(7):
            client.get("/customers/C-1001")
        client.get("/reports/sales.csv")

    until(lambda: counted() == (7, 1))
    assert shown_house.part(PART) != shown_house.pid


def test_nothing_is_seen_without_the_token_or_under_another_name(shown_house: House, outside: httpx.Client) -> None:
    url, _, token = shown_house.dashboard_link.partition("?token=")

    assert outside.get(url).status_code == 401
    assert outside.get(f"{url}_nicegui/3.18.0/static/nicegui.js").status_code == 401
    assert outside.get(f"{url}?token=wrong").status_code == 401
    assert outside.get(f"{url}?token={token}", headers={"Host": "evil.example.com"}).status_code == 421
    let_in = outside.get(f"{url}?token={token}")
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/fig/")
    assert outside.get(url).status_code == 200
    crossing = {"Origin": "http://evil.example.com"}
    assert outside.post(f"{url}_nicegui_ws/socket.io/?EIO=4&transport=polling", headers=crossing).status_code == 403


def test_clients_port_knows_no_dashboard(shown_house: House) -> None:
    """What clients use leads to their API alone: legacy answers what no route lists."""
    with shown_house.client() as client:
        assert "server" in client.get("/fig/").headers


def test_token_is_in_no_list_of_processes_and_in_no_file_that_others_read(shown_house: House) -> None:
    _, _, token = shown_house.dashboard_link.partition("?token=")
    noted = shown_house.routes.parent / ".fig" / "dev.json"

    commands = [process.command for process in shown_house.parts()]
    assert not any(token in command for command in commands)
    assert (token in noted.read_text(), noted.stat().st_mode & 0o077) == (True, 0)


def test_house_goes_on_without_its_dashboard(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    with House(tmp_path, *frugal, "--dashboard-port", "0") as house:
        os.kill(house.part(PART), signal.SIGKILL)
        house.wait_for_line(lambda line: line.startswith("fig | dashboard ended"))

        with house.client() as client:
            for _ in range(20):
                assert client.get("/customers/C-1001").status_code == 200


def test_part_that_does_not_read_holds_up_no_client(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    """Lines that it is too slow for are dropped, and it says later how many."""
    with House(tmp_path, *frugal, "--dashboard-port", "0") as house:
        pid = house.part(PART)
        with httpx.Client(trust_env=False, verify=False, timeout=30) as outside, house.client() as client:
            until(lambda: numbers(house, outside))
            os.kill(pid, signal.SIGSTOP)
            try:
                for _ in range(1500):  # more than pipe and buffer hold
                    assert client.get("/customers/C-1001").status_code == 200
            finally:
                os.kill(pid, signal.SIGCONT)
            client.get("/customers/C-1001")
            until(lambda: numbers(house, outside)["routes"].get("customers.read"))
            until(lambda: any("not counted" in one["text"] for one in numbers(house, outside)["standing"]["concerns"]))


def test_port_that_was_asked_for_and_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        house = House(tmp_path, "--dashboard-port", str(port)).start()

        assert house.wait() == 2
        assert any(line.startswith(f"--dashboard-port: got {port}, which cannot be used") for line in house.lines)
