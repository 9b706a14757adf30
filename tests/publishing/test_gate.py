"""Which changes the gate asks about, and all that it says."""

from dataclasses import replace

import pytest

from proxy.evidence.found import ContractResult, Counts, Path, RouteEvidence, Traffic
from proxy.publishing.gate import Lookup, missing, unkept
from proxy.routing.document import Document, RouteDocument
from tests.publishing.evidence import WHEN, known, of_code, revision, routes, with_stage

SHADOW = routes({"stage": "shadow"})
CANARY = with_stage(SHADOW, "orders.read", stage="canary", percent=5)
LIVE = with_stage(SHADOW, "orders.read", stage="live")
ENOUGH = Counts(started=400, finished=400, equal=400)
CREATE = {
    "id": "orders.create",
    "match": "POST /orders",
    "stage": "shadow",
    "group": "orders",
    "contract": "migrated/orders/contract.json",
}
GROUP = routes({"stage": "live", "group": "orders"}, CREATE)
MEND = "mend what fails, its records tell why"
TOO_FEW = "are too few to tell that it is no better"
NOTHING = "nothing was ever compared: stage shadow collects evidence, where FIG_EVIDENCE tells the function to keep it"


def nobody(route_id: str) -> RouteEvidence:
    """Evidence that must not be asked for."""
    raise AssertionError(f"nobody needs to know of {route_id}")


def asked(before: Document, after: Document, lookup: Lookup = RouteEvidence) -> list[str]:
    """What is missing; nothing is known unless a test says so."""
    return missing(before, after, lookup)


@pytest.mark.parametrize(
    ("stage", "percent", "wanted", "wanted_percent", "is_asked"),
    [
        ("legacy", None, "shadow", None, False),
        ("legacy", None, "canary", 5, True),
        ("legacy", None, "canary", 0, False),
        ("legacy", None, "live", None, False),  # a stage is skipped, which is refused already
        ("legacy", None, "migrated", None, False),
        ("shadow", None, "canary", 1, True),
        ("shadow", None, "live", None, True),
        ("shadow", None, "migrated", None, True),
        ("shadow", None, "legacy", None, False),
        ("canary", 5, "canary", 25, True),
        ("canary", 5, "canary", 5, False),
        ("canary", 25, "canary", 5, False),
        ("canary", 5, "live", None, True),
        ("canary", 100, "live", None, True),
        ("canary", 5, "shadow", None, False),
        ("canary", 5, "legacy", None, False),
        ("live", None, "migrated", None, True),
        ("live", None, "canary", 100, False),
        ("live", None, "legacy", None, False),
        ("migrated", None, "live", None, False),
        ("migrated", None, "retired", None, False),
        ("retired", None, "migrated", None, False),
        ("retired", None, "legacy", None, False),
    ],
)
def test_gate_asks_only_when_the_migrated_side_would_answer_more_clients(
    stage: str, percent: float | None, wanted: str, wanted_percent: float | None, is_asked: bool
) -> None:
    """Every way back is open."""
    before = routes({"stage": stage, "percent": percent})
    after = routes({"stage": wanted, "percent": wanted_percent})

    assert asked(before, after) == ([f"orders.read: {NOTHING}"] if is_asked else [])
    if not is_asked:
        assert missing(before, after, nobody) == []


def test_route_that_was_not_there_comes_from_legacy() -> None:
    assert asked(Document(version=1), CANARY) == [f"orders.read: {NOTHING}"]
    assert asked(Document(version=1), SHADOW) == []
    assert asked(CANARY, Document(version=1)) == []


def test_change_of_anything_else_is_not_asked_about() -> None:
    other = with_stage(CANARY, "orders.read", sticky="cookie:sid", owner="ada")

    assert asked(CANARY, other) == []


def test_four_hundred_equal_samples_pass() -> None:
    assert asked(SHADOW, CANARY, known(SHADOW, {"orders.read": of_code(ENOUGH)})) == []


