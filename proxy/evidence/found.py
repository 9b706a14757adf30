"""What is known of a route, as commands see it: items of the table added up (see `adding`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Example = Mapping[str, Any]  # Any: JSON with kind, path, control, candidate, request and when


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of comparisons. `reasons` has what failed or why it was skipped, by outcome."""

    started: int = 0
    finished: int = 0  # of those that were started
    lost: int = 0  # of those that were started: they have ended with their process, or what they found was not noted
    equal: int = 0
    different: int = 0
    candidate_failed: int = 0
    comparator_failed: int = 0
    skipped: int = 0
    noise_total: int = 0  # comparisons for which legacy was asked twice
    reasons: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def compared(self) -> int:
        """How many comparisons tell whether the sides agree; one that was lost, or whose handler failed, says no."""
        return self.equal + self.different + self.candidate_failed + self.lost

    @property
    def under_way(self) -> int:
        """How many comparisons have begun, and may run still."""
        return max(0, self.started - self.finished - self.lost)

    @property
    def skipped_by_breaker(self) -> int:
        """How many comparisons were not made because the breaker of a side was open."""
        return self.reasons.get("skipped", {}).get("breaker_open", 0)

    @property
    def has_any(self) -> bool:
        """Whether anything is known of comparisons, be it that none was possible."""
        return any((self.started, self.compared, self.comparator_failed, self.skipped))

    def without(self, part: "Counts") -> "Counts":
        """Return what is left when some of the comparisons are taken out."""
        names = [name for name in self.__dataclass_fields__ if name != "reasons"]
        left = {name: getattr(self, name) - getattr(part, name) for name in names}
        reasons = {
            outcome: {
                reason: number - part.reasons.get(outcome, {}).get(reason, 0) for reason, number in of_outcome.items()
            }
            for outcome, of_outcome in self.reasons.items()
        }
        return Counts(**left, reasons=reasons)


@dataclass(frozen=True, slots=True)
class Traffic:
    """What one side of a canary has answered."""

    reads: int = 0
    read_errors: int = 0
    writes: int = 0
    write_errors: int = 0
    write_refusals: int = 0  # answered with 400 to 499


@dataclass(frozen=True, slots=True)
class Path:
    """What was found at one path; of "*": at all paths that there were too many of."""

    path: str
    kinds: Mapping[str, int]  # how many comparisons differ there, by kind
    raw_noisy: int = 0  # how many of those for which legacy was asked twice
    noise: int = 0  # in how many legacy differed from itself
    examples: tuple[Example, ...] = ()  # newest first

    @property
    def raw(self) -> int:
        """How many comparisons differ there. One that differs in two ways counts as two."""
        return sum(self.kinds.values())


@dataclass(frozen=True, slots=True)
class Untaken:
    """Writes that a live route's handler has answered and legacy lacks, by the reasons why."""

    first: str = ""  # hour in UTC: "2026-11-27T05"; "" if there is none
    last: str = ""
    reasons: Mapping[str, int] = field(default_factory=dict)

    @property
    def writes(self) -> int:
        """How many there are."""
        return sum(self.reasons.values())


@dataclass(frozen=True, slots=True)
class OfCode:
    """What one version of the function has found of one revision of a route."""

    code: str
    first: str  # hour in UTC: "2026-11-27T05"
    last: str
    counts: Counts = Counts()
    writes: Counts = Counts()  # of those, the ones of requests that may write
    migrated: Traffic = Traffic()  # of a canary
    legacy: Traffic = Traffic()
    paths: tuple[Path, ...] = ()  # the worst first
    untaken: Untaken = Untaken()

    @property
    def reads(self) -> Counts:
        """What became of the comparisons of requests that only read."""
        return self.counts.without(self.writes)

    @property
    def has_canary(self) -> bool:
        """Whether anything is known of a canary's answers."""
        return self.migrated != Traffic() or self.legacy != Traffic()

    @property
    def age(self) -> tuple[str, int, str]:
        """By what the newest version is found: the one that ran last; of two in one hour, the later number."""
        return self.last, int(self.code) if self.code.isdecimal() else -1, self.code


@dataclass(frozen=True, slots=True)
class ContractResult:
    """How a route's recorded cases went."""

    passed: int
    failed: int
    who: str
    when: str  # ISO 8601 in UTC
    code: str = ""  # the version of the function that has answered; "" if it did not say
    methods: tuple[str, ...] = ()  # of the cases that passed, sorted


@dataclass(frozen=True, slots=True)
class RouteEvidence:
    """All that is known of a route by revision: what each version of the function has found, and its contracts.

    `code` is the version that runs, and no other one's evidence counts; "" if none has said so, and then the newest
    one's does.
    """

    route_id: str
    revisions: Mapping[str, tuple[OfCode, ...]] = field(default_factory=dict)
    contracts: Mapping[str, tuple[ContractResult, ...]] = field(default_factory=dict)
    code: str = ""

    def compared(self, revision: str) -> OfCode | None:
        """Return what the code that counts has found of a revision, if it has compared anything, or tried to."""
        return self._newest(revision, lambda of: of.counts.has_any)

    def canary(self, revision: str) -> OfCode | None:
        """Return what the code that counts has found of a revision, if it has run a canary."""
        return self._newest(revision, lambda of: of.has_canary)

    def before(self, revision: str) -> OfCode | None:
        """Return what the newest of the other versions has found of a revision, if one has compared anything."""
        known = self.compared(revision)
        code = self.code or (known.code if known is not None else "")
        others = [of for of in self.revisions.get(revision, ()) if of.code != code and of.counts.compared]
        return max(others, key=lambda of: of.age, default=None)

    def contract(self, revision: str) -> ContractResult | None:
        """Return how the recorded cases of a revision went with the code that counts, the last time."""
        found = [one for one in self.contracts.get(revision, ()) if one.code == self.code or not self.code]
        return max(found, key=lambda one: one.when, default=None)

    @property
    def untaken(self) -> Untaken:
        """The writes that legacy lacks, of all revisions and all code: what was answered counts, by whomever."""
        found = [of.untaken for each in self.revisions.values() for of in each if of.untaken.reasons]
        reasons: dict[str, int] = {}
        for one in found:
            for reason, number in one.reasons.items():
                reasons[reason] = reasons.get(reason, 0) + number
        first, last = min((one.first for one in found), default=""), max((one.last for one in found), default="")
        return Untaken(first, last, reasons)

    def _newest(self, revision: str, is_known: Callable[[OfCode], bool]) -> OfCode | None:
        found = [of for of in self.revisions.get(revision, ()) if is_known(of)]
        return max((of for of in found if of.code == self.code or not self.code), key=lambda of: of.age, default=None)
