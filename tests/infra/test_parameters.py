"""What a person is asked, and what is refused before anything is made."""

import pytest

from tests.infra.conftest import StackOf
from tests.infra.template import Tree

_REPLICA_OF_REPLICA = (
    "ReplicaRegion1, ReplicaRegion2: got one beside the name of a table, expected none; a replica has no replicas, "
    "the home stack's tables have them"
)


def test_a_person_has_to_know_nothing_but_where_legacy_is(written: Tree) -> None:
    assert [name for name, spec in written["Parameters"].items() if "Default" not in spec] == ["LegacyUrl"]


def test_every_parameter_says_what_it_is_and_is_used(written: Tree) -> None:
    rest = str({key: part for key, part in written.items() if key != "Parameters"})
    for name, spec in written["Parameters"].items():
        assert spec["Description"]
        assert f"'Ref': '{name}'" in rest or f"${{{name}}}" in rest, f"{name} is asked for and never used"


@pytest.mark.parametrize(
    ("parameters", "refusals"),
    [
        ({}, []),
        ({"FrontDoor": "function-url"}, []),
        ({"FrontDoor": "function-url", "Authorizer": "iam"}, []),
        (
            {"FrontDoor": "function-url", "Authorizer": "jwt", "JwtIssuer": "i", "JwtAudience": "a"},
            ["Authorizer: got jwt, expected none or iam behind a function URL; an HTTP API checks JWTs"],
        ),
        (
            {"FrontDoor": "function-url", "DomainName": "a.example", "CertificateArn": "c"},
            ["DomainName: got one, expected none behind a function URL; an HTTP API takes one"],
        ),
        ({"Authorizer": "jwt", "JwtIssuer": "i"}, ["JwtIssuer, JwtAudience: expected both with Authorizer=jwt"]),
        ({"Authorizer": "jwt", "JwtIssuer": "i", "JwtAudience": "a"}, []),
        ({"DomainName": "a.example"}, ["CertificateArn: got none, expected that of DomainName"]),
        ({"VpcSubnetIds": "subnet-1"}, ["VpcSubnetIds, VpcSecurityGroupIds: expected both or none"]),
        ({"VpcSecurityGroupIds": "sg-1"}, ["VpcSubnetIds, VpcSecurityGroupIds: expected both or none"]),
        ({"VpcSubnetIds": "subnet-1", "VpcSecurityGroupIds": "sg-1"}, []),
        ({"ReplicaRegion1": "eu-central-1", "ReplicaRegion2": "us-east-1"}, []),
        ({"RoutingTableName": "routes", "CustomersTableName": "customers", "OrdersTableName": "orders"}, []),
        ({"ReplicaRegion1": "eu-central-1", "RoutingTableName": "routes"}, [_REPLICA_OF_REPLICA]),
        ({"ReplicaRegion2": "eu-central-1", "CustomersTableName": "customers"}, [_REPLICA_OF_REPLICA]),
        ({"ReplicaRegion1": "eu-central-1", "OrdersTableName": "orders"}, [_REPLICA_OF_REPLICA]),
    ],
)
def test_parameters_that_do_not_go_together_are_refused(
    stack_of: StackOf, parameters: dict[str, str], refusals: list[str]
) -> None:
    assert stack_of(**parameters).refusals() == refusals
