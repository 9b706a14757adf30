"""The reader of the store in DynamoDB, before a service that answers what a test wants."""

import base64
import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from proxy.aws.call import AwsError
from proxy.errors import TableUnreadable
from proxy.routing.compiled import digest_of
from proxy.stores.dynamodb import DynamoDBStore
from proxy.stores.dynamodb_items import pack
from proxy.stores.store import Snapshot
from tests.stores.entries import compiled_table

DATA = compiled_table(3, size=200)
CONTENT = pack(DATA)

Item = dict[str, Any]  # Any: DynamoDB's typed attributes


class Service:
    """Answers GetItem from a dictionary of items by sort key, and notes what it was asked; it can be slow, or fail."""

    def __init__(self, items: Mapping[str, Item | AwsError], takes_s: float = 0.0) -> None:
        self.items = dict(items)
        self.asked: list[tuple[str, float]] = []
        self.payloads: list[Mapping[str, Any]] = []
        self.now_s = 0.0
        self._takes_s = takes_s

    def __call__(self, target: str, payload: Mapping[str, Any], timeout_s: float) -> dict[str, Any]:
        assert target == "DynamoDB_20120810.GetItem"
        key = payload["Key"]["sk"]["S"]
        self.payloads.append(payload)
        self.asked.append((key, timeout_s))
        self.now_s += self._takes_s
        item = self.items.get(key)
        if isinstance(item, AwsError):
            raise item
        return {} if item is None else {"Item": item}

    def store(self) -> DynamoDBStore:
        """Return a store whose clock is the service's."""
        return DynamoDBStore(self, "fig-routes", lambda: self.now_s)


def head(**changes: Any) -> Item:
    """Return the head of version 3, with other attributes; None takes one away."""
    usual = {
        "version": {"N": "3"},
        "digest": {"S": digest_of(DATA)},
        "content": {"S": CONTENT.address},
        "content_parts": {"N": "2"},
    }
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def stored(**changes: Any) -> dict[str, Item | AwsError]:
    """Return the items of version 3, its table in two parts."""
    (packed,) = CONTENT.parts
    middle = len(packed) // 2
    return {
        "head": head(**changes),
        f"content#{CONTENT.address}#000": part(packed[:middle]),
        f"content#{CONTENT.address}#001": part(packed[middle:]),
    }


def part(data: bytes) -> Item:
    """Return a part of content."""
    return {"bytes": {"B": base64.b64encode(data).decode()}}


def test_table_is_read_part_by_part_and_then_only_its_head() -> None:
    service = Service(stored())
    store = service.store()

    first = store.read(None, 1.0)
    second = store.read(first, 1.0)

    assert first.table is not None
    assert (first.table.version, first.table.digest, len(first.table.routes)) == (3, digest_of(DATA), 200)
    assert second is first
    content = f"content#{CONTENT.address}"
    assert [key for key, _ in service.asked] == ["head", f"{content}#000", f"{content}#001", "head"]
    assert service.payloads[0] == {
        "TableName": "fig-routes",
        "Key": {"pk": {"S": "routes"}, "sk": {"S": "head"}},
        # A read that is not consistent may miss what was written a moment ago, and the head is written last.
        "ConsistentRead": True,
    }
    assert all(payload["ConsistentRead"] for payload in service.payloads)
    assert repr(store) == "<DynamoDBStore fig-routes>"


def test_freeze_is_read_without_reading_the_table_again() -> None:
    service = Service(stored())
    store = service.store()
    first = store.read(None, 1.0)
    service.items["head"] = head(frozen={"S": "all"})
    asked = len(service.asked)

    second = store.read(first, 1.0)

    assert (second.table, second.frozen, len(service.asked) - asked) == (first.table, "all", 1)


@pytest.mark.parametrize(
    ("items", "wanted"),
    [
        ({}, Snapshot(None, "", "")),
        ({"head": {"version": {"N": "0"}}}, Snapshot(None, "", "0  ")),
        ({"head": {"version": {"N": "0"}, "frozen": {"S": "moving"}}}, Snapshot(None, "moving", "0  moving")),
    ],
)
def test_nothing_is_published_where_there_is_no_head_or_no_version(items: dict[str, Item], wanted: Snapshot) -> None:
    assert Service(items).store().read(None, 1.0) == wanted


def test_head_that_is_gone_is_no_news_that_nothing_is_published() -> None:
    service = Service(stored(frozen={"S": "all"}))
    store = service.store()
    first = store.read(None, 1.0)
    service.items.clear()

    problem = r"got no head, expected version 3 or a later one: it was deleted$"
    with pytest.raises(TableUnreadable, match=problem) as caught:
        store.read(first, 1.0)

    assert caught.value.frozen is None


