"""What every page has: its head with links, window, freshness and brake; and how a page is kept new."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nicegui import ui

from proxy.dashboard import figures
from proxy.dashboard.access import PATH
from proxy.dashboard.live import Live
from proxy.dashboard.markup import Html, join, tag
from proxy.dashboard.pages.dialogs import ask_freeze, ask_thaw
from proxy.dashboard.view import View

_PAGES = (("", "Overview"), ("routes", "Routes"), ("left", "What is left"))


class Slot:
    """A piece of HTML that is sent again only when it has changed."""

    def __init__(self, class_: str = "", *, is_live: bool = False) -> None:
        self._content = Html("")
        # Whatever comes in is escaped: see markup.
        self._element = ui.html("", sanitize=False).classes(class_)
        if is_live:
            self._element.props('role="status"')

    def set_visible(self, *, is_visible: bool) -> None:
        """Show or hide it."""
        self._element.set_visibility(is_visible)

    def show(self, content: Html) -> None:
        """Show it."""
        if content != self._content:
            self._content = content
            self._element.content = str(content)


class Frame:
    """One page of one browser."""

    def __init__(self, live: Live, window_s: float, theme: str) -> None:
        self.live = live
        self.window_s = window_s
        self.client = ui.context.client
        self._theme = theme if theme in ("dark", "light") else "auto"

    @contextmanager
    def page(self, path: str, title: str) -> Iterator[None]:
        """Build the head, and then what is inside."""
        ui.page_title(f"{title} · fig")
        ui.dark_mode({"dark": True, "light": False}.get(self._theme))
        Slot().show(tag("a", "Skip to the content", href="#content", class_="skip"))
        with ui.element("header").classes("top"):
            Slot("links").show(self._links(path))
            with ui.element("div").classes("tools"):
                Slot("freshness").show(tag("span", tag("span", "…", id="fresh"), class_="fresh"))
                Slot("windows").show(self._windows())
                self._theme_button()
                self._brake = ui.button("Freeze", icon="ac_unit", color=None, on_click=self._press_brake)
                self._brake.props("outline no-caps dense").classes("brake")
        self._frozen = Slot("frozen-note", is_live=True)
        with ui.element("div").props('id="content" tabindex="-1"').classes("content"):
            yield

    def keep_new(self, show: Callable[[View], None]) -> None:
        """Show the newest view now, and every one that follows for as long as the page is open."""

        def on_view(view: View) -> None:
            self._show_state(view)
            show(view)

        if (newest := self.live.newest(self.window_s)) is not None:
            on_view(newest)
        self.client.on_delete(self.live.follow(self.window_s, on_view))

    def _show_state(self, view: View) -> None:
        self.client.run_javascript(f"fig.fresh({self.live.age_s(view):.2f}, {self.live.sources.stale_s:.1f})")
        self._brake.text = "Thaw" if view.standing.head.frozen else "Freeze"
        self._frozen.show(_frozen_note(view))

    def _press_brake(self) -> None:
        view = self.live.newest(self.window_s)
        if view is not None and view.standing.head.frozen:
            ask_thaw(self.live)
        else:
            ask_freeze(self.live)

    def _links(self, path: str) -> Html:
        links = [
            tag(
                "a",
                name,
                href=f"{PATH}/{page}{self._query}",
                aria_current="page" if page == path else None,
            )
            for page, name in _PAGES
        ]
        logo = tag("a", tag("span", "fig", class_="logo"), href=f"{PATH}/{self._query}", aria_label="fig: overview")
        return join(logo, tag("nav", *links, aria_label="Pages"))

    def _windows(self) -> Html:
        links = [
            tag(
                "a",
                figures.length(window_s),
                href=f"?window={window_s:.0f}",
                aria_current="true" if window_s == self.window_s else None,
                title=f"Show the last {figures.length(window_s)}",
            )
            for window_s in self.live.sources.windows_s
        ]
        return tag("nav", *links, aria_label="How much time the numbers cover")

    @property
    def _query(self) -> str:
        is_usual = self.window_s == self.live.sources.windows_s[0]
        return "" if is_usual else f"?window={self.window_s:.0f}"

    def _theme_button(self) -> None:
        icon = {"dark": "dark_mode", "light": "light_mode"}.get(self._theme, "brightness_auto")
        button = ui.button(icon=icon, color=None).props(f'flat round dense id="theme" title="Theme: {self._theme}"')
        button.props(f'aria-label="Theme: {self._theme}. Change it"').on("click", js_handler="() => fig.nextTheme()")


def _frozen_note(view: View) -> Html:
    head = view.standing.head
    if not head.frozen:
        return Html("")
    which = "Every route" if head.frozen == "all" else "Every shadow, canary and live route"
    by = head.froze
    who = f" Since {figures.moment(by.when)}, by {by.who}: {by.why}" if by is not None else ""
    return join(tag("strong", "Frozen. "), f"{which} is answered by legacy until a thaw.", who)
