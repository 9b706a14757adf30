"""What holds for the gate, whatever the evidence is."""

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from proxy.evidence.found import Counts, OfCode, Traffic
from proxy.publishing.gate import missing
from proxy.publishing.parity import parity_of
from proxy.routing.document import Document
from proxy.routing.proof import GateDocument
from proxy.routing.table import Stage
from tests.publishing.evidence import known, of_code, routes, with_stage

_ORDER: list[Stage] = ["legacy", "shadow", "canary", "live", "migrated"]
BEFORE = routes(
    {"stage": "canary", "percent": 50, "group": "orders"},
    {
        "id": "orders.create",
        "match": "POST /orders",
        "stage": "canary",
        "percent": 50,
        "group": "orders",
        "contract": "contract.json",
        "gate": {"writes": 10},
    },
    {"id": "files", "match": "ANY /files/{path+}", "stage": "shadow", "contract": "files.json"},
)
AFTER = Document(version=1, routes=tuple(route.model_copy(update={"stage": "live"}) for route in BEFORE.routes))

_few = st.integers(0, 30)
_counts = st.builds(
    Counts,
    started=st.integers(0, 900),
    finished=st.integers(0, 900),
    equal=st.integers(0, 900),
    different=_few,
    candidate_failed=_few,
    comparator_failed=_few,
    skipped=_few,
)
_traffic = st.builds(Traffic, reads=_few, read_errors=_few, writes=_few, write_errors=st.integers(0, 3))
_found = st.builds(
    lambda counts, migrated, legacy: of_code(counts, migrated=migrated, legacy=legacy), _counts, _traffic, _traffic
)
_ids = [route.id for route in BEFORE.routes]
_evidence = st.fixed_dictionaries({}, optional=dict.fromkeys(_ids, _found))
_contracts = st.fixed_dictionaries({}, optional={name: st.tuples(_few, st.integers(0, 1)) for name in _ids})
_Contracts = dict[str, tuple[int, int]]


@given(found=_evidence, contracts=_contracts, more=st.integers(1, 500))
def test_more_that_speaks_for_a_route_never_refuses_what_has_passed(
    found: dict[str, OfCode], contracts: _Contracts, more: int
) -> None:
    refused = missing(BEFORE, AFTER, known(AFTER, found, contracts))

    raised = {name: better(one, more) for name, one in found.items()}
    passed_more = {name: (passed + more, failed) for name, (passed, failed) in contracts.items()}
    still = missing(BEFORE, AFTER, known(AFTER, raised, passed_more))

    assert refused_routes(still) <= refused_routes(refused)
    assert len(still) <= len(refused)


def better(found: OfCode, more: int) -> OfCode:
    """The same, with more equal comparisons, more writes that went well, and more errors of legacy."""
    return replace(
        found,
        counts=replace(found.counts, equal=found.counts.equal + more),
        migrated=replace(found.migrated, writes=found.migrated.writes + more),
        legacy=replace(found.legacy, write_errors=found.legacy.write_errors + more),
    )


def refused_routes(lines: list[str]) -> set[str]:
    return {line.partition(": ")[0] for line in lines}


@given(found=_evidence, contracts=_contracts, seed=st.integers(0, 1000))
def test_order_of_routes_does_not_matter(found: dict[str, OfCode], contracts: _Contracts, seed: int) -> None:
    lookup = known(AFTER, found, contracts)
    shuffle = random.Random(seed)

    def shuffled(document: Document) -> Document:
        return Document(version=1, routes=tuple(shuffle.sample(document.routes, len(document.routes))))

    assert sorted(missing(shuffled(BEFORE), shuffled(AFTER), lookup)) == sorted(missing(BEFORE, AFTER, lookup))


@given(before=st.sampled_from(_ORDER), after=st.sampled_from(_ORDER), percent=st.integers(0, 100), wanted=st.data())
def test_way_back_is_never_gated(before: Stage, after: Stage, percent: int, wanted: st.DataObject) -> None:
    """Whatever the evidence, and without any: what is asked of a way back is nothing."""
    less = wanted.draw(st.integers(0, percent))
    earlier, later = sorted((before, after), key=_ORDER.index)
    was = routes({"stage": later, "percent": percent})

    back = with_stage(was, "orders.read", stage=earlier, percent=less)

    assert missing(was, back, known(was, {})) == []


@given(counts=_counts, samples=st.integers(1, 1000), target=st.floats(50, 99.9))
def test_what_is_said_to_be_missing_would_do(counts: Counts, samples: int, target: float) -> None:
    gate = GateDocument.model_validate({"samples": samples, "target": f"{target:.2f}%"})

    more = parity_of(counts, gate).missing

    assert parity_of(replace(counts, equal=counts.equal + more), gate).missing == 0
    assert more == 0 or parity_of(replace(counts, equal=counts.equal + more - 1), gate).missing == 1
