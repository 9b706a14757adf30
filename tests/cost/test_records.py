"""Flows from the records that the proxy writes."""

import json
from fractions import Fraction

import pytest

from proxy.cost import records
from proxy.cost.flow import LAMBDA_LOG_BYTES, Flow
from proxy.cost.given import SERIES_PER_FLOW
from proxy.errors import Refused
from proxy.observe import Compared, Observer, Record
from proxy.settings import Settings
from tests.cost.samples import line


def test_records_are_added_up_by_route_and_side() -> None:
    lines = [
        line(total_ms=99.5, side_ms=97.2, bytes_in=0, bytes_out=10),
        line(total_ms=20.0, side_ms=18.5, bytes_in=513 * 1024, bytes_out=20),
        line(route="customers.read", stage="migrated", side="migrated", total_ms=4.2, side_ms=3.1),
    ]

    measured = records.read(lines, "traffic.log")

    customers, orders = measured.flows
    assert orders == Flow(
        route="orders.read",
        side="legacy",
        memory_mb=1024,
        requests=Fraction(2),
        gateway_units=Fraction(3),  # 513 KB count as two
        billed_ms=Fraction(120),  # 100 + 20
        overhead_ms=Fraction(3),  # 100 - 98 and 20 - 19
        bytes_in=Fraction(513 * 1024),
        bytes_out=Fraction(30),
        log_bytes=Fraction(len(lines[0]) + len(lines[1]) + 2 * LAMBDA_LOG_BYTES),
    )
    assert (customers.route, customers.side) == ("customers.read", "migrated")
    assert (customers.billed_ms, customers.overhead_ms) == (Fraction(5), Fraction(1))
    assert (measured.requests, measured.notes) == (3, ())


@pytest.mark.parametrize(
    ("stage", "side", "shadowed", "shadow_ms"),
    [
        ("legacy", "legacy", 0, 0),
        ("shadow", "legacy", 1, 97),  # 99.5 + 97.2 is billed as 197, of which 100 are the answer's
        ("canary", "legacy", 0, 0),
        ("live", "migrated", 1, 97),
        ("migrated", "migrated", 0, 0),
        ("live", "proxy", 0, 0),
    ],
)
def test_stage_that_shadows_counts_the_work_twice(stage: str, side: str, shadowed: int, shadow_ms: int) -> None:
    (flow,) = records.read([line(stage=stage, side=side, total_ms=99.5, side_ms=97.2)], "traffic.log").flows

    assert flow.shadowed == shadowed
    assert flow.shadow_ms == shadow_ms
    assert flow.shadow_bytes_in == shadowed * 1024
    assert flow.billed_ms == 100


def test_what_was_refused_before_it_became_a_request_is_billed_a_millisecond() -> None:
    refused = line(route="unlisted", stage="unlisted", side="proxy", status=400, total_ms=0.0, side_ms=0.0)

    (flow,) = records.read([refused], "traffic.log").flows

    assert flow.side == "proxy"
    assert (flow.requests, flow.billed_ms, flow.overhead_ms) == (Fraction(1), Fraction(1), Fraction(0))


def test_metrics_are_those_that_the_records_make() -> None:
    lines = [line(), line(stage="shadow"), line(stage="shadow"), line(side="migrated", stage="canary")]
    directive = json.loads(lines[0])["_aws"]["CloudWatchMetrics"][0]

    measured = records.read(lines, "traffic.log")

    assert directive["Dimensions"] == [["route", "side", "stage"]]
    assert len(directive["Metrics"]) == SERIES_PER_FLOW
    assert measured.series == 3 * SERIES_PER_FLOW


def test_metrics_folded_by_group_are_not_counted_by_route() -> None:
    folded = Settings(function_name="fig-proxy", memory_mb="1024", folds_groups=True)
    written: list[str] = []
    observer = Observer(folded, written.append, clock=lambda: 1_800_000_000.0)
    for route in ("orders.read", "orders.list"):
        observer.record(Record("r", 200, "", route=route, stage="legacy", side="legacy", group="orders"))
        observer.compared(Compared("r", route, "shadow", "migrated", "equal", "", (), 1.0, group="orders"))

    measured = records.read(written, "traffic.log")

    assert len(measured.flows) == 2
    assert measured.series == SERIES_PER_FLOW + 2


