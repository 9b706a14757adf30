"""The calls that the code makes are those that it is granted: collected while it runs, by a hook of botocore's."""

import inspect
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto import mock_aws

from migrated import dynamodb
from migrated.customers import api as customers_api
from migrated.orders import api as orders_api
from proxy.aws.call import Answer
from proxy.aws.sigv4 import Unsigned
from proxy.backends.function import Function
from proxy.dev import seed_tables
from proxy.errors import TableUnreadable
from proxy.events import http_api as codec
from proxy.evidence import definition
from proxy.evidence.code import CodeMarker
from proxy.evidence.found import ContractResult
from proxy.evidence.outcome import Evidence, Outcome
from proxy.evidence.reader import EvidenceReader
from proxy.evidence.table import EvidenceTable
from proxy.message import Headers
from proxy.routing.compile import compile_table
from proxy.routing.compiled import digest_of
from proxy.routing.reader import read
from proxy.stores.dynamodb import DynamoDBStore
from proxy.stores.dynamodb_client import TableClient
from proxy.stores.dynamodb_history import DynamoDBHistory, create_table
from proxy.stores.history import Entry, History
from tests.infra import grants
from tests.infra.conftest import StackOf
from tests.infra.grants import Grant
from tests.samples import http_api

_DOCUMENT = "version: 1\nroutes: []\n"
_REGION = "eu-west-1"
_JSON = {"content-type": "application/json"}

# What IAM asks for in place of an operation.
_OF_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


class _Calls:
    """Notes each call to DynamoDB as what IAM would ask for."""

    def __init__(self) -> None:
        self.granted: set[Grant] = set()

    def note(self, params: dict[str, Any], model: Any, **_: object) -> None:  # Any: botocore's own
        """Take one call. A hook for provide-client-params."""
        operation = model.name
        if operation == "TransactWriteItems":
            for write in params["TransactItems"]:
                ((kind, item),) = write.items()
                self._add(_OF_TRANSACTION[kind], item["TableName"])
        elif operation == "BatchGetItem":
            for table in params["RequestItems"]:
                self._add(operation, table)
        else:
            index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
            self._add(operation, params["TableName"], index)

    def _add(self, operation: str, table: str, index: str = "") -> None:
        self.granted.add(Grant(f"dynamodb:{operation}", f"<{table}.Arn>{index}"))


