"""Who takes part in a canary: the same callers in every process, and others for each route."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from statistics import correlation
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.canary import BUCKETS, bucket, bucket_of, falls_below, salt, sticky_key, taken
from proxy.routing.decide import decide
from proxy.routing.table import Route
from tests.routing.tables import asking, table

# The first and the third agree with `openssl mac -macopt key:ID -macopt size:8 BLAKE2BMAC`, modulo 10 000.
VECTORS = [
    ("orders.read", "caller-1", 124),
    ("orders.read", "caller-2", 3244),
    ("orders.write", "caller-1", 6067),
    ("orders.read", "203.0.113.24", 1367),
    ("orders.read", "caf\u00e9", 529),
    ("orders.read", "", 4605),
    ("a" * 64, "x", 2429),
]
CALLERS = [f"caller-{number}" for number in range(10_000)]


@pytest.mark.parametrize(("salt", "key", "expected"), VECTORS)
def test_key_has_its_bucket_for_ever(salt: str, key: str, expected: int) -> None:
    """The same sticky key gets the same side in every process."""
    assert bucket_of(salt, key) == expected


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_key_has_the_same_bucket_in_every_process(seed: str) -> None:
    """The same sticky key gets the same side in every process."""
    script = "import json, sys\nfrom proxy.routing.canary import bucket_of\n"
    script += "json.dump([bucket_of(salt, key) for salt, key in json.load(sys.stdin)], sys.stdout)"

    told = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps([(salt, key) for salt, key, _ in VECTORS]),
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(told.stdout) == [expected for _, _, expected in VECTORS]


def test_ten_thousand_callers_have_the_same_side_in_two_processes() -> None:
    """The same sticky key gets the same side in every process."""
    script = "import json\nfrom proxy.routing.canary import bucket_of\n"
    script += "print(json.dumps([bucket_of('orders.read', f'caller-{number}') for number in range(10_000)]))"

    told = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", script],
                env={**os.environ, "PYTHONHASHSEED": seed},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for seed in ("1", "2")
    ]

    assert told == [[bucket_of("orders.read", caller) for caller in CALLERS]] * 2


@given(st.text(min_size=1, max_size=64), st.text(st.characters()))
def test_every_text_has_a_bucket(salt: str, key: str) -> None:
    assert 0 <= bucket_of("a" + salt.encode("ascii", "ignore").decode(), key) < BUCKETS


def test_half_a_character_is_a_key_as_well() -> None:
    """JSON may hold one, and the proxy must never be the reason that a client is refused."""
    assert bucket_of("orders.read", "\ud800") == 7681


def test_percentages_take_buckets_from_zero_on_each_a_superset_of_the_last() -> None:
    """Raising a percentage never moves a caller back. A proof: a caller takes part when its bucket is below `taken`,
    which grows by one bucket with each hundredth of a percent, so for every p < q those below p are below q.
    """
    hundredths = [taken(hundredth / 100) for hundredth in range(BUCKETS + 1)]

    assert hundredths == list(range(BUCKETS + 1))


@pytest.mark.parametrize("percent", [0.0, 0.01, 1, 5, 33.33, 50, 99.99, 100])
def test_caller_falls_below_a_percentage_when_its_bucket_does(percent: float) -> None:
    fallen = [falls_below(percent, "orders.read", caller) for caller in CALLERS]

    assert fallen == [bucket_of("orders.read", caller) < taken(percent) for caller in CALLERS]


@pytest.mark.parametrize("percent", [1, 5, 25, 50, 75, 99])
def test_percentage_takes_its_share_of_the_callers(percent: float) -> None:
    """Of 20 000 callers, within 1 point: 2.8 standard deviations at 50 %, and more elsewhere."""
    callers = [f"user-{number}" for number in range(20_000)]

    share = sum(falls_below(percent, "orders.read", each) for each in callers) / len(callers)

    assert abs(share * 100 - percent) <= 1.0


def test_callers_spread_evenly_over_the_buckets() -> None:
    """Of 10 000 callers 5 % take part, within 3 standard deviations: 500 plus or minus 65."""
    taken = sum(bucket_of("orders.read", caller) < 500 for caller in CALLERS)

    assert 435 <= taken <= 565


def test_two_routes_at_one_percentage_do_not_move_the_same_callers() -> None:
    """Of 10 000 callers 5 % of 5 % take part in both, within 3 standard deviations: 25 plus or minus 15."""
    in_both = sum(bucket_of("orders.read", each) < 500 and bucket_of("orders.write", each) < 500 for each in CALLERS)

    assert 10 <= in_both <= 40


@pytest.mark.parametrize("percent", [10, 50, 90])
def test_whether_one_route_takes_a_caller_tells_nothing_of_another(percent: float) -> None:
    """Of 20 000 callers, the correlation of two routes is 0 within 3 standard deviations: plus or minus 0.0212."""
    callers = [f"user-{number}" for number in range(20_000)]

    taken_by = [[falls_below(percent, route, each) for each in callers] for route in ("orders.read", "orders.write")]

    assert abs(correlation(*taken_by)) <= 0.0212  # a standard deviation is 1 / sqrt(n)


def test_routes_of_one_group_take_the_same_callers_and_others_do_not() -> None:
    """Who reads what is new also writes it: else a caller would not find what it has just written."""
    reads, writes = (Route(f"orders.{kind}", "/orders", sticky="header:x-user", group="orders") for kind in ("r", "w"))
    alone = reads._replace(group="")
    callers = [asking("GET", "/orders", headers={"X-User": caller}) for caller in CALLERS[:500]]

    found = [[bucket(route, caller) for caller in callers] for route in (reads, writes, alone)]

    in_group = [bucket_of("orders", caller) for caller in CALLERS[:500]]
    assert found == [in_group, in_group, [bucket_of("orders.r", caller) for caller in CALLERS[:500]]]
    assert [salt(route) for route in (reads, writes, alone)] == ["orders", "orders", "orders.r"]


def test_group_of_a_document_moves_its_routes_together() -> None:
    """Raising one route of a group ahead of the other keeps whoever writes on the migrated side reading there."""
    of = table(
        {"id": "orders.read", "match": "GET /orders", "stage": "canary", "percent": 40, "group": "orders",
         "sticky": "header:x-user"},
        {"id": "orders.create", "match": "POST /orders", "stage": "canary", "percent": 10, "group": "orders",
         "sticky": "header:x-user"},
    )  # fmt: skip

    sides = [
        tuple(decide(of, asking(method, "/orders", headers={"X-User": caller})).primary for method in ("GET", "POST"))
        for caller in CALLERS[:1000]
    ]

    assert set(sides) == {("migrated", "migrated"), ("migrated", "legacy"), ("legacy", "legacy")}


CLAIMS = {"requestContext": {"authorizer": {"jwt": {"claims": {"sub": "u-1"}}}}}
ASKED = asking(
    "GET", "/orders/O-7", "tenant=t-1&tenant=t-2", {"X-User": "u-2"}, cookie="a=1; sid=s-1; sid=s-2", event=CLAIMS
)


@pytest.mark.parametrize(
    ("sticky", "key"),
    [
        ("ip", "203.0.113.24"),
        ("cookie:sid", "s-1"),
        ("cookie:none", ""),
        ("header:x-user", "u-2"),
        ("query:tenant", "t-1"),
        ("claim:sub", "u-1"),
        ("claim:none", ""),
        ("path:id", "O-7"),
        ("path:none", ""),
    ],
)
def test_caller_is_told_from_others_by_the_first_value_under_the_sticky_name(sticky: str, key: str) -> None:
    route = Route("orders.read", "/orders/{id}", sticky=sticky)

    assert sticky_key(route, ASKED) == key
    assert bucket(route, ASKED) == bucket_of("orders.read", key or "request-1")


@pytest.mark.parametrize(
    ("sticky", "without"),
    [
        ("ip", {"ip": ""}),
        ("cookie:sid", {"cookie": "sid="}),
        ("header:x-user", {}),
        ("query:tenant", {"query": "tenant"}),
        ("claim:sub", {"event": {"requestContext": {"authorizer": {"jwt": {"claims": {"sub": ""}}}}}}),
    ],
)
def test_caller_without_a_key_is_placed_anew_with_each_request(sticky: str, without: dict[str, Any]) -> None:
    """All who have none would otherwise be one caller, and a canary could take all of them at once."""
    route = Route("orders.read", "/orders/{id}", sticky=sticky)
    first = asking("GET", "/orders/O-7", **without)

    buckets = [bucket(route, replace(first, id=request_id)) for request_id in ("caller-1", "caller-2")]

    assert buckets == [124, 3244]
