"""What `fig dev` shows: what runs where, the stage of each route, lines to try, and one line per exchange."""

import os
import sys
from collections.abc import Iterable
from typing import Literal

from rich.console import Console
from rich.table import Table

from proxy.dev.record_lines import in_words, record_in
from proxy.routing.answering import answered_by
from proxy.routing.document import Document

LogFormat = Literal["text", "json"]

# A path of the sample shop for each of its routes, so that the lines to try can be copied as they stand.
_EXAMPLES = {
    "GET /customers/{id}": "/customers/C-1001",
    "GET /customers": "/customers?limit=2",
    "GET /orders/{id}": "/orders/O-5001",
    "GET /orders": "/orders?customer=C-1001",
}


class Terminal:
    """Writes for a person, or with `log_format` json the workers' records as they are."""

    def __init__(self, log_format: LogFormat) -> None:
        self._log_format = log_format
        self._told = ("", 0)  # what was told last of a table that could not be used, and the version in its place
        # A pipe has no width; lines that wrap could not be read by programs.
        width = None if sys.stdout.isatty() else 160
        # Without markup and emoji: in a path or a URL, "[fe80::1]" and ":ring:" are only text.
        self._console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False, width=width)

    def opening(
        self, parts: Iterable[tuple[str, str]], document: Document, url: str, *, is_sample: bool = True
    ) -> None:
        """Show the parts, the routes and up to three lines to try; the last line is `ready URL`.

        `is_sample` tells whether the sample shop is legacy: only then does anybody know what to ask it for.
        """
        where = Table(box=None, show_header=False, padding=(0, 2))
        for name, place in parts:
            where.add_row(name, place)
        routes = Table(box=None, padding=(0, 2), header_style="dim")
        for heading in ("route", "match", "stage", "answered by"):
            routes.add_column(heading)
        for route in document.routes:
            has_moved = route.stage in ("live", "migrated")
            percent = f" {route.percent:g} %" if route.stage == "canary" else ""
            routes.add_row(
                route.id, route.match, route.stage + percent, answered_by(route), style="green" if has_moved else ""
            )
        routes.add_row("(unlisted)", "anything else", "", "legacy")
        with self._console.capture() as captured:
            self._console.print(where, "", routes, sep="\n")
        for row in captured.get().splitlines():
            self.line(row.rstrip())  # rich pads every row to the width of its table
        self.line("")
        for command in _commands(document, url) if is_sample else [f"curl -i {url}/"]:
            self.line(f"  {command}")
        self.line("")
        self.line(f"ready {url}")

    def line(self, text: str) -> None:
        """Show one line as it is; what the terminal's encoding lacks is shown as an escape."""
        encoding = sys.stdout.encoding
        try:
            sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
            sys.stdout.flush()
        except OSError:
            # Whoever read this is gone (`fig dev | head`, a closed window). The house goes on, and ends as it should.
            with open(os.devnull, "wb") as nowhere:  # noqa: PTH123  # a name that is no path of ours
                os.dup2(nowhere.fileno(), sys.stdout.fileno())

    def event(self, text: str) -> None:
        """Show what happened to the house itself."""
        self.line(f"fig | {text}".replace("\n", "\nfig | "))

    def output(self, part: str, line: str) -> None:
        """Show a line that a part wrote; an exchange's record becomes a line for people."""
        if line.startswith("{") and self._log_format == "text":
            record = record_in(line)
            if record is not None:
                self.line(in_words(record))
                self._tell_table_problem(record.get("table_problem", ""), record.get("table_version", 0))
                return
        self.line(line if line.startswith("{") else f"{part} | {line}")

    def _tell_table_problem(self, problem: str, version: int) -> None:
        """Tell, once, that functions go by an older table: each record of each worker says it again."""
        if problem and (problem, version) != self._told:
            self._told = (problem, version)
            self.event(f"functions cannot use the newest table: {problem}\nversion {version} stays in force there")


def _commands(document: Document, url: str) -> list[str]:
    """Return three curl lines: one that no route lists, then a route of each stage if there is one to try."""
    commands = [f"curl -i {url}/"]
    for stage in ("migrated", "legacy"):
        paths = (_EXAMPLES.get(route.match) for route in document.routes if route.stage == stage)
        commands += [f"curl -i '{url}{path}'" for path in list(filter(None, paths))[:1]]
    commands += [f"curl -i '{url}/orders/O-5001'", f"curl -i '{url}/reports/sales.csv' --compressed"]
    return list(dict.fromkeys(commands))[:3]
