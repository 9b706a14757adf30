"""What has to be known before the migrated side may answer more: `fig flip` and `fig publish` ask the evidence.

Every way back is open, and so is a rollback. A route whose methods only read is compared while it is in shadow. What
writes is compared only if it says `writes: true`; else its contract speaks for it, and the reads of its group, which
show what was written. A canary then tells how its writes went.
"""

from collections.abc import Callable, Iterator

from proxy.evidence.found import RouteEvidence
from proxy.publishing.canary import canary_shortfall
from proxy.publishing.kinds import is_compared, kinds_of
from proxy.publishing.moved import moved
from proxy.publishing.parity import counted, shortfall
from proxy.publishing.raised import Raised, in_words, raised, reach
from proxy.routing.compile import compiled_revision
from proxy.routing.document import Document, RouteDocument

Lookup = Callable[[str], RouteEvidence]  # by a route's id

CURE = "collect more evidence first (fig parity tells how far it is), or use --force, which is recorded"
_MAX_NAMED = 5  # routes of one line


def missing(before: Document, after: Document, lookup: Lookup) -> list[str]:
    """Return what is missing, a line each, until every route of `after` may answer more clients than in `before`.

    Routes that skip a stage are left to `jumps`.
    """
    lines = list(moved(before, after))
    for one in raised(before, after):
        whats = list(_missing(one.route, after, lookup))
        if whats and one.changed:
            whats[0] = f"{_at_once(one)}: {whats[0]}"
        # Names in the evidence are what others have written: a line stays one.
        lines += [f"{one.route.id}: {' '.join(what.split())}" for what in whats]
    return lines


def unkept(before: Document, after: Document, why: str) -> list[str]:
    """Return the same where nobody knows anything, because of a reason."""
    lines, ids = list(moved(before, after)), [one.route.id for one in raised(before, after)]
    if ids:
        more = f" and {len(ids) - _MAX_NAMED} more" if len(ids) > _MAX_NAMED else ""
        lines.append(f"{', '.join(ids[:_MAX_NAMED])}{more}: {why}")
    return lines


def _at_once(one: Raised) -> str:
    """Return what would be new to clients, and the way to it."""
    what, route = " and ".join(one.changed), one.route
    verb = "changes" if one.changed in (("handler",), ("path",)) else "change"
    return f"its {what} {verb} in stage {in_words(route)}; set it to shadow with the new {what} first"


def _missing(route: RouteDocument, document: Document, lookup: Lookup) -> Iterator[str]:
    kinds = kinds_of(route)
    if is_compared(route):
        yield from _of_comparisons(route, lookup)
    else:
        yield from _of_group(route, document, lookup)
    if kinds.writes and not route.writes:
        yield from _of_contract(route, kinds.writes, lookup)
    if not kinds.reads:
        yield from _of_share(route, document)
    if route.stage in ("live", "migrated"):
        yield from canary_shortfall(lookup(route.id), route)


def _of_comparisons(route: RouteDocument, lookup: Lookup) -> Iterator[str]:
    if text := shortfall(lookup(route.id), route):
        yield text


def _of_group(route: RouteDocument, document: Document, lookup: Lookup) -> Iterator[str]:
    if route.group is None:
        yield "what it writes is not compared, and it names no group whose reads would show it"
        return
    group = [other for other in document.routes if other.group == route.group and other.id != route.id]
    reads = [other for other in group if kinds_of(other).reads]
    if not reads:
        yield f"what it writes is not compared, and no route of its group {route.group} reads it"
    for other in reads:
        for text in _of_comparisons(other, lookup):
            yield f"what it writes is not compared, so {other.id} of its group has to pass: {text}"


def _of_contract(route: RouteDocument, writes: tuple[str, ...], lookup: Lookup) -> Iterator[str]:
    evidence = lookup(route.id)
    result = evidence.contract(compiled_revision(route))
    if result is None and route.contract is None:
        yield "what it writes is not compared, and it names no contract that would show how it is answered"
    elif result is None:
        code = f", by version {evidence.code} of the code" if evidence.code else ""
        yield f"its contract was not tried with this handler, match and rules{code}: fig contract {route.id} does it"
    elif result.failed:
        total = result.passed + result.failed
        yield f"{result.failed} of {total} cases of its contract failed when {result.who} tried it at {result.when}"
    elif not result.passed:
        yield f"its contract had no case when {result.who} tried it at {result.when}"
    elif untried := [method for method in writes if method not in result.methods]:
        cases = f"{counted(result.passed, 'case')} of its contract passed when {result.who} tried it at {result.when}"
        yield f"{cases}, and none of {', '.join(untried)}: record one of each"


def _of_share(route: RouteDocument, document: Document) -> Iterator[str]:
    """Yield which reads fewer callers get anew than would write anew: they would not find what they have written."""
    share = min(reach(route), 100)
    for other in document.routes:
        is_read = route.group is not None and other.group == route.group and kinds_of(other).reads
        if is_read and other.id != route.id and other.stage != "retired" and reach(other) < share:
            yield (
                f"{share:g} % of the callers would write anew, and by {other.id} of its group {route.group} "
                f"{min(reach(other), 100):g} % read anew: raise {other.id} first, for who writes new also reads new"
            )
