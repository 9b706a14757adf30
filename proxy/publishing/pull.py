"""The published routes.yaml -> the file, unless that holds what was never published."""

from typing import NamedTuple

from proxy.errors import BadDocument, Refused
from proxy.publishing.publish import EMPTY, published_document, published_text
from proxy.routing.changes import changes
from proxy.routing.compile import compile_table
from proxy.routing.compiled import digest_of
from proxy.routing.document import Document
from proxy.routing.reader import read
from proxy.stores.history import History

_LOOKED_AT = 50  # entries


class Pulled(NamedTuple):
    """The version in force, and its text; None if the file says the same already, and so keeps its own comments."""

    version: int
    text: str | None


def pull(history: History, text: str | None, base: int | None, *, is_forcing: bool = False) -> Pulled:
    """Return what to write to routes.yaml; `text` is what stands there, None if there is no such file.

    `base` is the version that the file was taken from, if that is known. Raises Refused, saying what would be lost, for
    a file that holds what was never published; StoreFailed.
    """
    head = history.head()
    if not head.version:
        raise Refused("nothing has been published yet, so there is nothing to pull; fig publish is first")
    published = published_text(history, head.version)
    if text is None or is_forcing:
        return Pulled(head.version, published)
    try:
        mine = read(text)
    except BadDocument as exc:
        raise Refused(f"{exc}\nthe file cannot be read, and all of it would be lost; --force overwrites it") from exc
    theirs = published_document(history, head.version)
    if mine == theirs:
        return Pulled(head.version, None)
    if not _was_published(history, mine):
        before = theirs if base is None or base > head.version else published_document(history, base)
        unpublished = [f"  {change.text}" for change in changes(before, mine)]
        lines = ["the file holds what was never published, and that would be lost:", *unpublished]
        raise Refused("\n".join([*lines, "fig publish makes that the next version; --force overwrites it"]))
    return Pulled(head.version, published)


def _was_published(history: History, mine: Document) -> bool:
    """Tell whether a document is one of the latest versions, or says nothing."""
    if mine == read(EMPTY):
        return True
    for entry in history.entries(_LOOKED_AT):
        # The same document compiles to the same bytes, so digests save reading every version; but a table leaves out
        # what requests need not know, such as a route's owner.
        is_same_table = entry.digest == digest_of(compile_table(mine, entry.version))
        if is_same_table and mine == published_document(history, entry.version):
            return True
    return False
