"""What comparing two JSON bodies of 46 KB costs. `python -m tests.bench.compare`.

The bodies are a page of 175 orders as people's APIs give it. Beside it deepdiff, where it is installed: it is the
usual way to compare JSON in Python, and the reason why the walk is our own.
"""

import importlib
import json
import random
import time
from collections.abc import Callable
from typing import Any

from proxy.message import Headers
from proxy.shadow.compare import Answer, compare
from proxy.shadow.rules import NO_RULES, Rules
from tests.bench.figures import show

LIMIT_MS = 15.0
ORDERS = 175
CHANGES = 31
_JSON_TYPE = Headers(((b"Content-Type", b"application/json"),))
_FIELDS = ("number", "name", "price", "quantity", "isActive", "updatedAt", "tags", "address", "note")
_MANY_RULES = {
    "ignore": ["$..updatedAt", "$.traceId", "$.items[*].etag"],
    "unordered": ["$.items", "$..tags"],
    "tolerance": {"$.items[*].price": 0.01},
    "normalise": {"$.items[*].name": "v[0-9]+$"},
    "rename": {"$.items[*].number": "orderNumber"},
}

Json = Any  # Any: JSON


def main() -> None:
    """Measure comparisons, and deepdiff's if it is installed."""
    page = _page()
    text = json.dumps(page)
    changed, shuffled = _changed(page), _shuffled(page)
    unordered = Rules.of({"unordered": ["$.items"]})
    renamed = json.loads(json.dumps(shuffled).replace('"number"', '"orderNumber"'))
    rows = [
        ("equal bytes", _compare_ms(NO_RULES, page, text, 0)),
        ("equal JSON, written otherwise", _compare_ms(NO_RULES, page, json.dumps(page, sort_keys=True, indent=1), 0)),
        (f"{CHANGES} differences", _compare_ms(NO_RULES, page, json.dumps(changed), CHANGES)),
        ("shuffled", _compare_ms(NO_RULES, page, json.dumps(shuffled), 1)),
        ("shuffled, unordered", _compare_ms(unordered, page, json.dumps(shuffled), 0)),
        ("shuffled, with rules of every kind", _compare_ms(Rules.of(_MANY_RULES), page, json.dumps(renamed), 0)),
    ]
    figures: list[tuple[str, float, str, float | None]] = [(name, cost, "ms", LIMIT_MS) for name, cost in rows]
    show(f"compare: two JSON bodies of {len(text) / 1000:.0f} KB", figures + _deepdiff(page, changed, shuffled))


def _page() -> Json:
    chance = random.Random(7)
    return {"items": [_order(at, chance) for at in range(ORDERS)], "total": ORDERS, "traceId": "-"}


def _order(at: int, chance: random.Random) -> Json:
    return {
        "id": f"O-{at}",
        "number": f"N-{chance.randrange(10**6)}",
        "name": f"Widget number {at}",
        "price": chance.randrange(10**4) / 100,
        "quantity": chance.randrange(9),
        "isActive": chance.random() < 0.5,
        "updatedAt": "2026-01-02T03:04:05Z",
        "tags": chance.sample(["new", "sale", "old", "gift"], 3),
        "address": {"street": "Main Street 5", "city": "Bern", "zip": str(chance.randrange(10**4))},
        "note": None,
    }


def _changed(page: Json) -> Json:
    """Return the page with differences at as many paths."""
    changed = json.loads(json.dumps(page))
    for at in range(CHANGES):
        kind, field = divmod(at, len(_FIELDS))
        order = changed["items"][5 * at]
        if kind == 0:
            order[_FIELDS[field]] = None if _FIELDS[field] != "note" else 1
        elif kind == 1:
            del order[_FIELDS[field]]
        else:
            order[f"{_FIELDS[field]}{'ABCD'[kind]}"] = at
    return changed


def _shuffled(page: Json) -> Json:
    return {**page, "items": random.Random(7).sample(page["items"], ORDERS)}


def _compare_ms(rules: Rules, control: Json, candidate: str, expected: int) -> float:
    ours = Answer(200, _JSON_TYPE, json.dumps(control).encode())
    theirs = Answer(200, _JSON_TYPE, candidate.encode())
    assert len(compare(rules, ours, theirs)) == expected
    return _least_ms(lambda: compare(rules, ours, theirs), times=20)


def _deepdiff(page: Json, changed: Json, shuffled: Json) -> list[tuple[str, float, str, float | None]]:
    try:
        diff = importlib.import_module("deepdiff").DeepDiff
    except ModuleNotFoundError:
        return []
    ours, theirs, others = json.dumps(page), json.dumps(changed), json.dumps(shuffled)
    cases: list[tuple[str, Callable[[], object]]] = [
        ("equal", lambda: diff(json.loads(ours), json.loads(ours))),
        (f"{CHANGES} differences", lambda: diff(json.loads(ours), json.loads(theirs))),
        ("shuffled, ignore_order", lambda: diff(json.loads(ours), json.loads(others), ignore_order=True)),
    ]
    return [(f"deepdiff: {name}", _least_ms(work, times=3), "ms", None) for name, work in cases]


def _least_ms(work: Callable[[], object], *, times: int) -> float:
    """Return the least time of one run: what a busy machine adds is not the work's."""
    least = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        work()
        least = min(least, time.perf_counter() - began)
    return least * 1000


if __name__ == "__main__":
    main()
