"""`fig parity`: how often the two sides agree, by the evidence, and what is missing before a route may go on."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from proxy.cli import answer
from proxy.cli.command import Command, command
from proxy.cli.options import DOCUMENT, Evidence, Json, Published, Routes, Store, route_ids
from proxy.publishing.store_choice import Place
from proxy.routing.document import Document, RouteDocument

if TYPE_CHECKING:
    from proxy.evidence.found import RouteEvidence
    from proxy.evidence.reader import EvidenceReader

_HEADINGS = ("route", "stage", "compared", "equal", "at least", "missing")


def parity(
    route: Annotated[
        str | None, typer.Argument(metavar="ROUTE", help="All about this one route.", autocompletion=route_ids)
    ] = None,
    published: Published = False,
    routes: Routes = DOCUMENT,
    store: Store = "",
    evidence: Evidence = "",
    as_json: Json = False,
) -> None:
    """Tell how often the two sides agree, and how many more samples a route needs to go on."""
    from proxy.cli.parity_detail import fields, in_words
    from proxy.publishing.flip import route_of

    with command(routes, store, as_json=as_json) as this:
        document, place = asked_document(this, published=published)
        one = None if route is None else route_of(document, route)
        with this.evidence(place, evidence) as reader:
            if one is not None:
                found = reader.read(one.id, with_examples=True)
                this.tell(fields(one, found), in_words(one, found, this))
                return
            this.tell(*_table(document, reader))


def asked_document(this: Command, *, published: bool) -> tuple[Document, Place | None]:
    """Return the document, or with the store that it was published to, what is in force."""
    from proxy.publishing.publish import in_force

    if not published:
        return this.check(this.text()), None
    with this.opened() as opened:
        return in_force(opened.history).document, opened.place


def _table(document: Document, reader: "EvidenceReader") -> tuple[dict[str, Any], list[str]]:  # Any: JSON
    """Return a line for every route that has two sides; each is a query of its own."""
    from proxy.publishing.untaken import in_words

    listed = [route for route in document.routes if (route.handler or route.function) and route.stage != "retired"]
    known = [reader.read(route.id) for route in listed]
    found = [_fields(route, evidence) for route, evidence in zip(listed, known, strict=True)]
    rows = [_row(one) for one in found]
    lines = answer.table(_HEADINGS, rows) if rows else ["no route has two sides: none names a handler or a function"]
    lost = [f"{one.route_id}: {answer.one_line(in_words(one.untaken))}" for one in known if one.untaken.writes]
    return {"routes": found}, [*lines, *lost]


def _fields(route: RouteDocument, evidence: "RouteEvidence") -> dict[str, Any]:  # Any: JSON
    from proxy.publishing.kinds import is_compared
    from proxy.publishing.parity import parity_in
    from proxy.routing.compile import compiled_revision

    newest = evidence.compared(compiled_revision(route))
    parity = parity_in(newest, route)
    return {
        "route": route.id,
        "stage": route.stage,
        "is_compared": is_compared(route),
        **parity._asdict(),
        "share": parity.share if parity.compared else None,
        "untaken": evidence.untaken.writes,
    }


def _row(fields: dict[str, Any]) -> tuple[str, ...]:  # Any: JSON
    from proxy.publishing.parity import percent

    if not fields["is_compared"]:
        return fields["route"], fields["stage"], "–", "", "", "its writes are not compared"
    share = [percent(fields[name]) if fields["compared"] else "" for name in ("share", "bound")]
    return fields["route"], fields["stage"], str(fields["compared"]), *share, str(fields["missing"] or "nothing")
