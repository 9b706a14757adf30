"""Which differences are noise: legacy, asked twice, differs from itself as often as the migrated side from it.

The rule is that of twitter/diffy (DifferencesFilterFactory in JoinedDifferences.scala). Nothing is ignored silently: a
noisy path becomes a proposal, with its evidence, of a rule that a person writes into routes.yaml.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Literal, NamedTuple

from proxy.routing.json_path import JsonPath, parse
from proxy.shadow.difference import CUT, HEADER_PREFIX

# Source: twitter/diffy, DiffyServiceModule.scala: threshold.relative 20.0 and threshold.absolute 0.03, in percent. Its
# flags say "inclusive", its code compares with ">", and so does this.
RELATIVE = 0.20
ABSOLUTE = 0.0003


class Count(NamedTuple):
    """In how many comparisons the sides differ at a path, of those for which legacy was asked twice."""

    raw: int  # legacy and the migrated side
    noise: int  # legacy and legacy
    kinds: Collection[str] = ()  # of differences, as far as they are known


class Proposal(NamedTuple):
    """A rule to add for a noisy path, and what speaks for it. For `headers`, the name to take out of the list."""

    rule: Literal["ignore", "unordered", "headers"]
    path: str
    raw: int
    noise: int
    total: int

    @property
    def evidence(self) -> str:
        """What was counted, for a person who decides."""
        return f"differs in {self.raw} of {self.total} comparisons, and between two answers of legacy in {self.noise}"


def is_reported(raw: int, noise: int, total: int, relative: float = RELATIVE, absolute: float = ABSOLUTE) -> bool:
    """Tell whether a difference is more than noise: seen more often than between two answers of legacy.

    By more than `relative` of both counts together, and by more than `absolute` of all comparisons.
    """
    if raw <= noise:
        return False
    return (raw - noise) / (raw + noise) > relative and (raw - noise) / max(total, raw) > absolute


def noisy_paths(
    counts: Mapping[str, Count], total: int, relative: float = RELATIVE, absolute: float = ABSOLUTE
) -> list[Proposal]:
    """Return the rules that would silence what is noise, by path; none that would hide anything reported.

    `counts` go by flattened path. For a status, for all of a body and for a path that was cut off there is no rule: it
    would hide more than was seen.
    """
    reported = [
        path for path, count in counts.items() if is_reported(count.raw, count.noise, total, relative, absolute)
    ]
    proposals: list[Proposal] = []
    for path, count in sorted(counts.items()):  # what lies below a path comes after it
        proposal = _proposal(path, count, total) if count.noise > 0 and path not in reported else None
        if proposal is None or (proposal.rule == "ignore" and _hides(path, reported)):
            continue
        if not any(other.rule == "ignore" and _hides(other.path, [path]) for other in proposals):
            proposals.append(proposal)
    return proposals


def _proposal(path: str, count: Count, total: int) -> Proposal | None:
    if path.startswith(HEADER_PREFIX):
        return Proposal("headers", path.removeprefix(HEADER_PREFIX), count.raw, count.noise, total)
    if not path.startswith("$") or path.endswith(CUT):
        return None
    if "order" in count.kinds:
        return Proposal("unordered", path, count.raw, count.noise, total)
    is_everything = all(step.key is None for step in parse(path).steps)  # $, $[*], $.*
    return None if is_everything else Proposal("ignore", path, count.raw, count.noise, total)


def _hides(ignored: str, paths: Iterable[str]) -> bool:
    rule = parse(ignored)
    return any(_covers(rule, parse(path.removesuffix(CUT))) for path in paths if path.startswith("$"))


def _covers(rule: JsonPath, path: JsonPath) -> bool:
    """Tell whether a rule holds for what lies at a flattened path or below it."""
    return len(rule.steps) <= len(path.steps) and all(
        mine.key is None or mine.key == theirs.key for mine, theirs in zip(rule.steps, path.steps, strict=False)
    )
