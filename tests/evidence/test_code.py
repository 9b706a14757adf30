"""Which version of the function runs: said by its environments, and made out by whoever reads the evidence."""

import pytest

from proxy.aws.call import AwsError
from proxy.errors import EvidenceFailed
from proxy.evidence.code import AGAIN_S, CodeMarker, Seen, in_force
from proxy.evidence.found import ContractResult
from proxy.evidence.outcome import Outcome
from tests.evidence.conftest import NOON, Clock, House, Service

ROUTE = "orders.read"


@pytest.fixture
def marker(service: Service, clock: Clock) -> CodeMarker:
    """An environment of version 7, which has said nothing yet."""
    return CodeMarker(service, "fig-evidence", "7", now=clock.now, wall=clock.wall)


def test_first_work_says_which_version_runs(marker: CodeMarker, service: Service) -> None:
    marker.mark(0.7)

    assert service.asked == [
        {
            "TableName": "fig-evidence",
            "Key": {"pk": {"S": "code"}, "sk": {"S": "7"}},
            "UpdateExpression": "SET #0 = if_not_exists(#0, :0), #1 = :0, #2 = :2",
            "ExpressionAttributeNames": {"#0": "first", "#1": "last", "#2": "expires_at"},
            "ExpressionAttributeValues": {":0": {"N": str(int(NOON))}, ":2": {"N": str(int(NOON) + 30 * 24 * 3600)}},
        }
    ]
    assert service.limits_s == [0.7]


def test_it_is_said_again_after_five_minutes_and_not_before(marker: CodeMarker, service: Service, clock: Clock) -> None:
    for _ in range(4):
        marker.mark()
        clock.now_s += AGAIN_S / 3

    assert len(service.asked) == 2


def test_mark_that_the_table_did_not_take_is_counted_and_tried_soon(
    marker: CodeMarker, service: Service, clock: Clock
) -> None:
    """Code that nobody knows of would go by the evidence of the code before it."""
    service.fails = AwsError("dynamodb: got 400 AccessDeniedException: not you", code="AccessDeniedException")
    marker.mark()
    marker.mark()
    failed = (marker.failures, marker.problem)
    service.fails = None
    clock.now_s += 10
    marker.mark()

    assert failed == (1, "dynamodb table fig-evidence: dynamodb: got 400 AccessDeniedException: not you")
    assert (len(service.asked), marker.failures, marker.problem) == (2, 1, "")
    assert repr(marker) == "<CodeMarker 7 in fig-evidence>"


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        ([], ""),
        ([Seen("7", 0, 1000)], "7"),
        # What was deployed last runs, although the one before still answers.
        ([Seen("7", 0, 1950), Seen("8", 1900, 1900)], "8"),
        # A roll-back: as long as the newer one is seen it counts, and then no more.
        ([Seen("7", 0, 2000), Seen("8", 900, 1101)], "8"),
        ([Seen("7", 0, 2000), Seen("8", 900, 1099)], "7"),
        # Nobody has asked anything lately.
        ([Seen("7", 0, 900), Seen("8", 500, 1000)], "8"),
        ([Seen("7", 0, 1050), Seen("8", 500, 1000)], "7"),
        ([Seen("9", 500, 1900), Seen("10", 500, 1900)], "10"),
        ([Seen("$LATEST", 500, 1900), Seen("1", 500, 1900)], "1"),
    ],
)
def test_code_that_runs_is_the_one_of_those_seen_lately_that_was_deployed_last(seen: list[Seen], code: str) -> None:
    assert in_force(seen, 2000) == code
    assert in_force(reversed(seen), 2000) == code


def compared(house: House, code: str, times: int = 1) -> None:
    for _ in range(times):
        house.environment(code).finish(Outcome(ROUTE, "r1", "equal"), 1.0)


def test_newly_deployed_code_has_no_evidence_before_its_first_comparison(house: House) -> None:
    compared(house, "7", 3)
    house.marker("7").mark()
    house.clock.wall_s += 60
    house.marker("8").mark()

    found = house.reader.read(ROUTE)

    assert (found.code, found.compared("r1")) == ("8", None)
    before = found.before("r1")
    assert before is not None
    assert (before.code, before.counts.equal) == ("7", 3)


def test_code_before_counts_again_once_a_roll_back_is_over(house: House) -> None:
    old, new = house.marker("7"), house.marker("8")
    compared(house, "7", 3)
    old.mark()
    house.clock.wall_s += 60
    new.mark()
    compared(house, "8")
    during = house.reader.read(ROUTE).compared("r1")
    for _ in range(4):
        house.clock.wall_s += 300
        house.clock.now_s += 300
        old.mark()

    after = house.reader.read(ROUTE).compared("r1")

    assert (during and during.code, after and after.code, after and after.counts.equal) == ("8", "7", 3)


def test_canary_and_contract_are_of_the_code_that_runs(house: House) -> None:
    house.environment("7").count(ROUTE, "r1", {"migrated_writes": 100}, 1.0)
    house.reader.put_contract(ROUTE, "r1", ContractResult(3, 0, "ada", "2026-12-02T12:00:00Z", "7"))
    house.reader.put_contract(ROUTE, "r1", ContractResult(1, 2, "ada", "2026-12-01T12:00:00Z", "8"))
    house.marker("8").mark()

    found = house.reader.read(ROUTE)

    assert found.canary("r1") is None
    assert found.contract("r1") == ContractResult(1, 2, "ada", "2026-12-01T12:00:00Z", "8")


def test_where_no_environment_says_what_runs_the_newest_of_all_counts(house: House) -> None:
    compared(house, "7")
    house.reader.put_contract(ROUTE, "r1", ContractResult(3, 0, "ada", "2026-12-02T12:00:00Z", "7"))
    house.reader.put_contract(ROUTE, "r1", ContractResult(1, 2, "ada", "2026-12-01T12:00:00Z", "8"))

    found = house.reader.read(ROUTE)

    of, contract = found.compared("r1"), found.contract("r1")
    assert (found.code, of and of.code, contract and contract.code) == ("", "7", "7")


def test_mark_that_is_none_is_told_with_its_cure(house: House) -> None:
    item = {"pk": {"S": "code"}, "sk": {"S": "7"}, "expires_at": {"N": "9999999999"}}
    house.table.client.put_item(TableName=house.name, Item=item)

    with pytest.raises(EvidenceFailed, match=rf"{house.name}: got an item of code that is no evidence: .*; delete it"):
        house.reader.read(ROUTE)
