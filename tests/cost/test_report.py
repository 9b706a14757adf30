"""What people read, and the shape that programs rely on."""

from fractions import Fraction

from proxy.cost import example, notes, report
from proxy.cost.compare import Case, compare
from proxy.cost.estimate import estimate
from proxy.cost.flow import Workload
from proxy.cost.prices import FreeTier, read
from proxy.cost.report import Report
from proxy.cost.usage import Besides, Setup
from tests.cost.samples import flow, rates


def told(workload: Workload, setup: Setup, *cases: Case, tier: FreeTier = "none", region: str = "us-east-1") -> Report:
    known = rates(tier, region)
    month = estimate(workload, setup, known)
    comparisons = tuple(compare(case, workload, setup, known) for case in cases)
    return Report(month, comparisons, setup, known, tuple(notes.of(month, workload, setup, known)))


MONTH = Workload(
    (flow(route="[orders].read").shadowing(Fraction(1, 10)), flow(side="migrated")), series=6, notes=("measured",)
)
IN_AWS = Setup(legacy_at="aws")


def test_report_for_people_tells_the_bill_its_parts_and_what_to_know() -> None:
    assert report.text(told(MONTH, IN_AWS, Case(512))).splitlines() == [
        "a month in us-east-1: 2,000,000 requests through http-api, function on x86_64, without free tier, prices of "
        "2026-10-04",
        "",
        "what                         quantity  of it free              price   USD",
        "HTTP API requests           2,000,000               1.00 per million  2.00",
        "Lambda requests             2,000,000               0.20 per million  0.40",
        "Lambda GB-seconds (x86_64)    210,000              0.0000166667 each  3.50",
        "data out (GB)                    19.1                      0.09 each  1.72",
        "CloudWatch metrics                  6                      0.30 each  1.80",
        "total                                                                 9.42",
        "",
        "route          side       requests  shadowed   USD",
        "[orders].read  legacy    1,000,000   100,000  3.89",
        "orders.read    migrated  1,000,000            3.72",
        "all routes     legacy                         3.89",
        "all routes     migrated                       3.72",
        "of no route                                   1.80",
        "",
        "the proxy adds 4.83 USD, 2.42 per million requests: Lambda GB-seconds (x86_64) 1.83, CloudWatch metrics "
        "1.80, HTTP API requests 1.00, Lambda requests 0.20",
        "",
        "of which shadows add 0.17 USD, 0.08 per million requests: Lambda GB-seconds (x86_64) 0.17",
        "",
        "memory  time a request   USD  change  dearer than now from",
        "512 MB          105 ms  7.67   -1.75                210 ms",
        "",
        "note: measured",
        "note: legacy is in this region of AWS: what is forwarded to it costs nothing",
        "note: a shadow takes as long here as the answer did: the other side's own time is not known",
        "note: what comparisons write to the table of evidence is not in it: count it in --dynamodb-writes",
        "note: not in it: cold starts, work after the answer, headers, storage of logs and data, NAT, WAF, support, "
        "tax",
        "note: nor the stack's alarms and dashboard, and the metrics that it counts from the log",
    ]


def test_report_for_programs_has_a_stable_shape() -> None:
    assert report.as_data(told(MONTH, IN_AWS, Case(512), tier="always")) == {
        "region": "us-east-1",
        "prices_of": "2026-10-04",
        "free_tier": "always",
        "front_door": "http-api",
        "architecture": "x86_64",
        "legacy_at": "aws",
        "requests": 2_000_000,
        "usd": 2.2,
        "charges": [
            {"meter": "http-api-requests", "quantity": 2_000_000, "free": 0, "usd": 2},
            {"meter": "lambda-requests", "quantity": 2_000_000, "free": 1_000_000, "usd": 0.2},
            {"meter": "lambda-x86_64-gb-seconds", "quantity": 210_000, "free": 210_000, "usd": 0},
            {"meter": "data-out-gb", "quantity": 19.073486, "free": 19.073486, "usd": 0},
            {"meter": "metrics", "quantity": 6, "free": 6, "usd": 0},
        ],
        "routes": [
            {"route": "[orders].read", "side": "legacy", "requests": 1_000_000, "shadowed": 100_000, "usd": 1.1},
            {"route": "orders.read", "side": "migrated", "requests": 1_000_000, "shadowed": 0, "usd": 1.1},
        ],
        "sides": {"legacy": 1.1, "migrated": 1.1},
        "apart_usd": 0,
        "proxy": {"usd": 1.2, "by_meter": {"http-api-requests": 1, "lambda-requests": 0.2}},
        "shadows": {"usd": 0, "by_meter": {}},
        "memory": [{"memory_mb": 512, "average_ms": 105, "usd": 2.2, "change_usd": 0, "break_even_ms": 210}],
        "notes": [
            "measured",
            "legacy is in this region of AWS: what is forwarded to it costs nothing",
            "a shadow takes as long here as the answer did: the other side's own time is not known",
            "what comparisons write to the table of evidence is not in it: count it in --dynamodb-writes",
            "free units are an account's, once: whatever else runs in it uses them, too",
            "not in it: cold starts, work after the answer, headers, storage of logs and data, NAT, WAF, support, tax",
            "nor the stack's alarms and dashboard, and the metrics that it counts from the log",
        ],
    }


def test_what_adds_nothing_is_said_to_add_nothing() -> None:
    free = told(Workload((flow().times(Fraction(1, 1000)),), 0), Setup(front_door="function-url"), tier="always")

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
