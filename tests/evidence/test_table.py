"""What the function writes, before a DynamoDB that answers what a test wants."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from proxy.aws.call import AwsError
from proxy.errors import EvidenceFailed
from proxy.evidence import keys
from proxy.evidence.outcome import Found, Outcome
from proxy.evidence.table import EvidenceTable
from tests.evidence.conftest import NOON, Clock, Service

COUNTS = "count#r1#7#2026-12-02T12"
EXPIRES = {"N": str(int(NOON) + 30 * 24 * 3600)}


@pytest.fixture
def table(service: Service, clock: Clock) -> EvidenceTable:
    """The evidence as version 7 of the function writes it."""
    return EvidenceTable(service, "fig-evidence", "7", now=clock.now, wall=clock.wall)


def difference(path: str = "$.total", kind: str = "value", control: object = 1, candidate: object = 2) -> Found:
    return {"kind": kind, "path": path, "control": control, "candidate": candidate}


def different(*found: Found, noise: tuple[str, ...] | None = None) -> Outcome:
    return Outcome("orders.read", "r1", "different", "", found or (difference(),), {"method": "GET"}, noise=noise)


def added(payload: dict[str, object]) -> dict[str, int]:
    """What an update adds, by the attributes' names."""
    names, values = payload["ExpressionAttributeNames"], payload["ExpressionAttributeValues"]
    assert isinstance(names, dict)
    assert isinstance(values, dict)
    _, _, adding = str(payload["UpdateExpression"]).partition(" ADD ")
    pairs = [pair.split() for pair in adding.split(", ")] if adding else []
    return {names[name]: int(values[value]["N"]) for name, value in pairs}


def test_start_is_one_update_that_is_written_at_once(table: EvidenceTable, service: Service) -> None:
    table.start("orders.read", "r1", 1.5)

    assert service.asked == [
        {
            "TableName": "fig-evidence",
            "Key": {"pk": {"S": "evidence#orders.read"}, "sk": {"S": COUNTS}},
            "UpdateExpression": "SET #2 = :2 ADD #0 :0, #1 :1",
            "ExpressionAttributeNames": {"#0": "started", "#1": "open_00", "#2": "expires_at"},
            "ExpressionAttributeValues": {":0": {"N": "1"}, ":1": {"N": "1"}, ":2": EXPIRES},
        }
    ]
    assert service.limits_s == [1.5]


@pytest.mark.parametrize(
    ("outcome", "counts"),
    [
        (Outcome("orders.read", "r1", "equal", began_at=NOON), {"equal": 1, "finished": 1, "open_00": -1}),
        (Outcome("orders.read", "r1", "equal", noise=()), {"equal": 1, "noise_total": 1}),
        (
            Outcome("orders.read", "r1", "candidate_failed", "migrated_timeout", began_at=NOON + 299),
            {"candidate_failed": 1, "finished": 1, "open_00": -1, "why_candidate_failed_migrated_timeout": 1},
        ),
        (
            Outcome("orders.read", "r1", "comparator_failed", "RecursionError"),
            {"comparator_failed": 1, "why_comparator_failed_RecursionError": 1},
        ),
        (
            Outcome("orders.read", "r1", "skipped", "breaker_open"),
            {"skipped": 1, "why_skipped_breaker_open": 1},
        ),
        (
            Outcome("orders.read", "r1", "skipped", "no_time", is_write=True, untaken="no_time"),
            {"skipped": 1, "why_skipped_no_time": 1, "writes_skipped": 1, "writes_why_skipped_no_time": 1,
             "untaken_no_time": 1},
        ),
    ],
)  # fmt: skip
def test_outcome_without_a_difference_is_one_update(
    table: EvidenceTable, service: Service, outcome: Outcome, counts: dict[str, int]
) -> None:
    table.finish(outcome, 1.0)

    assert (service.keys, added(service.asked[0])) == ([COUNTS], counts)


