"""How far the migration is, and whether the new side is as good as the old one."""

from nicegui import ui

from proxy.dashboard import charts, figures
from proxy.dashboard.markup import Html, join, tag
from proxy.dashboard.pages.frame import Frame, Slot
from proxy.dashboard.pages.graph import Graph
from proxy.dashboard.pages.parts import concerns, empty, entries, errors_of, side_name, split_bar, tile
from proxy.dashboard.view import View
from proxy.metrics.source import Side

_SIDES: tuple[Side, ...] = ("migrated", "legacy")
_CHANGES, _LINES = 4, 2  # shown of the history


def build(frame: Frame) -> None:
    """Build the page."""
    with frame.page("", "Overview"):
        hint = Slot()
        tiles = Slot("tiles")
        with ui.element("div").classes("two"):
            look = Slot("panel", is_live=True)
            changes = Slot("panel")
        with ui.element("div").classes("graphs"):
            shares = Graph("Share of the traffic", charts.shares([]))
            rates = Graph("Requests", charts.rates([]))
            errors = Graph("Errors", charts.errors([]))
            latencies = Graph("How long answers take (p95)", charts.latencies([]))

    def show(view: View) -> None:
        hint.show(empty(view, frame.live.sources.url) or Html(""))
        tiles.show(tiles_of(view))
        look.show(join(tag("h2", "To look at"), concerns(view.concerns)))
        newest = entries(view.standing.entries[:_CHANGES], view.standing.at, most=_LINES)
        changes.show(join(tag("h2", "Newest changes"), newest))
        shares.show(charts.shares(view.series), f"migrated {figures.share(view.migrated_share)}")
        rates.show(charts.rates(view.series), _told(view, "requests"))
        errors.show(charts.errors(view.series), _told(view, "errors"))
        latencies.show(charts.latencies(view.series), _told(view, "p95_ms"))

    frame.keep_new(show)


def tiles_of(view: View) -> Html:
    """Return the four figures that count."""
    sides, window = view.sides, figures.length(view.window_s)
    requests, errors = view.requests, sum(flow.errors for flow in sides.values())
    arrived = view.stages["migrated"] + view.stages["retired"]

    def known(number: str) -> str:
        """Where nothing is known, nothing is not 0."""
        return number if view.is_known else figures.NONE

    own = [(side_name("proxy"), figures.count(sides["proxy"].requests))] if sides["proxy"].requests else []
    own_errors = [(side_name("proxy"), errors_of(sides["proxy"]))] if sides["proxy"].requests else []
    rates = {side: view.now.rate(side) for side in _SIDES}
    rate = None if None in rates.values() else sum(rate or 0.0 for rate in rates.values())
    return join(
        tile(
            f"Traffic migrated, last {window}",
            figures.share(view.migrated_share),
            [
                (side_name("migrated"), known(figures.count(sides["migrated"].requests))),
                (side_name("legacy"), known(figures.count(sides["legacy"].requests))),
                *own,
                ("routes arrived", f"{figures.count(arrived)} of {figures.count(sum(view.stages.values()))}"),
            ],
            split_bar(view.migrated_share),
        ),
        tile(
            "Requests now",
            known(figures.rate(rate)),
            [
                *((side_name(side), known(figures.rate(rates[side]))) for side in _SIDES),
                (f"all of the last {window}", known(figures.count(requests))),
            ],
        ),
        tile(
            f"Errors, last {window}",
            known(figures.count(errors)),
            [*((side_name(side), known(errors_of(sides[side]))) for side in _SIDES), *own_errors],
            is_bad=errors > 0,
        ),
        tile(
            f"p95, last {window}",
            figures.took(sides["migrated"].p95_ms),
            [(side_name(side), figures.took(sides[side].p95_ms)) for side in _SIDES],
            tag("p", "of the migrated side", class_="dim"),
        ),
    )


def _told(view: View, what: str) -> str:
    values = {side: getattr(view.sides[side], what) for side in _SIDES}
    written = figures.took if what == "p95_ms" else figures.count
    return ", ".join(f"{side} {written(value)}" for side, value in values.items())
