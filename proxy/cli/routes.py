"""`fig routes` and `fig schema`: what the document says, or what is in force; and what a document may say."""

from typing import Any

import typer

from proxy.cli import answer
from proxy.cli.command import command
from proxy.cli.options import DOCUMENT, Json, Published, Routes, Store
from proxy.routing.answering import answered_by
from proxy.routing.document import Document, RouteDocument
from proxy.routing.table import Frozen

_HEADINGS = ("route", "match", "stage", "answered by")
_OTHERS = ("when", "legacy", "owner", "sunset")  # what few routes have


def routes(
    published: Published = False,
    document: Routes = DOCUMENT,
    store: Store = "",
    as_json: Json = False,
) -> None:
    """List every route with its stage: of the document, or of what is in force."""
    from proxy.publishing.publish import in_force

    with command(document, store, as_json=as_json) as this:
        if not published:
            this.only_published()
            found = this.check(this.text())
            this.tell({"file": str(document), **_fields(found, "")}, _table(found, ""))
            return
        with this.opened() as opened:
            seen = in_force(opened.history)
            head = seen.head
            froze = f", frozen by {head.froze.who}: {head.froze.why}" if head.froze else ""
            lines = [answer.one_line(f"version {head.version}{froze}"), *_table(seen.document, head.frozen)]
            this.tell({"version": head.version, **_fields(seen.document, head.frozen)}, lines)


def schema() -> None:
    """Print the JSON Schema of the document, for editors."""
    from proxy.routing.schema import text

    typer.echo(text(), nl=False)


def _fields(document: Document, frozen: Frozen) -> dict[str, Any]:  # Any: JSON
    from proxy.publishing.freeze import frozen_stages

    stages = frozen_stages(frozen)
    listed = [{**route.model_dump(mode="json"), "frozen": route.stage in stages} for route in document.routes]
    return {"frozen": frozen, "routes": listed}


def _table(document: Document, frozen: Frozen) -> list[str]:
    from proxy.publishing.freeze import frozen_stages

    if not document.routes:
        return ["no route is listed: legacy answers everything"]
    stages = frozen_stages(frozen)
    rows = [_row(route, is_frozen=route.stage in stages) for route in document.routes]
    others = [_others(route) for route in document.routes]
    one_line_each = [(*row, *other) for row, other in zip(rows, others, strict=True)]
    lines = answer.table((*_HEADINGS, *_OTHERS), one_line_each, folded=("match", "answered by", *_OTHERS))
    if len(lines) == len(rows) + 1:
        return lines
    # Too narrow a terminal for all columns: what few routes have goes below who answers.
    below = [[f"{name}: {word}" for name, word in zip(_OTHERS, other, strict=True) if word] for other in others]
    several = [(*row[:-1], "\n".join(filter(None, (row[-1], *more)))) for row, more in zip(rows, below, strict=True)]
    return answer.table(_HEADINGS, several, folded=("match", "answered by"))


def _row(route: RouteDocument, *, is_frozen: bool) -> tuple[str, ...]:
    percent = f" {route.percent:g} %" if route.stage == "canary" and route.percent is not None else ""
    stage = f"{route.stage}{percent}{' (frozen)' if is_frozen else ''}"
    return route.id, route.match, stage, answered_by(route, is_frozen=is_frozen)


def _others(route: RouteDocument) -> tuple[str, ...]:
    from proxy.routing.compile import conditions
    from proxy.routing.explain import words

    sunset = route.sunset.isoformat() if route.sunset else ""
    return ", ".join(map(words, conditions(route.when))), route.legacy or "", route.owner, sunset
