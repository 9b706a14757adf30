"""What the evidence for a route says: do the sides agree as often as its gate wants, and if not, what is missing."""

import math
from typing import NamedTuple

from proxy.evidence.found import Counts, OfCode, RouteEvidence
from proxy.evidence.wilson import lower_bound, more_successes
from proxy.publishing.kinds import kinds_of
from proxy.routing.compile import compiled_revision
from proxy.routing.document import RouteDocument
from proxy.routing.proof import GateDocument


class Parity(NamedTuple):
    """How often the sides agree, and how far that is from what the gate wants."""

    compared: int
    equal: int
    bound: float  # the share that is equal at least, with 95 % confidence
    missing: int  # further comparisons that would do, if all of them find the sides equal; 0: they pass the gate

    @property
    def share(self) -> float:
        """The share that was equal; 0 if nothing was compared."""
        return self.equal / self.compared if self.compared else 0.0


def parity_of(counts: Counts, gate: GateDocument) -> Parity:
    """Return what was counted as the gate sees it: comparisons that were lost are not equal.

    Too many that the comparator failed at, or that an open breaker prevented, want more that tell something.
    """
    compared, equal, target = counts.compared, counts.equal, gate.target / 100
    total = _begun(counts)
    untold = max(counts.comparator_failed, counts.skipped_by_breaker)
    wanted = math.ceil(untold * 100 / (100 - gate.target))  # in all, so that they are no greater share than may differ
    missing = max(0, gate.samples - compared, more_successes(equal, compared, target), wanted - total)
    return Parity(compared, equal, lower_bound(equal, compared), missing)


def parity_in(found: OfCode | None, route: RouteDocument) -> Parity:
    """Return the same of what is known of a route; of one that reads and writes, each kind has to pass by itself."""
    if found is None:
        found = OfCode("", "", "")
    missing = sum(parity_of(counts, route.gate).missing for _, counts in _by_kind(found, route))
    return parity_of(found.counts, route.gate)._replace(missing=missing)


def shortfall(evidence: RouteEvidence, route: RouteDocument) -> str:
    """Return in words what is missing until a route's comparisons pass its gate; "" if they do."""
    revision = compiled_revision(route)
    found, before = evidence.compared(revision), evidence.before(revision)
    if found is None or not found.counts.compared:
        if before is not None and evidence.code:
            none = f"version {evidence.code} of the code has 0 of {route.gate.samples} samples"
            return f"{none} (version {before.code} had {before.counts.compared}){_why_none(found)}"
        return _nothing(evidence, found)
    by_kind = _by_kind(found, route)
    short = [(kind, text) for kind, counts in by_kind if (text := _short(found, counts, route.gate))]
    if not short:
        return ""
    text = "; ".join(f"{kind}: {text}" if kind else text for kind, text in short)
    if before is not None and evidence.code:
        verb = "has" if len(by_kind) == 1 else "has compared"
        text = f"version {evidence.code} of the code {verb} {text} (version {before.code} had {before.counts.compared})"
    return text + _told(found.counts)


def _by_kind(found: OfCode, route: RouteDocument) -> list[tuple[str, Counts]]:
    """Return what has to pass by itself: a route's reads say nothing of what it writes."""
    kinds = kinds_of(route)
    if route.writes and kinds.reads and kinds.writes:
        return [("reads", found.reads), ("writes", found.writes)]
    return [("", found.counts)]


def _short(found: OfCode, counts: Counts, gate: GateDocument) -> str:
    """Return in words what is missing of one kind; "" if nothing is."""
    parity = parity_of(counts, gate)
    if not parity.missing:
        return ""
    more = f"{counted(parity.missing, 'more equal sample')} would do"
    against, untold = _against(found, counts), _untold(counts, gate)
    if parity.compared < gate.samples:
        parts = [f"{parity.compared} of {gate.samples} samples", *against, *untold]
        is_more_than_the_rest = parity.missing > gate.samples - parity.compared
        return "; ".join([*parts, *([more] if is_more_than_the_rest else [])])
    parts = [f"{counted(parity.compared, 'sample')}, {', '.join(against or ['no difference'])}"]
    if parity.bound * 100 < gate.target:
        least = f"at least {_below(parity.bound * 100, gate.target)} % are equal (bound of {gate.target:g} % wanted)"
        parts = [f"{parts[0]}: {least}"]
    return f"{'; '.join([*parts, *untold])}: {more}"


