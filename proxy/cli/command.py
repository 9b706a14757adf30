"""What commands do alike: which document and which store they work on, and how what goes wrong becomes an exit code."""

import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from proxy.cli import answer
from proxy.cli.options import DOCUMENT
from proxy.errors import FigError, Misuse
from proxy.publishing.author import Author
from proxy.publishing.evidence_choice import EXPECTED, choose_evidence, open_evidence, open_gate
from proxy.publishing.publish import Gate
from proxy.publishing.store_choice import DEV_FILE, Opened, Place, choose, open_store
from proxy.publishing.workspace import Workspace
from proxy.routing.document import Document

if TYPE_CHECKING:
    from proxy.evidence.reader import EvidenceReader


class Command:
    """One command under way."""

    def __init__(self, routes: Path, store: str, *, as_json: bool) -> None:
        self.workspace = Workspace(routes)
        self.as_json = as_json
        self.url = ""  # where requests are answered, if that is known
        self._store = store
        self._place = ""

    @contextmanager
    def opened(self, *, makes_folder: bool = False) -> Iterator[Opened]:
        """Give the store that was chosen, and tell which one that is. Raises Misuse, Refused, StoreFailed.

        A folder that is not there is no store, but for who makes it.
        """
        place = choose(self.workspace, self._store)
        if not makes_folder:
            self._check_folder(place)
        with open_store(place) as opened:
            self._place = opened.place.name
            answer.note(f"store: {self._place}")
            yield opened

    @contextmanager
    def gate(self, opened: Opened, evidence: str) -> Iterator[Gate]:
        """Give what a change has to pass before it is published. Raises Misuse for evidence that is nowhere."""
        with open_gate(choose_evidence(self.workspace, evidence, opened.place)) as gate:
            yield gate

    @contextmanager
    def evidence(self, store: Place | None, evidence: str) -> "Iterator[EvidenceReader]":
        """Give the evidence that was chosen, and tell which one that is. Raises Misuse without any, StoreFailed."""
        place = choose_evidence(self.workspace, evidence, store)
        if place is None:
            raise Misuse(f"got no evidence, expected {EXPECTED}")
        answer.note(f"evidence: {place.name}")
        # Requests that show again what a fig dev has seen go to its door.
        self.url = str(self.workspace.get(DEV_FILE).get("url", "")) if place.is_dev else ""
        with open_evidence(place) as reader:
            yield reader

    def text(self) -> str:
        """Return the document's text. Raises Misuse if there is no such file, BadDocument if it cannot be read."""
        routes = self.workspace.routes
        if not routes.is_file():
            cure = self.workspace.above() or "; name a routes.yaml, or fig pull gets the published one"
            raise Misuse(f"--routes: got {routes}, which is not a file{cure}")
        return self.workspace.text()

    def text_if_any(self) -> str | None:
        """Return the document's text, None if there is no file. Raises BadDocument if it cannot be read."""
        return self.workspace.text() if self.workspace.routes.exists() else None

    def check(self, text: str, *, with_files: bool = False) -> Document:
        """Return what a text says. Raises BadDocument, also for handlers that are not in this folder.

        `with_files` asks for the files of recorded cases, too, which only `fig contract` needs.
        """
        from proxy.backends import handler_source
        from proxy.routing.reader import read

        roots = handler_source.import_roots(Path.cwd())
        return read(
            text,
            str(self.workspace.routes),
            lambda reference: handler_source.problem_with(reference, roots),
            file_problem=self._file_problem if with_files else lambda _: None,
        )

    def author(self, opened: Opened, why: str, *, is_forcing: bool = False) -> Author:
        """Return who does this. Raises Misuse without a why, before anybody is asked."""
        return replace(Author("", why, is_forcing), who=opened.who())

    def undo(self, arguments: Sequence[str]) -> str:
        """Return the command that takes this back, as it can be pasted."""
        return f"{program()} {shlex.join([*arguments, *self.options()])}"

    def options(self) -> list[str]:
        """Return what other commands have to be told to work on the same."""
        store = ["--store", self._store] if self._store else []
        routes = ["--routes", str(self.workspace.routes)] if self.workspace.routes != DOCUMENT else []
        return [*store, *routes]

    def tell(self, fields: Mapping[str, Any], lines: Sequence[str]) -> None:  # Any: JSON
        """Answer: lines for people or, with the store's name, fields for programs."""
        answer.tell({**self._named(), **fields}, lines, as_json=self.as_json)

    def fail(self, error: FigError) -> NoReturn:
        """Tell what went wrong, and exit: 2 for what cannot be meant, else 1."""
        answer.note(str(error))
        if self.as_json:
            answer.tell({**self._named(), "error": {"code": error.code, "message": str(error)}}, [], as_json=True)
        raise typer.Exit(2 if isinstance(error, Misuse) else 1) from error

    def only_published(self) -> None:
        """Refuse a store that was named where only the document is looked at. Raises Misuse."""
        if self._store:
            raise Misuse(f"--store: got {self._store!r} without --published; add that, or leave --store out")

    def _file_problem(self, name: str) -> str | None:
        routes = self.workspace.routes
        is_there = (routes.parent / name).is_file()
        return None if is_there else f"got {name!r}, which is not a file beside {routes}"

    def _check_folder(self, place: Place) -> None:
        kind, _, name = place.store.partition(":")
        if kind == "file" and not Path(name).exists():
            option = "--store" if self._store else "FIG_TABLE"
            raise Misuse(f"{option}: got {place.store}, and there is no such folder; fig publish makes one")

    def _named(self) -> dict[str, str]:
        return {"store": self._place} if self._place else {}


@contextmanager
def command(
    routes: Path = DOCUMENT,
    store: str = "",
    *,
    as_json: bool = False,
    has_route: bool = False,
    writes_new: bool = False,
) -> Iterator[Command]:
    """Give a command, and end it as it should: one message and an exit code for all that can go wrong.

    A document that was named has to be there, or something else was meant: with `has_route` --route, which is a letter
    away. With `writes_new` the command makes it.
    """
    made = Command(routes, store, as_json=as_json)
    try:
        if routes != DOCUMENT and not writes_new:
            _check_named(routes, has_route=has_route)
        yield made
    except FigError as exc:
        made.fail(exc)


def _check_named(routes: Path, *, has_route: bool) -> None:
    if routes.is_file():
        return
    cure = "; name a routes.yaml, or leave --routes out"
    if has_route and len(routes.parts) == 1 and routes.suffix not in (".yaml", ".yml"):
        cure = f"; did you mean --route {routes}?"
    raise Misuse(f"--routes: got {routes}, which is not a file{cure}")


def program(called: str = sys.argv[0]) -> str:
    """Return how this program is called again: `fig` if the shell finds that, else the way it was called now."""
    path = Path(called)
    if path.parts[-3:] == ("proxy", "cli", "__main__.py"):
        return f"{shlex.quote(sys.executable)} -m proxy.cli"
    if path.name != "fig":
        return "fig"  # a test, or a program of somebody else's around this one
    found = shutil.which("fig")
    return "fig" if found and Path(found).resolve() == path.resolve() else shlex.quote(called)
