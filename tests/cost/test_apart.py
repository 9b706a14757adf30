"""Functions that run apart: the proxy waits for them, so that their time is billed twice."""

from dataclasses import replace
from fractions import Fraction

import pytest

from proxy.cost.compare import Case, compare
from proxy.cost.estimate import Estimate, estimate
from proxy.cost.flow import LAMBDA_LOG_BYTES, Workload
from proxy.cost.meters import Meter
from proxy.cost.ready import Provisioned, SnapStart
from proxy.routing.decide import Side
from tests.cost.samples import GB, flow, rates, setup, workload

MILLION = Fraction(10**6)
GB_S = Fraction("0.0000166667")
REQUEST = Fraction("0.0000002")


def difference(before: Estimate, after: Estimate) -> dict[Meter, Fraction]:
    usd = [{charge.meter: charge.usd for charge in month.charges} for month in (before, after)]
    meters = usd[0] | usd[1]
    found = {meter: usd[1].get(meter, Fraction()) - usd[0].get(meter, Fraction()) for meter in meters}
    return {meter: change for meter, change in found.items() if change}


def test_handler_that_runs_apart_is_not_billed_once_only() -> None:
    """Of 100 ms, the proxy takes two itself: for 98 both functions run."""
    migrated = flow(side="migrated", overhead_ms=MILLION * 2)

    apart = estimate(workload(migrated.running_apart(512)), setup(), rates())

    assert difference(estimate(workload(migrated), setup(), rates()), apart) == {
        Meter.LAMBDA_REQUESTS: MILLION * REQUEST,
        Meter.LAMBDA_X86_64: MILLION * Fraction("0.098") / 2 * GB_S,
    }
    assert apart.rows[0].apart == MILLION


def test_proxys_hop_costs_what_its_waiting_costs() -> None:
    migrated = flow(side="migrated", overhead_ms=MILLION * 2, log_bytes=MILLION * 1267).running_apart(512)

    month = estimate(workload(migrated), setup(), rates())

    # All of its 100 ms, its own request, and its record with Lambda's lines; the function's own are there without it.
    assert month.proxy.by_meter == {
        Meter.LAMBDA_REQUESTS: MILLION * REQUEST,
        Meter.LAMBDA_X86_64: MILLION * Fraction("0.1") * GB_S,
        Meter.LOGS: Fraction("0.5") * 1267 * MILLION / GB,
    }


def test_function_that_runs_apart_has_lines_of_lambda_in_a_log_of_its_own() -> None:
    logged = flow(side="migrated", log_bytes=MILLION * 1267)

    apart = estimate(workload(logged.running_apart(1024)), setup(), rates())

    assert difference(estimate(workload(logged), setup(), rates()), apart)[Meter.LOGS] == (
        Fraction("0.5") * LAMBDA_LOG_BYTES * MILLION / GB
    )


@pytest.mark.parametrize(
    ("side", "shadowed", "asked"),
    [("legacy", "0", 0), ("legacy", "1/4", 250_000), ("migrated", "1/4", 10**6), ("proxy", "1/4", 0)],
)
def test_function_apart_is_asked_wherever_the_migrated_side_is(side: Side, shadowed: str, asked: int) -> None:
    share = Fraction(shadowed)

    before = flow(side=side).running_apart(512).shadowing(share)
    after = flow(side=side).shadowing(share).running_apart(512)

    assert before == after
    assert after.apart_requests == asked
    assert after.apart_ms == asked * 100


def test_shadow_in_a_function_apart_adds_its_request_and_its_time_twice() -> None:
    month = estimate(workload(flow().running_apart(512).shadowing(Fraction(1))), setup(legacy_at="aws"), rates())

    assert month.shadows.by_meter == {
        Meter.LAMBDA_REQUESTS: MILLION * REQUEST,
        Meter.LAMBDA_X86_64: MILLION * Fraction("0.1") * Fraction(3, 2) * GB_S,
    }


def test_traffic_that_is_scaled_scales_what_runs_apart() -> None:
    apart = flow(side="migrated").running_apart(512)

    assert apart.times(Fraction(2)) == replace(apart, **{name: 2 * getattr(apart, name) for name in SUMS})


SUMS = ("requests", "gateway_units", "billed_ms", "bytes_in", "bytes_out", "apart_requests", "apart_ms")


@pytest.mark.parametrize("case", [Case(512), Case(512, Fraction(100))])
def test_memory_of_the_proxy_is_not_that_of_what_runs_apart(case: Case) -> None:
    month = workload(flow(side="migrated").running_apart(3072))

    assert compare(case, month, setup(), rates()).change_usd == -MILLION * Fraction("0.1") / 2 * GB_S


def test_function_apart_has_a_snapshot_of_its_own_and_keeps_it_without_the_proxy() -> None:
    month = Workload((flow(side="migrated").running_apart(512),), series=0, functions_mb=(512,))

    kept = estimate(month, setup(cold_start=SnapStart()), rates())

    cached = {charge.meter: charge.quantity for charge in kept.charges}[Meter.SNAPSHOTS]
    assert cached == Fraction("1.5") * 730 * 3600
    assert kept.proxy.by_meter[Meter.SNAPSHOTS] == 730 * 3600 * Fraction("0.0000015046")


def test_provisioned_environments_are_the_proxys_alone() -> None:
    month = workload(flow(side="migrated").running_apart(1024))

    used = {
        charge.meter: charge.quantity
        for charge in estimate(month, setup(cold_start=Provisioned(Fraction(1))), rates()).charges
    }

    assert used[Meter.SERVED_X86_64] == used[Meter.LAMBDA_X86_64] == 100_000
    assert used[Meter.PROVISIONED_X86_64] == 730 * 3600
