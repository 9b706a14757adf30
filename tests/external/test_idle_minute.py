"""A worker that slept for a minute goes by the table in force with its first request."""

import threading
from pathlib import Path

import pytest

from tests.end_to_end.client import Ask, proxied
from tests.end_to_end.house import ROUTES, House, until

pytestmark = pytest.mark.external

MINUTE_S = 60.0
READ = "match: GET /orders/{id}\n    handler: migrated.orders.api:handler\n    stage: "


def test_first_answer_after_a_minute_of_sleep_is_the_new_sides(tmp_path: Path) -> None:
    """An environment that slept never serves a stale stage."""
    with House(tmp_path, "--workers", "1") as house:
        ask = Ask("GET", "/orders/O-5001")
        until(lambda: proxied(house, ask).values("server"))

        threading.Event().wait(MINUTE_S)
        since = house.here
        house.edit(ROUTES.replace(f"{READ}legacy", f"{READ}migrated"))
        house.wait_for_line(lambda line: line.endswith(" published"), since)
        answer = proxied(house, ask)

    assert (answer.status, answer.values("server")) == (200, [])
