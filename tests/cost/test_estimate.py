"""The bill: every component worked out by hand, then what must hold for any workload."""

from dataclasses import replace
from fractions import Fraction
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.cost.compare import Case, cases, compare
from proxy.cost.estimate import Estimate, estimate
from proxy.cost.flow import Flow, Workload
from proxy.cost.meters import Meter
from proxy.cost.prices import FreeTier
from proxy.cost.ready import Architecture, Provisioned, SnapStart
from proxy.cost.usage import Besides, FrontDoor, Place, Setup
from proxy.routing.decide import Side
from tests.cost.samples import GB, flow, rates, setup, workload

MILLION = Fraction(10**6)


def charges(month: Estimate) -> dict[str, str]:
    """Dollars by meter, to the millionth."""
    return {charge.meter.value: f"{float(charge.usd):.6f}" for charge in month.charges}


# A million requests of 1 KB, answers of 10 KB, 100 ms at 1 GB: 100,000 GB-seconds, 9.536743 GB of answers, and
# 0.953674 GB more if they are forwarded to the internet.
@pytest.mark.parametrize(
    ("changed", "usd"),
    [
        (
            {"legacy_at": "aws"},
            {
                "http-api-requests": "1.000000",
                "lambda-requests": "0.200000",
                "lambda-x86_64-gb-seconds": "1.666670",
                "data-out-gb": "0.858307",
            },
        ),
        (
            {"legacy_at": "internet", "front_door": "rest-api", "architecture": "arm64"},
            {
                "rest-api-requests": "3.500000",
                "lambda-requests": "0.200000",
                "lambda-arm64-gb-seconds": "1.333340",
                "data-out-gb": "0.944138",
            },
        ),
        (
            {"legacy_at": "aws", "front_door": "function-url"},
            {"lambda-requests": "0.200000", "lambda-x86_64-gb-seconds": "1.666670", "data-out-gb": "0.858307"},
        ),
        (
            {"legacy_at": "aws", "front_door": "alb"},
            {
                "load-balancer-hours": "16.425000",  # 730 × 0.0225
                "load-balancer-capacity-hours": "0.209808",  # 10.490417 GB / 0.4 × 0.008
                "lambda-requests": "0.200000",
                "lambda-x86_64-gb-seconds": "1.666670",
                "data-out-gb": "0.858307",
            },
        ),
    ],
)
def test_month_is_charged_by_front_door_architecture_and_place_of_legacy(
    changed: dict[str, Any], usd: dict[str, str]
) -> None:
    assert charges(estimate(workload(), setup(**changed), rates())) == usd


@pytest.mark.parametrize(
    ("besides", "usd"),
    [
        (Besides(metrics=Fraction(11)), {"metrics": "3.300000"}),
        (Besides(metrics=Fraction(), dynamodb_reads=MILLION, item_kb=Fraction(4)), {"dynamodb-read-units": "0.125000"}),
        (Besides(metrics=Fraction(), dynamodb_reads=MILLION, item_kb=Fraction(5)), {"dynamodb-read-units": "0.250000"}),
        (
            Besides(metrics=Fraction(), dynamodb_writes=MILLION, item_kb=Fraction(1)),
            {"dynamodb-write-units": "0.625000"},
        ),
        (
            Besides(metrics=Fraction(), dynamodb_writes=MILLION, item_kb=Fraction(2)),
            {"dynamodb-write-units": "1.250000"},
        ),
        (Besides(metrics=Fraction(), websocket_messages=MILLION), {"websocket-messages": "1.000000"}),
        (
            Besides(metrics=Fraction(), websocket_messages=MILLION, message_kb=Fraction(32)),
            {"websocket-messages": "1.000000"},
        ),
        (
            Besides(metrics=Fraction(), websocket_messages=MILLION, message_kb=Fraction(33)),
            {"websocket-messages": "2.000000"},
        ),
        (Besides(metrics=Fraction(), connection_minutes=MILLION), {"websocket-connection-minutes": "0.250000"}),
    ],
)
def test_what_no_request_shows_is_charged_too(besides: Besides, usd: dict[str, str]) -> None:
    month = estimate(Workload((), series=0), setup(besides=besides), rates())

    assert charges(month) == usd
    assert month.apart_usd == month.usd


