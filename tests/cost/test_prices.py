"""The prices file: what ships, what a person's own file changes, and what it gets wrong."""

from fractions import Fraction

import pytest

from proxy.cost.meters import LABELS, Meter
from proxy.cost.prices import FreeTier, Price, read
from proxy.errors import Refused
from tests.cost.samples import rates


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_every_meter_has_a_price_with_a_source_and_a_date(region: str) -> None:
    known = rates(region=region).prices

    assert set(known) == set(Meter) == set(LABELS)
    assert [meter for meter, price in known.items() if not price.source.startswith("https://") or not price.date] == []


def test_price_that_was_not_verified_says_what_it_rests_on() -> None:
    unsure = [
        (region, meter.value)
        for region in ("eu-west-1", "us-east-1")
        for meter, price in rates(region=region).prices.items()
        if not price.verified and price.note
    ]

    assert unsure == [
        ("eu-west-1", "websocket-messages"),
        ("eu-west-1", "websocket-connection-minutes"),
        ("eu-west-1", "load-balancer-hours"),
        ("eu-west-1", "provisioned-x86_64-gb-seconds"),
        ("eu-west-1", "provisioned-arm64-gb-seconds"),
        ("eu-west-1", "provisioned-x86_64-duration-gb-seconds"),
        ("eu-west-1", "provisioned-arm64-duration-gb-seconds"),
        ("eu-west-1", "snap-start-cached-gb-seconds"),
        ("eu-west-1", "snap-start-restored-gb"),
        ("eu-west-1", "log-gb"),
    ]


def test_metrics_beyond_the_first_tier_of_a_region_cost_less_and_are_told_to_be_unsure() -> None:
    metrics = rates(region="eu-west-1").prices[Meter.METRICS]

    assert metrics.cost(Fraction(12_000)) == Fraction("3200")  # 10,000 × 0.30 + 2,000 × 0.10
    assert [metrics.is_sure(Fraction(units)) for units in (10_000, 10_001)] == [True, False]


def test_no_price_that_is_called_verified_leaves_out_a_tier_that_another_region_has() -> None:
    regions = [rates(region=region).prices for region in ("us-east-1", "eu-west-1")]

    short = [
        meter.value
        for meter in Meter
        for price in (of[meter] for of in regions)
        if price.verified and price.known_to is None and len(price.tiers) < max(len(of[meter].tiers) for of in regions)
    ]

    assert short == []


# Dollars for a quantity at the edges of the tiers of us-east-1, each worked out by hand.
@pytest.mark.parametrize(
    ("meter", "units", "usd"),
    [
        (Meter.HTTP_API, 0, "0"),
        (Meter.HTTP_API, 1, "0.000001"),
        (Meter.HTTP_API, 300_000_000, "300"),
        (Meter.HTTP_API, 300_000_001, "300.0000009"),
        (Meter.HTTP_API, 432_000_000, "418.80"),  # 300 + 132 × 0.90: the example of AWS's own page
        (Meter.REST_API, 333_000_000, "1165.50"),
        (Meter.REST_API, 1_000_000_000, "3033.10"),  # 1165.50 + 667 × 2.80
        (Meter.REST_API, 20_000_000_000, "48253.10"),  # 3033.10 + 19,000 × 2.38
        (Meter.REST_API, 20_001_000_000, "48254.61"),
        (Meter.LAMBDA_REQUESTS, 1_000_000, "0.20"),
        (Meter.LAMBDA_X86_64, 1, "0.0000166667"),
        (Meter.LAMBDA_X86_64, 6_000_000_000, "100000.20"),
        (Meter.LAMBDA_X86_64, 15_000_000_000, "235000.20"),
        (Meter.LAMBDA_X86_64, 15_000_000_001, "235000.2000133334"),
        (Meter.LAMBDA_ARM64, 7_500_000_000, "100000.50"),
        (Meter.LAMBDA_ARM64, 7_500_000_001, "100000.5000120001"),
        (Meter.DATA_OUT, 10_240, "921.60"),
        (Meter.DATA_OUT, 51_200, "4403.20"),  # 921.60 + 40,960 × 0.085
        (Meter.DATA_OUT, 153_600, "11571.20"),  # 4403.20 + 102,400 × 0.07
        (Meter.DATA_OUT, 153_601, "11571.25"),
        (Meter.LOGS, 10_241, "5120.25"),
        (Meter.METRICS, 10_000, "3000"),
        (Meter.METRICS, 10_001, "3000.10"),
        (Meter.METRICS, 1_000_001, "64500.02"),  # 3000 + 240,000 × 0.10 + 750,000 × 0.05 + 0.02
        (Meter.DYNAMODB_READS, 1_000_000, "0.125"),
        (Meter.DYNAMODB_WRITES, 1_000_000, "0.625"),
        (Meter.WEBSOCKET_MESSAGES, 1_000_000, "1.00"),
        (Meter.WEBSOCKET_MESSAGES, 1_001_000_000, "1000.80"),
        (Meter.WEBSOCKET_MINUTES, 1_000_000, "0.25"),
        (Meter.PROVISIONED_X86_64, 1_000_000, "4.1667"),
        (Meter.PROVISIONED_ARM64, 1_000_000, "3.3334"),
        (Meter.SERVED_X86_64, 1_000_000, "9.7222"),
        (Meter.SERVED_ARM64, 1_000_000, "7.7778"),
        (Meter.SNAPSHOTS, 2_628_000, "3.9540888"),  # a GB for 730 hours
        (Meter.RESTORES, 1_000, "0.1397998"),
        (Meter.LOAD_BALANCER_HOURS, 730, "16.425"),
        (Meter.LOAD_BALANCER_CAPACITY, 730, "5.84"),
    ],
)
def test_each_tier_holds_for_the_units_within_it(meter: Meter, units: int, usd: str) -> None:
    assert rates().prices[meter].cost(Fraction(units)) == Fraction(usd)


