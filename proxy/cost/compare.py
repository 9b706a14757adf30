"""What another memory size would cost, and up to which time it would be cheaper."""

from dataclasses import dataclass, replace
from fractions import Fraction

from proxy.cost import amounts
from proxy.cost.estimate import Charge, bill, total
from proxy.cost.flow import Flow, Workload
from proxy.cost.metering import MEMORY_MB, billed_ms
from proxy.cost.prices import Rates
from proxy.cost.usage import Setup, used


@dataclass(frozen=True, slots=True)
class Case:
    """Another memory size, and the function's time with it if that is known."""

    memory_mb: int
    duration_ms: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The month at another memory size. If a request takes `break_even_ms` on average, its time costs what it does now.

    Its time alone: a snapshot and an environment kept ready cost by their memory, however long requests take.
    """

    memory_mb: int
    average_ms: Fraction
    charges: tuple[Charge, ...]
    usd: Fraction
    change_usd: Fraction
    break_even_ms: Fraction


def compare(case: Case, workload: Workload, setup: Setup, rates: Rates) -> Comparison:
    """Return the month at another memory size: everything as before, but for the memory and, if it is given, the time.

    Lambda gives CPU in proportion to memory: the time stays what it was only where the function waits. Functions that
    run apart stay as they are.
    """
    changed = replace(workload, flows=tuple(_at(flow, case) for flow in workload.flows))
    now, then = (bill(used(each, setup).all, rates) for each in (workload, changed))
    per_request = workload.requests or Fraction(1)
    megabyte_ms = sum(((flow.billed_ms + flow.shadow_ms) * flow.memory_mb for flow in workload.flows), Fraction())
    changed_ms = sum((flow.billed_ms + flow.shadow_ms for flow in changed.flows), Fraction())
    return Comparison(
        memory_mb=case.memory_mb,
        average_ms=changed_ms / per_request,
        charges=then,
        usd=total(then),
        change_usd=total(then) - total(now),
        break_even_ms=megabyte_ms / per_request / case.memory_mb,
    )


def _at(flow: Flow, case: Case) -> Flow:
    if case.duration_ms is None:
        return replace(flow, memory_mb=case.memory_mb)
    total_ms = flow.requests * billed_ms(case.duration_ms)
    share = flow.shadowed / flow.requests if flow.requests else Fraction()
    changed = replace(flow, memory_mb=case.memory_mb, billed_ms=total_ms, overhead_ms=Fraction()).shadowing(share)
    return replace(changed, apart_requests=flow.apart_requests, apart_ms=flow.apart_ms)


def cases(text: str) -> tuple[Case, ...]:
    """Return the cases that a person lists: MB[@TIME],… such as 512,1024@90ms. Raises ValueError."""
    found = []
    for part in text.split(",") if text else []:
        memory, at, time = part.partition("@")
        if not (memory.isascii() and memory.isdecimal() and MEMORY_MB[0] <= int(memory) <= MEMORY_MB[1]):
            raise ValueError(
                f"got {part!r}, expected MB[@TIME] with {MEMORY_MB[0]} to {MEMORY_MB[1]} MB, such as 512@90ms"
            )
        found.append(Case(int(memory), amounts.duration_ms(time) if at else None))
    return tuple(found)
