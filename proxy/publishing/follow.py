"""How routes.yaml follows what was published from it, or in spite of it."""

from typing import NamedTuple

from proxy.errors import BadDocument, FigError
from proxy.publishing.publish import EMPTY, Published, in_force
from proxy.publishing.workspace import Workspace
from proxy.routing.reader import read
from proxy.stores.history import History


class File(NamedTuple):
    """What became of the document, in words."""

    is_written: bool
    says: str
    is_failed: bool = False  # it should have been written


class Local(NamedTuple):
    """The document before a rollback: its text, and why it does not say what was in force, if so."""

    text: str | None
    differs: str = ""


def write_file(workspace: Workspace, store: str, published: Published, before: str) -> File:
    """Make the document say what was published, unless it is not any more what it was `before`, in force."""
    version = published.entry.version
    if is_changed(workspace, before):
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


def is_changed(workspace: Workspace, before: str | None) -> bool:
    """Tell whether somebody has saved the document since it was read; None: there was none."""
    try:
        return (workspace.text() if workspace.routes.exists() else None) != before
    except BadDocument:
        return True


def local_before(workspace: Workspace, history: History) -> Local:
    """Compare the document with what is in force; nothing that is wrong with either must stop a rollback."""
    if not workspace.routes.is_file():
        return Local(None, differs="it is not there; fig pull writes it")
    try:
        text = workspace.text()
        mine = read(text)
        seen = in_force(history)
    except BadDocument:
        return Local(None, differs="it cannot be read; fig check tells why, fig pull --force overwrites it")
    except FigError:
        return Local(None, differs="what was in force cannot be read; fig pull takes what is in force now")
    if mine == seen.document:
        return Local(text)
    return Local(text, f"it did not say what version {seen.head.version} said; fig diff shows the difference")


def follow_back(workspace: Workspace, store: str, local: Local, published: Published) -> File:
    """Make the document say what a rollback has published, if it said before what was in force."""
    differs = local.differs
    if not differs and published.text == EMPTY:
        differs = "version 0 has no document; fig publish puts this one in force again"
    if local.text is None or differs:
        return File(False, f"{workspace.routes} was left alone: {differs}")
    return write_file(workspace, store, published, local.text)