def test_prices_of_the_tiers_that_are_reached_are_told() -> None:
    price = rates().prices[Meter.HTTP_API]

    assert price.used(Fraction(300_000_000)) == (Fraction(1),)
    assert price.used(Fraction(300_000_001)) == (Fraction(1), Fraction("0.90"))
    assert price.used(Fraction(0)) == (Fraction(1),)


@pytest.mark.parametrize(
    ("free_tier", "requests", "gateway"), [("none", None, None), ("always", 10**6, None), ("first-year", 10**6, 10**6)]
)
def test_free_units_are_those_that_last(free_tier: FreeTier, requests: int | None, gateway: int | None) -> None:
    free = rates(free_tier).free

    assert (free.get(Meter.LAMBDA_REQUESTS), free.get(Meter.HTTP_API)) == (requests, gateway)


def test_unknown_region_is_answered_with_the_nearest() -> None:
    with pytest.raises(
        ValueError, match="got 'us-east1', expected one of eu-west-1, us-east-1, did you mean 'us-east-1'"
    ):
        read().rates("us-east1", "none")


OWN = """\
date = 2027-01-31
[regions.us-east-1.lambda-requests]
per = 1_000_000
tiers = [{ from = 0, usd = 0.5 }]
[regions.eu-north-1.lambda-requests]
per = 1_000
tiers = [{ from = 0, usd = "2" }]
[free.lambda-requests]
units = 7
lasts = "always"
"""


def test_own_prices_take_the_place_of_single_ones() -> None:
    own = read(OWN, "own.toml")

    known = own.rates("us-east-1", "always")
    assert str(known.date) == "2027-01-31"
    assert known.prices[Meter.LAMBDA_REQUESTS] == Price(
        10**6, ((Fraction(0), Fraction(1, 2_000_000)),), "", None, True, ""
    )
    assert known.prices[Meter.HTTP_API] == rates().prices[Meter.HTTP_API]
    assert known.free[Meter.LAMBDA_REQUESTS] == 7
    assert known.free[Meter.LOGS] == 5


def test_own_file_may_add_a_region() -> None:
    known = read(OWN, "own.toml").rates("eu-north-1", "none")

    assert known.prices[Meter.LAMBDA_REQUESTS].cost(Fraction(1000)) == 2
    with pytest.raises(Refused) as refused:
        known.require([Meter.LAMBDA_REQUESTS, Meter.METRICS, Meter.LOGS])
    assert str(refused.value).splitlines() == [
        "no price of CloudWatch metrics in eu-north-1; write [regions.eu-north-1.metrics] into a file and name it "
        "with --prices",
        "no price of CloudWatch logs (GB) in eu-north-1; write [regions.eu-north-1.log-gb] into a file and name it "
        "with --prices",
    ]


def test_own_file_with_mistakes_is_refused_with_all_of_them() -> None:
    """A bad document says everything that is wrong with it at once."""
    mistakes = """\
    dates = "2027-01-31"
    [regions.us-east-1.lambda-request]
    per = 1
    tiers = [{ from = 0, usd = "1" }]
    [regions.us-east-1.lambda-requests]
    per = 0
    tiers = [{ from = 0, usd = "-1" }]
    [regions.us-east-1.metrics]
    per = 1
    tiers = [{ from = 5, usd = "1" }]
    [regions.us-east-1.log-gb]
    per = 1
    tiers = []
    [free.metrics]
    units = "nan"
    lasts = "for ever"
    """

    with pytest.raises(Refused) as refused:
        read(mistakes, "own.toml")

    assert [problem.rsplit(": ", 1)[0] for problem in str(refused.value).splitlines()] == [
        "own.toml: regions.us-east-1.lambda-request",
        "own.toml: regions.us-east-1.lambda-requests.per",
        "own.toml: regions.us-east-1.lambda-requests.tiers.0.usd",
        "own.toml: regions.us-east-1.metrics",
        "own.toml: regions.us-east-1.log-gb.tiers",
        "own.toml: free.metrics.units",
        "own.toml: free.metrics.lasts",
        "own.toml: dates",
    ]
    assert "got tiers from [5], expected the first from 0 and each from more than the last" in str(refused.value)


def test_own_file_that_is_no_toml_is_refused_with_the_place() -> None:
    with pytest.raises(Refused, match=r"own\.toml: got no TOML: .*line 1"):
        read("regions: {}", "own.toml")
