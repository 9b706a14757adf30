"""Pieces of HTML that pages have in common."""

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from proxy.dashboard import figures
from proxy.dashboard.access import PATH
from proxy.dashboard.markup import Html, join, tag
from proxy.dashboard.standing import seconds_of
from proxy.dashboard.totals import error_share
from proxy.dashboard.view import Concern, View
from proxy.metrics.source import Flow, Side
from proxy.stores.history import Entry

_MOST_CHANGES = 6  # of one entry
_MOST_CONCERNS = 8


def stage_kind(stage: str) -> str:
    """Return the group that a stage belongs to, by which it is drawn."""
    return {"legacy": "legacy", "unlisted": "legacy", "gone": "proxy", "retired": "proxy"}.get(
        stage, "migrated" if stage in ("live", "migrated") else "moving"
    )


def stage_badge(stage: str, words: str, *, is_frozen: bool = False) -> Html:
    """Return a stage as a badge."""
    return tag("span", f"{words} · frozen" if is_frozen else words, class_=f"stage stage-{stage_kind(stage)}")


def route_link(route_id: str) -> Html:
    """Return a link to a route's page."""
    return tag("a", route_id, href=f"{PATH}/route/{quote(route_id, safe='')}")


def side_name(side: Side) -> Html:
    """Return a side's name with its mark, whose form tells it as well as its colour."""
    return tag("span", tag("i", class_=f"mark mark-{side}", aria_hidden="true"), side, class_="side")


def tile(
    heading: str,
    main: str,
    rows: Sequence[tuple[Html | str, str]],
    below: Html | None = None,
    *,
    is_bad: bool = False,
) -> Html:
    """Return one figure that counts, and those that it is made of."""
    listed = [join(tag("dt", name), tag("dd", value)) for name, value in rows]
    return tag(
        "section",
        tag("h2", heading),
        tag("p", main, class_="main bad" if is_bad else "main"),
        below,
        tag("dl", *listed),
        class_="tile",
    )


def split_bar(share: float | None) -> Html:
    """Return the shares of both sides as one bar."""
    if share is None:
        return tag("div", class_="split empty", role="img", aria_label="no traffic yet")
    label = f"migrated {figures.share(share)}, legacy {figures.share(1 - share)}"
    return tag("div", tag("span", style=f"width:{share * 100:.2f}%"), class_="split", role="img", aria_label=label)


def errors_of(flow: Flow) -> str:
    """Return a side's errors and their share."""
    return f"{figures.count(flow.errors)} · {figures.share(error_share(flow))}"


def concerns(found: Sequence[Concern]) -> Html:
    """Return what somebody should look at; that there is nothing is said, too."""
    if not found:
        return tag(
            "p",
            tag("span", "✓", aria_hidden="true"),
            " Nothing to look at: no errors, no open breaker, no differences.",
            class_="quiet",
        )
    items = [
        tag(
            "li",
            tag("span", "!" if one.is_severe else "i", class_="badge", aria_hidden="true"),
            tag("span", join(route_link(one.route), " ") if one.route else None, one.text),
            class_="severe" if one.is_severe else "mild",
        )
        for one in found[:_MOST_CONCERNS]
    ]
    more = len(found) - len(items)
    return tag("ul", *items, tag("li", f"… and {more} more", class_="mild") if more > 0 else None, class_="concerns")


def entries(found: Iterable[Entry], now: float, route_id: str = "", most: int = _MOST_CHANGES) -> Html:
    """Return entries of the history: what, who, when and why; of one route, only what is about it."""
    items = [entry_item(entry, now, f"{route_id}: " if route_id else "", most) for entry in found]
    return tag("ol", *items, class_="history") if items else tag("p", "Nothing has been published yet.", class_="quiet")


def entry_item(entry: Entry, now: float, prefix: str, most: int) -> Html:
    """Return one entry of the history, with the lines that begin so."""
    told = [words for words in entry.changes if words.startswith(prefix)]
    more = len(told) - most
    changes = [tag("li", words) for words in told[:most]]
    changes += [tag("li", f"… and {more} more")] if more > 0 else []
    insisted = [words for words in entry.forced if words.startswith(prefix)]
    forced = [tag("li", tag("strong", "forced: "), words, class_="forced") for words in insisted[:most]]
    return tag(
        "li",
        tag(
            "p",
            tag("strong", f"{entry.kind} "),
            tag("span", f"version {entry.version}", class_="dim"),
            tag("span", f" · {entry.who} · ", class_="dim"),
            tag(
                "time", figures.ago(now - seconds_of(entry.when)), datetime=entry.when, title=figures.moment(entry.when)
            ),
        ),
        tag("p", entry.why, class_="why"),
        tag("ul", *changes, *forced) if changes or forced else None,
    )


def empty(view: View, url: str) -> Html | None:
    """Return what to do where there is no traffic yet, or why nobody knows; None where there is some."""
    if view.requests:
        return None
    if not view.is_known:
        return tag("p", f"No numbers: {view.snapshot.problem}", class_="hint", role="status")
    ask = [" Ask for something, and it shows here: ", tag("code", f"curl -i {url}/")] if url else []
    return tag("p", f"No traffic in the last {figures.length(view.window_s)}.", *ask, class_="hint", role="status")


def code_line(text: str) -> Html:
    """Return a command that can be copied."""
    return tag("div", tag("code", text), tag("button", "copy", type="button", class_="copy"), class_="command")