@pytest.mark.parametrize(
    ("counts", "paths", "says"),
    [
        (Counts(equal=399), (), "399 of 400 samples"),
        (
            Counts(equal=209, different=3),
            (Path("$.total", {"value": 2}), Path("$.id", {"type": 1})),
            "212 of 400 samples; 3 differences, most at $.total (2); 666 more equal samples would do",
        ),
        (
            Counts(equal=1, different=1),
            (Path("$.total", {"value": 1}),),
            "2 of 400 samples; 1 difference at $.total; 561 more equal samples would do",
        ),
        (
            Counts(equal=399, different=1),
            (),
            "400 samples, 1 difference: at least 98.6 % are equal (bound of 99 % wanted): 163 more equal samples "
            "would do",
        ),
        (
            Counts(equal=562, candidate_failed=2, reasons={"candidate_failed": {"migrated_timeout": 2}}),
            (),
            "564 samples, 2 failures of the handler, most by migrated_timeout (2): at least 98.7 % are equal "
            "(bound of 99 % wanted): 162 more equal samples would do",
        ),
        (
            # So near that a rounded figure would deny what it says.
            Counts(equal=725, different=2),
            (Path("$.total", {"value": 2}),),
            None,
        ),
        (
            Counts(equal=561, different=1),
            (),
            "562 samples, 1 difference: at least 98.999 % are equal (bound of 99 % wanted): 1 more equal sample would "
            "do",
        ),
        (
            Counts(started=400, finished=396, equal=393, comparator_failed=3),
            (),
            "393 of 400 samples (not counted: 4 not done yet, 3 that the comparator failed at)",
        ),
        (
            Counts(started=2, skipped=30, reasons={"skipped": {"breaker_open": 20, "no_time": 10}}),
            (),
            "nothing was ever compared: 30 comparisons skipped, most by breaker_open (20), 2 not done yet",
        ),
    ],
)
def test_gate_says_what_is_missing(counts: Counts, paths: tuple[Path, ...], says: str | None) -> None:
    found = {"orders.read": of_code(counts, *paths)}

    assert asked(SHADOW, CANARY, known(SHADOW, found)) == ([f"orders.read: {says}"] if says is not None else [])


def test_samples_that_suffice_may_be_too_few_for_the_target() -> None:
    after = with_stage(CANARY, "orders.read", gate={"samples": 100})
    found = {"orders.read": of_code(Counts(equal=100))}

    assert asked(SHADOW, after, known(after, found)) == [
        "orders.read: 100 samples, no difference: at least 96.3 % are equal (bound of 99 % wanted): 281 more equal "
        "samples would do"
    ]


def test_evidence_of_another_revision_is_of_another_question() -> None:
    after = with_stage(CANARY, "orders.read", handler="migrated.orders.api:other")
    old = {revision(SHADOW, "orders.read"): (of_code(ENOUGH),)}

    assert asked(SHADOW, after, lambda route_id: RouteEvidence(route_id, old)) == [
        "orders.read: nothing was compared since its handler, match or rules have changed: what was found before is of "
        "another question; stage shadow collects evidence"
    ]


def test_code_that_was_just_deployed_collects_its_evidence_anew() -> None:
    newest = of_code(Counts(equal=12), code="8")
    both = {revision(SHADOW, "orders.read"): (newest, of_code(ENOUGH))}

    assert asked(SHADOW, CANARY, lambda route_id: RouteEvidence(route_id, both)) == ["orders.read: 12 of 400 samples"]


def test_writes_need_their_contract_and_the_reads_of_their_group() -> None:
    after = with_stage(GROUP, "orders.create", stage="canary", percent=5)

    assert asked(GROUP, after) == [
        f"orders.create: what it writes is not compared, so orders.read of its group has to pass: {NOTHING}",
        "orders.create: its contract was not tried with this handler, match and rules: fig contract orders.create does "
        "it",
    ]
    assert asked(GROUP, after, known(GROUP, {"orders.read": of_code(ENOUGH)}, {"orders.create": (12, 0)})) == []


