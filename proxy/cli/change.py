"""How a change of what is in force is told, and how the document follows it."""

from typing import Any, NamedTuple

import typer

from proxy.cli import answer
from proxy.cli.command import Command
from proxy.errors import BadDocument, Refused
from proxy.publishing.publish import Published
from proxy.publishing.undo import undo_of
from proxy.routing.table import Frozen
from proxy.stores.history import Entry

_FROZEN: dict[Frozen, tuple[str, ...]] = {
    "": (),
    "moving": ("a freeze is in force: shadow, canary and live show their effect after fig thaw",),
    "all": ("a freeze of everything is in force: this takes effect after fig thaw",),
}


class File(NamedTuple):
    """What became of the document, in words."""

    is_written: bool
    says: str
    is_failed: bool = False  # it should have been written


def tell_published(
    command: Command, published: Published, *, route_id: str | None = None, file: File | None = None
) -> None:
    """Tell a new version: what changed, what was forced, what became of the file, the undo. Exit 1 if that failed."""
    entry = published.entry
    undo = command.undo(undo_of(entry, route_id=route_id))
    lines = [
        f"version {entry.version} is in force, in place of version {entry.parent}",
        *answer.indented(entry.changes or ("nothing that requests notice",)),
        *answer.indented(entry.forced, "forced:"),
        *_FROZEN[published.frozen],
        *([file.says] if file and not file.is_failed else []),
        f"undo: {undo}",
    ]
    fields = {**entry_fields(entry), "frozen": published.frozen, "undo": undo}
    if file is not None:
        fields["file"] = {"path": str(command.workspace.routes), "written": file.is_written, "says": file.says}
    command.tell(fields, lines)
    if file is not None and file.is_failed:
        answer.note(file.says)
        raise typer.Exit(1)


def replace_file(command: Command, text: str, before: str | None, *, is_forcing: bool) -> None:
    """Write a text to the document. Raises Refused if it was changed since it was read, or cannot be written."""
    routes = command.workspace.routes
    if not is_forcing and is_changed(command, before):
        raise Refused(f"{routes}: was changed meanwhile; nothing was written")
    try:
        command.workspace.write(text)
    except OSError as exc:
        raise Refused(f"{routes}: cannot be written ({exc.strerror}); nothing was written") from exc


def is_changed(command: Command, before: str | None) -> bool:
    """Tell whether somebody has saved the document since it was read; None: there was none."""
    try:
        return command.text_if_any() != before
    except BadDocument:
        return True


def entry_fields(entry: Entry) -> dict[str, Any]:  # Any: JSON
    """Return an entry of the history as programs read it."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in entry._asdict().items()}


def write_file(command: Command, store: str, published: Published, before: str) -> File:
    """Make the document say what was published, unless it is not any more what it was `before`, in force."""
    workspace, version = command.workspace, published.entry.version
    if is_changed(command, before):
        return File(
            False, f"{workspace.routes} was left alone: it was changed meanwhile; fig diff shows the difference"
        )
    # Noted first: should writing fail, `fig pull` knows that nothing in the file would be lost.
    workspace.note_base(store, published.entry.parent)
    try:
        workspace.write(published.text)
    except OSError as exc:
        says = f"version {version} is in force, but {workspace.routes} cannot be written ({exc.strerror}): "
        return File(False, f"{says}fig pull mends that", is_failed=True)
    workspace.note_base(store, version)
    return File(True, f"{workspace.routes} says so, too")
