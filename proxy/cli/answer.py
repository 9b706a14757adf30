"""How commands answer: lines for people, one JSON object for programs, and the exit code."""

import io
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import typer

MAX_LINES = 40  # of one list; --json has all of it
_UNLIMITED = 10_000  # columns where no terminal cuts lines off


def tell(fields: Mapping[str, Any], lines: Sequence[str], *, as_json: bool) -> None:  # Any: JSON
    """Write what a person acts on, or the same for a program, to stdout."""
    typer.echo(json.dumps(fields) if as_json else "\n".join(map(harmless, lines)))


def note(line: str) -> None:
    """Write what is not the answer itself to stderr."""
    typer.echo(harmless(line), err=True)


def harmless(text: str) -> str:
    """Return text without what a terminal would obey: who published, and why, is what others have written."""
    return "".join(
        character if character.isprintable() or character == "\n" else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def one_line(text: str) -> str:
    """Return what somebody has written as one line, so that it cannot look like the lines around it."""
    return " ".join(text.split())


def indented(lines: Sequence[str], heading: str = "") -> list[str]:
    """Return a list below its heading, cut off where nobody would read on; nothing for an empty list."""
    if not lines:
        return []
    left_out = len(lines) - MAX_LINES
    more = [f"  … and {left_out} more, which --json has"] if left_out > 0 else []
    return [*([heading] if heading else []), *(f"  {line}" for line in lines[:MAX_LINES]), *more]


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], folded: Sequence[str] = ()) -> list[str]:
    """Return rows as lines, as wide as the terminal is; a column without content is left out.

    Only the cells of the columns that are named in `folded` are broken where the terminal is too narrow.
    """
    from rich.console import Console  # 40 ms; only who shows a table pays
    from rich.table import Table
    from rich.text import Text

    shown = [at for at, heading in enumerate(headings) if any(row[at] for row in rows)]
    grid = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="")
    for at in shown:
        grid.add_column(headings[at], overflow="fold", no_wrap=headings[at] not in folded)
    for row in rows:
        grid.add_row(*(Text(harmless(row[at])) for at in shown))
    console = Console(file=io.StringIO(), width=width(), color_system=None)
    with console.capture() as capture:
        console.print(grid)
    return [line.rstrip() for line in capture.get().splitlines()]


def width() -> int:
    """Return the columns of the terminal; where there is none, nothing cuts lines off."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _UNLIMITED
