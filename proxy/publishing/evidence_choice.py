"""Where the evidence is that a command asks for, and the gate that asks it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

from proxy.errors import FigError, Misuse
from proxy.publishing.gate import Lookup, missing, unkept
from proxy.publishing.publish import Gate
from proxy.publishing.store_choice import Place, answers, in_account, noted_dev, session_of
from proxy.publishing.untaken import lost_by
from proxy.publishing.workspace import Workspace
from proxy.routing.document import Document
from proxy.stores.history import Entry, History

if TYPE_CHECKING:
    from proxy.evidence.found import RouteEvidence
    from proxy.evidence.reader import EvidenceReader

EXPECTED = "--evidence dynamodb:TABLE, or FIG_EVIDENCE in the environment, or a fig dev that runs here"


def choose_evidence(
    workspace: Workspace, named: str = "", store: Place | None = None, environ: Mapping[str, str] = os.environ
) -> Place | None:
    """Return where evidence is: what `--evidence` named, else FIG_EVIDENCE, else a running `fig dev`; None: nowhere.

    What `fig dev` has seen says nothing of another store's routes, so with such a `store` it does not count. Raises
    Misuse for a place that is none.
    """
    if text := named or environ.get("FIG_EVIDENCE", ""):
        kind, _, name = text.partition(":")
        if kind != "dynamodb" or not name:
            option = "--evidence" if named else "FIG_EVIDENCE"
            raise Misuse(f"{option}: got {text!r}, expected dynamodb:TABLE")
        return in_account(text, environ)
    if store is not None and not store.is_dev:
        return None
    running = noted_dev(workspace, "evidence")
    return running if running is not None and answers(running.endpoint) else None


@contextmanager
def open_evidence(place: Place) -> "Iterator[EvidenceReader]":
    """Give the evidence at a place; it is closed afterwards. Raises StoreFailed."""
    # boto3 takes 0.3 s to load; only commands that need it pay.
    from proxy.evidence.reader import EvidenceReader
    from proxy.stores.dynamodb_client import TableClient

    table = TableClient(session_of(place), place.store.partition(":")[2], place.endpoint)
    with closing(table.client):
        yield EvidenceReader(table)


@contextmanager
def open_gate(place: Place | None) -> Iterator[Gate]:
    """Give the gate over the evidence at a place, which is opened when a change first needs it.

    Evidence that nobody keeps, or that cannot be read, is no evidence: the gate says so, and `--force` gets by.
    """
    with _lookup(place) as lookup:
        yield _asking(place, lookup)


def lost_at(place: Place | None, history: History, entry: Entry) -> list[str]:
    """Return what an entry loses by sending routes back to legacy, a line each, by the evidence at a place.

    Never raises: the change is made, and evidence that cannot be read is one more line.
    """
    try:
        with _lookup(place) as lookup:
            return lost_by(history, entry, lookup) if place is not None else []
    except FigError as exc:
        return [f"whether writes did not reach legacy is not known: {exc}"]


@contextmanager
def _lookup(place: Place | None) -> Iterator[Lookup]:
    """Give what reads a route's evidence once, at a place that is opened when it is first needed."""
    with ExitStack() as stack:
        known: dict[str, RouteEvidence] = {}
        opened: list[EvidenceReader] = []

        def lookup(route_id: str) -> "RouteEvidence":
            if route_id not in known:
                if not opened and place is not None:
                    opened.append(stack.enter_context(open_evidence(place)))
                known[route_id] = opened[0].read(route_id)
            return known[route_id]

        yield lookup


def _asking(place: Place | None, lookup: Lookup) -> Gate:
    def gate(before: Document, after: Document) -> list[str]:
        if place is None:
            return unkept(before, after, f"no evidence is kept: expected {EXPECTED}")
        try:
            return missing(before, after, lookup)
        except FigError as exc:
            return unkept(before, after, f"the evidence cannot be read: {exc}")

    return gate