def test_differences_are_counted_by_path_after_the_outcome_with_an_example_of_each(
    table: EvidenceTable, service: Service
) -> None:
    table.finish(different(difference(), difference("$.id", "type")), 1.0)

    total, of_id = keys.place_of("value", "$.total"), keys.place_of("type", "$.id")
    assert service.keys == [
        COUNTS,
        f"path#r1#7#{total}",
        f"path#r1#7#{of_id}",
        f"sample#r1#7#{total}#0",
        f"sample#r1#7#{of_id}#0",
    ]
    assert service.asked[1]["UpdateExpression"] == "SET #1 = :1, #2 = :2, #3 = :3 ADD #0 :0"
    # By placeholders alone: path and some six hundred other words are DynamoDB's own.
    assert service.asked[1]["ExpressionAttributeNames"] == {"#0": "raw", "#1": "kind", "#2": "path", "#3": "expires_at"}
    assert service.asked[1]["ExpressionAttributeValues"][":2"] == {"S": "$.total"}
    example = json.loads(service.asked[3]["ExpressionAttributeValues"][":0"]["S"])
    assert example == {**difference(), "request": {"method": "GET"}, "when": "2026-12-02T12:00:00Z"}


def test_path_that_differs_at_many_elements_is_one_difference_of_the_comparison(
    table: EvidenceTable, service: Service
) -> None:
    table.finish(different(*[difference("$.lines[*].price")] * 3), 1.0)

    assert added(service.asked[1]) == {"raw": 1}
    assert len(service.keys) == 3


def test_noise_is_counted_beside_the_differences_of_the_same_requests(table: EvidenceTable, service: Service) -> None:
    table.finish(different(difference("$.total"), noise=("$.updated_at",)), 1.0)

    assert added(service.asked[0]) == {"different": 1, "noise_total": 1}
    assert added(service.asked[1]) == {"raw": 1, "raw_noisy": 1}
    assert (service.keys[2], added(service.asked[2])) == (
        f"path#r1#7#{keys.place_of('', '$.updated_at')}",
        {"noise": 1},
    )


def test_paths_beyond_fifty_are_counted_together_by_each_revision(table: EvidenceTable, service: Service) -> None:
    """A body whose members are named by its data must not fill the table."""
    for number in range(60):
        table.finish(different(difference(f"$.of_{number}")), 1.0)
    table.finish(different(difference("$.of_0")), 1.0)
    table.finish(different(difference("$.of_59"))._replace(revision="r2"), 1.0)

    paths = [key for key in service.keys if key.startswith("path#")]
    rest = f"path#r1#7#{keys.place_of('', '*')}"
    assert len(set(paths[:61])) == 51
    assert paths.count(rest) == 10
    assert paths[60] == paths[0]
    assert paths[61] == f"path#r2#7#{keys.place_of('value', '$.of_59')}"


def test_examples_of_a_comparison_are_ten_and_of_a_path_the_last_five(table: EvidenceTable, service: Service) -> None:
    table.finish(different(*[difference(f"$.of_{number}") for number in range(20)]), 1.0)
    of_many = [key for key in service.keys if key.startswith("sample#")]
    for _ in range(6):
        table.finish(different(difference("$.total")), 1.0)
    of_one = [key[-1] for key in service.keys if key.startswith(f"sample#r1#7#{keys.place_of('value', '$.total')}")]

    assert len(of_many) == 10
    assert of_one == ["0", "1", "2", "3", "4", "0"]


@pytest.mark.parametrize(
    ("found", "request_target", "kept"),
    [
        (difference(), "/orders/" + "7" * 4000, {"kind", "path", "control", "candidate", "when"}),
        (difference(candidate="x" * 5000), "/orders/7", {"kind", "path", "when", "is_cut"}),
        (difference("$.ä" * 5000, "value" * 900), "/orders/7", {"kind", "path", "when", "is_cut"}),
        (difference("$." + "\U0001f600" * 5000), "/orders/7", {"kind", "path", "when", "is_cut"}),
    ],
)
def test_example_is_cut_to_four_kilobytes_and_stays_json(
    table: EvidenceTable, service: Service, found: Found, request_target: str, kept: set[str]
) -> None:
    table.finish(different(found)._replace(request={"method": "GET", "target": request_target}), 1.0)

    text = service.asked[-1]["ExpressionAttributeValues"][":0"]["S"]
    assert len(text.encode()) <= 4096
    assert set(json.loads(text)) == kept
    assert all(len(value.get("S", "")) <= 1024 for value in service.asked[1]["ExpressionAttributeValues"].values())


