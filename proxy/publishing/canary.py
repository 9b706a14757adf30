"""What a canary's answers say for or against a route: how many writes, and how many of its answers went wrong.

Each side has its own callers there, in the same time, so that shares are compared. A fallback hides an error from the
client; here it is one.
"""

from collections.abc import Iterator

from proxy.evidence.found import RouteEvidence, Traffic
from proxy.evidence.wilson import lower_bound
from proxy.publishing.kinds import kinds_of
from proxy.publishing.parity import counted
from proxy.routing.compile import compiled_revision
from proxy.routing.document import RouteDocument


def canary_shortfall(evidence: RouteEvidence, route: RouteDocument) -> Iterator[str]:
    """Yield in words what a route's canary lacks, or shows against it, on its way to every client.

    Writes that no shadow may run have to have been answered by a canary. Of all others, what there is must be no worse.
    """
    found = evidence.canary(compiled_revision(route))
    migrated, legacy = (found.migrated, found.legacy) if found is not None else (Traffic(), Traffic())
    kinds, wanted = kinds_of(route), route.gate.writes
    if kinds.writes and not route.writes and migrated.writes < wanted:
        of_code = f" with version {evidence.code} of the code" if evidence.code and found is None else ""
        yield f"{migrated.writes} of {wanted} writes in its canary{of_code}"
    for noun, mine, theirs in (
        ("write", (migrated.write_errors, migrated.writes), (legacy.write_errors, legacy.writes)),
        ("read", (migrated.read_errors, migrated.reads), (legacy.read_errors, legacy.reads)),
    ):
        yield from _of_errors(noun, mine, theirs, wanted)
    yield from _of_refusals(migrated, legacy)


def _of_errors(noun: str, migrated: tuple[int, int], legacy: tuple[int, int], wanted: int) -> Iterator[str]:
    (errors, total), (legacy_errors, legacy_total) = migrated, legacy
    if not errors:
        return
    failed = f"{errors} of {counted(total, noun)} failed in its canary"
    if legacy_total < wanted:
        # A share of a few says nothing: one of two would excuse every second failure.
        yield f"{failed}, and legacy's {counted(legacy_total, noun)} there are too few to tell that it is no better"
    elif errors * legacy_total > legacy_errors * total:  # without dividing: 1 of 100 and 10 of 1000 are the same
        yield f"{failed}, and of legacy's {legacy_errors} of {legacy_total}: mend what fails, its records tell why"


def _of_refusals(migrated: Traffic, legacy: Traffic) -> Iterator[str]:
    """Yield that the migrated side refuses more than legacy, if that is no chance: callers differ from side to side."""
    least = lower_bound(migrated.write_refusals, migrated.writes)
    most = 1 - lower_bound(legacy.writes - legacy.write_refusals, legacy.writes)
    if least > most:
        mine, theirs = (_percent(side.write_refusals, side.writes) for side in (migrated, legacy))
        yield f"migrated refuses {mine} of the {migrated.writes} writes with 4xx, legacy {theirs} of {legacy.writes}"


def _percent(part: int, total: int) -> str:
    return f"{part * 100 / total:.3g} %"