def test_logs_are_charged_by_the_gb() -> None:
    month = estimate(workload(flow(log_bytes=Fraction(2 * GB))), setup(), rates())

    assert charges(month)["log-gb"] == "1.000000"


def test_metrics_are_those_of_the_records_unless_they_are_given() -> None:
    month = Workload((flow(),), series=6)

    assert charges(estimate(month, setup(besides=Besides()), rates()))["metrics"] == "1.800000"
    assert "metrics" not in charges(estimate(month, setup(), rates()))


@pytest.mark.parametrize(
    ("requests", "free_tier", "usd"),
    [
        (10**6 - 1, "always", "0"),
        (10**6, "always", "0"),
        (10**6 + 1, "always", "0.0000002"),
        (10**6 + 1, "none", "0.2000002"),
    ],
)
def test_free_units_end_at_their_edge(requests: int, free_tier: FreeTier, usd: str) -> None:
    month = estimate(workload(flow(requests=Fraction(requests))), setup(), rates(free_tier))

    (charge,) = (charge for charge in month.charges if charge.meter is Meter.LAMBDA_REQUESTS)
    assert charge.usd == Fraction(usd)
    assert charge.free == (min(requests, 10**6) if free_tier == "always" else 0)


@pytest.mark.parametrize(("milliseconds", "usd"), [(400, "0"), (401, "0.0166667")])
def test_free_gb_seconds_end_at_400_000(milliseconds: int, usd: str) -> None:
    month = estimate(workload(flow(billed_ms=MILLION * milliseconds)), setup(), rates("always"))

    (charge,) = (charge for charge in month.charges if charge.meter is Meter.LAMBDA_X86_64)
    assert charge.usd == Fraction(usd)


@pytest.mark.parametrize(("gigabytes", "usd"), [(100, "0"), (101, "0.09"), (100 + 10_241, "921.685")])
def test_tiers_of_data_out_begin_after_the_free_units(gigabytes: int, usd: str) -> None:
    month = estimate(workload(flow(bytes_out=Fraction(gigabytes * GB))), setup(legacy_at="aws"), rates("always"))

    (charge,) = (charge for charge in month.charges if charge.meter is Meter.DATA_OUT)
    assert charge.usd == Fraction(usd)


def test_first_year_has_a_million_gateway_requests_more() -> None:
    always, first_year = (estimate(workload(), setup(), rates(tier)) for tier in ("always", "first-year"))

    assert always.usd - first_year.usd == 1


def test_month_of_nothing_costs_nothing() -> None:
    nothing = estimate(workload(flow().times(Fraction())), setup(), rates())

    assert nothing.charges == ()
    assert nothing.usd == nothing.proxy.usd == nothing.shadows.usd == 0


def test_load_balancer_costs_without_any_request() -> None:
    assert estimate(Workload((), 0), setup(front_door="alb"), rates()).usd == Fraction("16.425")


# What the proxy adds to a million requests that legacy answers: gateway 1.00, Lambda 0.20 + 1.66667, data out 0.858307
# to clients and 0.085831 to legacy.
@pytest.mark.parametrize(
    ("changed", "usd"),
    [
        ({"legacy_at": "internet"}, "3.810808"),
        ({"legacy_at": "internet", "had_door": True}, "1.866670"),  # the gateway, and what it sent, was there before
        ({"legacy_at": "aws"}, "2.866670"),  # legacy's answers left AWS before, too
        ({"legacy_at": "aws", "had_door": True}, "1.866670"),
        ({"legacy_at": "aws", "front_door": "function-url"}, "1.866670"),
        ({"legacy_at": "aws", "front_door": "alb"}, "18.501478"),  # 16.425 + 0.209808 + 1.866670
        ({"legacy_at": "aws", "front_door": "alb", "had_door": True}, "1.866670"),
    ],
)
def test_proxy_adds_its_hop_to_what_legacy_answers(changed: dict[str, Any], usd: str) -> None:
    month = estimate(workload(), setup(**changed), rates())

    assert f"{float(month.proxy.usd):.6f}" == usd
    assert sum(month.proxy.by_meter.values()) == month.proxy.usd


