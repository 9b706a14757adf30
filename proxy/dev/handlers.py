"""What `fig dev` knows of the handlers: their source, and the tables that it defines."""

from pathlib import Path

from proxy.dev.database import DatabaseUnusable, make_tables
from proxy.dev.domain_tables import Definition, DomainTable, tables_in
from proxy.dev.source import Source


class Handlers:
    """The handlers' source as it was looked at last, and the tables that are made for it."""

    def __init__(self, code_root: Path, endpoint: str) -> None:
        """`endpoint` is where the tables are made."""
        self._code_root = code_root
        self._endpoint = endpoint
        self._source = Source(code_root)
        self.tables, problems = tables_in(code_root)
        self._made: dict[str, Definition] = {table.name: table.definition for table in self.tables}
        self.problems = [*self._source.problems(), *problems]
        """What was wrong at first, as `file:line: what`."""

    def changes(self) -> tuple[list[str], list[str]]:
        """Return the files that have changed since the last look, and what a person should know of them.

        A new table is made at once. Waits for the disk, and for the database if a table.py has changed.
        """
        files = self._source.changed()
        told = self._source.problems(files)
        if any(Path(file).name == "table.py" for file in files):
            told += self._look_at_tables()
        return files, told

    def digest(self) -> str:
        """Return a text that tells this source from any other."""
        return self._source.digest()

    def _look_at_tables(self) -> list[str]:
        self.tables, problems = tables_in(self._code_root)
        missing = [table for table in self.tables if table.name not in self._made]
        kept = [table for table in self.tables if self._made.get(table.name, table.definition) != table.definition]
        told = problems + [f"table {table.name} stays as it was made; {table.path} says otherwise" for table in kept]
        try:
            made, refused = make_tables(self._endpoint, missing)
        except DatabaseUnusable as exc:
            return [*told, str(exc)]
        self._made |= {table.name: table.definition for table in made}
        return [*told, *refused, *map(_in_words, made)]


def _in_words(table: DomainTable) -> str:
    return f"table {table.name} made; handlers find its name in {table.variable}"
