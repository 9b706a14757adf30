"""All routes in a grid: sorted by any column, searched, walked through by keys, two thousand of them as well."""

from typing import Any

from nicegui import ui

from proxy.dashboard import figures
from proxy.dashboard.markup import Html
from proxy.dashboard.pages.frame import Frame, Slot
from proxy.dashboard.pages.parts import empty, stage_kind
from proxy.dashboard.totals import error_share
from proxy.dashboard.view import Row, View

Cells = dict[str, Any]  # Any: JSON

_NARROW_WIDTHS = {"id": 124, "stage": 102, "requests": 76, "errors": 62}  # on a phone
_NARROW_NAMES = {"requests": "Reqs"}
# Columns that a phone has no room for; fig.js has the same.
_WIDE = (
    "migrated",
    "legacy_errors",
    "migrated_errors",
    "legacy_p95",
    "migrated_p95",
    "parity",
    "bound",
    "missing",
    "flip",
)
_STAGE_ORDER = ("unlisted", "legacy", "shadow", "canary", "live", "migrated", "retired", "gone")


def build(frame: Frame, search: str = "") -> None:
    """Build the page; `search` is what is looked for at first."""
    with frame.page("routes", "Routes"):
        hint = Slot()
        with ui.element("div").classes("bar-above"):
            ui.html("Routes", sanitize=False, tag="h1")
            shown = Slot("dim", is_live=True)
            box = ui.input(placeholder="Search: id, path, stage, who, why", value=search)
            box.props('outlined dense clearable type=search debounce=150 aria-label="Search routes"').classes("search")
        grid = ui.aggrid(_options(search), auto_size_columns=False).classes("grid")
        box.on_value_change(lambda event: grid.run_grid_method("setGridOption", "quickFilterText", event.value or ""))
    sent: dict[str, Cells] = {}

    def show(view: View) -> None:
        hint.show(empty(view, frame.live.sources.url) or Html(""))
        listed = sum(view.stages.values())
        shown.show(Html(f"{listed} listed" if listed else "none is listed: legacy answers everything"))
        cells = {row.id: cells_of(row) for row in view.rows}
        if not sent:
            grid.run_grid_method("setGridOption", "rowData", list(cells.values()))
        elif change := changed(sent, cells):
            grid.run_grid_method("applyTransaction", change)
        if len(cells) != len(sent):
            grid.style(f"--rows: {len(cells)}")
        sent.clear()
        sent.update(cells)

    frame.keep_new(show)


def cells_of(row: Row) -> Cells:
    """Return what the grid has of a route: numbers as they are, for they are sorted by."""
    legacy, migrated = row.flow("legacy"), row.flow("migrated")
    parity = row.parity if row.is_compared else None
    flipped = row.flipped
    return {
        "id": row.id,
        "match": row.match,
        "stage": row.stage_words,
        "kind": stage_kind(row.stage),
        "order": _STAGE_ORDER.index(row.stage) + row.percent / 1000,
        "frozen": row.is_frozen,
        "requests": row.requests,
        "migrated": row.migrated_share,
        "errors": row.errors / row.requests if row.requests else None,
        "legacy_errors": error_share(legacy),
        "migrated_errors": error_share(migrated),
        "legacy_p95": legacy.p95_ms,
        "migrated_p95": migrated.p95_ms,
        "parity": parity.share if parity is not None and parity.compared else None,
        "bound": parity.bound if parity is not None and parity.compared else None,
        "missing": parity.missing if parity is not None and row.stage not in ("migrated", "retired") else None,
        "flip": flipped.words if flipped is not None else "",
        "who": flipped.entry.who if flipped is not None else "",
        "why": flipped.entry.why if flipped is not None else "",
        "when": figures.moment(flipped.entry.when) if flipped is not None else "",
        "over": "; ".join(row.over),
    }


