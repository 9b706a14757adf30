"""What people read, and the shape that programs rely on."""

from fractions import Fraction

from proxy.cost import example, notes, report
from proxy.cost.compare import Case, compare
from proxy.cost.estimate import estimate
from proxy.cost.flow import Workload
from proxy.cost.prices import FreeTier, read
from proxy.cost.report import Report
from proxy.cost.usage import Besides, Setup
from tests.cost.samples import flow, rates, setup


def told(workload: Workload, where: Setup, *cases: Case, tier: FreeTier = "none", region: str = "us-east-1") -> Report:
    known = rates(tier, region)
    month = estimate(workload, where, known)
    comparisons = tuple(compare(case, workload, where, known) for case in cases)
    return Report(month, comparisons, where, known, tuple(notes.of(month, workload, where, known)))


MONTH = Workload(
    (flow(route="[orders].read").shadowing(Fraction(1, 10)), flow(side="migrated")), series=6, notes=("measured",)
)
IN_AWS = Setup(legacy_at="aws")


def test_report_for_people_tells_the_bill_its_parts_and_what_to_know() -> None:
    assert report.text(told(MONTH, IN_AWS, Case(512))).splitlines() == [
        "a month in us-east-1: 2,000,000 requests through http-api, function on arm64, snap-start, without free tier, "
        "prices of 2026-10-04",
        "",
        "what                               quantity  of it free              price    USD",
        "HTTP API requests                 2,000,000               1.00 per million   2.00",
        "Lambda requests                   2,000,000               0.20 per million   0.40",
        "Lambda GB-seconds (arm64)           210,000              0.0000133334 each   2.80",
        "SnapStart snapshots (GB-seconds)  2,628,000              0.0000015046 each   3.95",  # 730 hours of a GB
        "data out (GB)                          19.1                      0.09 each   1.72",
        "CloudWatch logs (GB)                  0.510                      0.50 each   0.26",  # 274 bytes each
        "CloudWatch metrics                        6                      0.30 each   1.80",
        "DynamoDB read units               1,051,200              0.125 per million   0.13",  # every 2.5 seconds
        "total                                                                       13.06",
        "",
        "route          side       requests  shadowed  apart   USD",
        "[orders].read  legacy    1,000,000   100,000         3.65",
        "orders.read    migrated  1,000,000                   3.52",
        "all routes     legacy                                3.65",
        "all routes     migrated                              3.52",
        "of no route                                          5.89",
        "",
        "the proxy adds 4.73 USD, 2.36 per million requests: CloudWatch metrics 1.80, Lambda GB-seconds (arm64) 1.47, "
        "HTTP API requests 1.00, Lambda requests 0.20, DynamoDB read units 0.13, CloudWatch logs (GB) 0.13",
        "",
        "of which shadows add 0.13 USD, 0.07 per million requests: Lambda GB-seconds (arm64) 0.13",
        "",
        "memory  time a request   USD  change  dearer than now from",
        "512 MB          105 ms  9.68   -3.38                210 ms",
        "dearer by its time alone: what is kept ready costs by its memory",
        "",
        *(f"note: {note}" for note in NOTES),
    ]


NOTES = [
    "measured",
    "legacy is in this region of AWS: what is forwarded to it costs nothing",
    "a shadow takes as long here as the answer did: the other side's own time is not known",
    "migrated handlers run in the proxy's own function (--apart ROUTE for those that have another)",
    "versions kept with SnapStart: 1; restores: 0, though each cold start is one (--restores)",
    "an older version costs, too, until it is deleted or 14 days went by without a request (--versions)",
    "environments that read the routing table: 1, as many as are busy on average (--environments if there are more)",
    "the HTTP API's access log: 274 bytes for each request",
    "what comparisons write to the table of evidence is not in it: count it in --dynamodb-writes",
    "not in it: the daily counts of who asks legacy: at most a write to that table for each request, 0.63 USD",
    "not in it: the time of cold starts, work after the answer, headers, storage of logs and data, NAT, WAF",
    "nor support, tax, the stack's alarms and dashboard, and the metrics that it counts from the log",
]