def test_metric_of_an_open_breaker_is_counted() -> None:
    broken = line(side="legacy", stage="canary", reason="breaker_open")

    assert '"Name":"breaker_open"' in broken
    assert records.read([broken, broken], "traffic.log").series == SERIES_PER_FLOW + 1


def test_cold_starts_are_the_first_records_of_environments() -> None:
    first = line()  # each line of these samples is an environment's first
    later = first.replace('"cold_start":true', '"cold_start":false')

    measured = records.read([first, later, later, first], "traffic.log")

    assert measured.cold_starts == 2
    assert measured.workload(Fraction(10), "tenfold").cold_starts == 20


def test_memory_that_was_changed_meanwhile_makes_a_flow_for_each_size() -> None:
    flows = records.read([line(memory_mb="512"), line(memory_mb="1024"), line(memory_mb="512")], "traffic.log").flows

    assert [(flow.memory_mb, int(flow.requests)) for flow in flows] == [(512, 2), (1024, 1)]


def test_memory_that_is_given_stands_in_for_what_the_records_say() -> None:
    flows = records.read([line(memory_mb="512"), line(memory_mb="0")], "traffic.log", memory_mb=2048).flows

    assert [(flow.memory_mb, int(flow.requests)) for flow in flows] == [(2048, 2)]


def test_records_without_memory_are_refused_with_what_helps() -> None:
    with pytest.raises(Refused, match="line 2 does not tell the function's memory; say it with --memory"):
        records.read([line(), line(memory_mb="0")], "traffic.log")


def test_time_that_the_records_span_is_from_the_first_to_the_last_whatever_their_order() -> None:
    lines = [line(at_s=1_800_000_060.5), line(at_s=1_800_000_000.0), line(at_s=1_800_000_030.0)]

    assert records.read(lines, "traffic.log").span_s == Fraction("60.5")


def test_lines_from_aws_logs_tail_are_read_too() -> None:
    plain = line()

    tailed = records.read([f"2027-01-15T08:00:00.1+00:00 2027/01/15/[$LATEST]0a1b {plain}"], "traffic.log")

    assert tailed.flows == records.read([plain], "traffic.log").flows


def test_other_lines_are_left_out_and_counted() -> None:
    lines = ["START RequestId: x\n", line(), "\n", '{"message":"exchange","location":"handler:12"}\n', "{\n"]

    measured = records.read(lines, "traffic.log")

    assert measured.requests == 1
    assert measured.notes == ("traffic.log: 4 lines were left out that are no records of exchanges",)


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('"latency":99.500', '"latency":"fast"', "latency: input should be a valid number"),
        ('"latency":99.500', '"latency":-1', "latency: input should be greater than or equal to 0"),
        ('"latency":99.500', '"latency":NaN', "latency: input should be a finite number"),
        ('"bytes_out":10240,', "", "bytes_out: field required"),
        ('"side":"legacy"', '"side":"upstream"', "side: input should be 'legacy', 'migrated' or 'proxy'"),
        ('"requests":1', '"requests', "invalid json"),
    ],
)
def test_damaged_record_is_left_out_and_told(was: str, now: str, said: str) -> None:
    whole = line()
    assert was in whole

    measured = records.read([whole, whole.replace(was, now), whole.replace(was, now)], "traffic.log")

    (note,) = measured.notes
    assert measured.requests == 1
    assert note.startswith(f"traffic.log: left out 2 damaged records, the first: line 2: {said}")


@pytest.mark.parametrize("lines", [[], ["\n"], ["hello\n", "{}\n"]])
def test_file_without_records_is_refused(lines: list[str]) -> None:
    with pytest.raises(Refused, match=rf"traffic\.log: got no record of an exchange in {len(lines)} lines, expected"):
        records.read(lines, "traffic.log")


@pytest.mark.parametrize("cut", [1, 10, -1, -100])
def test_record_that_was_cut_is_damaged_wherever_it_was_cut(cut: int) -> None:
    whole = line()

    measured = records.read([whole, whole[cut:] if cut > 0 else whole[: cut - 1]], "traffic.log")

    assert measured.requests == 1
    assert measured.notes[0].startswith("traffic.log: left out 1 damaged records, the first: line 2: invalid json")


def test_file_of_damaged_records_alone_is_refused_with_the_first_damage() -> None:
    with pytest.raises(Refused, match="in 1 lines but 1 damaged records, the first: line 1: invalid json"):
        records.read([line()[:300]], "traffic.log")