def test_proxy_adds_its_own_time_and_record_alone_to_what_a_migrated_handler_answers() -> None:
    migrated = flow(side="migrated", overhead_ms=MILLION * 2, log_bytes=MILLION * 1267)

    month = estimate(workload(migrated), setup(), rates())

    assert month.proxy.by_meter == {
        Meter.LAMBDA_X86_64: Fraction("0.0000166667") * 2000,  # 2 ms of a GB, a million times
        Meter.LOGS: Fraction("0.5") * 1000 * MILLION / GB,  # the 1,000 bytes that are not Lambda's own
    }


def test_metrics_of_the_records_are_the_proxys_doing() -> None:
    month = estimate(Workload((flow(side="migrated"),), series=3), setup(besides=Besides()), rates())

    assert month.proxy.by_meter == {Meter.METRICS: Fraction("0.9")}


@pytest.mark.parametrize(
    ("side", "place", "data_out"),
    [("legacy", "internet", "0"), ("migrated", "internet", "0.085831"), ("migrated", "aws", "0")],
)
def test_shadow_of_everything_doubles_the_work_and_nothing_else(side: Side, place: Place, data_out: str) -> None:
    once = flow(side=side)

    month = estimate(workload(once.shadowing(Fraction(1))), setup(legacy_at=place), rates())

    without = estimate(workload(once), setup(legacy_at=place), rates())
    assert month.shadows.by_meter[Meter.LAMBDA_X86_64] == Fraction("1.66667")
    assert f"{float(month.shadows.by_meter.get(Meter.DATA_OUT, 0)):.6f}".removesuffix(".000000") == data_out
    assert month.usd - without.usd == month.shadows.usd
    assert set(month.shadows.by_meter) <= {Meter.LAMBDA_X86_64, Meter.DATA_OUT}


def test_shadow_counts_the_sides_work_and_not_the_proxys() -> None:
    shadowed = flow(overhead_ms=MILLION * 10).shadowing(Fraction(1, 2))

    assert (shadowed.shadowed, shadowed.shadow_ms) == (MILLION / 2, MILLION * 45)


def test_what_the_proxy_refused_has_no_other_side() -> None:
    assert flow(side="proxy").shadowing(Fraction(1)).shadowed == 0


def test_rows_are_by_route_and_side_and_cost_what_they_use() -> None:
    flows = (flow(), flow(memory_mb=2048), flow(side="migrated"), flow(route="orders.list", bytes_out=Fraction()))

    month = estimate(Workload(flows, series=3), setup(legacy_at="aws", besides=Besides()), rates())

    # 1.00 + 0.20 for the requests, 1.66667 for each GB of memory, 0.858307 for the answers
    assert [(row.route, row.side, row.requests, f"{float(row.usd):.6f}") for row in month.rows] == [
        ("orders.read", "legacy", 2 * MILLION, "9.116624"),
        ("orders.read", "migrated", MILLION, "3.724977"),
        ("orders.list", "legacy", MILLION, "2.866670"),
    ]
    assert {side: f"{float(usd):.6f}" for side, usd in month.sides.items()} == {
        "legacy": "11.983294",
        "migrated": "3.724977",
    }
    assert month.apart_usd == Fraction("0.9")


def test_half_the_memory_costs_half_the_gb_seconds_and_may_take_twice_as_long() -> None:
    result = compare(Case(512), workload(), setup(), rates())

    assert (result.memory_mb, result.average_ms, result.break_even_ms) == (512, Fraction(100), Fraction(200))
    assert result.change_usd == -Fraction("1.66667") / 2


def test_memory_with_a_time_of_its_own_is_charged_for_that_time() -> None:
    result = compare(Case(512, Fraction("249.5")), workload(), setup(), rates())

    assert (result.average_ms, result.change_usd) == (Fraction(250), Fraction("1.66667") / 4)


def test_break_even_is_where_the_bill_stays_the_same() -> None:
    month = workload(flow().shadowing(Fraction(1, 4)), flow(billed_ms=MILLION * 60))
    level = compare(Case(512), month, setup(), rates()).break_even_ms

    # The mean of both routes, of which the first works a quarter longer for its shadow: (125 + 60) / 2, doubled.
    assert level == 185
    assert compare(
        Case(512, level), workload(*(each.shadowing(Fraction()) for each in month.flows)), setup(), rates()
    ).usd == (estimate(month, setup(), rates()).usd)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        ("512", (Case(512),)),
        ("512,1024@90ms", (Case(512), Case(1024, Fraction(90)))),
        ("10240", (Case(10_240),)),
    ],
)
def test_cases_are_read_as_people_list_them(text: str, found: tuple[Case, ...]) -> None:
    assert cases(text) == found


