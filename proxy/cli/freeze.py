"""`fig freeze` and `fig thaw`: everything back to legacy at once, and the end of that."""

from typing import Annotated

import typer

from proxy.cli import answer
from proxy.cli.change import entry_fields
from proxy.cli.command import command
from proxy.cli.options import DOCUMENT, Force, Json, Routes, Store, Why
from proxy.publishing.freeze import Freeze, Persistence
from proxy.publishing.undo import undo_of
from proxy.stores.history import StoreFailed


def freeze(
    why: Why,
    include_migrated: Annotated[
        bool,
        typer.Option("--include-migrated", help="Also routes that have arrived; needs --force: legacy may be gone."),
    ] = False,
    force: Force = False,
    routes: Routes = DOCUMENT,
    store: Store = "",
    as_json: Json = False,
) -> None:
    """Send every shadow, canary and live route to legacy until fig thaw. Tries again until it is written."""
    from proxy.publishing.freeze import freeze as freeze_store

    with command(routes, store, as_json=as_json) as this, this.opened() as opened:
        author = this.author(opened, why, is_forcing=force)
        try:
            done = freeze_store(
                opened.history, author, includes_migrated=include_migrated, persistence=_persistence("frozen")
            )
        except KeyboardInterrupt:
            answer.note(_given_up("frozen"))
            raise
        undo = this.undo(undo_of(done.entry, before=done.before)) if done.is_new else ""
        fields = {"new": done.is_new, "frozen": dict(done.frozen), "left": dict(done.left), "undo": undo}
        this.tell({**entry_fields(done.entry), **fields}, [*_in_words(done), *([f"undo: {undo}"] if undo else [])])


def thaw(why: Why, routes: Routes = DOCUMENT, store: Store = "", as_json: Json = False) -> None:
    """Lift a freeze: every route goes by its own stage again."""
    from proxy.publishing.freeze import thaw as thaw_store

    with command(routes, store, as_json=as_json) as this, this.opened() as opened:
        author = this.author(opened, why)
        try:
            done = thaw_store(opened.history, author, persistence=_persistence("thawed"))
        except KeyboardInterrupt:
            answer.note(_given_up("thawed"))
            raise
        undo = this.undo(undo_of(done.entry, before=done.before))
        this.tell({**entry_fields(done.entry), "undo": undo}, [*done.entry.changes, f"undo: {undo}"])


def _persistence(what: str) -> Persistence:
    def tell(exc: StoreFailed) -> None:
        answer.note(f"not {what} yet: {exc}\ntrying again every second; Ctrl-C gives up")

    return Persistence(tell)


def _given_up(what: str) -> str:
    return f"given up: no answer said that it is {what}; fig routes --published tells"


def _in_words(done: Freeze) -> list[str]:
    heading = "frozen: these routes go to legacy until fig thaw" if done.frozen else "frozen until fig thaw"
    if not done.is_new:
        by = answer.one_line(f"{done.entry.who} at {done.entry.when}: {done.entry.why}")
        heading = f"frozen already, by {by}" + ("\nthese routes go to legacy until fig thaw" if done.frozen else "")
    return [
        *(answer.indented([f"{name} ({stage})" for name, stage in done.frozen.items()], heading) or [heading]),
        *answer.indented(
            [f"{name} ({stage})" for name, stage in done.left.items()],
            "left where they have arrived, where legacy may be gone; --include-migrated --force takes them, too",
        ),
    ]
