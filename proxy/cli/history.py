"""`fig history`: who changed what, when and why."""

from typing import Annotated

import typer

from proxy.cli import answer
from proxy.cli.change import entry_fields
from proxy.cli.command import command
from proxy.cli.options import DOCUMENT, Json, Routes, Store
from proxy.stores.history import Entry, Head


def history(
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="How many entries.")] = 20,
    routes: Routes = DOCUMENT,
    store: Store = "",
    as_json: Json = False,
) -> None:
    """Tell who changed what, when and why, newest first."""
    with command(routes, store, as_json=as_json) as this, this.opened() as opened:
        head, entries = opened.history.head(), opened.history.entries(limit)
        fields = {"version": head.version, "frozen": head.frozen, "entries": [entry_fields(entry) for entry in entries]}
        lines = [line for entry in entries for line in _in_words(entry, head)]
        this.tell(fields, lines or ["nothing has been published yet; fig publish does it"])


def _in_words(entry: Entry, head: Head) -> list[str]:
    when = entry.when[:19].replace("T", " ")
    is_in_force = entry == head.froze or (bool(entry.digest) and entry.version == head.version)
    mark = "  ← in force" if is_in_force else ""
    return [
        f"{entry.version}  {when} UTC  {entry.kind}  {answer.one_line(entry.who)}{mark}",
        f"   {answer.one_line(entry.why)}",
        *(f" {line}" for line in answer.indented(entry.changes)),
        *(f"   {line}" for line in answer.indented(entry.forced, "forced:")),
    ]