@pytest.mark.parametrize(
    ("fields", "contract", "says"),
    [
        (
            {"group": None},
            (12, 0),
            "what it writes is not compared, and it names no group whose reads would show it",
        ),
        ({"group": "others"}, (12, 0), "what it writes is not compared, and no route of its group others reads it"),
        (
            {},
            (10, 2),
            "2 of 12 cases of its contract failed when ada tried it at 2026-12-02T12:00:00Z",
        ),
        ({}, (0, 0), "its contract had no case when ada tried it at 2026-12-02T12:00:00Z"),
        (
            {"contract": None},
            None,
            "what it writes is not compared, and it names no contract that would show how it is answered",
        ),
    ],
)
def test_gate_says_what_is_missing_for_writes(
    fields: dict[str, str | None], contract: tuple[int, int] | None, says: str
) -> None:
    before = routes({"stage": "live", "group": "orders"}, {**CREATE, **fields})
    after = with_stage(before, "orders.create", stage="canary", percent=5)
    contracts = {"orders.create": contract} if contract else {}

    assert asked(before, after, known(before, {"orders.read": of_code(ENOUGH)}, contracts)) == [
        f"orders.create: {says}"
    ]


def test_group_that_writes_alone_shows_nothing() -> None:
    other = {**CREATE, "id": "orders.change", "match": "PUT /orders/{id}"}
    before = routes(CREATE, other)
    after = with_stage(before, "orders.create", stage="canary", percent=5)

    assert asked(before, after, known(before, {}, {"orders.create": (12, 0)})) == [
        "orders.create: what it writes is not compared, and no route of its group orders reads it"
    ]


def test_route_that_reads_and_writes_needs_both_its_comparisons_and_its_contract() -> None:
    before = routes({"stage": "shadow", "match": "ANY /orders/{id}"})
    after = with_stage(before, "orders.read", stage="canary", percent=5)

    assert asked(before, after, known(before, {"orders.read": of_code(Counts(equal=1))})) == [
        "orders.read: 1 of 400 samples",
        "orders.read: what it writes is not compared, and it names no contract that would show how it is answered",
    ]
    assert asked(before, after, known(before, {"orders.read": of_code(ENOUGH)}, {"orders.read": (1, 0)})) == []


def test_writes_that_a_shadow_may_run_are_compared_like_reads() -> None:
    before = routes({**CREATE, "writes": True, "group": None, "contract": None})
    after = with_stage(before, "orders.create", stage="canary", percent=5)

    assert asked(before, after) == [f"orders.create: {NOTHING}"]
    assert asked(before, after, known(before, {"orders.create": of_code(ENOUGH)})) == []


@pytest.mark.parametrize("stage", ["live", "migrated"])
@pytest.mark.parametrize(
    ("migrated", "legacy", "says"),
    [
        (Traffic(), Traffic(), ["0 of 100 writes in its canary"]),
        (Traffic(reads=500), Traffic(reads=500), ["0 of 100 writes in its canary"]),
        (Traffic(writes=99), Traffic(writes=900), ["99 of 100 writes in its canary"]),
        (Traffic(writes=100), Traffic(writes=900), []),
        (Traffic(writes=100), Traffic(), []),
        (Traffic(writes=100, write_errors=1), Traffic(writes=1000, write_errors=10), []),
        (
            Traffic(writes=100, write_errors=1),
            Traffic(writes=1000, write_errors=9),
            ["1 of 100 writes failed in its canary, and of legacy's 9 of 1000: mend what fails, its records tell why"],
        ),
        (
            Traffic(writes=100, write_errors=1),
            Traffic(),
            [f"1 of 100 writes failed in its canary, and legacy's 0 writes there {TOO_FEW}"],
        ),
        (
            # One of two would excuse every second failure.
            Traffic(writes=100, write_errors=50),
            Traffic(writes=2, write_errors=1),
            [f"50 of 100 writes failed in its canary, and legacy's 2 writes there {TOO_FEW}"],
        ),
        (Traffic(writes=100, write_errors=1), Traffic(writes=100, write_errors=1), []),
        (
            Traffic(writes=100, write_errors=1),
            Traffic(writes=99, write_errors=99),
            [f"1 of 100 writes failed in its canary, and legacy's 99 writes there {TOO_FEW}"],
        ),
        (Traffic(writes=100, write_refusals=12), Traffic(writes=300, write_refusals=30), []),
        (
            Traffic(writes=100, write_refusals=12),
            Traffic(writes=300, write_refusals=3),
            ["migrated refuses 12 % of the 100 writes with 4xx, legacy 1 % of 300"],
        ),
        (Traffic(writes=100, write_refusals=100), Traffic(), []),
        (
            Traffic(reads=5000, read_errors=5000, writes=100),
            Traffic(reads=5000),
            [f"5000 of 5000 reads failed in its canary, and of legacy's 0 of 5000: {MEND}"],
        ),
        (
            Traffic(writes=40, write_errors=3),
            Traffic(writes=900, write_errors=1),
            [
                "40 of 100 writes in its canary",
                "3 of 40 writes failed in its canary, and of legacy's 1 of 900: mend what fails, its records tell why",
            ],
        ),
    ],
)
def test_canary_shows_how_writes_went(stage: str, migrated: Traffic, legacy: Traffic, says: list[str]) -> None:
    before = with_stage(GROUP, "orders.create", stage="canary", percent=50)
    after = with_stage(before, "orders.create", stage=stage)
    found = {"orders.read": of_code(ENOUGH), "orders.create": of_code(migrated=migrated, legacy=legacy)}

    lookup = known(before, found, {"orders.create": (12, 0)})

    assert asked(before, after, lookup) == [f"orders.create: {what}" for what in says]


