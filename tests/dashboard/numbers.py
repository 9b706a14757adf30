"""Numbers of a test's own, and tables to show them with."""

from collections.abc import Mapping, Sequence

from proxy.dashboard.standing import Standing, flips
from proxy.dashboard.view import View, view_of
from proxy.metrics.source import SIDES, Bucket, Flow, Point, RouteNumbers, Side, Snapshot, Usage
from proxy.routing.document import Document
from proxy.routing.reader import read
from proxy.routing.table import Frozen
from proxy.stores.history import Entry, Head

NOON = 1_796_212_800.0  # 2026-12-02T12:00:00Z
WHEN = "2026-12-02T11:00:00.000Z"
DOCUMENT = read(
    """\
version: 1
routes:
  - id: orders.read
    match: GET /orders/{id}
    handler: migrated.orders.api:handler
    stage: canary
    percent: 5
    slo: {p95: 300ms, errors: 0.5%}
  - id: orders.create
    match: POST /orders
    stage: legacy
  - id: customers.read
    match: GET /customers/{id}
    handler: migrated.customers.api:handler
    stage: migrated
"""
)


def flow(requests: int, errors: int = 0, p95_ms: float | None = 10.0) -> Flow:
    """Answers that all took the same time."""
    latency = (Bucket(p95_ms, requests),) if requests and p95_ms is not None else ()
    return Flow(requests, errors, p95_ms, p95_ms, p95_ms, latency)


def point(at: float, *, legacy: int = 0, migrated: int = 0, errors: int = 0, seconds: float = 3.0) -> Point:
    """A moment in which legacy's answers were the errors."""
    requests: dict[Side, int] = {"legacy": legacy, "migrated": migrated, "proxy": 0}
    failed: dict[Side, int] = {**dict.fromkeys(SIDES, 0), "legacy": errors}
    return Point(at, seconds, requests, failed, dict.fromkeys(SIDES, None))


def snapshot(
    routes: Mapping[str, RouteNumbers] | None = None,
    series: Sequence[Point] = (),
    usage: Sequence[Usage] = (),
    paths: Mapping[str, int] | None = None,
    **fields: str,
) -> Snapshot:
    """Numbers of five minutes that end at noon."""
    return Snapshot(NOON, 300.0, routes or {}, series, usage, paths or {}, **fields)  # type: ignore[arg-type]  # each caller names fields that are text


def entry(*changes: str, version: int = 2, why: str = "half of them", **fields: str) -> Entry:
    """A flip of ada's."""
    return Entry("flip", version, version - 1, "digest", "ada", WHEN, why, changes)._replace(**fields)  # type: ignore[arg-type]  # see above


def standing(*entries: Entry, document: Document = DOCUMENT, frozen: Frozen = "", problem: str = "") -> Standing:
    """What is in force at noon, and how it came about."""
    head = Head(2, "digest", frozen, entry(kind="freeze", why="errors everywhere") if frozen else None)
    return Standing(NOON, head, document, entries, flips(entries), problem=problem)


def view(snapshot_: Snapshot | None = None, standing_: Standing | None = None, dropped: int = 0) -> View:
    """What the pages show of them."""
    return view_of(snapshot_ or snapshot(), standing_ or standing(), dropped)
