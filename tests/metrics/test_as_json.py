"""A snapshot goes through JSON unchanged, and nothing else becomes one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.metrics.as_json import from_json, to_json
from proxy.metrics.records import RecordMetrics
from proxy.metrics.source import SIDES, Bucket, Flow, Point, RouteNumbers, Snapshot, Usage
from tests.metrics.lines import NOON, Clock, comparison_line, exchange_line

COUNT = st.integers(0, 10**9)
MS = st.none() | st.floats(0, 1e9)
TEXT = st.text(max_size=20)
SIDE = st.sampled_from(SIDES)
FLOW = st.builds(
    Flow, COUNT, COUNT, MS, MS, MS, st.lists(st.builds(Bucket, st.floats(0, 1e6), COUNT), max_size=3).map(tuple)
)
ROUTE = st.builds(RouteNumbers, st.dictionaries(SIDE, FLOW), COUNT, COUNT, COUNT, TEXT)
POINT = st.builds(
    Point,
    st.floats(0, 1e10),
    st.floats(0, 1e5),
    st.dictionaries(SIDE, COUNT),
    st.dictionaries(SIDE, COUNT),
    st.dictionaries(SIDE, MS),
)
SNAPSHOT = st.builds(
    Snapshot,
    st.floats(0, 1e10),
    st.floats(0, 1e5),
    st.dictionaries(TEXT, ROUTE, max_size=4),
    st.lists(POINT, max_size=4),
    st.lists(st.builds(Usage, TEXT, TEXT, COUNT), max_size=4),
    st.dictionaries(TEXT, COUNT, max_size=4),
    COUNT,
    TEXT,
    TEXT,
)


@given(SNAPSHOT)
def test_snapshot_comes_back_as_it_was(snapshot: Snapshot) -> None:
    assert from_json(json.loads(json.dumps(to_json(snapshot), allow_nan=False))) == snapshot


def told() -> dict[str, Any]:
    """The JSON of a few records. Any: JSON."""
    metrics = RecordMetrics(Clock())
    for line in (exchange_line(client="agent:curl"), exchange_line(side="migrated"), comparison_line(what="different")):
        metrics.add(line)
    return to_json(metrics.snapshot(60))


def test_json_has_the_names_of_the_fields() -> None:
    flow = {"requests": 1, "errors": 0, "p50_ms": 10.303, "p95_ms": 10.303, "p99_ms": 10.303, "latency": [[10.303, 1]]}

    data = told()

    assert data.pop("series")[-1] == {
        "at": NOON,
        "seconds": 1.0,
        "requests": {"legacy": 1, "migrated": 1, "proxy": 0},
        "errors": {"legacy": 0, "migrated": 0, "proxy": 0},
        "p95_ms": {"legacy": 10.303, "migrated": 10.303, "proxy": None},
    }
    assert data == {
        "at": NOON,
        "window_s": 60.0,
        "table_version": 7,
        "table_problem": "",
        "problem": "",
        "usage_days": "",
        "routes": {
            "orders.read": {
                "flows": {"legacy": flow, "migrated": flow},
                "fallbacks": 0,
                "comparisons": 1,
                "differences": 1,
                "breaker": "",
            }
        },
        "legacy_usage": [["orders.read", "agent:curl", 1]],
        "unlisted_paths": {},
    }


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        "text",
        {**told(), "routes": []},
        {**told(), "at": None},
        {**told(), "table_version": 1e999},
        {**told(), "series": [{}]},
        {**told(), "legacy_usage": [["orders.read", 1]]},
        {**told(), "routes": {"a": {**told()["routes"]["orders.read"], "flows": {"both": {}}}}},
    ],
)
def test_what_is_no_snapshot_is_refused(data: Any) -> None:  # Any: JSON
    with pytest.raises(ValueError, match="no snapshot"):
        from_json(data)