def _untold(counts: Counts, gate: GateDocument) -> list[str]:
    """Return what there is too much of that is neither equal nor different."""
    total, share = _begun(counts), 100 - gate.target
    most = math.floor(total * share / 100 + 1e-9)
    limit = f"of {total}, more than {share:g} %"
    return [
        *(
            [f"the comparator failed at {counts.comparator_failed}{_most(counts, 'comparator_failed')} {limit}"]
            if counts.comparator_failed > most
            else []
        ),
        *([f"the breaker was open at {counts.skipped_by_breaker} {limit}"] if counts.skipped_by_breaker > most else []),
    ]


def _begun(counts: Counts) -> int:
    return counts.compared + counts.comparator_failed + counts.skipped_by_breaker


def counted(number: int, noun: str) -> str:
    """Return a number of things in words: 1 sample, 2 samples."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def percent(share: float) -> str:
    """Return a share in percent, rounded down: what is not all is never told as 100 %."""
    return f"{math.floor(share * 1000 + 1e-9) / 10:.1f} %"


def _nothing(evidence: RouteEvidence, found: OfCode | None) -> str:
    if found is not None:
        return f"nothing was ever compared: {_tries(found.counts)}"
    if evidence.revisions:
        return (
            "nothing was compared since its handler, match or rules have changed: what was found before is of another "
            "question; stage shadow collects evidence"
        )
    return "nothing was ever compared: stage shadow collects evidence, where FIG_EVIDENCE tells the function to keep it"


def _why_none(found: OfCode | None) -> str:
    return f": {_tries(found.counts)}" if found is not None else ""


def _tries(counts: Counts) -> str:
    skipped = f"{counted(counts.skipped, 'comparison')} skipped{_most(counts, 'skipped')}" if counts.skipped else ""
    return ", ".join(filter(None, [skipped, *_uncounted(counts)]))


def _against(found: OfCode, counts: Counts) -> list[str]:
    """Return what speaks against the migrated side, of the comparisons that were counted."""
    return [
        *([f"{counted(counts.different, 'difference')}{_at(found, counts)}"] if counts.different else []),
        *(
            [f"{counted(counts.candidate_failed, 'failure')} of the handler{_most(counts, 'candidate_failed')}"]
            if counts.candidate_failed
            else []
        ),
        *([f"{counts.lost} lost with their process"] if counts.lost else []),
    ]


def _at(found: OfCode, counts: Counts) -> str:
    worst = next((path for path in found.paths if path.raw), None)
    if worst is None:
        return ""
    if counts.different == 1:
        return f" at {worst.path}"
    return f", most at {worst.path} ({min(worst.raw, counts.different)})"


def _most(counts: Counts, outcome: str) -> str:
    for reason, number in counts.reasons.get(outcome, {}).items():  # the most frequent is first
        return f", most by {reason} ({number})"
    return ""


def _told(counts: Counts) -> str:
    uncounted = _uncounted(counts)
    return f" (not counted: {', '.join(uncounted)})" if uncounted else ""


def _uncounted(counts: Counts) -> list[str]:
    return [
        *([f"{counts.under_way} not done yet"] if counts.under_way else []),
        *([f"{counts.comparator_failed} that the comparator failed at"] if counts.comparator_failed else []),
    ]


def _below(percent: float, limit: float) -> str:
    """Return a percentage with as many decimals as show that it is below a limit."""
    for decimals in range(1, 6):
        if float(text := f"{percent:.{decimals}f}") < limit:
            return text
    return f"{math.floor(percent * 1e6) / 1e6:f}"