def test_report_for_programs_has_a_stable_shape() -> None:
    assert report.as_data(told(MONTH, IN_AWS, Case(512), tier="always")) == {
        "region": "us-east-1",
        "prices_of": "2026-10-04",
        "free_tier": "always",
        "front_door": "http-api",
        "architecture": "arm64",
        "cold_start": "snap-start",
        "legacy_at": "aws",
        "requests": 2_000_000,
        "usd": 6.285489,
        "charges": [
            {"meter": "http-api-requests", "quantity": 2_000_000, "free": 0, "usd": 2},
            {"meter": "lambda-requests", "quantity": 2_000_000, "free": 1_000_000, "usd": 0.2},
            {"meter": "lambda-arm64-gb-seconds", "quantity": 210_000, "free": 210_000, "usd": 0},
            {"meter": "snap-start-cached-gb-seconds", "quantity": 2_628_000, "free": 0, "usd": 3.954089},
            {"meter": "data-out-gb", "quantity": 19.073486, "free": 19.073486, "usd": 0},
            {"meter": "log-gb", "quantity": 0.510365, "free": 0.510365, "usd": 0},
            {"meter": "metrics", "quantity": 6, "free": 6, "usd": 0},
            {"meter": "dynamodb-read-units", "quantity": 1_051_200, "free": 0, "usd": 0.1314},
        ],
        "routes": [
            {
                "route": "[orders].read",
                "side": "legacy",
                "requests": 1_000_000,
                "shadowed": 100_000,
                "apart": 0,
                "usd": 1.1,
            },
            {
                "route": "orders.read",
                "side": "migrated",
                "requests": 1_000_000,
                "shadowed": 0,
                "apart": 0,
                "usd": 1.1,
            },
        ],
        "sides": {"legacy": 1.1, "migrated": 1.1},
        "apart_usd": 4.085489,
        "proxy": {
            "usd": 1.3314,
            "by_meter": {"http-api-requests": 1, "lambda-requests": 0.2, "dynamodb-read-units": 0.1314},
        },
        "shadows": {"usd": 0, "by_meter": {}},
        "memory": [
            {"memory_mb": 512, "average_ms": 105, "usd": 4.308444, "change_usd": -1.977044, "break_even_ms": 210}
        ],
        "notes": [
            *NOTES[:10],
            "free units are an account's, once: whatever else runs in it uses them, too",
            *NOTES[10:],
        ],
    }


def test_what_adds_nothing_is_said_to_add_nothing() -> None:
    free = told(Workload((flow().times(Fraction(1, 1000)),), 0), setup(front_door="function-url"), tier="always")

    assert "the proxy adds nothing" in report.text(free)


def test_prices_of_all_tiers_that_are_reached_are_shown() -> None:
    much = told(Workload((flow().times(Fraction(400)),), 0), IN_AWS)

    assert "1.00 to 0.90 per million" in report.text(much)


def test_price_that_was_not_verified_is_told_wherever_it_is_used() -> None:
    used = told(Workload((), 0), Setup(besides=Besides(connection_minutes=Fraction(10**6))), region="eu-west-1")

    assert used.notes[0] == (
        "the price of WebSocket connection minutes in eu-west-1 is not verified: quoted by others beside the message "
        "price of 1.14; not seen in AWS's list"
    )


def test_example_is_a_table_of_all_its_numbers() -> None:
    cells = example.cells(read())

    heading, *rows = report.example_text(cells).splitlines()

    assert heading.split("  ")[0] == "function"
    assert [row.split()[-4:] for row in rows[:2]] == [
        ["1,000,000", "8.15", "1.00", "0.00"],
        ["10,000,000", "81.48", "65.62", "64.62"],
    ]
    assert len(rows) == 9
    assert report.example_data(cells)[0] == {
        "duration_ms": 120,
        "memory_mb": 1536,
        "requests": 1_000_000,
        "free_tier": "none",
        "usd": 8.148218,
    }
