"""`fig diff`, `fig publish` and `fig pull`: the document and what is in force, made one."""

from typing import Annotated

import typer

from proxy.cli import answer
from proxy.cli.change import replace_file, tell_published
from proxy.cli.command import command
from proxy.cli.options import DOCUMENT, Evidence, Force, Json, Routes, Store, Why


def diff(
    version: Annotated[
        int | None, typer.Option("--published-version", metavar="N", min=0, help="An earlier version, not the newest.")
    ] = None,
    routes: Routes = DOCUMENT,
    store: Store = "",
    as_json: Json = False,
) -> None:
    """Tell in words what publishing the document would change."""
    from proxy.publishing.publish import published_document
    from proxy.routing.changes import changes

    with command(routes, store, as_json=as_json) as this:
        document = this.check(this.text())
        with this.opened() as opened:
            against = opened.history.head().version if version is None else version
            words = [change.text for change in changes(published_document(opened.history, against), document)]
            if not words:
                this.workspace.note_base(opened.place.name, against)
        heading = f"{routes} against version {against}:" if against else f"{routes} against nothing published:"
        lines = answer.indented(words, heading) or [f"no difference between {routes} and version {against}"]
        this.tell({"file": str(routes), "version": against, "changes": words}, lines)


def publish(
    why: Why,
    force: Force = False,
    routes: Routes = DOCUMENT,
    store: Store = "",
    evidence: Evidence = "",
    as_json: Json = False,
) -> None:
    """Check the document and put it in force.

    Refused if it would undo what others have published meanwhile, or gives the migrated side more clients than the
    evidence allows.
    """
    from proxy.publishing.publish import publish as publish_document

    with command(routes, store, as_json=as_json) as this:
        text = this.text()
        document = this.check(text)
        with this.opened(makes_folder=True) as opened, this.gate(opened, evidence) as gate:
            name = opened.place.name
            author = this.author(opened, why, is_forcing=force)
            base = this.workspace.base(name)
            published = publish_document(opened.history, text, document, author, base, gate=gate)
            if published is None:
                version = opened.history.head().version
                this.workspace.note_base(name, version)
                this.tell({"version": version, "changes": []}, [f"no difference from version {version}: not published"])
                return
            this.workspace.note_base(name, published.entry.version)
            tell_published(this, published)


def pull(
    force: Annotated[bool, typer.Option("--force", help="Overwrite what was never published.")] = False,
    routes: Routes = DOCUMENT,
    store: Store = "",
    as_json: Json = False,
) -> None:
    """Write the published document to the file. Refused if that holds what was never published."""
    from proxy.publishing.pull import pull as pull_text

    with command(routes, store, as_json=as_json, writes_new=True) as this:
        text = None if force else this.text_if_any()
        with this.opened() as opened:
            name = opened.place.name
            pulled = pull_text(opened.history, text, this.workspace.base(name), is_forcing=force)
            if pulled.text is not None:
                replace_file(this, pulled.text, text, is_forcing=force)
            this.workspace.note_base(name, pulled.version)
        said = f"{routes} says what version {pulled.version} says"
        line = f"{said}, as it did before" if pulled.text is None else f"{said} now"
        this.tell({"file": str(routes), "version": pulled.version, "written": pulled.text is not None}, [line])
