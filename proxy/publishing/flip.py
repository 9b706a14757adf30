"""One route to another stage: the word in routes.yaml and the table in force, changed together."""

from collections.abc import Callable
from typing import NamedTuple

from proxy.errors import Misuse, Refused
from proxy.publishing.author import Author
from proxy.publishing.gate import CURE
from proxy.publishing.publish import SKIPPED, Gate, InForce, Published, in_force, put, undone_by
from proxy.publishing.raised import in_words
from proxy.routing.changes import changes, jumps
from proxy.routing.document import Document, RouteDocument
from proxy.routing.edit import with_stage
from proxy.routing.table import Stage
from proxy.routing.words import hint
from proxy.stores.history import History

Check = Callable[[str], Document]  # the text of routes.yaml -> what it says; raises BadDocument


class Flip(NamedTuple):
    """What was asked for: a route to a stage, and for a canary the percentage, if it is to be another one."""

    route_id: str
    stage: Stage
    percent: float | None = None


def flip(
    history: History,
    text: str,
    check: Check,
    wanted: Flip,
    *,
    author: Author,
    base: int | None = None,
    gate: Gate | None = None,
) -> Published:
    """Publish a routes.yaml in which one route has another stage; the text comes back for the file.

    The file must say what is in force, or somebody's changes would go along with the flip unseen. `base` is the version
    that the file was taken from, if that is known. Raises Refused, also for what the gate says, BadDocument, Misuse for
    a flip that cannot be meant, StoreFailed.
    """
    mine = check(text)
    before = route_of(mine, wanted.route_id)
    _check_percent(wanted, before)
    seen = in_force(history)
    if mine != seen.document:
        raise Refused(_differs(history, seen, mine, base))
    flipped_text = with_stage(text, wanted.route_id, wanted.stage, wanted.percent)
    flipped = check(flipped_text)
    if flipped == mine:
        raise Refused(f"{wanted.route_id}: got {in_words(before)}, where it is already; nothing was published")
    skipped = jumps(mine, flipped)
    # A route that skips a stage is not asked for evidence, so there is one cure.
    unproven = gate(mine, flipped) if gate is not None else []
    forced = author.insist([*skipped, *unproven], SKIPPED if skipped else CURE)
    return put(history, seen, flipped_text, flipped, kind="flip", author=author, forced=forced)


def percent_of(text: str) -> float:
    """Return a percentage as a person has typed it, a number from 0 to 100. Raises Misuse: nothing is guessed."""
    expected = "expected a number from 0 to 100"
    try:
        number = float(text)
    except ValueError:
        cure = ", without %" if text.endswith("%") else ", with a point" if "," in text else ""
        raise Misuse(f"got {text!r}, {expected}{cure}") from None
    if not 0 <= number <= 100:
        raise Misuse(f"got {text!r}, {expected}")
    return number


def route_of(document: Document, route_id: str) -> RouteDocument:
    """Return the route of that id. Raises Misuse, saying which one was probably meant."""
    for route in document.routes:
        if route.id == route_id:
            return route
    ids = [route.id for route in document.routes]
    raise Misuse(f"got the route {route_id!r}, which is not there; fig routes lists them{hint(route_id, ids)}")


def _check_percent(wanted: Flip, before: RouteDocument) -> None:
    if wanted.stage == "canary":
        if wanted.percent is None and before.percent is None:
            raise Misuse(f"{wanted.route_id}: got canary without a percentage, expected one, such as --percent 5")
    elif wanted.percent is not None:
        got = f"got --percent {wanted.percent:g} for stage {wanted.stage}"
        raise Misuse(f"{wanted.route_id}: {got}, expected none; leave it out, or flip to canary")


def _differs(history: History, seen: InForce, mine: Document, base: int | None) -> str:
    version = seen.head.version
    if not version:
        return "nothing has been published yet, so there is nothing to flip; fig publish is first"
    if undone := undone_by(history, seen, mine, base):
        return "\n".join([*undone, "fig pull takes the published version; then flip again"])
    lines = [f"version {version} is in force, and routes.yaml says something else:"]
    lines += [f"  {change.text}" for change in changes(seen.document, mine)]
    return "\n".join([*lines, "fig publish makes that the next version, fig pull takes it back; then flip again"])
