"""What `fig status` shows people: totals, a table of routes, and what is left."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from proxy.cli import answer
from proxy.cli.status_fields import LEFT, MOVED, share_now
from proxy.dashboard import figures
from proxy.metrics.source import SIDES, Flow
from proxy.publishing.parity import percent

if TYPE_CHECKING:
    from proxy.dashboard.view import Row, View

_SIDE_HEADINGS = ("side", "requests", "rate", "errors", "p50", "p95", "p99")
_ROUTE_HEADINGS = (
    *("route", "stage", "traffic", "migrated", "errors legacy", "errors migrated", "p95 legacy", "p95 migrated"),
    *("parity", "missing", "last flip"),
)
# What a terminal that is too narrow leaves out, one after the other.
_LEFT_OUT = ("last flip", "migrated", "errors legacy", "p95 legacy", "missing")
_MARGIN = 2
_NARROWEST_FLIP = 24
_MOST_ROUTES = 40
_MOST_CONCERNS = 8
_MOST_LEFT = 10  # callers and paths; --json has all of them


def lines(view: "View", source: str) -> list[str]:
    """Return a view in words, for a terminal as wide as it is."""
    return [_plain(line) for part in (_totals(view, source), _routes(view), _left(view)) for line in part]


def _totals(view: "View", source: str) -> Iterator[str]:
    total = sum(view.stages.values())
    frozen = f", frozen by {view.standing.head.froze.who}" if view.standing.head.froze else ""
    window = figures.length(view.window_s)
    yield f"version {view.standing.head.version}{frozen}; the last {window} by {source}"
    yield (
        f"migrated: {figures.share(share_now(view))} of the traffic now, {figures.share(view.migrated_share)} in "
        f"{window}; {sum(view.stages[stage] for stage in MOVED)} of {total} routes"
    )
    for concern in view.concerns[:_MOST_CONCERNS]:
        yield f"! {f'{concern.route}: ' if concern.route else ''}{concern.text}"
    if len(view.concerns) > _MOST_CONCERNS:
        yield f"! … and {len(view.concerns) - _MOST_CONCERNS} more; --json has all of them"
    yield ""
    rows = [
        (
            side,
            figures.count(flow.requests),
            figures.rate(flow.requests / view.window_s),
            _errors(flow),
            *(figures.took(ms) for ms in (flow.p50_ms, flow.p95_ms, flow.p99_ms)),
        )
        for side, flow in ((side, view.sides[side]) for side in SIDES)
    ]
    yield from _table(_SIDE_HEADINGS, rows)


def _routes(view: "View") -> Iterator[str]:
    """Yield the routes in the order of the document; of too many, those with the most traffic."""
    if not view.rows:
        return
    yield ""
    most = {row.id for row in sorted(view.rows, key=lambda row: -row.requests)[:_MOST_ROUTES]}
    shown = [row for row in view.rows if row.id in most]
    yield from _fitting([_row(row, view.window_s) for row in shown])
    if len(shown) < len(view.rows):
        yield f"… and {len(view.rows) - len(shown)} more with less traffic, which --json has"


def _row(row: "Row", window_s: float) -> tuple[str, ...]:
    legacy, migrated = row.flow("legacy"), row.flow("migrated")
    parity = missing = ""
    if row.is_compared and row.parity is not None:
        compared = row.parity.compared
        parity = f"{percent(row.parity.share)} (≥ {percent(row.parity.bound)})" if compared else "–"
        missing = str(row.parity.missing or "nothing")
    flipped = ""
    if row.flipped is not None:
        entry = row.flipped.entry
        flipped = answer.one_line(f"{row.flipped.words}, {entry.when[:10]} {entry.who}: {entry.why}")
    return (
        row.id,
        f"{row.stage_words}{' (frozen)' if row.is_frozen else ''}",
        figures.rate(row.requests / window_s),
        figures.share(row.migrated_share) if row.requests else "",
        _errors(legacy) if legacy.requests else "",
        _errors(migrated) if migrated.requests else "",
        figures.took(legacy.p95_ms) if legacy.requests else "",
        figures.took(migrated.p95_ms) if migrated.requests else "",
        parity,
        missing,
        flipped,
    )


def _left(view: "View") -> Iterator[str]:
    left = [(stage, view.stages[stage]) for stage in LEFT if view.stages[stage]]
    words = ", ".join(f"{number} {stage}" for stage, number in left)
    yield ""
    yield f"left: {words}" if words else "left: no route that is listed"
    yield from _most(
        "who still asks legacy:",
        [(usage.what, usage.client or "nobody in particular", usage.requests) for usage in view.usage],
        lambda row: f"{row[0]}  {row[1]}  {figures.count(row[2])}",
    )
    yield from _most(
        "what no route lists:",
        [(path, "", requests) for path, requests in view.unlisted_paths.items()],
        lambda row: f"{row[0]}  {figures.count(row[2])}",
    )


def _most(
    heading: str, rows: Sequence[tuple[str, str, int]], words: Callable[[tuple[str, str, int]], str]
) -> Iterator[str]:
    if rows:
        yield heading
        yield from (f"  {words(row)}" for row in rows[:_MOST_LEFT])
        if len(rows) > _MOST_LEFT:
            yield f"  … and {len(rows) - _MOST_LEFT} more, which --json has"


def _fitting(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a table of routes with as many columns as the terminal is wide for."""
    columns = list(range(len(_ROUTE_HEADINGS)))
    left_out: list[str] = []
    for heading in _LEFT_OUT:
        if sum(_width(at, rows) for at in columns) - _MARGIN <= answer.width():
            break
        at = _ROUTE_HEADINGS.index(heading)
        columns.remove(at)
        if any(row[at] for row in rows):
            left_out.append(heading)
    yield from _table([_ROUTE_HEADINGS[at] for at in columns], [[row[at] for at in columns] for row in rows])
    if left_out:
        yield f"a wider terminal has: {', '.join(left_out)}"


def _width(at: int, rows: Sequence[Sequence[str]]) -> int:
    """Return how wide a column is; one without content is none, and the last flip is folded."""
    longest = max(len(row[at]) for row in rows)
    if not longest:
        return 0
    wanted = max(longest, len(_ROUTE_HEADINGS[at])) + _MARGIN
    return min(wanted, _NARROWEST_FLIP) if _ROUTE_HEADINGS[at] == "last flip" else wanted


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return answer.table(headings, [[_plain(cell) for cell in row] for row in rows], folded=("last flip",))


def _errors(flow: Flow) -> str:
    return figures.share(flow.errors / flow.requests) if flow.requests else figures.NONE


def _plain(line: str) -> str:
    """Return a line with plain spaces: a terminal breaks no line that a page would."""
    return line.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ").rstrip()
