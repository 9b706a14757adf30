"""What costs by the hour: snapshots, provisioned environments, and reading the routing table."""

from dataclasses import replace
from fractions import Fraction

import pytest

from proxy.cost import notes, ready
from proxy.cost.estimate import estimate
from proxy.cost.flow import Workload
from proxy.cost.meters import Meter
from proxy.cost.ready import ColdStart, Provisioned, SnapStart
from proxy.cost.usage import Setup
from tests.cost.samples import flow, rates, setup, workload

MILLION = Fraction(10**6)
MONTH_S = 730 * 3600
CACHED, RESTORED = Fraction("0.0000015046"), Fraction("0.0001397998")


def used(month: Workload, where: Setup) -> dict[Meter, Fraction]:
    return {charge.meter: charge.quantity for charge in estimate(month, where, rates()).charges}


@pytest.mark.parametrize(
    ("cold_start", "usd"),
    [
        ("plain", Fraction()),
        (SnapStart(), MONTH_S * CACHED),
        (SnapStart(versions=Fraction(3)), 3 * MONTH_S * CACHED),
        (SnapStart(restores=MILLION), MONTH_S * CACHED + MILLION * RESTORED),
        (Provisioned(Fraction(0)), Fraction()),
    ],
)
def test_how_environments_start_is_part_of_the_bill(cold_start: ColdStart, usd: Fraction) -> None:
    without, month = (estimate(workload(), setup(cold_start=start), rates()) for start in ("plain", cold_start))

    assert month.usd - without.usd == usd
    assert month.proxy.usd - without.proxy.usd == usd  # legacy needs none of it


def test_restores_are_the_cold_starts_of_the_records_unless_they_are_given() -> None:
    month = replace(workload(flow(memory_mb=512)), cold_starts=Fraction(100))

    found = [used(month, setup(cold_start=SnapStart(restores=given)))[Meter.RESTORES] for given in (None, Fraction(8))]

    assert found == [50, 4]


def test_month_without_requests_has_no_snapshot() -> None:
    assert used(Workload((), 0), setup(cold_start=SnapStart())) == {}


def test_migrated_handler_would_have_a_snapshot_without_the_proxy_too() -> None:
    month = estimate(workload(flow(side="migrated")), setup(cold_start=SnapStart()), rates())

    assert Meter.SNAPSHOTS not in month.proxy.by_meter


# 100,000 GB-seconds of work; an environment of a GB has 2,628,000 in a month.
@pytest.mark.parametrize(
    ("environments", "at_work", "beyond"),
    [("2", 100_000, 0), ("25/657", 100_000, 0), ("25/1314", 50_000, 50_000), ("0", 0, 100_000)],
)
def test_provisioned_environments_serve_what_they_have_time_for(environments: str, at_work: int, beyond: int) -> None:
    month = used(workload(), setup(cold_start=Provisioned(Fraction(environments))))

    assert month.get(Meter.SERVED_X86_64, 0) == at_work
    assert month.get(Meter.LAMBDA_X86_64, 0) == beyond
    assert month.get(Meter.PROVISIONED_X86_64, 0) == Fraction(environments) * MONTH_S


def test_provisioned_arm_has_its_own_prices() -> None:
    month = used(workload(), setup(architecture="arm64", cold_start=Provisioned()))

    assert month[Meter.SERVED_ARM64] == 100_000
    assert month[Meter.PROVISIONED_ARM64] == 2 * MONTH_S


@pytest.mark.parametrize(
    ("requests", "running", "reads"),
    [
        (10**7, None, 1_051_200),  # one is busy, and reads every 2.5 seconds
        (10**9, None, 39 * 1_051_200),  # 38.05 of them are busy on average
        (1000, None, 1000),  # nobody reads without a request
        (10**9, Fraction(3), 3 * 1_051_200),
        (10**9, Fraction(0), 0),
        (0, None, 0),
    ],
)
def test_each_environment_reads_the_routing_table(requests: int, running: Fraction | None, reads: int) -> None:
    month = workload(flow().times(Fraction(requests, 10**6)))

    assert ready.table_reads(month, running) == reads
    assert used(month, setup(environments=running)).get(Meter.DYNAMODB_READS, 0) == reads


@pytest.mark.parametrize(
    ("door", "usd"), [("http-api", Fraction("0.5")), ("function-url", 0), ("rest-api", 0), ("alb", 0)]
)
def test_http_api_writes_an_access_log(door: str, usd: Fraction) -> None:
    a_gb_each_million = Fraction(1024**3, 10**6)

    month = estimate(workload(), setup(front_door=door, access_log_bytes=a_gb_each_million), rates())

    assert {charge.meter: charge.usd for charge in month.charges}.get(Meter.LOGS, 0) == usd


@pytest.mark.parametrize("had_door", [False, True])
def test_access_log_is_the_front_doors_and_not_the_proxys(had_door: bool) -> None:
    logging = setup(had_door=had_door, access_log_bytes=Fraction(1000))

    assert (Meter.LOGS in estimate(workload(), logging, rates()).proxy.by_meter) is not had_door


@pytest.mark.parametrize(
    ("where", "told"),
    [
        (setup(cold_start=SnapStart()), "versions kept with SnapStart: 1; restores: 0, though each cold start is one"),
        (setup(cold_start=SnapStart(restores=MILLION)), "versions kept with SnapStart: 1; restores: 1,000,000"),
        (setup(cold_start=Provisioned()), "provisioned: all time that the environments could serve"),
        (setup(environments=None), "environments that read the routing table: 1, as many as are busy on average"),
        (setup(access_log_bytes=Fraction(274)), "the HTTP API's access log: 274 bytes for each request"),
        (
            setup(),
            "not in it: the daily counts of who asks legacy: at most a write to that table for each request, 0.63",
        ),
    ],
)
def test_what_is_assumed_of_it_is_told(where: Setup, told: str) -> None:
    month = workload()

    lines = list(notes.of(estimate(month, where, rates()), month, where, rates()))

    assert [line for line in lines if line.startswith(told)] != []


def test_twelve_thousand_metrics_in_ireland_are_told_to_rest_on_another_regions_tiers() -> None:
    """They were priced as if the first tier had no end: 3,597.00 instead of 3,199.00, and nobody was told."""
    region = rates("always", "eu-west-1")

    months = [Workload((), series=10_010), Workload((), series=12_000)]

    first_tier, beyond = (
        (priced.usd, next(iter(notes.of(priced, month, Setup(), region))))
        for month in months
        for priced in [estimate(month, Setup(), region)]
    )

    assert beyond == (
        Fraction(3199),
        "the price of CloudWatch metrics beyond 10,000 in eu-west-1 is not verified: the first tier is AWS's for this "
        "region, the others are those of us-east-1",
    )
    assert first_tier[0] == 3000
    assert "not verified" not in first_tier[1]
