"""All about one route: what its sides answer, whether they agree, where they do not, how it came here; its buttons."""

from nicegui import ui

from proxy.dashboard import charts, figures
from proxy.dashboard.live import Live
from proxy.dashboard.markup import Html, join, tag
from proxy.dashboard.pages.dialogs import Ask, ask_move, ask_ramp, ask_roll_back
from proxy.dashboard.pages.frame import Frame, Slot
from proxy.dashboard.pages.graph import Graph
from proxy.dashboard.pages.parts import concerns, entries, errors_of, side_name, split_bar, stage_badge, tile
from proxy.dashboard.pages.proof import asking, differing, proof
from proxy.dashboard.totals import NOTHING
from proxy.dashboard.view import Concern, Row, View, unseen_by_clients
from proxy.errors import FigError
from proxy.evidence.found import RouteEvidence
from proxy.metrics.source import Side
from proxy.routing.document import RouteDocument

_SIDES: tuple[Side, ...] = ("migrated", "legacy")
_PERCENTILES = ("p50", "p95", "p99")
_FIRST_EVIDENCE_S, _EVIDENCE_S = 0.2, 3.0
_CHANGES = 30


def build(frame: Frame, route_id: str) -> None:
    """Build the page of one route."""
    with frame.page("route", route_id):
        with ui.element("div").classes("bar-above"):
            heading = Slot("route-heading")
            buttons = _Buttons(frame.live)
        tiles = Slot("tiles of-route")
        look = Slot("panel", is_live=True)
        with ui.element("div").classes("two"):
            distribution = Graph("How long answers take", charts.distribution(NOTHING, NOTHING))
            agreement = Slot("panel")
        differences = Slot("panel")
        with ui.element("div").classes("two"):
            history = Slot("panel")
            ask = Slot("panel")
        of_document = (agreement, differences, history, ask)

    def show(view: View) -> None:
        row, document = view.row(route_id), _document(view, route_id)
        buttons.show(row, document)
        for slot in of_document:  # what no route lists has traffic only
            slot.set_visible(is_visible=document is not None)
        if row is None:
            heading.show(join(tag("h1", route_id), tag("p", "No such route is in force.", class_="quiet")))
            return
        heading.show(heading_of(row, document))
        tiles.show(tiles_of(row, view))
        look.show(concerns_of(row))
        promised_ms = document.slo.p95 * 1000 if document is not None and document.slo.p95 is not None else None
        told = ", ".join(f"{side} p95 {figures.took(row.flow(side).p95_ms)}" for side in _SIDES)
        distribution.show(charts.distribution(row.flow("legacy"), row.flow("migrated"), promised_ms), told)
        about = [entry for entry in view.standing.entries if any(is_about(route_id, words) for words in entry.changes)]
        history.show(join(tag("h2", "History"), entries(about[:_CHANGES], view.standing.at, route_id)))
        if document is not None:
            ask.show(asking(document, frame.live.sources))

    async def show_evidence() -> None:
        document = buttons.document
        if document is None:  # the first view has not come yet
            return
        timer.interval = _EVIDENCE_S
        try:
            evidence = await frame.live.evidence(route_id)
        except FigError as exc:
            agreement.show(join(tag("h2", "Do both sides agree?"), tag("p", str(exc), class_="quiet")))
            return
        found = evidence or RouteEvidence(route_id)
        agreement.show(proof(document, found, is_kept=evidence is not None))
        differences.show(differing(document, found, frame.live.sources))

    frame.keep_new(show)
    timer = ui.timer(_FIRST_EVIDENCE_S, show_evidence)


class _Buttons:
    """What can be done with the route, by what the newest view says of it."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._row: Row | None = None
        self.document: RouteDocument | None = None
        with ui.element("div").classes("buttons") as self._element:
            self._button("Move …", ask_move).props("unelevated").classes("confirm")
            self._ramp = self._button("Ramp …", ask_ramp).props("outline")
            self._button("Roll back …", ask_roll_back).props("outline")

    def show(self, row: Row | None, document: RouteDocument | None) -> None:
        """Show what can be done now."""
        self._row, self.document = row, document
        self._element.set_visibility(document is not None)
        self._ramp.set_visibility(row is not None and row.stage == "canary")

    def _button(self, text: str, ask: Ask) -> ui.button:
        def pressed() -> None:
            if self._row is not None:
                ask(self._live, self._row)

        return ui.button(text, color=None, on_click=pressed).props("no-caps")


def heading_of(row: Row, document: RouteDocument | None) -> Html:
    """Return the route's name, what it matches, where it is, and whom to ask."""
    about = []
    if document is not None:
        migrated = document.handler or (f"function {document.function}" if document.function else "no handler yet")
        about = [f"migrated side: {migrated}"]
        about += [f"owner: {document.owner}"] if document.owner else []
        about += [f"tags: {', '.join(document.tags)}"] if document.tags else []
        about += [f"ends on {document.sunset}"] if document.sunset else []
    return join(
        tag("h1", row.id),
        tag("p", stage_badge(row.stage, row.stage_words, is_frozen=row.is_frozen), " ", tag("code", row.match)),
        tag("p", " · ".join(about), class_="dim") if about else None,
    )


def tiles_of(row: Row, view: View) -> Html:
    """Return the route's figures."""
    window = figures.length(view.window_s)
    requests = [(side_name(side), figures.count(row.flow(side).requests)) for side in _SIDES]
    if row.flow("proxy").requests:
        requests.append((side_name("proxy"), figures.count(row.flow("proxy").requests)))
    fallbacks = [("fallbacks to legacy", figures.count(row.numbers.fallbacks))] if row.numbers.fallbacks else []
    errors = [*((side_name(side), errors_of(row.flow(side))) for side in _SIDES), *fallbacks]
    return join(
        tile(
            f"Answered by the migrated side, last {window}",
            figures.share(row.migrated_share),
            requests,
            split_bar(row.migrated_share),
        ),
        tile("Errors", figures.count(row.errors), errors, is_bad=row.errors > 0),
        tile("p95 of the migrated side", figures.took(row.flow("migrated").p95_ms), [], percentiles(row)),
    )


def percentiles(row: Row) -> Html:
    """Return how long the answers of both sides take."""
    head = tag("tr", tag("th", tag("span", "Side", class_="unseen")), *(tag("th", name) for name in _PERCENTILES))
    body = [
        tag("tr", tag("th", side_name(side), scope="row"), *(tag("td", figures.took(ms)) for ms in _took(row, side)))
        for side in _SIDES
    ]
    return tag("table", tag("thead", head), tag("tbody", *body), class_="percentiles")


def concerns_of(row: Row) -> Html:
    """Return what to look at, of this route."""
    found = [Concern(words) for words in row.over]
    if row.numbers.breaker:
        found.append(Concern(f"the breaker of its migrated side is {row.numbers.breaker}"))
    for side in _SIDES:
        flow = row.flow(side)
        if flow.errors:
            found.append(Concern(f"{side}: {flow.errors} of {flow.requests} requests failed"))
    found += [concern._replace(route="") for concern in unseen_by_clients(row)]
    return join(tag("h2", "To look at"), concerns(found))


def is_about(route_id: str, words: str) -> bool:
    """Tell whether a line of the history is about a route."""
    return words.startswith(f"{route_id}: ")


def _took(row: Row, side: Side) -> tuple[float | None, ...]:
    flow = row.flow(side)
    return flow.p50_ms, flow.p95_ms, flow.p99_ms


def _document(view: View, route_id: str) -> RouteDocument | None:
    return next((route for route in view.standing.document.routes if route.id == route_id), None)
