"""What the pages show, from numbers and standing alone."""

from proxy.dashboard.standing import Flipped
from proxy.dashboard.view import Concern
from proxy.metrics.source import RouteNumbers
from tests.dashboard.numbers import entry, flow, point, snapshot, standing, view


def test_every_route_has_a_row_and_so_has_what_no_route_lists_or_is_gone() -> None:
    numbers = {name: RouteNumbers({"legacy": flow(2)}) for name in ("orders.read", "unlisted", "invoices.read")}

    rows = view(snapshot(numbers)).rows

    assert [(row.id, row.stage_words, row.requests) for row in rows] == [
        ("orders.read", "canary 5 %", 2),
        ("orders.create", "legacy", 0),
        ("customers.read", "migrated", 0),
        ("unlisted", "unlisted", 2),
        ("invoices.read", "gone", 2),
    ]


def test_totals_are_the_sum_of_all_rows() -> None:
    numbers = {
        "orders.read": RouteNumbers({"legacy": flow(30, 1), "migrated": flow(10)}),
        "unlisted": RouteNumbers({"legacy": flow(5), "proxy": flow(2, 2)}),
    }

    shown = view(snapshot(numbers))

    assert shown.requests == sum(row.requests for row in shown.rows) == 47
    assert sum(row.errors for row in shown.rows) == 3
    assert shown.migrated_share == 10 / 45
    assert dict(shown.stages) == {"legacy": 1, "shadow": 0, "canary": 1, "live": 0, "migrated": 1, "retired": 0}


def test_row_tells_its_last_flip_by_whom_and_why() -> None:
    older = entry("orders.read: legacy → canary 1 %", "customers.read: live → migrated", version=2, who="grace")
    newer = entry("orders.read: canary 1 % → 5 %", "orders.create: timeout 5 s → 10 s", version=3)

    shown = view(standing_=standing(newer, older))

    flipped = {row.id: row.flipped for row in shown.rows}
    assert flipped["orders.read"] == Flipped(newer, "canary 1 % → 5 %")
    assert flipped["customers.read"] == Flipped(older, "live → migrated")
    assert flipped["orders.create"] is None  # its timeout is no stage


def test_freeze_is_shown_of_the_routes_that_it_takes_back() -> None:
    frozen = {row.id: row.is_frozen for row in view(standing_=standing(frozen="moving")).rows}

    assert frozen == {"orders.read": True, "orders.create": False, "customers.read": False}


def test_what_was_promised_and_is_not_kept_is_told() -> None:
    numbers = {"orders.read": RouteNumbers({"legacy": flow(1000, p95_ms=200), "migrated": flow(100, 1, p95_ms=301)})}

    row = view(snapshot(numbers)).row("orders.read")

    assert row is not None
    assert row.over == ("migrated p95 301 ms, 300 ms promised", "migrated errors 1 %, 0.5 % promised")


def test_concerns_come_with_what_happens_now_first() -> None:
    numbers = {
        "orders.read": RouteNumbers({"legacy": flow(10, 4)}, breaker="open"),
        "orders.create": RouteNumbers({"legacy": flow(10, 6)}),
    }
    found = view(
        snapshot(
            numbers, [point(0, legacy=5, errors=2), point(3)], table_problem="no such table", problem="incomplete"
        ),
        standing(problem="the store does not answer"),
        dropped=3,
    ).concerns

    assert list(found) == [
        Concern("legacy: 2 of the last 5 requests failed"),
        Concern("functions cannot read the newest table: no such table"),
        Concern("the store does not answer"),
        Concern("breaker open", "orders.read"),
        Concern("legacy errors 40 %, 0.5 % promised", "orders.read"),
        Concern("6 of 10 requests failed", "orders.create"),
        Concern("4 of 10 requests failed", "orders.read"),
        Concern("incomplete", is_severe=False),
        Concern("3 lines of the workers came too fast and are not counted", is_severe=False),
    ]


def test_many_comparisons_that_differ_do_not_hide_requests_that_failed() -> None:
    numbers = {
        **{f"r{number}": RouteNumbers({"legacy": flow(9)}, comparisons=9, differences=1) for number in range(9)},
        "orders.create": RouteNumbers({"legacy": flow(1000, 990)}),
    }

    concerns = view(snapshot(numbers)).concerns

    assert concerns[0] == Concern("990 of 1000 requests failed", "orders.create")
    assert len(concerns) == 10


def test_no_numbers_because_their_source_refuses_is_severe_and_not_taken_for_no_traffic() -> None:
    refused = view(snapshot(problem="cloudwatch: AccessDenied"))

    assert list(refused.concerns) == [Concern("cloudwatch: AccessDenied")]
    assert not refused.is_known
    assert view().is_known
    assert view(snapshot({"orders.read": RouteNumbers({"legacy": flow(1)})}, problem="incomplete")).is_known


def test_what_clients_did_not_notice_is_told_all_the_same() -> None:
    numbers = {"orders.read": RouteNumbers({"legacy": flow(10)}, fallbacks=2, comparisons=9, differences=3)}

    assert list(view(snapshot(numbers)).concerns) == [
        Concern("legacy stood in for the handler 2 times", "orders.read"),
        Concern("3 of 9 comparisons differ", "orders.read", is_severe=False),
    ]


def test_nothing_to_look_at_is_nothing() -> None:
    assert list(view(snapshot({"orders.read": RouteNumbers({"legacy": flow(10)})})).concerns) == []


def test_lines_that_were_lost_on_the_way_are_told() -> None:
    (lost,) = view(dropped=12).concerns

    assert lost == Concern("12 lines of the workers came too fast and are not counted", is_severe=False)