@pytest.fixture
def calls() -> _Calls:
    """What was called so far."""
    return _Calls()


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch, calls: _Calls) -> Iterator[None]:
    """The migrated tables with something in them, and their own client's calls noted from then on."""
    variables = {
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": _REGION,
        "CUSTOMERS_TABLE": "CustomersTable",
        "ORDERS_TABLE": "OrdersTable",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    dynamodb.client.cache_clear()
    with mock_aws():
        client = dynamodb.client()
        seed_tables.create_tables(client)
        seed_tables.seed(client)
        client.meta.events.register("provide-client-params.dynamodb", calls.note)
        yield
        client.close()
    dynamodb.client.cache_clear()


@pytest.mark.parametrize(
    ("policy", "handler", "requests"),
    [
        (
            "CustomersAccess",
            customers_api.handler,
            [
                ("GET", "/customers/C-1001", "", None),
                ("GET", "/customers", "", None),
                ("GET", "/customers", "country=GB", None),
            ],
        ),
        (
            "OrdersAccess",
            orders_api.handler,
            [
                ("GET", "/orders/O-5001", "", None),
                ("GET", "/orders", "customer=C-1001", None),
                ("POST", "/orders", "", b'{"customer":"C-1001","lines":[{"sku":"P-101","quantity":1}]}'),
            ],
        ),
    ],
)
@pytest.mark.usefixtures("tables")
def test_handlers_call_exactly_what_they_are_granted(
    stack_of: StackOf,
    calls: _Calls,
    policy: str,
    handler: Callable[[dict[str, Any], Any], dict[str, Any]],  # Any: events and results are JSON
    requests: list[tuple[str, str, str, bytes | None]],
) -> None:
    answers = [handler(http_api(method, path, query, _JSON, body), None) for method, path, query, body in requests]

    assert {answer["statusCode"] for answer in answers} <= {200, 201}, answers
    assert calls.granted == grants.of_policy(stack_of(), policy)


def test_publishing_calls_exactly_what_the_publisher_is_granted(stack_of: StackOf, calls: _Calls) -> None:
    with mock_aws():
        session = boto3.session.Session(aws_access_key_id="none", aws_secret_access_key="none", region_name=_REGION)
        client = session.client("dynamodb")
        create_table(client, "RoutingTable")
        client.close()
        session.events.register("provide-client-params.dynamodb", calls.note)
        history = DynamoDBHistory(session, "RoutingTable")
        compiled = compile_table(read(_DOCUMENT), 1)
        used = {
            history.head: (),
            history.publish: (_entry("publish", 1, 0, digest_of(compiled)), compiled, _DOCUMENT),
            history.freeze: (_entry("freeze", 1, 1, ""), "all"),
            history.compiled: (1,),
            history.document: (1,),
            history.entries: (10,),
        }
        for method, arguments in used.items():
            method(*arguments)  # type: ignore[operator]  # methods of as many shapes as there are
        history.head()  # of a frozen table it reads more
        history.close()

    offered = {name for name, _ in inspect.getmembers(History, inspect.isfunction) if not name.startswith("_")}
    assert {method.__name__ for method in used} >= offered - {"close"}, "a method of History is not tried here"
    assert calls.granted == {
        grant for grant in grants.of_policy(stack_of(), "FigPublisher") if "RoutingTable" in grant.resource
    }


def test_routes_are_seen_over_a_replica_by_exactly_what_is_granted_there(stack_of: StackOf, calls: _Calls) -> None:
    """`fig routes --published`, `fig history`, `fig explain --published` and `fig pull` read by nothing else."""
    with mock_aws():
        sessions = [
            boto3.session.Session(aws_access_key_id="none", aws_secret_access_key="none", region_name=_REGION)
            for _ in range(2)
        ]
        client = sessions[0].client("dynamodb")
        create_table(client, "routes")
        client.close()
        at_home = DynamoDBHistory(sessions[0], "routes")
        compiled = compile_table(read(_DOCUMENT), 1)
        at_home.publish(_entry("publish", 1, 0, digest_of(compiled)), compiled, _DOCUMENT)
        at_home.freeze(_entry("freeze", 1, 1, ""), "all")
        at_home.close()
        sessions[1].events.register("provide-client-params.dynamodb", calls.note)
        there = DynamoDBHistory(sessions[1], "routes")
        there.head()
        there.compiled(1)
        there.document(1)
        there.entries(10)
        there.close()

    granted = grants.of_policy(stack_of(RoutingTableName="routes"), "FigPublisher")
    replica = f"arn:aws:dynamodb:{_REGION}:123456789012:table/routes"
    assert {grant.action for grant in calls.granted} == {g.action for g in granted if g.resource == replica}


def test_evidence_is_read_by_exactly_what_the_publisher_is_granted(stack_of: StackOf, calls: _Calls) -> None:
    with mock_aws():
        session = boto3.session.Session(aws_access_key_id="none", aws_secret_access_key="none", region_name=_REGION)
        client = session.client("dynamodb")
        definition.create_table(client, "EvidenceTable")
        client.close()
        session.events.register("provide-client-params.dynamodb", calls.note)
        table = TableClient(session, "EvidenceTable", "")
        reader = EvidenceReader(table)
        used = {
            reader.put_contract: ("orders.create", "r1", ContractResult(1, 0, "ada", "2026-01-31T16:00:00Z")),
            reader.contract: ("orders.create", "r1"),
            reader.read: ("orders.create",),
            reader.code: (),
        }
        for method, arguments in used.items():
            method(*arguments)  # type: ignore[operator]  # methods of as many shapes as there are
        table.client.close()

    offered = {name for name, _ in inspect.getmembers(EvidenceReader, inspect.isfunction) if not name.startswith("_")}
    assert {method.__name__ for method in used} == offered, "a method of EvidenceReader is not tried here"
    assert calls.granted == {
        grant for grant in grants.of_policy(stack_of(), "FigPublisher") if "EvidenceTable" in grant.resource
    }


def test_proxy_adds_to_the_evidence_by_what_it_is_granted(stack_of: StackOf) -> None:
    asked: set[Grant] = set()

    def call(target: str, payload: Any, _timeout_s: float) -> dict[str, Any]:  # Any: JSON of DynamoDB's shape
        asked.add(Grant(f"dynamodb:{target.partition('.')[2]}", f"<{payload['TableName']}.Arn>"))
        return {}

    table = EvidenceTable(call, "EvidenceTable", "7")
    difference = {"kind": "value", "path": "$.total", "control": 1, "candidate": 2}
    used = {
        table.start: ("orders.read", "r1", 1.0),
        table.finish: (Outcome("orders.read", "r1", "different", "", (difference,), noise=("$.id",)), 1.0),
        table.count: ("orders.read", "r1", {"migrated_write_errors": 1}, 1.0),
    }
    for method, arguments in used.items():
        method(*arguments)  # type: ignore[operator]  # methods of as many shapes as there are
    CodeMarker(call, "EvidenceTable", "7").mark()

    offered = {name for name, _ in inspect.getmembers(Evidence, inspect.isfunction) if not name.startswith("_")}
    assert {method.__name__ for method in used} == offered, "a method of Evidence is not tried here"
    assert asked == {grant for grant in grants.of_role(stack_of(), "ProxyRole") if "EvidenceTable" in grant.resource}


def test_proxy_reads_its_table_by_what_it_is_granted(stack_of: StackOf) -> None:
    asked: set[Grant] = set()
    head = {"version": {"N": "1"}, "digest": {"S": "d"}, "content": {"S": "c"}, "content_parts": {"N": "1"}}

    def call(target: str, payload: Any, _timeout_s: float) -> dict[str, Any]:  # Any: JSON of DynamoDB's shape
        asked.add(Grant(f"dynamodb:{target.partition('.')[2]}", f"<{payload['TableName']}.Arn>"))
        return {"Item": head} if payload["Key"]["sk"]["S"] == "head" else {}

    with pytest.raises(TableUnreadable):
        DynamoDBStore(call, "RoutingTable").read(None, 1.0)

    assert asked == {g for g in grants.of_role(stack_of(), "ProxyRole") if "RoutingTable" in g.resource}


def test_proxy_invokes_functions_by_what_it_is_granted(stack_of: StackOf) -> None:
    """The path names the alias, and the grant is for the alias alone."""
    stack = stack_of(OrdersRun="apart")
    paths: list[str] = []

    def send(request: Unsigned, _timeout_s: float) -> Answer:
        paths.append(request.path)
        return Answer(200, Headers(), json.dumps({"statusCode": 200}).encode())

    Function(stack.outputs["OrdersFunctionName"], send, lambda: 0.0)(codec.decode(http_api(), 1.0, None))

    assert paths == ["/2015-03-31/functions/<OrdersFunction>%3Alive/invocations"]
    assert Grant("lambda:InvokeFunction", "<OrdersFunction.Arn>:live") in grants.of_role(stack, "ProxyRole")


def _entry(kind: Any, version: int, parent: int, digest: str) -> Entry:  # Any: a literal
    when = datetime(2026, 1, 31, tzinfo=UTC).isoformat()
    return Entry(kind, version, parent, digest, "test", when, "a test")
