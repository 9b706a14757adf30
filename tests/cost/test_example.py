"""The worked example, number by number.

For a million requests without free tier: 1.00 for the HTTP API; 0.20 for Lambda's requests; 0.120 s × 1.5 GB × 10^6 ×
0.0000166667 = 3.000006 for its time (60 ms: 1.500003; 60 ms at 512 MB: 0.500001); 46 KB × 10^6 / 1024² = 43.869019 GB
× 0.09 = 3.948212 for data out. Together 8.148218, 6.648215, 5.648213; ten times the requests are ten times the dollars,
for no volume reaches a second tier. What is always free takes off at most 0.20, 400,000 × 0.0000166667 = 6.66668, and
100 × 0.09 = 9.00; the first year at most 1.00 more.
"""

from typing import get_args

from proxy.cost import example
from proxy.cost.money import dollars
from proxy.cost.prices import FreeTier, read

MILLION = 10**6

#                     none      always    first-year
TABLE = {
    (120, 1536, 1): ("8.15", "1.00", "0.00"),
    (120, 1536, 10): ("81.48", "65.62", "64.62"),
    (120, 1536, 100): ("814.82", "798.96", "797.96"),
    (60, 1536, 1): ("6.65", "1.00", "0.00"),
    (60, 1536, 10): ("66.48", "50.62", "49.62"),
    (60, 1536, 100): ("664.82", "648.95", "647.95"),
    (60, 512, 1): ("5.65", "1.00", "0.00"),
    (60, 512, 10): ("56.48", "42.28", "41.28"),  # all 300,000 GB-seconds are free
    (60, 512, 100): ("564.82", "548.95", "547.95"),
}


def test_example_is_what_it_is_by_hand() -> None:
    cells = example.cells(read())

    worked_out = {
        (milliseconds, memory_mb, millions * MILLION, tier): usd
        for (milliseconds, memory_mb, millions), row in TABLE.items()
        for tier, usd in zip(get_args(FreeTier), row, strict=True)
    }
    found = {
        (cell.duration_ms, cell.memory_mb, cell.requests, cell.free_tier): dollars(cell.estimate.usd) for cell in cells
    }
    assert found == worked_out


def test_parts_of_the_example_are_what_they_are_by_hand() -> None:
    month = example.cells(read())[0].estimate

    assert {charge.meter.value: f"{float(charge.usd):.6f}" for charge in month.charges} == {
        "http-api-requests": "1.000000",
        "lambda-requests": "0.200000",
        "lambda-x86_64-gb-seconds": "3.000006",
        "data-out-gb": "3.948212",
    }
