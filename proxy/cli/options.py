"""The options and arguments that commands have in common, and what the shell completes for them."""

import re
from pathlib import Path
from typing import Annotated

import typer

DOCUMENT = Path("routes.yaml")
_MAX_BYTES = 10_000_000


def route_ids(context: typer.Context, incomplete: str) -> list[str]:
    """Return the ids in the document that begin so, for the shell. The file need not be right, or there at all."""
    routes = context.params.get("routes") or DOCUMENT
    try:
        with Path(routes).open(encoding="utf-8", errors="replace") as file:
            text = file.read(_MAX_BYTES)
    except OSError:
        return []
    found = re.findall(r"^[\s{-]*id:\s*[\"']?([a-z0-9][a-z0-9._-]{0,63})", text, re.MULTILINE)
    return [route_id for route_id in dict.fromkeys(found) if route_id.startswith(incomplete)]


Routes = Annotated[Path, typer.Option("--routes", metavar="FILE", help="The routing document.")]
Store = Annotated[
    str,
    typer.Option(
        "--store",
        metavar="STORE",
        help="dynamodb:TABLE or file:DIRECTORY. Without it FIG_TABLE, else a fig dev that runs for the document.",
    ),
]
Evidence = Annotated[
    str,
    typer.Option(
        "--evidence",
        metavar="TABLE",
        help="Where functions keep what they find: dynamodb:TABLE. Without it FIG_EVIDENCE, else a running fig dev's.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason; the history shows it.")]
Force = Annotated[bool, typer.Option("--force", help="Do what would be refused; the history shows it.")]
Published = Annotated[bool, typer.Option("--published", help="What is in force, instead of the document.")]
RouteId = Annotated[str, typer.Argument(metavar="ROUTE", help="The route's id.", autocompletion=route_ids)]
