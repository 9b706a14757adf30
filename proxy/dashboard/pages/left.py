"""What is left to do: routes by stage, who still needs legacy and for what, and how fast it becomes less."""

from nicegui import ui

from proxy.dashboard import charts, figures
from proxy.dashboard.access import PATH
from proxy.dashboard.markup import Html, join, table, tag
from proxy.dashboard.pages.frame import Frame, Slot
from proxy.dashboard.pages.graph import Graph
from proxy.dashboard.pages.parts import empty, route_link, stage_badge, stage_kind
from proxy.dashboard.view import STAGES, Row, View

_SHOWN_USERS = 100
_SHOWN_PATHS = 201  # the source has at most 200 and "*"
_MEANINGS = {
    "legacy": "not begun",
    "shadow": "legacy answers, and the handler is compared",
    "canary": "the handler answers some callers",
    "live": "the handler answers, legacy stands by",
    "migrated": "arrived",
    "retired": "gone for good",
}


def build(frame: Frame) -> None:
    """Build the page."""
    with frame.page("left", "What is left"):
        hint = Slot()
        stages = Slot("panel")
        with ui.element("div").classes("graphs"):
            routes = Graph("Routes, from the first version to now", charts.burn_down([], 0))
            traffic = Graph("Traffic that legacy still answers", charts.legacy_rates([]))
        with ui.element("div").classes("two"):
            users = Slot("panel")
            paths = Slot("panel")

    def show(view: View) -> None:
        hint.show(empty(view, frame.live.sources.url) or Html(""))
        stages.show(stages_of(view))
        left = sum(view.stages.values()) - view.stages["migrated"] - view.stages["retired"]
        routes.show(charts.burn_down(view.standing.moments, view.at), f"{left} routes have not arrived")
        legacy = view.sides["legacy"].requests
        traffic.show(charts.legacy_rates(view.series), f"{legacy} requests in {figures.length(view.window_s)}")
        users.show(users_of(view))
        paths.show(paths_of(view))

    frame.keep_new(show)


def stages_of(view: View) -> Html:
    """Return how many routes are in which stage, as a bar and in numbers."""
    total = sum(view.stages.values())
    arrived = view.stages["migrated"] + view.stages["retired"]
    heading = tag("h2", f"{figures.count(total - arrived)} of {figures.count(total)} routes are left")
    if not total:
        return join(heading, tag("p", "No route is listed yet: legacy answers everything.", class_="quiet"))
    bar = tag(
        "div",
        *(
            tag("span", class_=f"part part-{stage_kind(stage)}", style=f"width:{100 * view.stages[stage] / total:.2f}%")
            for stage in STAGES
            if view.stages[stage]
        ),
        class_="stages-bar",
        aria_hidden="true",
    )
    rows = [
        tag(
            "li",
            tag("a", stage_badge(stage, stage), href=f"{PATH}/routes?filter={stage}"),
            tag("strong", figures.count(view.stages[stage]), class_="number"),
            tag("span", _MEANINGS[stage], class_="dim"),
        )
        for stage in STAGES
    ]
    return join(heading, bar, tag("ul", *rows, class_="stages"))


def users_of(view: View) -> Html:
    """Return who still asks legacy for what, the most first."""
    rows = {row.id: row for row in view.rows}
    listed: list[list[Html | str]] = [
        [
            route_link(one.what) if one.what in rows else tag("code", one.what),
            _stage_of(rows.get(one.what)),
            one.client or tag("span", "says nothing of itself", class_="dim"),
            figures.count(one.requests),
        ]
        for one in view.usage[:_SHOWN_USERS]
    ]
    more = len(view.usage) - len(listed)
    return join(
        tag("h2", "Who still needs legacy, and for what"),
        _note(view, listed, "Nobody has asked legacy for anything"),
        table(["Route or path", "Stage", "Client", "#Requests"], listed, caption="Legacy traffic by route and client")
        if listed
        else None,
        tag("p", f"… and {figures.count(more)} more", class_="dim") if more > 0 else None,
    )


def paths_of(view: View) -> Html:
    """Return the paths that no route lists and that legacy answers."""
    paths = list(view.unlisted_paths.items())[:_SHOWN_PATHS]
    rest = tag("span", "* (all others)", title="Paths beyond the first 200 are counted together")
    listed: list[list[Html | str]] = [
        [rest if path == "*" else tag("code", path), figures.count(requests)] for path, requests in paths
    ]
    return join(
        tag("h2", "Paths that no route lists"),
        _note(view, listed, "No unlisted path has been asked for"),
        table(["Path", "#Requests"], listed, caption="Unlisted paths that reach legacy") if listed else None,
    )


def _note(view: View, listed: list[list[Html | str]], nothing: str) -> Html:
    if view.snapshot.problem and not listed:
        return tag("p", "Nobody knows: see above.", class_="dim")
    when = view.snapshot.usage_days or f"in the last {figures.length(view.window_s)}"
    return tag("p", f"{when[0].upper()}{when[1:]}." if listed else f"{nothing} {when}.", class_="dim")


def _stage_of(row: Row | None) -> Html:
    return stage_badge(row.stage, row.stage_words) if row is not None else stage_badge("unlisted", "unlisted")
