"""What local workers write is counted exactly, at its own time, in bounded memory."""

import json
import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.metrics.records import MOST_PAIRS, MOST_PATHS, RecordMetrics
from proxy.metrics.source import Flow, RouteNumbers, Side, Usage
from tests.metrics.lines import NOON, Clock, comparison_line, exchange_line

SIDES: tuple[Side, ...] = ("legacy", "migrated", "proxy")


def counted(*lines: str, clock: Clock | None = None) -> RecordMetrics:
    """Metrics that have seen these lines."""
    metrics = RecordMetrics(clock or Clock())
    for line in lines:
        metrics.add(line)
    return metrics


def test_nothing_was_told_yet() -> None:
    snapshot = counted().snapshot(300)

    assert (snapshot.routes, snapshot.legacy_usage, snapshot.unlisted_paths) == ({}, [], {})
    assert (snapshot.at, snapshot.window_s, snapshot.problem, snapshot.table_version) == (NOON, 300, "", 0)


def test_exchanges_are_counted_by_route_and_side() -> None:
    metrics = counted(
        exchange_line(total_ms=10.0),
        exchange_line(total_ms=10.0, status=502, code="legacy_unreachable"),
        exchange_line(side="migrated", total_ms=0.05),
        exchange_line(route="orders.list", side="legacy", fallback="migrated_timeout"),
    )

    routes = metrics.snapshot(60).routes

    counts = {
        (route, side): (flow.requests, flow.errors) for route, of in routes.items() for side, flow in of.flows.items()
    }
    assert counts == {
        ("orders.read", "legacy"): (2, 1),
        ("orders.read", "migrated"): (1, 0),
        ("orders.list", "legacy"): (1, 0),
    }
    assert {route: numbers.fallbacks for route, numbers in routes.items()} == {"orders.read": 0, "orders.list": 1}
    assert routes["orders.read"].flows["migrated"] == Flow(1, 0, 0.1, 0.1, 0.1, ((0.1, 1),))  # type: ignore[arg-type]  # a tuple is equal to a Bucket


def test_comparisons_count_only_if_they_tell_whether_the_sides_agree() -> None:
    outcomes = ("equal", "equal", "different", "candidate_failed", "comparator_failed", "skipped")
    metrics = counted(*(comparison_line(what=what) for what in outcomes))

    assert metrics.snapshot(60).routes == {"orders.read": RouteNumbers(comparisons=4, differences=2)}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "INFO shop: GET /orders/O-5001",
        '{"message":"exchange"}',
        '{"location":"proxy.observe"',
        '["location":"proxy.observe"]',
        '"\\"location\\":\\"proxy.observe\\""',
        exchange_line().replace('"latency":10.000', '"latency":NaN'),
        exchange_line().replace('"latency":10.000', '"latency":-1'),
        exchange_line().replace('"latency":10.000', '"latency":1e999'),
        exchange_line().replace('"latency":10.000', '"latency":"slow"'),
        exchange_line().replace('"side":"legacy"', '"side":"both"'),
        exchange_line().replace('"side":"legacy"', '"side":["legacy"]'),
        exchange_line().replace('"message":"exchange"', '"message":"order saved"'),
        exchange_line().replace('"_aws":{"Timestamp":1', '"_aws":{"Time":1'),
        exchange_line().replace('"_aws":{"Timestamp":1', '"_aws":{"Timestamp":-1'),
        "[" * 100_000 + '"location":"proxy.observe"',
    ],
)
def test_what_is_no_record_of_ours_is_ignored(line: str) -> None:
    assert counted(line).snapshot(60) == RecordMetrics(Clock()).snapshot(60)


def test_newest_version_of_the_table_is_told_whichever_worker_still_has_the_one_before() -> None:
    metrics = counted(exchange_line(table_version=8), exchange_line(table_version=7))

    assert metrics.snapshot(60).table_version == 8


def test_problem_of_the_table_is_told_until_nobody_has_told_of_it_for_half_a_minute() -> None:
    clock = Clock()
    problem = ',"table_problem":"version 9 is damaged"'
    metrics = counted(exchange_line(counters=problem), exchange_line(NOON + 29), clock=clock)

    told = []
    for at in (NOON + 29, NOON + 31):
        clock.at = at
        metrics.add(exchange_line(at))
        told.append(metrics.snapshot(300).table_problem)

    assert told == ["version 9 is damaged", ""]


OPENED = {"side": "legacy", "reason": "breaker_open"}
FAILED = {"side": "migrated", "status": 502, "breaker": "open"}
ANSWERED = {"side": "migrated"}
PROBE_FAILED = {"side": "legacy", "fallback": "migrated_broken", "breaker": "half-open"}
NOT_ASKED = {"side": "migrated", "status": 503, "code": "breaker_open"}
OTHERWISE = {"side": "legacy"}


