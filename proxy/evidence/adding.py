"""Items of the table (see `keys`) added up to what is known of a route."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from proxy.evidence import keys
from proxy.evidence.found import ContractResult, Counts, Example, OfCode, Path, RouteEvidence, Traffic, Untaken

Item = Mapping[str, Any]  # Any: the stubs spell an attribute as a union of ten shapes

_LOST = "lost"


def evidence_of(route_id: str, items: Iterable[Item], wall_s: float, code: str = "") -> RouteEvidence:
    """Return items of a route, none of them expired, added up as they stand at a time, with the code that runs then.

    What is of a kind that is not known here was written by a later fig, and is left out. Raises LookupError, ValueError
    or TypeError for other items.
    """
    made: dict[tuple[str, str], _Made] = {}
    contracts: dict[str, tuple[ContractResult, ...]] = {}
    for item in items:
        kind, *names = item["sk"]["S"].split("#")
        if f"{kind}#" == keys.CONTRACT:
            revision, *of_code = names
            contracts[revision] = (*contracts.get(revision, ()), _contract(item, *of_code))
        elif f"{kind}#" in (keys.COUNT, keys.PATH, keys.SAMPLE):
            revision, version, *rest = names
            made.setdefault((revision, version), _Made(wall_s)).add(f"{kind}#", rest[0], item)
    revisions: dict[str, tuple[OfCode, ...]] = {}
    for (revision, version), one in made.items():
        if one.hours:  # else all its counters have expired, and paths alone say nothing
            revisions[revision] = (*revisions.get(revision, ()), one.of_code(version))
    return RouteEvidence(route_id, revisions, contracts, code)


class _Made:
    """An OfCode in the making."""

    def __init__(self, wall_s: float) -> None:
        self._wall_s = wall_s
        self.hours: list[str] = []
        self._numbers: dict[str, int] = {}
        self._untaken_at: list[str] = []  # in which hours legacy missed a write
        self._places: list[Item] = []
        self._examples: dict[str, list[Example]] = {}

    def add(self, kind: str, name: str, item: Item) -> None:
        if kind == keys.COUNT:
            self.hours.append(name)
            numbers = _numbers(item)
            if any(counter.startswith(keys.UNTAKEN) for counter in numbers):
                self._untaken_at.append(name)
            for counter, number in numbers.items():
                self._add(self._lost(name, counter) if _is_open(counter) else counter, number)
        elif kind == keys.PATH:
            self._places.append(item)
        else:
            self._examples.setdefault(name, []).append(json.loads(item["example"]["S"]))

    def _add(self, counter: str, number: int) -> None:
        self._numbers[counter] = self._numbers.get(counter, 0) + number

    def _lost(self, hour: str, counter: str) -> str:
        """Return where what is open in a slot is counted: as lost, or as what may run still."""
        prefix, _, slot = counter.rpartition(keys.OPEN)
        return f"{prefix}{_LOST if keys.is_over(hour, slot, self._wall_s) else keys.OPEN}"

    def of_code(self, code: str) -> OfCode:
        numbers = self._numbers
        counts = _counts(numbers)
        return OfCode(
            code,
            min(self.hours),
            max(self.hours),
            counts,
            _counts(numbers, keys.WRITES),
            _traffic(numbers, "migrated"),
            _traffic(numbers, "legacy"),
            tuple(sorted(self._paths(counts), key=lambda path: (-path.raw, path.path))),
            self._untaken(),
        )

    def _untaken(self) -> Untaken:
        hours = self._untaken_at
        return Untaken(min(hours), max(hours), _under(keys.UNTAKEN, self._numbers)) if hours else Untaken()

    def _paths(self, counts: Counts) -> list[Path]:
        places: dict[str, list[Item]] = {}
        for item in self._places:
            places.setdefault(item["path"]["S"], []).append(item)
        return [self._path(path, items, counts) for path, items in places.items()]

    def _path(self, path: str, items: list[Item], counts: Counts) -> Path:
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
        # Each writing of a path puts off its expiry, so that it may know of hours whose counters have expired.
        kinds = {kind: min(number, counts.different) for kind, number in kinds.items()}
        raw_noisy, noise = (min(added.get(name, 0), counts.noise_total) for name in (keys.RAW_NOISY, keys.NOISE))
        return Path(path, kinds, raw_noisy, noise, tuple(examples))


def _is_open(counter: str) -> bool:
    return counter.removeprefix(keys.WRITES).startswith(keys.OPEN)


def _numbers(item: Item) -> dict[str, int]:
    return {name: int(value["N"]) for name, value in item.items() if "N" in value and name != keys.EXPIRY}


def _counts(numbers: Mapping[str, int], prefix: str = "") -> Counts:
    names = (keys.STARTED, keys.FINISHED, _LOST, *keys.OUTCOMES, keys.NOISE_TOTAL)
    return Counts(
        **{name: max(0, numbers.get(f"{prefix}{name}", 0)) for name in names}, reasons=_reasons(numbers, prefix)
    )


def _reasons(numbers: Mapping[str, int], of: str) -> dict[str, dict[str, int]]:
    reasons: dict[str, dict[str, int]] = {}
    for outcome in keys.OUTCOMES:
        if found := _under(f"{of}{keys.WHY}{outcome}_", numbers):
            reasons[outcome] = found
    return reasons


def _under(prefix: str, numbers: Mapping[str, int]) -> dict[str, int]:
    """Return the counters whose names have a prefix, by the rest of their names, the greatest first."""
    found = {name.removeprefix(prefix): number for name, number in numbers.items() if name.startswith(prefix)}
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def _traffic(numbers: Mapping[str, int], side: str) -> Traffic:
    names = ("reads", "read_errors", "writes", "write_errors", "write_refusals")
    return Traffic(*(numbers.get(f"{side}_{name}", 0) for name in names))


def _contract(item: Item, code: str = "") -> ContractResult:
    passed, failed = (int(item[name]["N"]) for name in ("passed", "failed"))
    methods = tuple(item["methods"]["S"].split()) if "methods" in item else ()
    return ContractResult(passed, failed, item["who"]["S"], item["when"]["S"], code, methods)
