"""The stages between legacy and migrated, as a person takes a route through them in `fig dev`."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.raw_legacy import RawLegacy, echo

from .house import House, until
from .test_commands import fig

ROUTES = """version: 1
routes:
  - id: orders.read
    match: GET /orders/{id}
    handler: migrated.orders.api:handler
    stage: shadow
    group: orders
    compare: {ignore: [$.generated_at]}
  - id: orders.list
    match: GET /orders
    handler: migrated.orders.api:handler
    stage: shadow
  - id: orders.create
    match: POST /orders
    handler: migrated.orders.api:handler
    stage: legacy
    group: orders
    compare: {ignore: [$.id, $.generated_at], headers: [content-type]}
    contract: contract.json
"""
NOISY = """version: 1
routes:
  - {id: noisy, match: GET /noisy, handler: "fake:handler", stage: shadow, compare: {noise: {percent: 100}}}
"""
HANDLER = """
def handler(event, context):
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": '{"a": 1, "b": 3, "at": 0}'}
"""
CASES = {
    "cases": [
        {
            "name": "a new order",
            "request": {
                "method": "POST",
                "target": "/orders",
                "headers": {"content-type": "application/json"},
                "body": '{"customer": "C-1001", "lines": [{"sku": "P-101", "quantity": 1}]}',
            },
        },
        {
            "name": "an order of nobody",
            "request": {
                "method": "POST",
                "target": "/orders",
                "headers": {"content-type": "application/json"},
                "body": '{"customer": "C-9999", "lines": [{"sku": "P-101", "quantity": 1}]}',
            },
        },
    ]
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with two routes in the shadow, and a file of cases without answers yet."""
    with House(tmp_path_factory.mktemp("proof"), routes=ROUTES) as house:
        (house.routes.parent / "contract.json").write_text(json.dumps(CASES))
        yield house


def ask(house: House, path: str, times: int, headers: dict[str, str] | None = None) -> list[int]:
    """Send requests, four at a time; return their statuses."""
    with house.client() as client, ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda _: client.get(path, headers=headers).status_code, range(times)))


def parity(house: House, route: str) -> dict[str, Any]:  # Any: JSON
    found: dict[str, Any] = json.loads(fig(house, f"parity {route} --json").stdout)
    return found


@pytest.mark.timeout(300)
def test_route_goes_from_shadow_to_canary_when_its_comparisons_are_enough_and_not_before(house: House) -> None:
    ask(house, "/orders/O-5001", 8)

    refused = fig(house, "flip orders.read canary --percent 50 --why early", exit_code=1)
    assert ask(house, "/orders/O-5001", 400) == [200] * 400
    until(lambda: parity(house, "orders.read")["found"]["counts"]["equal"] >= 400)
    # The reads of the group have their evidence now, but the writes have none of their own.
    write = fig(house, "flip orders.create canary --percent 50 --why early", exit_code=1)
    fig(house, "contract orders.create --record")
    tried = json.loads(fig(house, "contract orders.create --json").stdout)
    ahead = fig(house, "flip orders.create canary --percent 50 --why early", exit_code=1)
    fig(house, "flip orders.read canary --percent 50 --why enough")
    flipped = fig(house, "flip orders.create canary --percent 50 --why 'its cases pass'")
    live = fig(house, "flip orders.create live --why early", exit_code=1)

    assert "of 400 samples" in refused.stderr
    assert "orders.create" in write.stderr
    assert "contract" in write.stderr
    assert (tried["passed"], tried["failed"], tried["code"]) == (2, 0, "1")
    assert (
        "orders.create: 50 % of the callers would write anew, and by orders.read of its group orders 0 %"
        in ahead.stderr
    )
    assert "orders.create: legacy → canary 50 %" in flipped.stdout
    assert "writes" in live.stderr


def test_noise_is_found_by_asking_legacy_twice_and_proposed_with_its_evidence(
    tmp_path: Path, frugal: tuple[str, ...]
) -> None:
    """What differs from answer to answer is noise, and nothing is ignored silently: `$.b` is told, `$.at` proposed."""
    (tmp_path / "fake.py").write_text(HANDLER)
    numbers = count()
    with (
        RawLegacy(echo(lambda _: json_answer(b'{"a": 1, "b": 2, "at": %d}' % next(numbers)))) as legacy,
        House(tmp_path, *frugal, "--legacy", legacy.origin, routes=NOISY) as house,
    ):
        ask(house, "/noisy", 20)
        until(lambda: parity(house, "noisy")["found"]["counts"]["noise_total"] == 20)

        proposed = fig(house, "noise noisy").stdout
        shown = fig(house, "parity noisy").stdout

    assert "- $.at" in proposed
    assert "$.b" not in proposed
    worst, _, noise = shown.partition("noise, for legacy differs from itself there as well")
    assert ("$.b" in worst, "$.at" in worst, "$.at" in noise) == (True, False, True)


def json_answer(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    return head + body


def test_tester_with_a_signed_header_asks_the_side_that_it_names(house: House) -> None:
    """Nothing a client sends can pick a side; a valid override is no client's."""
    name, _, value = fig(house, "override orders.list migrated").stdout.splitlines()[0].partition(": ")

    with house.client() as client:
        chosen = client.get("/orders?customer=C-1001", headers={name: value})
        other_end = "1" if value.endswith("0") else "0"
        forged = client.get("/orders?customer=C-1001", headers={name: value[:-1] + other_end})

    assert (chosen.headers.get("x-fig-side"), "server" in chosen.headers) == ("migrated", False)
    assert (forged.headers.get("x-fig-side"), "server" in forged.headers) == (None, True)
    assert (chosen.headers.get("x-fig-code"), forged.headers.get("x-fig-code")) == ("1", None)


def test_comparison_is_one_line_in_the_terminal(house: House) -> None:
    since = house.here

    ask(house, "/orders/O-5001", 1)
    line = house.wait_for_line(lambda line: "orders.read ⇠ " in line, since)

    assert line.startswith("  = ")
    assert line.endswith(", equal")
