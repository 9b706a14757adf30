"""What functions have written is what commands read: through an embedded DynamoDB."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy.errors import EvidenceFailed
from proxy.evidence import keys
from proxy.evidence.adding import evidence_of
from proxy.evidence.found import ContractResult, Counts, OfCode, RouteEvidence, Traffic, Untaken
from proxy.evidence.outcome import Found, Outcome, What
from proxy.evidence.reader import EvidenceReader
from proxy.stores.dynamodb_client import TableClient
from proxy.stores.history import StoreFailed
from tests.evidence.conftest import NOON, House

ROUTE = "orders.read"
RESULT = ContractResult(12, 2, "ada", "2026-12-02T12:00:00Z")


def difference(path: str = "$.total", kind: str = "value", candidate: object = 2) -> Found:
    return {"kind": kind, "path": path, "control": 1, "candidate": candidate}


def outcome(what: What, *found: Found, why: str = "", noise: tuple[str, ...] | None = None) -> Outcome:
    return Outcome(ROUTE, "r1", what, why, found, {"method": "GET"}, began_at=NOON, noise=noise)


def test_nothing_is_known_of_a_route_that_nobody_compared(house: House) -> None:
    found = house.reader.read(ROUTE)

    assert found == RouteEvidence(ROUTE)
    assert (found.compared("r1"), found.canary("r1"), house.reader.contract(ROUTE, "r1")) == (None, None, None)


def test_what_was_written_is_read_with_outcomes_kept_apart(house: House) -> None:
    table = house.environment()
    done = [
        outcome("equal"),
        outcome("equal", noise=("$.updated_at",)),
        outcome("different", difference(), difference("$.id", "type"), noise=("$.updated_at", "$.total")),
        outcome("different", difference()),
        outcome("candidate_failed", why="migrated_timeout"),
        outcome("comparator_failed", why="RecursionError"),
        outcome("skipped", why="legacy_timeout"),
    ]
    for one in done:
        table.finish(one._replace(began_at=table.start(ROUTE, "r1", 1.0)), 1.0)
    table.start(ROUTE, "r1", 1.0)
    table.finish(Outcome(ROUTE, "r1", "skipped", "breaker_open"), 1.0)
    table.count(ROUTE, "r1", {"migrated_reads": 3, "migrated_read_errors": 1, "legacy_writes": 2}, 1.0)

    found = house.reader.read(ROUTE).compared("r1")

    assert found is not None
    assert (found.code, found.first, found.last) == ("7", "2026-12-02T12", "2026-12-02T12")
    assert found.counts == Counts(
        started=8,
        finished=7,
        equal=2,
        different=2,
        candidate_failed=1,
        comparator_failed=1,
        skipped=2,
        noise_total=2,
        reasons={
            "candidate_failed": {"migrated_timeout": 1},
            "comparator_failed": {"RecursionError": 1},
            "skipped": {"breaker_open": 1, "legacy_timeout": 1},
        },
    )
    assert (found.counts.compared, found.counts.lost, found.counts.under_way) == (5, 0, 1)
    assert (found.writes, found.reads) == (Counts(), found.counts)
    assert (found.migrated, found.legacy) == (Traffic(reads=3, read_errors=1), Traffic(writes=2))
    assert [(path.path, path.kinds, path.raw, path.raw_noisy, path.noise) for path in found.paths] == [
        ("$.total", {"value": 2}, 2, 1, 1),
        ("$.id", {"type": 1}, 1, 1, 0),
        ("$.updated_at", {}, 0, 0, 2),
    ]


def test_writes_that_legacy_lacks_are_known_whatever_has_become_of_the_route_since(house: House) -> None:
    """Going back loses them, be it that another handler, other rules or newer code have answered meanwhile."""
    missed = Outcome(ROUTE, "r1", "skipped", "no_time", is_write=True, untaken="no_time")
    house.environment("7").finish(missed, 1.0)
    house.environment("7").finish(missed._replace(untaken="legacy_timeout"), 1.0)
    house.clock.wall_s += 3600
    house.environment("8").finish(missed._replace(revision="r2"), 1.0)
    house.clock.wall_s += 3600
    house.environment("8").finish(outcome("equal"), 1.0)

    found = house.reader.read(ROUTE).untaken

    assert found == Untaken("2026-12-02T12", "2026-12-02T13", {"no_time": 2, "legacy_timeout": 1})
    assert (found.writes, RouteEvidence(ROUTE).untaken) == (3, Untaken())


def test_examples_are_read_only_if_asked_for_and_newest_first(house: House) -> None:
    table = house.environment()
    for number in range(7):
        table.finish(outcome("different", difference(candidate=number)), 1.0)
        house.clock.wall_s += 1

    without, found = house.reader.read(ROUTE), house.reader.read(ROUTE, with_examples=True)

    (bare,), (full,) = (one.revisions["r1"][0].paths for one in (without, found))
    assert bare.examples == ()
    assert [example["candidate"] for example in full.examples] == [6, 5, 4, 3, 2]
    assert full.examples[0] == {
        **difference(candidate=6),
        "request": {"method": "GET"},
        "when": "2026-12-02T12:00:06Z",
    }


@pytest.mark.parametrize(
    ("later_s", "lost"),
    [(0, 0), (900, 0), (1199, 0), (1200, 1), (86_400, 1)],
)
def test_start_without_an_end_is_lost_once_no_invocation_can_last_so_long(
    house: House, later_s: int, lost: int
) -> None:
    """A shadow that ends its process is counted by its start alone. Starts are kept by five minutes, and none of their
    invocations lasts longer than fifteen."""
    house.environment().start(ROUTE, "r1", 1.0)
    house.clock.wall_s += later_s

    found = house.reader.read(ROUTE).compared("r1")

    assert found is not None
    assert (found.counts.lost, found.counts.under_way, found.counts.compared) == (lost, 1 - lost, lost)


def test_comparison_that_ends_in_the_next_hour_is_not_lost(house: House) -> None:
    """It is counted in the hour in which it began."""
    table = house.environment()
    house.clock.wall_s = NOON - 1
    began_at = table.start(ROUTE, "r1", 1.0)
    house.clock.wall_s = NOON + 1
    table.finish(outcome("equal")._replace(began_at=began_at), 1.0)
    house.clock.wall_s += 7200

    found = house.reader.read(ROUTE).compared("r1")

    assert found is not None
    assert (found.counts, found.last) == (Counts(started=1, finished=1, equal=1), "2026-12-02T11")


def test_environment_that_was_frozen_in_the_middle_takes_its_loss_back(house: House) -> None:
    table = house.environment()
    began_at = table.start(ROUTE, "r1", 1.0)
    house.clock.wall_s += 5 * 3600
    lost = house.reader.read(ROUTE).compared("r1")
    table.finish(outcome("equal")._replace(began_at=began_at), 1.0)

    found = house.reader.read(ROUTE).compared("r1")

    assert lost is not None
    assert found is not None
    assert (lost.counts.lost, found.counts.lost, found.counts.equal) == (1, 0, 1)


def test_comparisons_of_writes_are_counted_apart_beside_the_whole(house: House) -> None:
    table = house.environment()
    for one in (outcome("equal"), outcome("equal"), outcome("candidate_failed", why="migrated_timeout")):
        for is_write in (False, True)[: 1 + (one.what != "equal")]:
            began_at = table.start(ROUTE, "r1", 1.0, is_write=is_write)
            table.finish(one._replace(began_at=began_at, is_write=is_write), 1.0)
    table.start(ROUTE, "r1", 1.0, is_write=True)
    house.clock.wall_s += 3600

    found = house.reader.read(ROUTE).compared("r1")

    assert found is not None
    failed = {"candidate_failed": {"migrated_timeout": 1}}
    assert found.writes == Counts(started=2, finished=1, lost=1, candidate_failed=1, reasons=failed)
    assert found.reads == Counts(started=3, finished=3, equal=2, candidate_failed=1, reasons=failed)


def test_path_of_hours_that_have_expired_is_told_for_no_more_than_differ(house: House) -> None:
    """Each writing of a path puts off its expiry, and with it that of what was counted long ago."""
    table = house.environment()
    for _ in range(4):
        table.finish(outcome("different", difference(), noise=("$.total",)), 1.0)
    house.clock.wall_s += keys.LIFETIME_S - 60
    table.finish(outcome("different", difference(), noise=("$.total",))._replace(began_at=None), 1.0)
    house.clock.wall_s += 61

    found = house.reader.read(ROUTE).compared("r1")

    assert found is not None
    (path,) = found.paths
    assert (found.counts.different, path.raw, path.raw_noisy, path.noise) == (1, 1, 1, 1)


def test_evidence_of_an_earlier_fig_is_read(house: House) -> None:
    """It knew neither of writes nor of when a comparison began; and of a contract, not which code had answered."""
    for sort_key, fields in {
        "count#r1#7#2026-12-02T05": {"started": "9", "finished": "7", "equal": "6", "different": "1"},
        "contract#r1": {"passed": "3", "failed": "0"},
    }.items():
        numbers = {name: {"N": number} for name, number in {**fields, "expires_at": "9999999999"}.items()}
        item = {**keys.key_of(ROUTE, sort_key), **numbers, "who": {"S": "ada"}, "when": {"S": "now"}}
        house.table.client.put_item(TableName=house.name, Item=item)

    found = house.reader.read(ROUTE)

    (one,) = found.revisions["r1"]
    assert (one.counts, one.writes) == (Counts(started=9, finished=7, equal=6, different=1), Counts())
    assert (one.counts.lost, one.counts.under_way) == (0, 2)
    assert found.contract("r1") == ContractResult(3, 0, "ada", "now")


def test_evidence_of_other_routes_and_revisions_does_not_count(house: House) -> None:
    table = house.environment()
    table.finish(outcome("equal")._replace(route_id="orders.list"), 1.0)
    table.finish(outcome("equal")._replace(route_id="orders"), 1.0)
    table.finish(outcome("equal")._replace(revision="r2"), 1.0)

    found = house.reader.read(ROUTE)

    assert list(found.revisions) == ["r2"]
    assert found.compared("r1") is None


@pytest.mark.parametrize(
    ("codes", "newest"),
    [
        (("9", "10"), "10"),
        (("10", "9"), "10"),
        (("$LATEST", "1"), "1"),
    ],
)
def test_newest_code_of_one_hour_is_the_one_with_the_greater_number(
    house: House, codes: tuple[str, ...], newest: str
) -> None:
    """Code that was just deployed collects its evidence anew."""
    for code in codes:
        house.environment(code).finish(outcome("equal"), 1.0)

    found = house.reader.read(ROUTE).compared("r1")

    assert found is not None
    assert found.code == newest


def test_code_that_was_taken_back_is_not_the_newest_for_longer_than_an_hour(house: House) -> None:
    """Where no environment says which code runs."""
    house.environment("8").finish(outcome("equal")._replace(began_at=None), 1.0)
    house.clock.wall_s += 3600
    house.environment("7").finish(outcome("equal")._replace(began_at=None), 1.0)

    found = house.reader.read(ROUTE).compared("r1")

    assert found is not None
    assert found.code == "7"


def test_canary_and_comparisons_each_have_their_newest_code(house: House) -> None:
    house.environment("7").finish(outcome("equal"), 1.0)
    house.environment("8").count(ROUTE, "r1", {"migrated_writes": 1}, 1.0)

    found = house.reader.read(ROUTE)

    assert [one.code for one in (found.compared("r1"), found.canary("r1")) if one] == ["7", "8"]


def test_what_has_expired_is_not_there_although_nobody_deleted_it(house: House) -> None:
    """No engine deletes in time, and the embedded ones never do."""
    house.environment().finish(outcome("different", difference()), 1.0)
    house.reader.put_contract(ROUTE, "r1", RESULT)
    house.clock.wall_s += keys.LIFETIME_S - 1
    before = house.reader.read(ROUTE, with_examples=True)
    house.clock.wall_s += 1

    after = house.reader.read(ROUTE, with_examples=True)

    assert (len(before.revisions), len(before.contracts)) == (1, 1)
    assert after == RouteEvidence(ROUTE)
    assert len(house.items()) == 4


def test_every_item_is_given_thirty_days_from_its_last_writing(house: House) -> None:
    table = house.environment()
    table.finish(outcome("different", difference(), noise=("$.id",)), 1.0)
    house.clock.wall_s += 60
    table.finish(outcome("different", difference(), noise=("$.id",)), 1.0)
    house.reader.put_contract(ROUTE, "r1", RESULT)

    expiries = {key: int(item["expires_at"]["N"]) - int(house.clock.wall_s) for key, item in house.items().items()}

    first_example = f"sample#r1#7#{keys.place_of('value', '$.total')}#0"
    assert expiries.pop(first_example) == keys.LIFETIME_S - 60
    assert set(expiries.values()) == {keys.LIFETIME_S}


def test_result_of_a_contract_replaces_the_one_before(house: House) -> None:
    house.reader.put_contract(ROUTE, "r1", RESULT)
    house.reader.put_contract(ROUTE, "r1", ContractResult(14, 0, "a\udce9", "now", methods=("POST", "PUT")))

    assert house.reader.contract(ROUTE, "r1") == ContractResult(14, 0, "a?", "now", "", ("POST", "PUT"))
    assert house.reader.contract(ROUTE, "r2") is None


def test_more_than_one_page_is_read(house: House) -> None:
    """DynamoDB hands out a megabyte at once."""
    for hour in range(4):
        key = keys.key_of(ROUTE, f"count#r1#7#2026-12-02T0{hour}")
        item = {**key, "equal": {"N": "1"}, "padding": {"S": "x" * 380_000}, "expires_at": {"N": "9999999999"}}
        house.table.client.put_item(TableName=house.name, Item=item)

    found = house.reader.read(ROUTE).compared("r1")

    assert found is not None
    assert (found.counts.equal, found.first, found.last) == (4, "2026-12-02T00", "2026-12-02T03")


@pytest.mark.parametrize(
    "item",
    [
        {"sk": {"S": "count#r1#7#2026-12-02T12"}, "equal": {"N": "1.5"}},
        {"sk": {"S": "count#r1"}},
        {"sk": {"S": "contract#r1"}, "passed": {"N": "1"}},
        {"sk": {"S": "path#r1#7#abc"}, "raw": {"N": "1"}},
    ],
)
def test_item_that_is_no_evidence_is_told(house: House, item: dict[str, dict[str, str]]) -> None:
    """A gate must not pass on what nobody understands."""
    house.environment().finish(outcome("equal"), 1.0)
    key = {"pk": {"S": f"evidence#{ROUTE}"}}
    whole = {**key, **item, "expires_at": {"N": "9999999999"}}
    house.table.client.put_item(TableName=house.name, Item=whole)

    with pytest.raises(EvidenceFailed) as failed:
        house.reader.read(ROUTE)

    says = str(failed.value)
    assert says.startswith(f"dynamodb table {house.name}: got an item of evidence#orders.read that is no evidence: ")
    assert says.endswith("; delete it")


def test_item_of_a_kind_that_a_later_fig_writes_is_left_out(house: House) -> None:
    item = {"sk": {"S": "plan#r1"}, "expires_at": {"N": "9999999999"}}

    assert evidence_of(ROUTE, [item], NOON) == RouteEvidence(ROUTE)


def test_table_that_is_not_there_is_told_with_the_cure(house: House) -> None:
    nowhere = TableClient.__new__(TableClient)
    nowhere.name, nowhere.client = "nowhere", house.table.client

    with pytest.raises(StoreFailed) as failed:
        EvidenceReader(nowhere).read(ROUTE)

    assert str(failed.value).startswith("dynamodb table nowhere: ")
    assert str(failed.value).endswith("; create it, or name another one or another region")
    assert repr(EvidenceReader(nowhere)) == "<EvidenceReader nowhere>"


_outcomes = st.lists(
    st.builds(
        outcome,
        st.sampled_from(["equal", "different", "candidate_failed", "comparator_failed", "skipped"]),
        st.builds(difference, st.sampled_from(["$.a", "$.b", "status"]), st.sampled_from(["value", "type"])),
        why=st.sampled_from(["", "migrated_timeout", "breaker_open"]),
        noise=st.none() | st.lists(st.sampled_from(["$.a", "$.c"]), unique=True).map(tuple),
    ),
    max_size=12,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(done=_outcomes)
def test_what_is_read_adds_up_to_what_was_written(house: House, done: list[Outcome]) -> None:
    for item in list(house.items()):
        house.table.client.delete_item(TableName=house.name, Key=keys.key_of(ROUTE, item))
    table = house.environment()
    done = [one if one.what == "different" else one._replace(differences=()) for one in done]
    for one in done:
        table.finish(one._replace(began_at=None), 1.0)

    found = house.reader.read(ROUTE).compared("r1") or OfCode("7", "", "")

    counts = found.counts
    assert {what: getattr(counts, what) for what in keys.OUTCOMES} == {
        what: sum(one.what == what for one in done) for what in keys.OUTCOMES
    }
    assert counts.noise_total == sum(one.noise is not None for one in done)
    for path in found.paths:
        assert path.raw == sum(path.path in [each["path"] for each in one.differences] for one in done)
        assert path.noise == sum(path.path in (one.noise or ()) for one in done)
        assert path.raw_noisy <= path.raw