def test_half_a_character_in_a_path_is_replaced(table: EvidenceTable, service: Service) -> None:
    table.finish(different(difference("$.\ud800")), 1.0)

    assert service.asked[1]["ExpressionAttributeValues"][":2"] == {"S": "$.?"}


def test_keys_are_far_below_the_limits_of_dynamodb(table: EvidenceTable, service: Service) -> None:
    # Source: docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html: 2048 and 1024 bytes
    longest = EvidenceTable(service, "fig-evidence", "9" * 40)
    longest.finish(Outcome("r" * 64, "f" * 12, "different", "w" * 500, (difference("$." + "p" * 9000),)), 1.0)

    key = [payload["Key"] for payload in service.asked]
    assert max(len(one["pk"]["S"]) for one in key) <= 2048
    assert max(len(one["sk"]["S"]) for one in key) <= 1024


def test_counts_of_a_second_are_written_together(table: EvidenceTable, service: Service, clock: Clock) -> None:
    """At most a second's counts are lost when an environment ends."""
    table.count("orders.read", "r1", {"migrated_reads": 1}, 1.0)
    first = [added(payload) for payload in service.asked]
    for _ in range(5):
        clock.now_s += 0.125
        table.count("orders.read", "r1", {"migrated_reads": 1}, 1.0)
        table.count("orders.create", "r2", {"legacy_writes": 2}, 1.0)
    before = len(service.asked)
    clock.now_s += 0.5
    table.count("orders.read", "r1", {"legacy_reads": 1}, 1.0)

    later = {payload["Key"]["pk"]["S"]: added(payload) for payload in service.asked[1:]}
    assert (first, before) == ([{"migrated_reads": 1}], 1)
    assert later == {
        "evidence#orders.read": {"migrated_reads": 5, "legacy_reads": 1},
        "evidence#orders.create": {"legacy_writes": 10},
    }


def test_errors_wait_as_long_as_what_went_well(table: EvidenceTable, service: Service, clock: Clock) -> None:
    """Written at once, the errors of an environment that ends would be a greater share than they were."""
    table.count("orders.create", "r1", {"migrated_writes": 1}, 1.0)
    table.count("orders.create", "r1", {"migrated_writes": 1, "migrated_write_errors": 1}, 1.0)
    before = len(service.asked)
    clock.now_s += 1.125
    table.count("orders.create", "r1", {"migrated_writes": 1}, 1.0)

    assert before == 1
    assert added(service.asked[1]) == {"migrated_writes": 2, "migrated_write_errors": 1}


def test_comparison_of_a_write_is_counted_twice_in_one_update(table: EvidenceTable, service: Service) -> None:
    """Once among all, and once among the writes."""
    began_at = table.start("orders.create", "r1", 1.0, is_write=True)
    table.finish(Outcome("orders.create", "r1", "equal", began_at=began_at, is_write=True), 1.0)

    assert [added(payload) for payload in service.asked] == [
        {"started": 1, "open_00": 1, "writes_started": 1, "writes_open_00": 1},
        {"equal": 1, "finished": 1, "open_00": -1, "writes_equal": 1, "writes_finished": 1, "writes_open_00": -1},
    ]


def test_end_is_counted_where_its_beginning_was(table: EvidenceTable, service: Service, clock: Clock) -> None:
    clock.wall_s = NOON - 1
    began_at = table.start("orders.read", "r1", 1.0)
    clock.wall_s = NOON + 1
    table.finish(Outcome("orders.read", "r1", "equal", began_at=began_at), 1.0)

    assert service.keys == ["count#r1#7#2026-12-02T11"] * 2
    assert added(service.asked[1]) == {"equal": 1, "finished": 1, "open_55": -1}