@pytest.mark.parametrize(
    ("told", "breaker"),
    [
        ([ANSWERED], ""),
        ([FAILED], "open"),
        ([OPENED], "open"),
        ([NOT_ASKED], "open"),
        ([FAILED, OTHERWISE], "open"),
        ([FAILED, PROBE_FAILED], "half-open"),
        ([OPENED, ANSWERED], ""),
        ([ANSWERED, OPENED], "open"),
    ],
)
def test_breaker_has_the_state_that_was_told_last(told: list[dict[str, Any]], breaker: str) -> None:
    metrics = counted(*(exchange_line(NOON - 10 + number, **fields) for number, fields in enumerate(told)))

    assert metrics.snapshot(60).routes["orders.read"].breaker == breaker


def test_who_asks_legacy_for_what_is_told_the_most_first() -> None:
    metrics = counted(
        exchange_line(client="agent:okhttp"),
        *[exchange_line(route="unlisted", stage="unlisted", path="/invoices/{id}", client="agent:curl")] * 2,
        exchange_line(side="migrated", client="agent:okhttp"),
        exchange_line(side="proxy", client="agent:okhttp"),
        exchange_line(),
    )

    snapshot = metrics.snapshot(60)

    assert snapshot.legacy_usage == [
        Usage("/invoices/{id}", "agent:curl", 2),
        Usage("orders.read", "", 1),
        Usage("orders.read", "agent:okhttp", 1),
    ]
    assert snapshot.unlisted_paths == {"/invoices/{id}": 2}


# Time.


@pytest.mark.parametrize(
    ("window_s", "ages_s", "expected"),
    [
        (60, [0, 59, 60, 61], 3),
        (300, [0, 299, 300, 301], 3),
        (7200, [0, 301, 7199, 7200, 7201], 4),
        (86_400, [0, 7200, 7201], 2),
        (0, [0, 1, 2], 2),
    ],
)
def test_window_begins_with_a_slice_and_tells_its_length(window_s: float, ages_s: list[int], expected: int) -> None:
    """Noon is the beginning of a slice, so that windows of whole slices are exact here."""
    metrics = counted(*(exchange_line(NOON - age) for age in ages_s))

    snapshot = metrics.snapshot(window_s)

    clock_start = snapshot.at - snapshot.window_s
    assert sum(flow.requests for of in snapshot.routes.values() for flow in of.flows.values()) == sum(
        NOON - age >= clock_start for age in ages_s
    )
    if window_s:
        assert sum(NOON - age >= clock_start for age in ages_s) == expected


def test_late_record_counts_at_its_own_time() -> None:
    metrics = counted(exchange_line(), exchange_line(NOON - 200))

    assert [
        (point.at, point.requests["legacy"]) for point in metrics.snapshot(300).series if any(point.requests.values())
    ] == [
        (NOON - 201, 1),
        (NOON, 1),
    ]


def test_record_that_is_later_than_two_hours_is_forgotten_already() -> None:
    metrics = counted(exchange_line(), exchange_line(NOON - 8000))

    assert metrics.snapshot(7200).routes["orders.read"].flows["legacy"].requests == 1


def test_record_from_the_future_counts_now() -> None:
    """The clocks of two processes on a machine may be set between their readings."""
    metrics = counted(exchange_line(NOON + 3600))

    assert metrics.snapshot(60).routes["orders.read"].flows["legacy"].requests == 1


def test_long_window_tells_that_it_is_cut() -> None:
    assert counted().snapshot(7201).problem == "records are kept for two hours"


def test_old_numbers_go() -> None:
    clock = Clock()
    metrics = counted(exchange_line(), clock=clock)

    clock.at += 7500
    metrics.add(exchange_line(clock.at, route="orders.list"))

    assert list(metrics.snapshot(7200).routes) == ["orders.list"]


@pytest.mark.parametrize(("window_s", "seconds"), [(10, 1), (60, 1), (300, 3), (3600, 40), (7200, 70)])
@pytest.mark.parametrize("late_s", [0.0, 7.5, 299.999])
def test_series_covers_the_window_in_at_most_120_points(window_s: float, seconds: float, late_s: float) -> None:
    clock = Clock(NOON + late_s)

    snapshot = counted(clock=clock).snapshot(window_s)

    series = snapshot.series
    assert len(series) <= 120
    assert series[0].at == snapshot.at - snapshot.window_s
    assert all(before.at + before.seconds == after.at for before, after in pairwise(series))
    assert series[-1].at <= snapshot.at < series[-1].at + series[-1].seconds
    assert all(point.seconds <= seconds + 10 and point.at % point.seconds == 0 for point in series[1:-1])


# Exactness, whatever the order.

