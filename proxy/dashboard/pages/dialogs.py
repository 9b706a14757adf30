"""Asking before something is changed: what will happen, who does it and why; then what came of it, or the refusal."""

import asyncio
from collections.abc import Callable
from typing import get_args

from nicegui import ui

from proxy.dashboard.actions import Done, Person, freeze_all, move, ramp, roll_back, thaw_all
from proxy.dashboard.live import Live
from proxy.dashboard.markup import Html, join, tag
from proxy.dashboard.pages.parts import code_line
from proxy.dashboard.view import Row
from proxy.publishing.flip import Flip
from proxy.routing.table import Stage

Ask = Callable[[Live, Row], None]

_STEPS = (1.0, 5.0, 10.0, 25.0, 50.0, 100.0)  # of a ramp, in percent
_MEANINGS: dict[Stage, str] = {
    "legacy": "legacy answers",
    "shadow": "legacy answers, and the handler is compared with it",
    "canary": "the handler answers some callers",
    "live": "the handler answers, and is compared with legacy",
    "migrated": "the handler answers alone",
    "retired": "nobody answers: 410 Gone",
}


def ask_move(live: Live, row: Row) -> None:
    """Ask which stage a route should have."""
    stages = {stage: f"{stage}: {_MEANINGS[stage]}" for stage in get_args(Stage)}
    dialog = _Dialog(live, f"Move {row.id}", f"It is in stage {row.stage_words}.", "Move")
    with dialog.fields:
        stage = ui.select(stages, value=row.stage, label="Stage").props("outlined dense options-dense").classes("wide")
        percent = _percent_field(row.percent or 5)
        percent.bind_visibility_from(stage, "value", value="canary")

    def act(person: Person) -> Done:
        if stage.value == "canary":
            return ramp(live.sources, person, row.id, percent.value or "")
        return move(live.sources, person, Flip(row.id, stage.value))

    dialog.open(act)


def ask_ramp(live: Live, row: Row) -> None:
    """Ask for the next percentage of a canary."""
    following = next((step for step in _STEPS if step > row.percent), 100.0)
    dialog = _Dialog(live, f"Ramp {row.id}", f"The handler answers {row.percent:g} % of its callers now.", "Ramp")
    with dialog.fields:
        percent = _percent_field(following)
    dialog.open(lambda person: ramp(live.sources, person, row.id, percent.value or ""))


def ask_roll_back(live: Live, row: Row) -> None:
    """Ask whether a route should have its stage of before again."""
    text = f"It is in stage {row.stage_words}, and goes back to the one before. Others stay as they are."
    _Dialog(live, f"Roll back {row.id}", text, "Roll back").open(lambda person: roll_back(live.sources, person, row.id))


def ask_freeze(live: Live) -> None:
    """Ask whether everything that is on its way should go back to legacy."""
    text = "Every shadow, canary and live route goes back to legacy at once, until a thaw. What has arrived stays."
    _Dialog(live, "Freeze", text, "Freeze").open(lambda person: freeze_all(live.sources, person))


def ask_thaw(live: Live) -> None:
    """Ask whether every route should go by its own stage again."""
    text = "The freeze ends: every route goes by its own stage again."
    _Dialog(live, "Thaw", text, "Thaw").open(lambda person: thaw_all(live.sources, person))


def _percent_field(value: float) -> ui.input:
    """Return a field of text: one of numbers makes 100 of 150, and 55 of 5,5, before anybody could refuse them."""
    return ui.input("Percent of callers", value=f"{value:g}").props("outlined dense inputmode=decimal").classes("wide")


class _Dialog:
    """A dialog that is made when it is opened, and gone when it is closed."""

    def __init__(self, live: Live, heading: str, text: str, verb: str) -> None:
        self._live = live
        self._verb = verb
        # A click beside it must not lose what was typed; Escape is Cancel.
        self._dialog = ui.dialog().props('no-backdrop-dismiss aria-labelledby="dialog-heading"')
        self._dialog.on("hide", self._dialog.delete)
        with self._dialog, ui.card().classes("dialog"):
            ui.html(tag("h2", heading, id="dialog-heading"), sanitize=False)
            self._text = ui.html(tag("p", text), sanitize=False)
            self.fields = ui.element("div").classes("fields")
            self._result = ui.html("", sanitize=False).classes("result").props('role="alert"')
            with ui.element("div").classes("buttons"):
                self._cancel = ui.button("Cancel", color=None, on_click=self._dialog.close).props("flat no-caps")
                self._confirm = ui.button(verb, color=None).props("unelevated no-caps").classes("confirm")

    def open(self, act: Callable[[Person], Done]) -> None:
        """Ask; `act` is called in a thread when it is confirmed, and again if that was refused."""
        user = self._live.sources.user
        with self.fields:
            who = ui.input("Who are you?", value=user).props("outlined dense autocomplete=name").classes("wide")
            who.set_visibility(not user)
            why = ui.input("Why? The history shows it").props("outlined dense autofocus maxlength=500").classes("wide")
            force = ui.checkbox("Do it all the same. The history shows that it was forced")
            force.set_visibility(False)

        async def confirm() -> None:
            if not (who.value or "").strip() or not (why.value or "").strip():
                self._tell(
                    tag("p", "Say who you are and why: whoever asks later reads it in the history."), is_done=False
                )
                return
            self._wait(is_waiting=True)
            done = await asyncio.to_thread(act, Person(who.value, why.value, is_forcing=bool(force.value)))
            self._wait(is_waiting=False)
            force.set_visibility(done.can_be_forced or bool(force.value))
            self._show(done)

        self._confirm.on_click(confirm)
        why.on("keydown.enter", confirm)
        self._dialog.open()

    def _wait(self, *, is_waiting: bool) -> None:
        """Let nobody confirm twice, or leave before it is told what came of it."""
        for button in (self._confirm, self._cancel):
            button.set_enabled(not is_waiting)
        self._confirm.props("loading" if is_waiting else "", remove="" if is_waiting else "loading")
        self._dialog.props("persistent" if is_waiting else "", remove="" if is_waiting else "persistent")

    def _show(self, done: Done) -> None:
        lines = [tag("p", line) for line in done.lines]
        if not done.is_done:
            self._tell(join(tag("p", tag("strong", "Refused. Nothing was changed.")), *lines), is_done=False)
            return
        self._live.wake()
        undo = [tag("p", "Take it back:"), code_line(done.undo)] if done.undo else []
        self._tell(join(tag("p", tag("strong", "Done.")), *lines, *undo), is_done=True)
        for asked in (self._text, self.fields, self._confirm):
            asked.set_visibility(False)
        self._cancel.text = "Close"
        self._cancel.client.run_javascript(f"getHtmlElement({self._cancel.id})?.focus()")  # what had it is gone

    def _tell(self, content: Html, *, is_done: bool) -> None:
        self._result.content = str(content)
        self._result.classes(add="done" if is_done else "refused", remove="refused" if is_done else "done")