def test_counts_belong_to_the_hour_in_which_they_were_counted(
    table: EvidenceTable, service: Service, clock: Clock
) -> None:
    table.count("orders.read", "r1", {"migrated_reads": 1}, 1.0)
    table.count("orders.read", "r1", {"migrated_reads": 1}, 1.0)
    clock.wall_s += 3600
    clock.now_s += 3600
    table.count("orders.read", "r1", {"migrated_reads": 1}, 1.0)

    assert sorted(service.keys[1:]) == [COUNTS, "count#r1#7#2026-12-02T13"]


def test_count_that_the_table_did_not_take_is_not_sent_again(
    table: EvidenceTable, service: Service, clock: Clock
) -> None:
    """Nobody knows whether it was added, and twice would be more than there was."""
    service.fails = AwsError("dynamodb: got no answer", code="Timeout")
    with pytest.raises(EvidenceFailed):
        table.count("orders.read", "r1", {"migrated_reads": 1}, 1.0)
    service.fails = None
    clock.now_s += 2
    table.count("orders.read", "r1", {"migrated_reads": 1}, 1.0)

    assert [added(payload) for payload in service.asked] == [{"migrated_reads": 1}, {"migrated_reads": 1}]


_USES: list[Callable[[EvidenceTable], object]] = [
    lambda table: table.start("orders.read", "r1", 1.0),
    lambda table: table.finish(different(), 1.0),
    lambda table: table.count("orders.read", "r1", {"migrated_reads": 1}, 1.0),
]


@pytest.mark.parametrize("use", _USES, ids=["start", "finish", "count"])
@pytest.mark.parametrize(
    ("code", "text", "cure"),
    [
        ("ThrottlingException", "dynamodb: got 400 ThrottlingException: slow down", ""),
        ("Timeout", "dynamodb: got no answer from https://dynamodb", ""),
        ("NoCredentials", "no credentials", ""),
        ("AccessDeniedException", "dynamodb: got 400 AccessDeniedException", "; allow dynamodb:UpdateItem on it"),
        (
            "ResourceNotFoundException",
            "dynamodb: got 400 ResourceNotFoundException",
            "; create it, or name the one that evidence is kept in",
        ),
    ],
)
def test_failure_of_the_table_is_evidence_failed_and_nothing_else(
    table: EvidenceTable, service: Service, use: Callable[[EvidenceTable], object], code: str, text: str, cure: str
) -> None:
    service.fails = AwsError(text, code=code)

    with pytest.raises(EvidenceFailed) as failed:
        use(table)

    assert str(failed.value) == f"dynamodb table fig-evidence: {text}{cure}"


def test_time_limit_holds_for_all_updates_together(clock: Clock) -> None:
    service = Service(clock, takes_s=0.25)
    table = EvidenceTable(service, "fig-evidence", "7", now=clock.now, wall=clock.wall)

    with pytest.raises(EvidenceFailed) as failed:
        table.finish(different(), 0.5)

    assert service.limits_s == [0.5, 0.25]
    place = keys.place_of("value", "$.total")
    says = f"dynamodb table fig-evidence: the time was used up before sample#r1#7#{place}#0 was written"
    assert str(failed.value) == says


def test_writer_loads_no_sdk_and_no_validation() -> None:
    """The request path loads no SDK."""
    show = "import sys, json, proxy.evidence.table; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", show], capture_output=True, check=True)

    loaded = set(json.loads(done.stdout))

    assert loaded & {"boto3", "botocore", "pydantic", "yaml", "proxy.evidence.reader", "proxy.evidence.found"} == set()


def test_table_is_named_in_logs(table: EvidenceTable) -> None:
    assert repr(table) == "<EvidenceTable fig-evidence>"