@pytest.mark.parametrize(
    "changes",
    [
        {"version": None},
        {"version": {"S": "3"}},
        {"version": {"N": "3.5"}},
        {"version": {"N": "-3"}},
        {"version": {"N": "many"}},
        {"version": "3"},
        {"digest": None},
        {"digest": {"S": "3"}},
        {"digest": {"S": "X" * 64}},
        {"digest": {"N": 3}},
        {"content": None},
        {"content_parts": None},
        {"content_parts": {"N": "some"}},
        {"frozen": {"S": "some day"}},
        {"frozen": {"N": "1"}},
        {"frozen": None, "version": None, "digest": None, "content": None},
    ],
)
def test_head_that_is_none_is_unreadable(changes: dict[str, Any]) -> None:
    """No readable table: the last good one, so that nothing but TableUnreadable may come out of reading one."""
    with pytest.raises(TableUnreadable, match=r"^dynamodb table fig-routes: head: got an item that is no head: "):
        Service(stored(**changes)).store().read(None, 1.0)


@pytest.mark.parametrize(
    ("key", "item", "problem"),
    [
        ("#000", None, r"version 3: got no content#.*#000, expected 2 parts$"),
        ("#001", None, r"version 3: got no content#.*#001, expected 2 parts$"),
        ("#001", {}, r"version 3: got a part of the table that is none: KeyError\('bytes'\)$"),
        ("#001", {"bytes": {"S": "text"}}, r"version 3: got a part of the table that is none: KeyError\('B'\)$"),
        ("#001", {"bytes": {"B": "?!"}}, r"version 3: "),
        ("#001", {"bytes": {"B": None}}, r"version 3: got a part of the table that is none: TypeError"),
        ("#000", part(b""), r"version 3: content .*: got 2 parts that cannot be unpacked: "),
        ("#000", part(b"\xff" * 100), r"version 3: content .*: got 2 parts that cannot be unpacked: "),
    ],
)
def test_table_that_is_not_whole_is_unreadable_and_the_freeze_is_told(
    key: str, item: Item | None, problem: str
) -> None:
    items = {**stored(frozen={"S": "moving"}), f"content#{CONTENT.address}{key}": item}

    with pytest.raises(TableUnreadable, match=f"^dynamodb table fig-routes: {problem}") as caught:
        Service({name: item for name, item in items.items() if item is not None}).store().read(None, 1.0)

    assert caught.value.frozen == "moving"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"no table", r"version 3: table: got 8 bytes that do not begin with a digest, expected a compiled table$"),
        (compiled_table(2), r"got <Table version 2, 1 routes, .*>, expected version 3, .*, as the head says$"),
        (compiled_table(3), r"got <Table version 3, 1 routes, .*>, expected version 3, .*, as the head says$"),
    ],
    ids=["no table", "another version", "another table"],
)
def test_table_that_is_not_the_one_the_head_names_is_refused(data: bytes, problem: str) -> None:
    content = pack(data)
    items = {
        "head": head(content={"S": content.address}, content_parts={"N": "1"}, frozen={"S": "all"}),
        f"content#{content.address}#000": part(content.parts[0]),
    }

    with pytest.raises(TableUnreadable, match=f"^dynamodb table fig-routes: {problem}") as caught:
        Service(items).store().read(None, 1.0)

    assert caught.value.frozen == "all"


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("ResourceNotFoundException", "create it, or name the one that tables are published to"),
        ("AccessDeniedException", "allow dynamodb:GetItem on it"),
    ],
)
def test_error_of_the_service_is_told_with_its_cure(code: str, problem: str) -> None:
    error = AwsError(f"dynamodb: got 400 {code}: for a reason", code=code, status=400)

    with pytest.raises(TableUnreadable) as caught:
        Service({"head": error}).store().read(None, 1.0)

    assert str(caught.value) == f"dynamodb table fig-routes: dynamodb: got 400 {code}: for a reason; {problem}"
    assert caught.value.frozen is None


def test_error_of_the_service_at_a_part_tells_the_freeze() -> None:
    items = stored(frozen={"S": "all"})
    items[f"content#{CONTENT.address}#001"] = AwsError("dynamodb: got no answer", code="Timeout")

    with pytest.raises(TableUnreadable, match=r": version 3: dynamodb: got no answer$") as caught:
        Service(items).store().read(None, 1.0)

    assert caught.value.frozen == "all"


def test_time_limit_holds_for_all_calls_together() -> None:
    service = Service(stored(frozen={"S": "all"}), takes_s=0.125)

    problem = r": version 3: the time was used up before content#.*#001 could be read$"
    with pytest.raises(TableUnreadable, match=problem) as caught:
        service.store().read(None, 0.25)

    assert [left_s for _, left_s in service.asked] == [0.25, 0.125]
    assert caught.value.frozen == "all"


def test_reader_loads_no_sdk_and_nothing_that_writes() -> None:
    """The request path loads no SDK."""
    show = "import sys, json, proxy.stores.dynamodb, proxy.stores.file, proxy.stores.baked, proxy.stores.cached; "
    done = subprocess.run(
        [sys.executable, "-c", show + "print(json.dumps(sorted(sys.modules)))"], capture_output=True, check=True
    )

    loaded = set(json.loads(done.stdout))

    heavy = {"boto3", "botocore", "pydantic", "yaml", "pathlib", "tempfile", "fcntl", "uuid", "random"}
    assert loaded & heavy == set()
    assert {name for name in loaded if name.startswith("proxy.stores.")} == {
        "proxy.stores.baked",
        "proxy.stores.cached",
        "proxy.stores.dynamodb",
        "proxy.stores.file",
        "proxy.stores.store",
    }
