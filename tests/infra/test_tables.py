"""The tables of the template are those that the code was written for, and nobody loses them by mistake."""

from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from migrated.customers import table as customers
from migrated.orders import table as orders
from proxy.evidence import definition as evidence
from proxy.stores import dynamodb_history
from tests.infra.conftest import StackOf
from tests.infra.stack import Stack
from tests.infra.template import Tree

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_REGIONS = {"ReplicaRegion1": "eu-central-1", "ReplicaRegion2": "us-east-1"}
_ALL = ["RoutingTable", "CustomersTable", "OrdersTable", "EvidenceTable"]
_WRITTEN_BY_CODE = [
    ("RoutingTable", dynamodb_history.DEFINITION),
    ("CustomersTable", customers.DEFINITION),
    ("OrdersTable", orders.DEFINITION),
    ("EvidenceTable", evidence.DEFINITION),
]


def test_no_table_is_left_out_here(stack_of: StackOf) -> None:
    assert list(stack_of().of_type("AWS::DynamoDB::GlobalTable")) == _ALL


@pytest.mark.parametrize(("name", "definition"), _WRITTEN_BY_CODE)
def test_keys_and_indexes_are_those_of_the_code(stack_of: StackOf, name: str, definition: Tree) -> None:
    assert _definition(stack_of(), name) == definition


@pytest.mark.parametrize(("name", "definition"), _WRITTEN_BY_CODE)
def test_database_takes_the_table(stack_of: StackOf, name: str, definition: Tree) -> None:
    with mock_aws():
        client: DynamoDBClient = boto3.client(
            "dynamodb", region_name="eu-west-1", aws_access_key_id="none", aws_secret_access_key="none"
        )
        client.create_table(TableName=name, **_definition(stack_of(), name))
        made = client.describe_table(TableName=name)["Table"]
        client.close()

    assert made["KeySchema"] == definition["KeySchema"]


@pytest.mark.parametrize("name", _ALL)
def test_table_costs_by_use_is_encrypted_and_outlives_the_stack(stack_of: StackOf, name: str) -> None:
    table = stack_of().resources[name]

    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert table["Properties"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["Properties"]["SSESpecification"] == {"SSEEnabled": True}


@pytest.mark.parametrize(
    ("name", "parameters", "regions"),
    [
        *[(name, {}, ["eu-west-1"]) for name in _ALL],
        *[(name, _REGIONS, ["eu-west-1", "eu-central-1", "us-east-1"]) for name in _ALL if name != "EvidenceTable"],
        ("RoutingTable", {"ReplicaRegion2": "us-east-1"}, ["eu-west-1", "us-east-1"]),
        ("EvidenceTable", _REGIONS, ["eu-west-1"]),
    ],
)
def test_every_replica_can_be_restored_and_not_be_deleted(
    stack_of: StackOf, name: str, parameters: dict[str, str], regions: list[str]
) -> None:
    properties = stack_of(**parameters).properties(name)

    kept = {
        "DeletionProtectionEnabled": True,
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    }
    assert properties["Replicas"] == [{"Region": region, **kept} for region in regions]
    # What replicas follow; a table without them needs none.
    assert ("StreamSpecification" in properties) == (len(regions) > 1)


@pytest.mark.parametrize("name", _ALL)
def test_only_the_history_of_routes_never_expires(stack_of: StackOf, name: str) -> None:
    expiry = stack_of().properties(name).get("TimeToLiveSpecification")

    assert expiry == (None if name == "RoutingTable" else {"Enabled": True, "AttributeName": "expires_at"})


def test_evidence_expires_by_what_the_code_writes(stack_of: StackOf) -> None:
    assert stack_of().properties("EvidenceTable")["TimeToLiveSpecification"] == evidence.EXPIRES


def _definition(stack: Stack, name: str) -> Tree:
    """Return what create_table takes of a table."""
    wanted = ("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema")
    return {key: value for key, value in stack.properties(name).items() if key in wanted}
