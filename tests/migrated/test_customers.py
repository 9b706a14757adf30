"""Customers from DynamoDB, and the table they are in."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from migrated.customers import table
from migrated.customers.api import handler
from migrated.dynamodb import client
from proxy.dev import seed_tables
from proxy.dev.sample_legacy import seed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.migrated.conftest import Ask

ADA = (
    '{"id":"C-1001","name":"Ada Lovelace","email":"customer1001@shop.example","country":"DE","city":"K\\u00f6ln",'
    '"phone":"+49 555 100200","newsletter":true,"credit_limit":500.0}\n'
)


def listed(result: dict[str, Any]) -> tuple[list[str], str | None]:
    document = json.loads(result["body"])
    return [customer["id"] for customer in document["customers"]], document["next"]


@pytest.mark.usefixtures("tables")
def test_customer_is_answered_whole(ask: "Ask") -> None:
    assert ask(handler, "GET", "/customers/C-1001") == {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "cookies": [],
        "body": ADA,
        "isBase64Encoded": False,
    }


@pytest.mark.usefixtures("tables")
def test_unknown_customers_are_a_fault(ask: "Ask") -> None:
    ids = ["C-9", "c-1001", "%C3%A9", "C-" + "9" * 3000]

    results = [ask(handler, "GET", f"/customers/{customer_id}") for customer_id in ids]

    codes = [(result["statusCode"], json.loads(result["body"])["fault"]["code"]) for result in results]
    assert codes == [(404, "CUSTOMER_NOT_FOUND")] * len(ids)


@pytest.mark.usefixtures("tables")
def test_pages_join_to_the_whole_list(ask: "Ask") -> None:
    ids: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page, cursor = listed(ask(handler, "GET", f"/customers?limit=7&after={cursor}"))
        ids += page

    assert ids == [customer.id for customer in seed.CUSTOMERS]


@pytest.mark.usefixtures("tables")
def test_cursor_is_there_only_when_a_customer_follows(ask: "Ask") -> None:
    germans = [customer.id for customer in seed.CUSTOMERS if customer.country == "DE"]

    pages = [listed(ask(handler, "GET", f"/customers?country=DE&limit={limit}")) for limit in (7, 8, 9)]

    assert len(germans) == 8
    assert pages == [(germans[:7], germans[6]), (germans, None), (germans, None)]


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(
    "event",
    [
        {
            "resource": "/{proxy+}",
            "httpMethod": "GET",
            "path": "/customers/C%2D1001",
            "headers": {"Host": "shop.example"},
            "multiValueHeaders": {"Host": ["shop.example"]},
            "queryStringParameters": None,
            "multiValueQueryStringParameters": None,
            "requestContext": {"stage": "prod", "path": "/prod/customers/C%2D1001"},
            "body": None,
            "isBase64Encoded": False,
        },
        {
            "httpMethod": "GET",
            "path": "/customers/C%2D1001",
            "multiValueHeaders": {"host": ["shop.example"]},
            "multiValueQueryStringParameters": {},
            "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/a/b"}},
            "body": "",
            "isBase64Encoded": False,
        },
    ],
    ids=["rest_api", "load_balancer"],
)
def test_other_front_doors_get_the_same_customer_in_their_format(event: dict[str, Any]) -> None:
    assert handler(event, None) == {
        "statusCode": 200,
        "multiValueHeaders": {"Content-Type": ["application/json"]},
        "body": ADA,
        "isBase64Encoded": False,
    }


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(
    ("context", "parameters"),
    [
        ({"stage": "prod"}, {"after": ["C-1007", "C-1030"], "limit": ["1"]}),
        ({"elb": {"targetGroupArn": "arn"}}, {"after": ["C%2D1007", "C-1030"], "limit": ["1"]}),
    ],
    ids=["rest_api_decodes", "load_balancer_does_not"],
)
def test_first_of_a_repeated_parameter_counts_at_every_front_door(
    context: dict[str, Any], parameters: dict[str, list[str]]
) -> None:
    event = {
        "resource": "/{proxy+}",
        "httpMethod": "GET",
        "path": "/customers",
        "headers": {},
        "multiValueHeaders": {"host": ["shop.example"]},
        "multiValueQueryStringParameters": parameters,
        "requestContext": context,
        "body": None,
        "isBase64Encoded": False,
    }

    assert listed(handler(event, None)) == (["C-1008"], "C-1008")


def test_tables_are_made_once_and_named_by_the_environment(
    dynamodb: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUSTOMERS_TABLE", "customers-test")
    monkeypatch.setenv("ORDERS_TABLE", "orders-test")

    made = [seed_tables.create_tables(dynamodb), seed_tables.create_tables(dynamodb)]

    assert made == [["customers-test", "orders-test"], []]
    assert dynamodb.list_tables()["TableNames"] == ["customers-test", "orders-test"]


def test_definition_describes_the_table_that_is_made(tables: "DynamoDBClient") -> None:
    made = tables.describe_table(TableName=table.name())["Table"]

    assert made["KeySchema"] == table.DEFINITION["KeySchema"]
    assert made["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert [index["IndexName"] for index in made["GlobalSecondaryIndexes"]] == ["by_country", "in_order"]


def test_seed_writes_every_item_once(dynamodb: "DynamoDBClient") -> None:
    seed_tables.create_tables(dynamodb)

    written = [seed_tables.seed(dynamodb), seed_tables.seed(dynamodb)]

    stored = [dynamodb.scan(TableName=name, Select="COUNT")["Count"] for name in ("customers", "orders")]
    assert (written, stored) == ([266, 266], [40, 226])


def test_client_gives_up_before_a_front_door_would(dynamodb: "DynamoDBClient") -> None:
    config: Any = dynamodb.meta.config  # Any: botocore's stubs do not name what a Config holds

    limits = (config.connect_timeout, config.read_timeout, config.retries["total_max_attempts"])
    assert limits == (1, 3, 2)
    assert client() is dynamodb
