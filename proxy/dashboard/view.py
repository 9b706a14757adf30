"""What the pages show, from numbers and standing alone: no clock, no store, no browser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from proxy.dashboard.standing import Flipped, Standing
from proxy.dashboard.totals import NOTHING, Now, by_side, error_share, failing, migrated_share, now
from proxy.metrics.source import SIDES, Flow, Point, RouteNumbers, Side, Snapshot, Usage
from proxy.observe import UNLISTED
from proxy.publishing.freeze import frozen_stages
from proxy.publishing.parity import Parity
from proxy.routing.document import RouteDocument

GONE = "gone"  # the stage of what was counted, and is no route any more
STAGES = ("legacy", "shadow", "canary", "live", "migrated", "retired")
_NO_NUMBERS = RouteNumbers()


class Row(NamedTuple):
    """One route, or what no route lists, or what is a route no more."""

    id: str
    match: str
    stage: str
    percent: float  # of a canary
    numbers: RouteNumbers
    parity: Parity | None  # None: not compared, or not read yet
    is_compared: bool
    flipped: Flipped | None
    is_frozen: bool  # a freeze sends it to legacy, whatever its stage says
    over: tuple[str, ...]  # what of its objectives it does not keep, in words

    def flow(self, side: Side) -> Flow:
        """Return what a side has answered of it."""
        return self.numbers.flows.get(side, NOTHING)

    @property
    def requests(self) -> int:
        """All answers, the proxy's own among them."""
        return sum(flow.requests for flow in self.numbers.flows.values())

    @property
    def errors(self) -> int:
        """All answers that were errors."""
        return sum(flow.errors for flow in self.numbers.flows.values())

    @property
    def migrated_share(self) -> float | None:
        """Which share of its traffic the migrated side answered."""
        return migrated_share(self.flow("migrated").requests, self.flow("legacy").requests)

    @property
    def stage_words(self) -> str:
        """Its stage as it is read: canary 5 %."""
        return f"canary {self.percent:g} %" if self.stage == "canary" else self.stage


class Concern(NamedTuple):
    """Something that a person should look at. `route` is where, if it is one route's."""

    text: str
    route: str = ""
    is_severe: bool = True


@dataclass(frozen=True, slots=True)
class View:
    """Everything of one window."""

    at: float
    window_s: float
    rows: Sequence[Row]  # in the order of the document, then what no route lists
    sides: Mapping[Side, Flow]
    now: Now
    series: Sequence[Point]
    usage: Sequence[Usage]
    unlisted_paths: Mapping[str, int]
    stages: Mapping[str, int]  # routes by stage, every stage in its order
    concerns: Sequence[Concern]
    snapshot: Snapshot
    standing: Standing

    @property
    def migrated_share(self) -> float | None:
        """Which share of the traffic the migrated side answered."""
        return migrated_share(self.sides["migrated"].requests, self.sides["legacy"].requests)

    @property
    def requests(self) -> int:
        """All answers of the window."""
        return sum(flow.requests for flow in self.sides.values())

    @property
    def is_known(self) -> bool:
        """Whether there are numbers at all. Where their source tells none, nothing is not 0."""
        return not self.snapshot.problem or self.requests > 0

    def row(self, route_id: str) -> Row | None:
        """Return one route's row; None if there is none of that id."""
        return next((row for row in self.rows if row.id == route_id), None)


def view_of(snapshot: Snapshot, standing: Standing, dropped: int = 0) -> View:
    """Return what the pages show. `dropped` lines of the workers were lost on the way."""
    frozen = frozen_stages(standing.head.frozen)
    listed = {route.id: route for route in standing.document.routes}
    rows = [_row(route, snapshot, standing, is_frozen=route.stage in frozen) for route in listed.values()]
    for name, numbers in snapshot.routes.items():
        if name not in listed:
            stage = UNLISTED if name == UNLISTED else GONE
            match = "anything else" if name == UNLISTED else "not in force any more"
            rows.append(Row(name, match, stage, 0.0, numbers, None, False, None, False, ()))
    stages = dict.fromkeys(STAGES, 0)
    for route in listed.values():
        stages[route.stage] += 1
    return View(
        at=snapshot.at,
        window_s=snapshot.window_s,
        rows=rows,
        sides=by_side(snapshot.routes.values(), snapshot.series),
        now=now(snapshot.series),
        series=snapshot.series,
        usage=snapshot.legacy_usage,
        unlisted_paths=snapshot.unlisted_paths,
        stages=stages,
        concerns=_concerns(snapshot, standing, rows, dropped),
        snapshot=snapshot,
        standing=standing,
    )


def unseen_by_clients(row: Row) -> list[Concern]:
    """Return what went wrong with a route's migrated side without a client noticing."""
    numbers = row.numbers
    found = []
    if numbers.fallbacks:
        found.append(Concern(f"legacy stood in for the handler {numbers.fallbacks} times", row.id))
    if numbers.differences:
        found.append(
            Concern(f"{numbers.differences} of {numbers.comparisons} comparisons differ", row.id, is_severe=False)
        )
    return found


def _row(route: RouteDocument, snapshot: Snapshot, standing: Standing, *, is_frozen: bool) -> Row:
    numbers = snapshot.routes.get(route.id, _NO_NUMBERS)
    return Row(
        route.id,
        route.match,
        route.stage,
        route.percent or 0.0,
        numbers,
        standing.parities.get(route.id),
        route.id in standing.compared,
        standing.flipped.get(route.id),
        is_frozen,
        _over(route, numbers) if numbers is not _NO_NUMBERS else (),
    )


def _over(route: RouteDocument, numbers: RouteNumbers) -> tuple[str, ...]:
    words = []
    for side, flow in numbers.flows.items():
        errors = error_share(flow)
        if route.slo.p95 is not None and flow.p95_ms is not None and flow.p95_ms > route.slo.p95 * 1000:
            words.append(f"{side} p95 {flow.p95_ms:.0f} ms, {route.slo.p95 * 1000:g} ms promised")
        if route.slo.errors is not None and errors is not None and errors * 100 > route.slo.errors:
            words.append(f"{side} errors {errors * 100:.2g} %, {route.slo.errors:g} % promised")
    return tuple(words)


def _concerns(snapshot: Snapshot, standing: Standing, rows: Sequence[Row], dropped: int) -> list[Concern]:
    lately = {side: failed for side in SIDES if (failed := failing(snapshot.series, side)) is not None}
    found = [
        Concern(f"{side}: {errors} of the last {asked} requests failed") for side, (errors, asked) in lately.items()
    ]
    if snapshot.table_problem:
        found.append(Concern(f"functions cannot read the newest table: {snapshot.table_problem}"))
    if standing.problem:
        found.append(Concern(standing.problem))
    if snapshot.problem:
        found.append(Concern(snapshot.problem, is_severe=not any(row.requests for row in rows)))
    if dropped:
        found.append(Concern(f"{dropped} lines of the workers came too fast and are not counted", is_severe=False))
    found += [Concern(f"breaker {row.numbers.breaker}", row.id) for row in rows if row.numbers.breaker]
    found += [Concern(words, row.id) for row in rows for words in row.over]
    found += [concern for row in rows for concern in unseen_by_clients(row)]
    worst = sorted((row for row in rows if row.errors), key=lambda row: -row.errors)
    found += [Concern(f"{row.errors} of {row.requests} requests failed", row.id) for row in worst]
    # A list that is cut somewhere must not lose what hurts to what does not.
    return sorted(found, key=lambda concern: not concern.is_severe)
