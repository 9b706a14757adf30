"""What a dashboard answers is a snapshot again, and whatever else it answers is told."""

import json

import pytest

from proxy.metrics.as_json import to_json
from proxy.metrics.of_dashboard import DashboardMetrics
from proxy.metrics.records import RecordMetrics
from tests.metrics.fake_dashboard import dashboard
from tests.metrics.lines import NOON, Clock, exchange_line


def test_snapshot_is_asked_for_with_the_token_and_comes_back_as_it_is() -> None:
    records = RecordMetrics(Clock())
    records.add(exchange_line(client="agent:curl"))
    snapshot = records.snapshot(300)

    with dashboard(200, json.dumps(to_json(snapshot)).encode()) as (url, asked):
        told = DashboardMetrics(f"{url}/", "the token").snapshot(300.0)

    assert told == snapshot
    assert asked == [("/api/snapshot?window=300", "Bearer the token")]


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (401, b"{}", "got 401 Unauthorized"),
        (503, b"", "got 503 Service Unavailable"),
        (200, b"{}", "got JSON that is no snapshot: KeyError('at')"),
        (200, b"<html>", "Expecting value: line 1 column 1 (char 0)"),
        (200, b"\xff", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
    ],
)
def test_answer_that_is_no_snapshot_is_told(status: int, body: bytes, problem: str) -> None:
    with dashboard(status, body) as (url, _):
        told = DashboardMetrics(url, "the token", Clock()).snapshot(300.0)

    assert told.problem == f"the dashboard at {url}: {problem}"
    assert (told.at, told.window_s, told.routes) == (NOON, 300.0, {})


def test_dashboard_that_has_gone_is_told() -> None:
    with dashboard(200, b"") as (url, _):
        pass

    told = DashboardMetrics(url, "the token", Clock()).snapshot(300.0)

    assert told.problem.startswith(f"the dashboard at {url}: got no answer: ")
    assert told.problem.endswith("; start fig dev again")
