"""The worked examples on AWS's own pricing pages, found again to the cent. All of them are of us-east-1.

Those of Lambda are at aws.amazon.com/lambda/pricing/, that of the gateway at aws.amazon.com/api-gateway/pricing/; both
were read in public copies. Where AWS reckons with 31 days or an event of some hours, the quantities are AWS's; the rest
comes from the requests.
"""

from fractions import Fraction

from proxy.cost.estimate import Estimate, bill, estimate
from proxy.cost.given import Given
from proxy.cost.meters import Meter
from proxy.cost.money import dollars
from proxy.cost.prices import FreeTier
from proxy.cost.usage import FrontDoor
from tests.cost.samples import rates, setup

KB = 1024
MILLION = 10**6


def month(
    requests: int, milliseconds: int, memory_mb: int, free_tier: FreeTier, door: FrontDoor = "function-url", kb: int = 0
) -> Estimate:
    """A function that answers by itself, on x86_64, without logs and metrics."""
    given = Given(
        requests=Fraction(requests),
        request_bytes=Fraction(),
        response_bytes=Fraction(kb * KB),
        duration_ms=Fraction(milliseconds),
        memory_mb=memory_mb,
        side="migrated",
        log_bytes=Fraction(),
    )
    return estimate(given.workload(), setup(front_door=door), rates(free_tier))


def parts(month: Estimate) -> dict[Meter, str]:
    return {charge.meter: dollars(charge.usd) for charge in month.charges}


def test_backend_of_a_mobile_app_with_120_ms_at_1536_mb() -> None:
    """Three million requests with the free tier: 140,000 × 0.0000166667 + 2 × 0.20 = 2.73."""
    app = month(3 * MILLION, 120, 1536, "always")

    assert parts(app) == {Meter.LAMBDA_REQUESTS: "0.40", Meter.LAMBDA_X86_64: "2.33"}
    assert dollars(app.usd) == "2.73"


def test_telemetry_of_ten_thousand_vehicles_once_an_hour() -> None:
    """7.44 million requests of two seconds at a GB, without free tier: 1.49 + 248.00 = 249.49."""
    telemetry = month(7_440_000, 2000, 1024, "none")

    assert parts(telemetry) == {Meter.LAMBDA_REQUESTS: "1.49", Meter.LAMBDA_X86_64: "248.00"}
    assert dollars(telemetry.usd) == "249.49"


def test_telemetry_with_snap_start() -> None:
    """The same with a snapshot for 31 days, and a restore for each hundredth request: 14.43 more, 263.92."""
    restored = {Meter.SNAPSHOTS: Fraction(24 * 31 * 3600), Meter.RESTORES: Fraction(74_400)}

    cached, restores = bill([restored], rates())

    assert (dollars(cached.usd), dollars(restores.usd)) == ("4.03", "10.40")
    assert dollars(month(7_440_000, 2000, 1024, "none").usd + cached.usd + restores.usd) == "263.92"


def test_support_during_a_sale_with_provisioned_concurrency() -> None:
    """Seven environments of 4 GB for a day, two million requests of 280 ms: 10.08 + 21.78 + 0.40 = 32.26."""
    sale = bill(
        [
            {
                Meter.LAMBDA_REQUESTS: Fraction(2 * MILLION),
                Meter.PROVISIONED_X86_64: Fraction(7 * 4 * 24 * 3600),
                Meter.SERVED_X86_64: Fraction(2 * MILLION * 280 * 4, 1000),
            }
        ],
        rates(),
    )

    assert {charge.meter: dollars(charge.usd) for charge in sale} == {
        Meter.LAMBDA_REQUESTS: "0.40",
        Meter.SERVED_X86_64: "21.78",
        Meter.PROVISIONED_X86_64: "10.08",
    }
    assert dollars(sum((charge.usd for charge in sale), Fraction())) == "32.26"


def test_five_million_calls_of_a_rest_api_with_answers_of_3_kb() -> None:
    """5 × 3.50 = 17.50, and 14.3 GB × 0.09 = 1.29: 18.79."""
    gateway = parts(month(5 * MILLION, 1, 128, "none", "rest-api", kb=3))

    assert (gateway[Meter.REST_API], gateway[Meter.DATA_OUT]) == ("17.50", "1.29")  # AWS's total has no function