def changed(sent: dict[str, Cells], cells: dict[str, Cells]) -> dict[str, list[Cells]]:
    """Return what a grid has to be told to show other cells: rows that came, changed and went."""
    change = {
        "add": [row for name, row in cells.items() if name not in sent],
        "update": [row for name, row in cells.items() if name in sent and sent[name] != row],
        "remove": [{"id": name} for name in sent if name not in cells],
    }
    return {what: rows for what, rows in change.items() if rows}


def _options(search: str) -> Cells:
    return {
        "columnDefs": [
            _column("id", "Route", 210, pinned="left", cellRenderer="fig.route", tooltipField="match"),
            _column("stage", "Stage", 124, cellRenderer="fig.stage", comparator="fig.byOrder"),
            _number("requests", "Requests", 118, "fig.count", sort="desc"),
            _number("migrated", "Migrated", 116, "fig.share", cellRenderer="fig.bar", tip="Share of its traffic"),
            _number("errors", "Errors", 90, "fig.share"),
            _number("legacy_errors", "Errors legacy", 82, "fig.share"),
            _number("migrated_errors", "Errors migrated", 92, "fig.share"),
            _number("legacy_p95", "p95 legacy", 82, "fig.ms"),
            _number("migrated_p95", "p95 migrated", 92, "fig.ms"),
            _number("parity", "Parity", 82, "fig.share", tip="Share of the comparisons in which both sides were equal"),
            _number(
                "bound", "At least", 82, "fig.share", tip="Its lower bound, with 95 % confidence: the gate asks it"
            ),
            _number("missing", "Missing", 86, "fig.count", tip="Equal samples until its gate is passed"),
            _column(
                "flip",
                "Last flip, by whom and why",
                230,
                cellRenderer="fig.flip",
                tooltipValueGetter="p => p.value && `${p.data.when}, ${p.data.who}: ${p.data.why}`",
                flex=1,
                minWidth=230,
            ),
            # Not shown by themselves, but searched.
            _column("match", "Match", 100, hide=True),
            _column("who", "By", 100, hide=True),
            _column("why", "Why", 100, hide=True),
        ],
        "defaultColDef": {"sortable": True, "resizable": True, "suppressMovable": True, "wrapHeaderText": True},
        "rowData": [],
        "rowHeight": 46,
        "headerHeight": 46,
        ":getRowId": "params => params.data.id",
        ":onGridReady": "params => fig.followWidth(params.api)",
        ":onCellKeyDown": "fig.follow",
        ":onRowDoubleClicked": "params => fig.follow({data: params.data, event: {key: 'Enter'}})",
        "quickFilterText": search,
        "includeHiddenColumnsInQuickFilter": True,
        "animateRows": False,
        "suppressColumnVirtualisation": False,
        "enableCellTextSelection": True,
        "tooltipShowDelay": 400,
        "overlayNoRowsTemplate": "No route fits.",
    }


def _column(field: str, name: str, width: int, *, tip: str = "", flex: int | None = None, **more: Any) -> Cells:
    flexible: Cells = {"flex": flex, "minWidth": width} if flex else {}
    made: Cells = {"field": field, "headerName": name, "width": width, "headerTooltip": tip or name, **more}
    if field in _NARROW_WIDTHS:
        made[":headerName"] = f"fig.isNarrow() ? {_NARROW_NAMES.get(field, name)!r} : {name!r}"
        made[":width"] = f"fig.isNarrow() ? {_NARROW_WIDTHS[field]} : {width}"
    if field in _WIDE:
        made[":hide"] = "fig.isNarrow()"
    elif field == "errors":
        made[":hide"] = "!fig.isNarrow()"
    for javascript in ("cellRenderer", "comparator", "tooltipValueGetter"):
        if javascript in made:
            made[f":{javascript}"] = made.pop(javascript)
    return made | flexible


def _number(field: str, name: str, width: int, formatter: str, **more: Any) -> Cells:
    return {
        **_column(field, name, width, comparator="fig.byNumber", **more),
        "type": "rightAligned",
        "cellClass": "number",
        "sortingOrder": ["desc", "asc"],
        ":valueFormatter": f"params => {formatter}(params.value)",
    }