def test_canary_of_a_route_that_only_reads_needs_no_writes() -> None:
    assert asked(CANARY, LIVE, known(CANARY, {"orders.read": of_code(ENOUGH)})) == []


def test_raising_a_canary_does_not_wait_for_writes() -> None:
    before = with_stage(GROUP, "orders.create", stage="canary", percent=5)
    after = with_stage(before, "orders.create", percent=50)

    assert asked(before, after, known(before, {"orders.read": of_code(ENOUGH)}, {"orders.create": (12, 0)})) == []


def test_every_route_of_a_change_is_told() -> None:
    before = routes({"stage": "shadow"}, {"id": "orders.list", "match": "GET /orders", "stage": "shadow"})
    after = Document(version=1, routes=tuple(replace_stage(before, "live")))

    assert asked(before, after) == [f"orders.read: {NOTHING}", f"orders.list: {NOTHING}"]


def replace_stage(document: Document, stage: str) -> list[RouteDocument]:
    """The routes of a document in another stage."""
    return [route.model_copy(update={"stage": stage}) for route in document.routes]


def test_routes_are_named_where_nobody_knows_anything() -> None:
    paths = [{"id": f"r{number}", "match": f"GET /{number}", "stage": "shadow"} for number in range(7)]
    before = routes(*paths)
    after = with_stage(with_stage(before, "r1", stage="live"), "r3", stage="live")

    assert unkept(before, after, "no evidence") == ["r1, r3: no evidence"]
    assert unkept(after, before, "no evidence") == []
    every = Document(version=1, routes=tuple(route.model_copy(update={"stage": "live"}) for route in before.routes))
    assert unkept(before, every, "no evidence") == ["r0, r1, r2, r3, r4 and 2 more: no evidence"]


def test_comparisons_under_way_say_nothing() -> None:
    running = replace(ENOUGH, started=900, equal=300)

    assert asked(SHADOW, CANARY, known(SHADOW, {"orders.read": of_code(running)})) == [
        "orders.read: 300 of 400 samples (not counted: 500 not done yet)"
    ]


