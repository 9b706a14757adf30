"""All that the evidence says of one route, with requests that reproduce what differs."""

import json
import shlex
from dataclasses import asdict
from typing import Any

from proxy.cli import answer
from proxy.cli.command import Command, program
from proxy.cli.options import DOCUMENT
from proxy.evidence.found import Counts, Example, OfCode, RouteEvidence, Traffic
from proxy.publishing.curl import curls
from proxy.publishing.noise import is_noise
from proxy.publishing.parity import counted, parity_in, percent
from proxy.publishing.untaken import in_words as untaken_in_words
from proxy.routing.compile import compiled_revision
from proxy.routing.document import RouteDocument

_WORST = 10
_MAX_VALUE = 200  # characters of an example's side


def fields(route: RouteDocument, evidence: RouteEvidence) -> dict[str, Any]:  # Any: JSON
    """Return all of it for programs."""
    revision = compiled_revision(route)
    found = evidence.compared(revision) or evidence.canary(revision)
    contract = evidence.contract(revision)
    counts = found.counts if found is not None else Counts()
    return {
        "route": route.id,
        "stage": route.stage,
        "revision": revision,
        "code": evidence.code or (found.code if found is not None else None),
        "parity": parity_in(found, route)._asdict(),
        "lost": counts.lost,
        "under_way": counts.under_way,
        "found": asdict(found) if found is not None else None,
        "noisy": [path.path for path in found.paths if is_noise(route, path, counts)] if found is not None else [],
        "contract": asdict(contract) if contract is not None else None,
        "untaken": asdict(evidence.untaken),
    }


def in_words(route: RouteDocument, evidence: RouteEvidence, this: Command) -> list[str]:
    """Return all of it for people: outcomes apart, the worst paths with an example each, and noise by itself."""
    revision = compiled_revision(route)
    found = evidence.compared(revision) or evidence.canary(revision)
    lines = [f"{route.id}  {route.match}", f"stage     {_stage(route)}"]
    if found is None:
        others = " (what is known is of another handler, match or rules)" if evidence.revisions else ""
        if (before := evidence.before(revision)) is not None:
            had = f"version {before.code} had {before.counts.compared}"
            others = f" by version {answer.one_line(evidence.code)} of the function ({answer.one_line(had)})"
        return [*lines, f"compared  nothing yet{others}", *_rest(route, evidence)]
    return [
        *lines,
        f"seen      {found.first} to {found.last} UTC, by version {found.code} of the function",
        *_outcomes(route, found),
        *_rest(route, evidence),
        *_paths(route, found, this),
    ]


def _outcomes(route: RouteDocument, found: OfCode) -> list[str]:
    counts, parity = found.counts, parity_in(found, route)
    share = f" ({percent(parity.share)}, at least {percent(parity.bound)})" if parity.compared else ""
    failed = counted(counts.candidate_failed, "failure")
    missing = f"{counted(parity.missing, 'more equal sample')}" if parity.missing else "nothing"
    return [
        f"compared  {counts.compared}: {counts.equal} equal{share}, {counts.different} different, {failed} of the "
        f"handler{_reasons(counts, 'candidate_failed')}",
        f"apart     {counts.lost} lost, {counts.under_way} not done yet, {counts.comparator_failed} that the "
        f"comparator failed at{_reasons(counts, 'comparator_failed')}",
        f"skipped   {counts.skipped}{_reasons(counts, 'skipped')}",
        f"missing   {missing}; the gate wants {counted(route.gate.samples, 'sample')}, {route.gate.target:g} % equal",
    ]


def _rest(route: RouteDocument, evidence: RouteEvidence) -> list[str]:
    revision = compiled_revision(route)
    canary, contract = evidence.canary(revision), evidence.contract(revision)
    lines = []
    if evidence.untaken.writes:
        lines.append(f"lost      {answer.one_line(untaken_in_words(evidence.untaken))}")
    if canary is not None:
        lines.append(f"canary    migrated: {_traffic(canary.migrated)}; legacy: {_traffic(canary.legacy)}")
    if contract is not None:
        of_code = f" by version {answer.one_line(contract.code)}" if contract.code else ""
        told = f"{contract.passed} passed, {contract.failed} failed{of_code}"
        lines.append(f"contract  {told}, {answer.one_line(contract.who)} at {answer.one_line(contract.when)}")
    return lines


def _paths(route: RouteDocument, found: OfCode, this: Command) -> list[str]:
    noisy = [path for path in found.paths if is_noise(route, path, found.counts)]
    told = [path for path in found.paths if path.raw and path not in noisy]
    routes = this.workspace.routes
    options = f" --routes {shlex.quote(str(routes))}" if routes != DOCUMENT else ""
    lines = ["", "where the two sides differ, the worst first:"] if told else []
    for path in told[:_WORST]:
        kinds = ", ".join(
            f"{answer.one_line(kind)} {number}" if kind else str(number) for kind, number in path.kinds.items()
        )
        lines.append(f"  {answer.one_line(path.path)}  {kinds}")
        for example in path.examples[:1]:
            shown = [*_sides(example), *curls(route, example, program(), options, this.url)]
            lines += [f"    {line}" for line in shown]
    if len(told) > _WORST:
        lines.append(f"  … and {len(told) - _WORST} more, which --json has")
    if noisy:
        names = ", ".join(answer.one_line(path.path) for path in noisy[:_WORST])
        lines += ["", f"noise, for legacy differs from itself there as well (fig noise {route.id}): {names}"]
    return lines


def _sides(example: Example) -> list[str]:
    return [
        f"{name:<8}  {_short(example[side])}"
        for name, side in (("legacy", "control"), ("migrated", "candidate"))
        if side in example
    ]


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_VALUE else f"{text[:_MAX_VALUE]}…"


def _stage(route: RouteDocument) -> str:
    return f"{route.stage} {route.percent:g} %" if route.stage == "canary" else route.stage


def _reasons(counts: Counts, outcome: str) -> str:
    reasons = counts.reasons.get(outcome, {})
    told = ", ".join(f"{answer.one_line(reason)} {number}" for reason, number in reasons.items())
    return f" ({told})" if told else ""


def _traffic(side: Traffic) -> str:
    reads = f"{counted(side.reads, 'read')}, {side.read_errors} failed"
    return f"{reads}, {counted(side.writes, 'write')}, {side.write_errors} failed, {side.write_refusals} refused"