ROUTES = ("orders.read", "orders.list", "unlisted")
TOLD = st.tuples(
    st.floats(0, 8000),
    st.sampled_from(ROUTES),
    st.sampled_from(SIDES),
    st.sampled_from([200, 404, 500, 504]),
    st.floats(0, 100_000),
    st.sampled_from(["", "agent:curl", "claim:sub:1f3a5c7b9d0e"]),
)


@given(st.lists(TOLD, max_size=60), st.sampled_from([60.0, 300.0, 301.0, 3600.0, 7200.0]), st.floats(0, 600))
def test_counts_are_those_of_the_records_in_the_window(
    told: list[tuple[float, str, Side, int, float, str]], window_s: float, late_s: float
) -> None:
    clock = Clock(NOON + late_s)
    metrics = RecordMetrics(clock)
    for age_s, route, side, status, took_ms, client in told:
        metrics.add(
            exchange_line(clock.at - age_s, route=route, side=side, status=status, total_ms=took_ms, client=client)
        )

    snapshot = metrics.snapshot(window_s)

    # Counted once more, from what the lines themselves say: times in whole milliseconds.
    start = snapshot.at - snapshot.window_s
    within = [one for one in told if int((clock.at - one[0]) * 1000) / 1000 >= start]
    requests = Counter((route, side) for _, route, side, *_ in within)
    errors = Counter((route, side) for _, route, side, status, *_ in within if status >= 500)
    flows = {(route, side): flow for route, of in snapshot.routes.items() for side, flow in of.flows.items()}
    assert {key: flow.requests for key, flow in flows.items()} == requests
    assert {key: flow.errors for key, flow in flows.items() if flow.errors} == errors
    assert {(row.what, row.client): row.requests for row in snapshot.legacy_usage} == Counter(
        (route, client) for _, route, side, _, _, client in within if side == "legacy"
    )
    for side in SIDES:
        assert sum(point.requests[side] for point in snapshot.series) == sum(one[2] == side for one in within)
        assert sum(point.errors[side] for point in snapshot.series) == sum(
            one[2] == side and one[3] >= 500 for one in within
        )
    for key, flow in flows.items():
        took = sorted(round(one[4], 3) for one in within if one[1:3] == key)
        assert sum(bucket.answers for bucket in flow.latency) == len(took)
        for percent, told_ms in ((50, flow.p50_ms), (95, flow.p95_ms), (99, flow.p99_ms)):
            exact = took[max(1, math.ceil(len(took) * percent / 100)) - 1]
            assert told_ms is not None
            assert max(exact, 0.1) - 1e-3 <= told_ms <= max(exact, 0.1) * 1.05 + 1e-3


def test_lines_that_come_while_somebody_asks_are_all_counted_once() -> None:
    metrics = counted()
    lines = [exchange_line(route=f"r{number % 50}") for number in range(2000)]

    def write(part: list[str]) -> None:
        for line in part:
            metrics.add(line)

    with ThreadPoolExecutor(5) as threads:
        writing = [threads.submit(write, lines[at::4]) for at in range(4)]
        asking = threads.submit(lambda: [metrics.snapshot(300) for _ in range(50)])
    asking.result()
    for done in writing:
        done.result()

    numbers = metrics.snapshot(300)
    assert {route: of.flows["legacy"].requests for route, of in numbers.routes.items()} == {
        f"r{number}": 40 for number in range(50)
    }


# Memory.


def test_random_paths_and_clients_stay_bounded() -> None:
    """100 000 paths and 10 000 clients: a scanner of one night."""
    line = json.loads(exchange_line(route="unlisted", stage="unlisted", path="PATH", client="CLIENT"))
    text = json.dumps(line, separators=(",", ":"))
    metrics = counted(*(text.replace("PATH", f"/p{n}").replace("CLIENT", f"c{n % 10_000}") for n in range(100_000)))

    snapshot = metrics.snapshot(300)

    assert len(snapshot.unlisted_paths) == MOST_PATHS + 1
    assert snapshot.unlisted_paths["*"] == 100_000 - MOST_PATHS
    assert len(snapshot.legacy_usage) <= MOST_PAIRS + 1
    assert sum(row.requests for row in snapshot.legacy_usage) == 100_000
    assert snapshot.legacy_usage[0].client == "*"


def test_names_that_nobody_uses_any_more_make_room() -> None:
    clock = Clock()
    paths = [exchange_line(route="unlisted", path=f"/p{number}") for number in range(MOST_PATHS + 1)]
    metrics = counted(*paths, clock=clock)

    clock.at += 7501
    metrics.add(exchange_line(clock.at, route="unlisted", path="/new"))

    assert metrics.snapshot(7200).unlisted_paths == {"/new": 1}


def test_snapshot_is_not_changed_by_later_lines() -> None:
    metrics = counted(exchange_line())
    before = metrics.snapshot(60)
    copied = replace(before, routes=dict(before.routes))

    metrics.add(exchange_line())

    assert before == copied
    assert before.routes["orders.read"].flows["legacy"].requests == 1
