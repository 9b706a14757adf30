"""What the evidence for a route says: do the sides agree as often as its gate wants, and if not, what is missing."""

import math
from typing import NamedTuple

from proxy.evidence.found import Counts, OfCode, RouteEvidence
from proxy.evidence.wilson import lower_bound, more_successes
from proxy.routing.proof import GateDocument


class Parity(NamedTuple):
    """How often the sides agree, and how far that is from what the gate wants."""

    compared: int
    equal: int
    bound: float  # the share that is equal at least, with 95 % confidence
    missing: int  # further comparisons that would do, if all of them find the sides equal; 0: the gate is passed

    @property
    def share(self) -> float:
        """The share that was equal; 0 if nothing was compared."""
        return self.equal / self.compared if self.compared else 0.0


def parity_of(counts: Counts, gate: GateDocument) -> Parity:
    """Return what was counted as the gate sees it: comparisons that were lost, or failed themselves, say nothing."""
    compared, equal, target = counts.compared, counts.equal, gate.target / 100
    missing = max(0, gate.samples - compared, more_successes(equal, compared, target))
    return Parity(compared, equal, lower_bound(equal, compared), missing)


def shortfall(evidence: RouteEvidence, revision: str, gate: GateDocument) -> str:
    """Return in words what is missing until a route's comparisons pass its gate; "" if they do."""
    found = evidence.compared(revision)
    if found is None or not found.counts.compared:
        return _nothing(evidence, found)
    counts = found.counts
    parity = parity_of(counts, gate)
    if not parity.missing:
        return ""
    more = f"{counted(parity.missing, 'more equal sample')} would do"
    if parity.compared < gate.samples:
        parts = [f"{parity.compared} of {gate.samples} samples", *_against(found)]
        is_more_than_the_rest = parity.missing > gate.samples - parity.compared
        text = "; ".join([*parts, *([more] if is_more_than_the_rest else [])])
    else:
        against = ", ".join(_against(found) or ["no difference"])
        least = f"at least {_below(parity.bound * 100, gate.target)} % are equal (bound of {gate.target:g} % wanted)"
        text = f"{counted(parity.compared, 'sample')}, {against}: {least}: {more}"
    return text + _told(counts)


def counted(number: int, noun: str) -> str:
    """Return a number of things in words: 1 sample, 2 samples."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def percent(share: float) -> str:
    """Return a share in percent, rounded down: what is not all is never told as 100 %."""
    return f"{math.floor(share * 1000 + 1e-9) / 10:.1f} %"


def _nothing(evidence: RouteEvidence, found: OfCode | None) -> str:
    if found is not None:
        counts = found.counts
        skipped = f"{counted(counts.skipped, 'comparison')} skipped{_most(counts, 'skipped')}" if counts.skipped else ""
        parts = [skipped, *_uncounted(counts)]
        return f"nothing was ever compared: {', '.join(filter(None, parts))}"
    if evidence.revisions:
        return (
            "nothing was compared since its handler, match or rules have changed: what was found before is of another "
            "question; stage shadow collects evidence"
        )
    return "nothing was ever compared: stage shadow collects evidence, where FIG_EVIDENCE tells the function to keep it"


def _against(found: OfCode) -> list[str]:
    """Return what speaks against the migrated side."""
    counts = found.counts
    return [
        *([f"{counted(counts.different, 'difference')}{_at(found)}"] if counts.different else []),
        *(
            [f"{counted(counts.candidate_failed, 'failure')} of the migrated side{_most(counts, 'candidate_failed')}"]
            if counts.candidate_failed
            else []
        ),
    ]


def _at(found: OfCode) -> str:
    worst = next((path for path in found.paths if path.raw), None)
    if worst is None:
        return ""
    return f" at {worst.path}" if found.counts.different == 1 else f", most at {worst.path} ({worst.raw})"


def _most(counts: Counts, outcome: str) -> str:
    for reason, number in counts.reasons.get(outcome, {}).items():  # the most frequent is first
        return f", most by {reason} ({number})"
    return ""


def _told(counts: Counts) -> str:
    uncounted = _uncounted(counts)
    return f" (not counted: {', '.join(uncounted)})" if uncounted else ""


def _uncounted(counts: Counts) -> list[str]:
    return [
        *([f"{counts.lost} lost or not done yet"] if counts.lost else []),
        *([f"{counts.comparator_failed} that the comparator failed at"] if counts.comparator_failed else []),
    ]


def _below(percent: float, limit: float) -> str:
    """Return a percentage with as many decimals as show that it is below a limit."""
    for decimals in range(1, 6):
        if float(text := f"{percent:.{decimals}f}") < limit:
            return text
    return f"{math.floor(percent * 1e6) / 1e6:f}"
