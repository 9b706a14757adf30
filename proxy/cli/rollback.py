"""`fig rollback`: what was in force before, in force again."""

from typing import Annotated, NamedTuple

import typer

from proxy.cli.change import File, tell_published, write_file
from proxy.cli.command import Command, command
from proxy.cli.options import DOCUMENT, Json, Routes, Store, Why, route_ids
from proxy.errors import BadDocument, FigError, Misuse
from proxy.publishing.publish import EMPTY, Published
from proxy.stores.history import History


def rollback(
    why: Why,
    version: Annotated[
        int | None, typer.Argument(metavar="VERSION", help="The version to go back to, by default the one before.")
    ] = None,
    route: Annotated[
        str | None,
        typer.Option("--route", metavar="ROUTE", help="Only this route, to its last stage.", autocompletion=route_ids),
    ] = None,
    routes: Routes = DOCUMENT,
    store: Store = "",
    as_json: Json = False,
) -> None:
    """Put an earlier version, or one route's earlier stage, in force again, whatever the document says."""
    from proxy.publishing.rollback import roll_back, roll_back_route

    with command(routes, store, as_json=as_json) as this:
        if route is not None and version is not None:
            raise Misuse(f"got version {version} and the route {route}, expected one of the two")
        with this.opened() as opened:
            author = this.author(opened, why)
            local = _local(this, opened.history)
            if route is not None:
                published = roll_back_route(opened.history, route, author, local.text)
            else:
                published = roll_back(opened.history, author, version)
            tell_published(this, published, route_id=route, file=_follow(this, opened.place.name, local, published))


class _Local(NamedTuple):
    """The document before the rollback: its text, and why it does not say what was in force, if so."""

    text: str | None
    differs: str = ""


def _local(this: Command, history: History) -> _Local:
    """Compare the document with what is in force; nothing that is wrong with either must stop a rollback."""
    from proxy.publishing.publish import in_force
    from proxy.routing.reader import read

    try:
        text = this.text()
        mine = read(text)
        seen = in_force(history)
    except Misuse:
        return _Local(None, differs="it is not there; fig pull writes it")
    except BadDocument:
        return _Local(None, differs="it cannot be read; fig check tells why, fig pull --force overwrites it")
    except FigError:
        return _Local(None, differs="what was in force cannot be read; fig pull takes what is in force now")
    if mine == seen.document:
        return _Local(text)
    return _Local(text, f"it did not say what version {seen.head.version} said; fig diff shows the difference")


def _follow(this: Command, store: str, local: _Local, published: Published) -> File:
    differs = local.differs
    if not differs and published.text == EMPTY:
        differs = "version 0 has no document; fig publish puts this one in force again"
    if local.text is None or differs:
        return File(False, f"{this.workspace.routes} was left alone: {differs}")
    return write_file(this, store, published, local.text)