@pytest.mark.parametrize("text", ["127", "10241", "abc", "512,", "512@", "512@90", "-512", "512MB"])
def test_what_is_no_case_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        cases(text)


COUNTS = st.integers(0, 10**12).map(Fraction)
FLOWS = st.builds(
    Flow,
    route=st.sampled_from(["a", "b", "c"]),
    side=st.sampled_from(get_args(Side)),
    memory_mb=st.sampled_from([128, 1536, 10_240]),
    requests=COUNTS,
    gateway_units=COUNTS,
    billed_ms=COUNTS.map(lambda number: number + 10**12),
    overhead_ms=COUNTS,
    bytes_in=COUNTS,
    bytes_out=COUNTS,
    log_bytes=COUNTS,
)
APART = st.tuples(FLOWS, st.sampled_from([0, 128, 3008])).map(lambda drawn: drawn[0].running_apart(drawn[1]))
WORKLOADS = st.builds(
    Workload,
    st.lists(FLOWS | APART, max_size=4).map(tuple),
    series=st.integers(0, 10**6),
    functions_mb=st.sampled_from([(), (3008,)]),
)
BESIDES = st.builds(Besides, COUNTS, COUNTS, st.just(Fraction(5)), COUNTS, st.just(Fraction(40)), COUNTS)
SETUPS = st.builds(
    Setup,
    st.sampled_from(get_args(FrontDoor)),
    st.sampled_from(get_args(Architecture)),
    st.sampled_from(get_args(Place)),
    st.booleans(),
    BESIDES,
    st.just("plain")
    | st.builds(SnapStart, COUNTS, COUNTS)
    | st.builds(Provisioned, st.integers(0, 1000).map(Fraction)),
    COUNTS,
    st.none() | COUNTS,
)
RATES = st.builds(rates, st.sampled_from(get_args(FreeTier)), st.sampled_from(["us-east-1", "eu-west-1"]))
SHARES = st.fractions(0, 1, max_denominator=1000)


@given(WORKLOADS, SETUPS, RATES)
def test_rows_and_what_is_apart_are_the_whole_bill(month: Workload, where: Setup, known: Any) -> None:
    result = estimate(month, where, known)

    assert sum(row.usd for row in result.rows) + result.apart_usd == result.usd
    assert sum(result.sides.values()) + result.apart_usd == result.usd
    assert sum(charge.usd for charge in result.charges) == result.usd


@given(WORKLOADS, SETUPS, RATES, st.integers(0, 50))
def test_more_requests_never_cost_less(month: Workload, where: Setup, known: Any, factor: int) -> None:
    more = replace(month, flows=tuple(each.times(1 + Fraction(factor, 7)) for each in month.flows))

    assert estimate(more, where, known).usd >= estimate(month, where, known).usd


@given(WORKLOADS, SETUPS, RATES, SHARES)
def test_neither_proxy_nor_shadows_are_ever_a_saving_or_more_than_the_bill(
    month: Workload, where: Setup, known: Any, share: Fraction
) -> None:
    shadowed = replace(month, flows=tuple(each.shadowing(share) for each in month.flows))

    result = estimate(shadowed, where, known)

    assert 0 <= result.proxy.usd <= result.usd
    assert 0 <= result.shadows.usd <= result.usd
    assert result.usd == estimate(month, where, known).usd + result.shadows.usd


@given(WORKLOADS, SETUPS)
def test_free_tier_never_costs(month: Workload, where: Setup) -> None:
    none, always, first_year = (estimate(month, where, rates(tier)).usd for tier in ("none", "always", "first-year"))

    assert none >= always >= first_year >= 0


@given(WORKLOADS, SETUPS, RATES)
def test_the_same_memory_is_no_change(month: Workload, where: Setup, known: Any) -> None:
    same = replace(month, flows=tuple(replace(each, memory_mb=1024) for each in month.flows))

    assert compare(Case(1024), same, where, known).change_usd == 0
