"""Who still asks legacy for what: written seldom, bounded, and read as it was written."""

import subprocess
import sys

import pytest

from proxy.aws.call import AwsError
from proxy.errors import EvidenceFailed
from proxy.evidence.usage import FLUSH_S, MOST_PAIRS, UsageCounts
from proxy.evidence.usage_reader import read_usage
from proxy.stores.history import StoreFailed
from tests.evidence.conftest import NOON, Clock, House, Service

DAY = "2026-12-02"
EXPIRES = {"N": str(int(NOON) + 35 * 24 * 3600)}


@pytest.fixture
def usage(service: Service, clock: Clock) -> UsageCounts:
    """The counts of one environment."""
    return UsageCounts(service, "fig-evidence", now=clock.now, wall=clock.wall)


def added(service: Service) -> list[tuple[str, str, int]]:
    """What was written: day, sort key and number."""
    return [
        (
            payload["Key"]["pk"]["S"].removeprefix("usage#"),
            payload["Key"]["sk"]["S"],
            int(payload["ExpressionAttributeValues"][":0"]["N"]),
        )
        for payload in service.asked
    ]


def test_first_request_is_written_at_once(usage: UsageCounts, service: Service) -> None:
    """An environment of a quiet endpoint may not see a second one."""
    usage.count("orders.read", "agent:okhttp", 0.7)

    assert service.asked == [
        {
            "TableName": "fig-evidence",
            "Key": {"pk": {"S": f"usage#{DAY}"}, "sk": {"S": "orders.read#agent:okhttp"}},
            "UpdateExpression": "SET #1 = :1 ADD #0 :0",
            "ExpressionAttributeNames": {"#0": "requests", "#1": "expires_at"},
            "ExpressionAttributeValues": {":0": {"N": "1"}, ":1": EXPIRES},
        }
    ]
    assert service.limits_s == pytest.approx([0.7])


def test_requests_of_ten_seconds_are_written_together(usage: UsageCounts, service: Service, clock: Clock) -> None:
    usage.count("orders.read", "agent:okhttp")
    for _ in range(3):
        usage.count("orders.read", "agent:okhttp")
    usage.count("/invoices/{id}", "")
    written = len(service.asked)

    clock.now_s += FLUSH_S
    usage.count("orders.read", "agent:okhttp")

    assert written == 1
    assert added(service)[1:] == [(DAY, "orders.read#agent:okhttp", 4), (DAY, "/invoices/{id}#", 1)]


def test_request_before_midnight_is_one_of_its_day(usage: UsageCounts, service: Service, clock: Clock) -> None:
    usage.count("orders.read", "")
    clock.wall_s += 12 * 3600 - 1
    usage.count("orders.read", "")

    clock.wall_s += 5
    clock.now_s += FLUSH_S
    usage.count("orders.read", "")

    assert added(service)[1:] == [(DAY, "orders.read#", 1), ("2026-12-03", "orders.read#", 1)]


def test_callers_that_there_are_too_many_of_are_counted_together(
    usage: UsageCounts, service: Service, clock: Clock
) -> None:
    usage.count("orders.read", "")
    for number in range(10_000):
        usage.count("orders.read", f"agent:a{number}")

    clock.now_s += FLUSH_S
    usage.count("orders.read", "agent:a0")

    written = added(service)[1:]
    assert len(written) == MOST_PAIRS + 1
    assert written[0] == (DAY, "orders.read#agent:a0", 2)
    assert written[-1] == (DAY, "orders.read#*", 10_000 - MOST_PAIRS)


def test_what_there_was_no_time_for_is_written_the_next_time(clock: Clock) -> None:
    service = Service(clock, takes_s=0.4)
    usage = UsageCounts(service, "fig-evidence", now=clock.now, wall=clock.wall)
    usage.count("first", "")
    for number in range(5):
        usage.count(f"r{number}", "")

    clock.now_s += FLUSH_S
    usage.count("r0", "", timeout_s=1.0)
    in_time = [key for _, key, _ in added(service)[1:]]
    clock.now_s += FLUSH_S
    usage.count("r0", "", timeout_s=1.0)

    assert in_time == ["r0#", "r1#", "r2#"]
    assert [number for _, _, number in added(service)[1:]] == [2, 1, 1, 1, 1, 1]


def test_table_that_fails_is_counted_and_asked_once_in_ten_seconds(
    usage: UsageCounts, service: Service, clock: Clock
) -> None:
    """No client's request fails or waits for want of a place to count it."""
    service.fails = AwsError("dynamodb: got 400 AccessDeniedException: not you", code="AccessDeniedException")
    for number in range(20):
        usage.count(f"r{number}", "")
    failed = (usage.failures, usage.problem, len(service.asked))

    service.fails = None
    clock.now_s += FLUSH_S
    usage.count("r1", "")

    assert failed == (1, "dynamodb table fig-evidence: dynamodb: got 400 AccessDeniedException: not you", 1)
    assert (usage.failures, usage.problem) == (1, "")
    # The one that was refused may have been added: it is not sent again.
    assert [(key, number) for _, key, number in added(service)[1:]] == [
        ("r1#", 2),
        *((f"r{number}#", 1) for number in range(2, 20)),
    ]


def test_what_environments_write_is_what_is_read(house: House) -> None:
    for _ in range(2):
        usage = house.usage()
        usage.count("orders.read", "header:x#y:1f3a")
        house.clock.now_s += FLUSH_S
        usage.count("/invoices/{id}", "")
    house.clock.wall_s += 24 * 3600
    house.usage().count("orders.read", "header:x#y:1f3a")

    wall_s = house.clock.wall_s
    assert read_usage(house.table, [DAY], wall_s) == {
        ("orders.read", "header:x#y:1f3a"): 2,
        ("/invoices/{id}", ""): 2,
    }
    assert read_usage(house.table, [DAY, "2026-12-03"], wall_s)["orders.read", "header:x#y:1f3a"] == 3
    assert read_usage(house.table, [DAY], wall_s + 36 * 24 * 3600) == {}
    assert read_usage(house.table, ["2026-12-01"], wall_s) == {}


def test_item_that_is_no_usage_is_told_with_its_cure(house: House) -> None:
    house.table.client.put_item(TableName=house.name, Item={"pk": {"S": f"usage#{DAY}"}, "sk": {"S": "a#b"}})

    with pytest.raises(EvidenceFailed, match=rf"{house.name}: got an item of usage#{DAY} that is no usage.*delete it"):
        read_usage(house.table, [DAY], NOON)


def test_table_that_is_not_there_is_told(house: House) -> None:
    house.table.name = "absent"

    with pytest.raises(StoreFailed, match="absent"):
        read_usage(house.table, [DAY], NOON)


def test_counting_loads_no_sdk() -> None:
    script = "import sys, proxy.evidence.usage; print([n for n in ('boto3', 'httpx', 'pydantic') if n in sys.modules])"

    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)

    assert told.stdout == "[]\n"