def test_handler_that_ends_the_interpreter_does_not_pass() -> None:
    """A comparison that was lost is one whose handler gave no answer."""
    lost = replace(ENOUGH, started=700, lost=300)

    (line,) = asked(SHADOW, CANARY, known(SHADOW, {"orders.read": of_code(lost)}))

    assert line.startswith("orders.read: 700 samples, 300 lost with their process: at least 53.4 % are equal")


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        (
            Counts(equal=400, comparator_failed=5000, reasons={"comparator_failed": {"RecursionError": 5000}}),
            "400 samples, no difference; the comparator failed at 5000, most by RecursionError (5000) of 5400, more "
            "than 1 %: 494600 more equal samples would do (not counted: 5000 that the comparator failed at)",
        ),
        (
            Counts(equal=400, skipped=9000, reasons={"skipped": {"breaker_open": 9000}}),
            "400 samples, no difference; the breaker was open at 9000 of 9400, more than 1 %: 890600 more equal "
            "samples would do",
        ),
        (Counts(equal=400, comparator_failed=4), None),
        (Counts(equal=400, skipped=9000, reasons={"skipped": {"no_time": 9000}}), None),
        (Counts(equal=400, skipped=9000, reasons={"skipped": {"legacy_breaker_open": 9000}}), None),
    ],
)
def test_comparisons_that_tell_nothing_may_be_no_more_than_may_differ(counts: Counts, says: str | None) -> None:
    """Else the answers that matter may be among those that were never compared."""
    found = {"orders.read": of_code(counts)}

    assert asked(SHADOW, CANARY, known(SHADOW, found)) == ([f"orders.read: {says}"] if says else [])


def test_path_of_hours_long_gone_is_told_for_no_more_than_differ() -> None:
    found = {"orders.read": of_code(Counts(equal=397, different=3), Path("$.total", {"value": 40}))}

    (line,) = asked(SHADOW, CANARY, known(SHADOW, found))

    assert "3 differences, most at $.total (3): " in line


MIXED = routes({"id": "orders", "match": "GET,POST /orders", "stage": "shadow", "writes": True})


@pytest.mark.parametrize(
    ("counts", "writes", "says"),
    [
        (ENOUGH, Counts(), "writes: 0 of 400 samples"),
        (ENOUGH, ENOUGH, "reads: 0 of 400 samples"),
        (Counts(equal=500), Counts(equal=100), "writes: 100 of 400 samples"),
        (
            Counts(equal=999, different=1),
            Counts(equal=399, different=1),
            "writes: 400 samples, 1 difference: at least 98.6 % are equal (bound of 99 % wanted): 163 more equal "
            "samples would do",
        ),
        (Counts(equal=800), ENOUGH, None),
    ],
)
def test_reads_of_a_route_say_nothing_of_what_it_writes(counts: Counts, writes: Counts, says: str | None) -> None:
    after = with_stage(MIXED, "orders", stage="live")
    found = {"orders": of_code(counts, writes=writes)}

    assert asked(MIXED, after, known(MIXED, found)) == ([f"orders: {says}"] if says else [])


def test_contract_has_a_case_of_every_method_that_writes() -> None:
    before = routes({"stage": "shadow", "match": "GET,POST,DELETE /orders/{id}", "contract": "contract.json"})
    after = with_stage(before, "orders.read", stage="canary", percent=5)
    result = ContractResult(3, 0, "ada", WHEN, methods=("GET", "POST"))
    found = {revision(before, "orders.read"): (of_code(ENOUGH),)}

    lookup = RouteEvidence("orders.read", found, {revision(before, "orders.read"): (result,)})

    assert asked(before, after, lambda _: lookup) == [
        f"orders.read: 3 cases of its contract passed when ada tried it at {WHEN}, and none of DELETE: record one of "
        "each"
    ]


def test_code_that_runs_is_asked_for_and_no_other() -> None:
    """What was deployed a moment ago has compared nothing, whatever the code before it had."""
    old = {revision(SHADOW, "orders.read"): (of_code(ENOUGH),)}

    def lookup(route_id: str) -> RouteEvidence:
        return RouteEvidence(route_id, old, code="8")

    assert asked(SHADOW, CANARY, lookup) == [
        "orders.read: version 8 of the code has 0 of 400 samples (version 7 had 400)"
    ]


