"""The table in the artifact: what the function goes by until, and whenever, it can read no published one."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from proxy.backends import handler_source
from proxy.packaging.refusal import Misuse, Refused
from proxy.routing.compile import compile_table
from proxy.routing.document import Document
from proxy.routing.reader import read

FILE: Final = "routes.json"  # where FIG_BAKED_TABLE looks by default, below LAMBDA_TASK_ROOT

# The version of a table that nobody has published. The first published one is 1, and CachedTable never compares with
# the baked one, so whatever is published takes its place; and a record that says version 0 tells which table it was.
VERSION: Final = 0


def document_in(routes: Path, project: Path) -> Document:
    """Return the checked document. Raises BadDocument with all that is wrong with it, Misuse if it cannot be read."""
    try:
        source = routes.read_bytes()
    except OSError as exc:
        raise Misuse(f"--routes: got {routes}, which cannot be read ({exc.strerror}); name a routes.yaml") from exc
    roots = handler_source.import_roots(project)
    return read(source, str(routes), lambda reference: handler_source.problem_with(reference, roots))


def bake(document: Document, folder: Path) -> bytes:
    """Put the compiled table into the artifact, and return it. Raises Refused for handlers that are not in there.

    Asked again, and of the artifact alone: a handler that a developer's machine has elsewhere would be missed only when
    its route is flipped.
    """
    if problems := list(_missing(document, folder)):
        raise Refused(
            "\n".join([*problems, "handlers are taken from migrated/ and from what pyproject.toml depends on"])
        )
    data = compile_table(document, VERSION)
    (folder / FILE).write_bytes(data)
    return data


def _missing(document: Document, folder: Path) -> Iterator[str]:
    problem_with = cache(lambda reference: handler_source.problem_with(reference, [folder]))
    for route in document.routes:
        if route.handler and (problem := problem_with(route.handler)):
            yield f"{route.id} handler: {problem}, in the artifact"
