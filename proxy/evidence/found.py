"""What is known of a route, as commands see it: items of the table (see `keys`) added up."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from proxy.evidence import keys

Item = Mapping[str, Any]  # Any: the stubs spell an attribute as a union of ten shapes
Example = Mapping[str, Any]  # Any: JSON with kind, path, control, candidate, request and when


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of comparisons. `reasons` has what failed or why it was skipped, by outcome."""

    started: int = 0
    finished: int = 0  # of those that were started
    equal: int = 0
    different: int = 0
    candidate_failed: int = 0
    comparator_failed: int = 0
    skipped: int = 0
    noise_total: int = 0  # comparisons for which legacy was asked twice
    reasons: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def compared(self) -> int:
        """How many comparisons tell whether the sides agree; a migrated side that failed does not agree."""
        return self.equal + self.different + self.candidate_failed

    @property
    def lost(self) -> int:
        """How many comparisons have begun and not ended: they run still, or ended with their process."""
        return max(0, self.started - self.finished)

    @property
    def has_any(self) -> bool:
        """Whether anything is known of comparisons, be it that none was possible."""
        return any((self.started, self.compared, self.comparator_failed, self.skipped))


@dataclass(frozen=True, slots=True)
class Traffic:
    """What one side of a canary has answered."""

    reads: int = 0
    read_errors: int = 0
    writes: int = 0
    write_errors: int = 0


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
class OfCode:
    """What one version of the function has found of one revision of a route."""

    code: str
    first: str  # hour in UTC: "2026-11-27T05"
    last: str
    counts: Counts = Counts()
    migrated: Traffic = Traffic()  # of a canary
    legacy: Traffic = Traffic()
    paths: tuple[Path, ...] = ()  # the worst first

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


@dataclass(frozen=True, slots=True)
class RouteEvidence:
    """All that is known of a route: by revision, and the contracts' results by revision."""

    route_id: str
    revisions: Mapping[str, tuple[OfCode, ...]] = field(default_factory=dict)
    contracts: Mapping[str, ContractResult] = field(default_factory=dict)

    def compared(self, revision: str) -> OfCode | None:
        """Return what the newest code that has compared anything, or tried to, has found of a revision."""
        found = [of for of in self.revisions.get(revision, ()) if of.counts.has_any]
        return max(found, key=lambda of: of.age, default=None)

    def canary(self, revision: str) -> OfCode | None:
        """Return what the newest code that has run a canary has found of a revision."""
        found = [of for of in self.revisions.get(revision, ()) if of.has_canary]
        return max(found, key=lambda of: of.age, default=None)


def evidence_of(route_id: str, items: Iterable[Item]) -> RouteEvidence:
    """Return items of a route, none of them expired, added up. Raises LookupError, ValueError or TypeError for others.

    What is of a kind that is not known here was written by a later fig, and is left out.
    """
    made: dict[tuple[str, str], _Made] = {}
    contracts: dict[str, ContractResult] = {}
    for item in items:
        kind, *names = item["sk"]["S"].split("#")
        if f"{kind}#" == keys.CONTRACT:
            contracts[names[0]] = _contract(item)
        elif f"{kind}#" in (keys.COUNT, keys.PATH, keys.SAMPLE):
            revision, code, *rest = names
            made.setdefault((revision, code), _Made()).add(f"{kind}#", rest[0], item)
    revisions: dict[str, tuple[OfCode, ...]] = {}
    for (revision, code), one in made.items():
        if one.hours:  # else all its counters have expired, and paths alone say nothing
            revisions[revision] = (*revisions.get(revision, ()), one.of_code(code))
    return RouteEvidence(route_id, revisions, contracts)


class _Made:
    """An OfCode in the making."""

    def __init__(self) -> None:
        self.hours: list[str] = []
        self._numbers: dict[str, int] = {}
        self._places: list[Item] = []
        self._examples: dict[str, list[Example]] = {}

    def add(self, kind: str, name: str, item: Item) -> None:
        if kind == keys.COUNT:
            self.hours.append(name)
            for counter, number in _numbers(item).items():
                self._numbers[counter] = self._numbers.get(counter, 0) + number
        elif kind == keys.PATH:
            self._places.append(item)
        else:
            self._examples.setdefault(name, []).append(json.loads(item["example"]["S"]))

    def of_code(self, code: str) -> OfCode:
        numbers = self._numbers
        counts = {
            name: numbers.get(name, 0) for name in (keys.STARTED, keys.FINISHED, *keys.OUTCOMES, keys.NOISE_TOTAL)
        }
        return OfCode(
            code,
            min(self.hours),
            max(self.hours),
            Counts(**counts, reasons=_reasons(numbers)),
            _traffic(numbers, "migrated"),
            _traffic(numbers, "legacy"),
            tuple(sorted(self._paths(), key=lambda path: (-path.raw, path.path))),
        )

    def _paths(self) -> list[Path]:
        places: dict[str, list[Item]] = {}
        for item in self._places:
            places.setdefault(item["path"]["S"], []).append(item)
        return [self._path(path, items) for path, items in places.items()]

    def _path(self, path: str, items: list[Item]) -> Path:
        added: dict[str, int] = {}
        kinds: dict[str, int] = {}
        examples: list[Example] = []
        for item in items:
            numbers = _numbers(item)
            for name, number in numbers.items():
                added[name] = added.get(name, 0) + number
            if raw := numbers.get(keys.RAW, 0):
                kinds[item["kind"]["S"]] = kinds.get(item["kind"]["S"], 0) + raw
            examples += self._examples.get(item["sk"]["S"].rpartition("#")[2], [])
        examples.sort(key=lambda example: str(example.get("when", "")), reverse=True)
        return Path(path, kinds, added.get(keys.RAW_NOISY, 0), added.get(keys.NOISE, 0), tuple(examples))


def _numbers(item: Item) -> dict[str, int]:
    return {name: int(value["N"]) for name, value in item.items() if "N" in value and name != keys.EXPIRY}


def _reasons(numbers: Mapping[str, int]) -> dict[str, dict[str, int]]:
    reasons: dict[str, dict[str, int]] = {}
    for outcome in keys.OUTCOMES:
        prefix = f"{keys.WHY}{outcome}_"
        found = {name.removeprefix(prefix): number for name, number in numbers.items() if name.startswith(prefix)}
        if found:
            reasons[outcome] = dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))
    return reasons


def _traffic(numbers: Mapping[str, int], side: str) -> Traffic:
    return Traffic(*(numbers.get(f"{side}_{name}", 0) for name in ("reads", "read_errors", "writes", "write_errors")))


def _contract(item: Item) -> ContractResult:
    return ContractResult(int(item["passed"]["N"]), int(item["failed"]["N"]), item["who"]["S"], item["when"]["S"])
