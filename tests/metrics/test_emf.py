"""Every line that carries a metric is one in the embedded metric format, folded or not."""

import json

import pytest

from proxy.observe import Compared, Observer, Record
from proxy.settings import Settings
from tests.test_observe import emf_problems

RECORD = Record("request-1", 200, "", route="orders.read", stage="canary", side="legacy")
COMPARED = Compared("request-1", "orders.read", "shadow", "migrated", "equal", "", (), 1.0)


@pytest.mark.parametrize("group", ["", "orders"])
@pytest.mark.parametrize("is_folded", [False, True])
@pytest.mark.parametrize(
    ("told", "metrics"),
    [
        (RECORD, {"requests", "errors", "latency"}),
        (RECORD._replace(fallback="migrated_timeout"), {"requests", "errors", "latency", "fallbacks"}),
        (RECORD._replace(reason="breaker_open"), {"requests", "errors", "latency", "breaker_open"}),
        (Record("request-1", 400, "bad_path"), {"requests", "errors", "latency"}),
        (COMPARED, {"comparisons", "differences"}),
        (COMPARED._replace(what="candidate_failed"), {"comparisons", "differences"}),
        (COMPARED._replace(what="skipped"), {"comparisons_failed"}),
    ],
)
def test_line_is_an_emf_document(told: Record | Compared, metrics: set[str], is_folded: bool, group: str) -> None:
    lines: list[str] = []
    observer = Observer(Settings(folds_groups=is_folded), lines.append)

    if isinstance(told, Record):
        observer.record(told._replace(group=group), ',"table_problem":"a \\"quote\\""')
    else:
        observer.compared(told._replace(group=group))

    (data,) = map(json.loads, lines)
    assert emf_problems(data) == []
    (directive,) = data["_aws"]["CloudWatchMetrics"]
    assert {metric["Name"] for metric in directive["Metrics"]} == metrics
    assert ("group" in directive["Dimensions"][0], "route" in directive["Dimensions"][0]) == (is_folded, not is_folded)
