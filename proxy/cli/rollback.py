"""`fig rollback`: what was in force before, in force again."""

from typing import Annotated

import typer

from proxy.cli.change import lost, tell_published
from proxy.cli.command import command
from proxy.cli.options import DOCUMENT, Force, Json, Routes, Store, Why, route_ids


def rollback(
    why: Why,
    version: Annotated[
        int | None,
        typer.Argument(metavar="VERSION", help="The version to go back to; without it, the one before, as undo goes."),
    ] = None,
    route: Annotated[
        str | None,
        typer.Option(
            "--route",
            metavar="ROUTE",
            help="Only this route, to its stage of before or of VERSION.",
            autocompletion=route_ids,
        ),
    ] = None,
    force: Force = False,
    routes: Routes = DOCUMENT,
    store: Store = "",
    as_json: Json = False,
) -> None:
    """Put an earlier version, or one route's earlier stage, in force again, whatever the document says.

    Repeat it to go further back. What would give the migrated side more clients is passed over, unless VERSION names it
    or --force insists.
    """
    from proxy.publishing.follow import follow_back, local_before
    from proxy.publishing.rollback import roll_back, roll_back_route

    with command(routes, store, as_json=as_json, has_route=True) as this, this.opened() as opened:
        author = this.author(opened, why, is_forcing=force)
        local = local_before(this.workspace, opened.history)
        if route is not None:
            published = roll_back_route(opened.history, route, author, local.text, version)
        else:
            published = roll_back(opened.history, author, version)
        file = follow_back(this.workspace, opened.place.name, local, published)
        tell_published(this, published, route_id=route, file=file, lost=lost(this, opened, published))
