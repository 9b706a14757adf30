"""`fig flip`: one route to another stage."""

from typing import Annotated, get_args

import typer

from proxy.cli.change import lost, tell_published
from proxy.cli.command import command
from proxy.cli.given import one_of
from proxy.cli.given import percent as percent_of
from proxy.cli.options import DOCUMENT, Evidence, Force, Json, RouteId, Routes, Store, Why
from proxy.routing.table import Stage


def flip(
    route: RouteId,
    stage: Annotated[
        Stage, typer.Argument(metavar="STAGE", help=f"{', '.join(get_args(Stage))}.", **one_of(get_args(Stage)))
    ],
    why: Why,
    percent: Annotated[
        float | None, typer.Option(metavar="N", parser=percent_of, help="Callers that a canary takes, in percent.")
    ] = None,
    force: Force = False,
    routes: Routes = DOCUMENT,
    store: Store = "",
    evidence: Evidence = "",
    as_json: Json = False,
) -> None:
    """Give one route another stage: published first, then written to the document, whose comments stay.

    Refused where the evidence does not show yet that more clients may be answered by the migrated side.
    """
    from proxy.publishing.flip import Flip
    from proxy.publishing.flip import flip as publish_flip
    from proxy.publishing.follow import write_file

    with command(routes, store, as_json=as_json) as this:
        text = this.text()
        with this.opened() as opened, this.gate(opened, evidence) as gate:
            published = publish_flip(
                opened.history,
                text,
                this.check,
                Flip(route, stage, percent),
                author=this.author(opened, why, is_forcing=force),
                base=this.workspace.base(opened.place.name),
                gate=gate,
            )
            file = write_file(this.workspace, opened.place.name, published, text)
            tell_published(this, published, route_id=route, file=file, lost=lost(this, opened, published, evidence))