def test_code_that_has_few_samples_is_told_with_those_of_the_code_before() -> None:
    both = {revision(SHADOW, "orders.read"): (of_code(ENOUGH), of_code(Counts(equal=12), code="8"))}

    def lookup(route_id: str) -> RouteEvidence:
        return RouteEvidence(route_id, both, code="8")

    assert asked(SHADOW, CANARY, lookup) == [
        "orders.read: version 8 of the code has 12 of 400 samples (version 7 had 400)"
    ]


def test_code_that_came_back_has_its_evidence_again() -> None:
    both = {revision(SHADOW, "orders.read"): (of_code(ENOUGH), of_code(Counts(different=12), code="8"))}

    assert asked(SHADOW, CANARY, lambda route_id: RouteEvidence(route_id, both, code="7")) == []


def test_contract_is_tried_with_the_code_that_runs() -> None:
    after = with_stage(GROUP, "orders.create", stage="canary", percent=5)
    lookup = known(GROUP, {"orders.read": of_code(ENOUGH, code="8")}, {"orders.create": (12, 0)})

    assert asked(GROUP, after, lambda route_id: replace(lookup(route_id), code="8")) == [
        "orders.create: its contract was not tried with this handler, match and rules, by version 8 of the code: "
        "fig contract orders.create does it"
    ]


@pytest.mark.parametrize("stage", ["shadow", "canary", "live"])
def test_step_back_is_no_way_around_the_canary(stage: str) -> None:
    """From shadow, too, what writes goes to every client only after a canary."""
    before = with_stage(GROUP, "orders.create", stage=stage, percent=5)
    after = with_stage(before, "orders.create", stage="migrated")
    failing = of_code(migrated=Traffic(writes=40, write_errors=40), legacy=Traffic(writes=900))
    lookup = known(before, {"orders.read": of_code(ENOUGH), "orders.create": failing}, {"orders.create": (12, 0)})

    assert asked(before, after, lookup) == [
        "orders.create: 40 of 100 writes in its canary",
        "orders.create: 40 of 40 writes failed in its canary, and of legacy's 0 of 900: mend what fails, its records "
        "tell why",
    ]


def test_canary_of_writes_that_a_shadow_may_run_is_no_worse_where_there_is_one() -> None:
    before = routes({**CREATE, "writes": True, "group": None, "contract": None})
    after = with_stage(before, "orders.create", stage="live")
    failing = of_code(ENOUGH, migrated=Traffic(writes=40, write_errors=40), legacy=Traffic(writes=900))

    assert asked(before, after, known(before, {"orders.create": of_code(ENOUGH)})) == []
    assert len(asked(before, after, known(before, {"orders.create": failing}))) == 1


def test_reads_that_failed_behind_a_fallback_are_told() -> None:
    failing = of_code(ENOUGH, migrated=Traffic(reads=5000, read_errors=5000), legacy=Traffic(reads=5000))

    assert asked(CANARY, LIVE, known(CANARY, {"orders.read": failing})) == [
        "orders.read: 5000 of 5000 reads failed in its canary, and of legacy's 0 of 5000: mend what fails, its records "
        "tell why"
    ]


@pytest.mark.parametrize(
    ("reads", "percent", "wanted", "says"),
    [
        ("canary", 5, {"stage": "canary", "percent": 5}, None),
        ("live", None, {"stage": "canary", "percent": 100}, None),
        ("canary", 5, {"stage": "canary", "percent": 50}, "50 % of the callers would write anew, and by orders.read"),
        ("shadow", None, {"stage": "canary", "percent": 1}, "1 % of the callers would write anew, and by orders.read"),
        ("retired", None, {"stage": "canary", "percent": 1}, None),
    ],
)
def test_who_writes_new_also_reads_new(
    reads: str, percent: float | None, wanted: dict[str, object], says: str | None
) -> None:
    before = routes({"stage": reads, "percent": percent, "group": "orders"}, CREATE)
    lookup = known(before, {"orders.read": of_code(ENOUGH)}, {"orders.create": (12, 0)})

    lines = asked(before, with_stage(before, "orders.create", **wanted), lookup)

    assert len(lines) == (1 if says else 0)
    assert lines == [] or lines[0].startswith(f"orders.create: {says} of its group orders ")
