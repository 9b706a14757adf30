"""How a change of what is in force is told."""

from collections.abc import Sequence
from typing import Any

import typer

from proxy.cli import answer
from proxy.cli.command import Command
from proxy.errors import Misuse, Refused
from proxy.publishing.evidence_choice import choose_evidence, lost_at
from proxy.publishing.follow import File, is_changed
from proxy.publishing.publish import Published
from proxy.publishing.store_choice import Opened
from proxy.publishing.undo import undo_of
from proxy.routing.table import Frozen
from proxy.stores.history import Entry

_FROZEN: dict[Frozen, tuple[str, ...]] = {
    "": (),
    "moving": ("a freeze is in force: shadow, canary and live show their effect after fig thaw",),
    "all": ("a freeze of everything is in force: this takes effect after fig thaw",),
}


def lost(command: Command, opened: Opened, published: Published, evidence: str = "") -> list[str]:
    """Return what is lost by a version that sends routes back to legacy, as far as the evidence knows."""
    try:
        place = choose_evidence(command.workspace, evidence, opened.place)
    except Misuse:  # of FIG_EVIDENCE; a rollback asks for none, and is not to fail for it
        return []
    return lost_at(place, opened.history, published.entry)


def tell_published(
    command: Command,
    published: Published,
    *,
    route_id: str | None = None,
    file: File | None = None,
    lost: Sequence[str] = (),
) -> None:
    """Tell a new version: what changed, what was forced, what became of the file, the undo. Exit 1 if that failed.

    `lost` is what going back has lost.
    """
    entry = published.entry
    undo = command.undo(undo_of(entry, route_id=route_id))
    lines = [
        f"version {entry.version} is in force, in place of version {entry.parent}",
        *answer.indented(entry.changes or ("nothing that requests notice",)),
        *answer.indented(entry.forced, "forced:"),
        *published.passed[: answer.MAX_LINES],
        *lost[: answer.MAX_LINES],
        *_FROZEN[published.frozen],
        *([file.says] if file and not file.is_failed else []),
        f"undo: {undo}",
    ]
    fields = {**entry_fields(entry), "frozen": published.frozen, "passed": list(published.passed), "lost": list(lost)}
    fields["undo"] = undo
    if file is not None:
        fields["file"] = {"path": str(command.workspace.routes), "written": file.is_written, "says": file.says}
    command.tell(fields, lines)
    if file is not None and file.is_failed:
        answer.note(file.says)
        raise typer.Exit(1)


def replace_file(command: Command, text: str, before: str | None, *, is_forcing: bool) -> None:
    """Write a text to the document. Raises Refused if it was changed since it was read, or cannot be written."""
    routes = command.workspace.routes
    if not is_forcing and is_changed(command.workspace, before):
        raise Refused(f"{routes}: was changed meanwhile; nothing was written")
    try:
        command.workspace.write(text)
    except OSError as exc:
        raise Refused(f"{routes}: cannot be written ({exc.strerror}); nothing was written") from exc


def entry_fields(entry: Entry) -> dict[str, Any]:  # Any: JSON
    """Return an entry of the history as programs read it."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in entry._asdict().items()}
