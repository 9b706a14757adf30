"""A stack in a further region goes by replicas of the home stack's tables, and nobody publishes there."""

import json
import re
import shlex

import pytest

from tests.infra import grants
from tests.infra.conftest import StackOf
from tests.infra.grants import Grant
from tests.infra.stack import Stack
from tests.infra.template import Tree
from tests.infra.tools import run, tool

_REPLICAS = {"ReplicaRegion1": "eu-central-1", "ReplicaRegion2": "us-east-1"}
_APART = {"CustomersRun": "both", "OrdersRun": "both"}
_NAMES = {"RoutingTableName": "routes", "CustomersTableName": "customers", "OrdersTableName": "orders"}
_READ = {"dynamodb:GetItem", "dynamodb:Query"}

# What sam itself makes of the words after --parameter-overrides.
_UNDERSTAND = """
import json, sys
from samcli.cli.types import CfnParameterOverridesType
json.dump(CfnParameterOverridesType().convert(json.load(sys.stdin), None, None), sys.stdout)
"""


@pytest.fixture
def home(stack_of: StackOf) -> Stack:
    """The stack whose tables have replicas."""
    return stack_of(**_REPLICAS, **_APART, LegacyHosts="old.example,older.example:8443")


@pytest.fixture
def further(template: Tree, home: Stack) -> Stack:
    """The stack in the first further region, from what the home stack says of it."""
    return Stack(template, _parameters(home.outputs["Replica1"]), "eu-central-1")


def test_stack_that_home_tells_of_makes_no_table_but_its_own_evidence(further: Stack) -> None:
    assert further.refusals() == []
    assert list(further.of_type("AWS::DynamoDB::GlobalTable")) == ["EvidenceTable"]
    assert further.properties("EvidenceTable")["Replicas"][0]["Region"] == "eu-central-1"


@pytest.mark.parametrize("function", ["ProxyFunction", "CustomersFunction", "OrdersFunction"])
def test_function_goes_by_tables_of_the_same_names_in_both_regions(home: Stack, further: Stack, function: str) -> None:
    """A replica has its table's name. The evidence is another table; CloudFormation has named it."""
    at_home, there = (stack.properties(function)["Environment"]["Variables"] for stack in (home, further))

    assert at_home == there
    assert {value for key, value in there.items() if key.endswith("TABLE") and key != "FIG_BAKED_TABLE"} <= {
        "dynamodb:<RoutingTable>",
        "<CustomersTable>",
        "<OrdersTable>",
    }


@pytest.mark.parametrize("role", ["ProxyRole", "CustomersRole", "OrdersRole", "DeploymentRole"])
def test_role_may_do_to_the_replicas_what_it_may_do_to_the_tables_at_home(
    home: Stack, further: Stack, role: str
) -> None:
    assert grants.of_role(further, role) == {_there(grant) for grant in grants.of_role(home, role)}


def test_nobody_may_write_the_routing_table_in_a_further_region(further: Stack) -> None:
    """A condition holds in the region that is asked: of two publishers in two regions, both could win."""
    policies = further.of_type("AWS::IAM::ManagedPolicy")
    granted = {grant for policy in policies for grant in grants.of_policy(further, policy)}
    for role in further.of_type("AWS::IAM::Role"):
        granted |= grants.of_role(further, role)

    assert "FigPublisher" in policies
    assert {grant.action for grant in granted if "RoutingTable" in grant.resource} == _READ


def test_publisher_of_a_further_region_sees_the_routes_and_has_that_regions_evidence(further: Stack) -> None:
    replica = "arn:aws:dynamodb:eu-central-1:123456789012:table/<RoutingTable>"

    assert grants.of_policy(further, "FigPublisher") == {
        *(Grant(action, replica) for action in _READ),
        Grant("dynamodb:Query", "<EvidenceTable.Arn>"),
        Grant("dynamodb:UpdateItem", "<EvidenceTable.Arn>"),
    }


def test_home_says_how_to_publish_and_a_further_region_how_to_see_what_was_published(
    home: Stack, further: Stack
) -> None:
    only_at_home, only_there = set(home.outputs) - set(further.outputs), set(further.outputs) - set(home.outputs)

    assert (only_at_home, only_there) == ({"Publish", "Replica1", "Replica2"}, {"Routes"})
    assert further.outputs["Routes"] == (
        "AWS_REGION=eu-central-1 fig routes --published --store dynamodb:<RoutingTable>"
    )


@pytest.mark.parametrize(
    ("parameters", "regions"),
    [
        ({}, {}),
        ({"ReplicaRegion1": "eu-central-1"}, {"Replica1": "eu-central-1"}),
        ({"ReplicaRegion2": "us-east-1"}, {"Replica2": "us-east-1"}),
        (_REPLICAS, {"Replica1": "eu-central-1", "Replica2": "us-east-1"}),
    ],
)
def test_home_has_a_command_for_each_further_region(
    stack_of: StackOf, parameters: dict[str, str], regions: dict[str, str]
) -> None:
    outputs = stack_of(**parameters).outputs

    assert {name: value for name, value in outputs.items() if name.startswith("Replica")} == {
        name: (
            f"sam deploy --region {region} --stack-name shop --parameter-overrides LegacyUrl=https://old.example "
            "CustomersRun=in-proxy OrdersRun=in-proxy RoutingTableName=<RoutingTable> "
            "CustomersTableName=<CustomersTable> OrdersTableName=<OrdersTable>"
        )
        for name, region in regions.items()
    }


@pytest.mark.external
def test_sam_understands_the_command(home: Stack) -> None:
    _, _, words = home.outputs["Replica1"].partition(" --parameter-overrides ")

    done = run([tool(".venv-sam", "python"), "-c", _UNDERSTAND], stdin=json.dumps(shlex.split(words)))

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == _parameters(home.outputs["Replica1"])


@pytest.mark.parametrize("name", list(_NAMES))
def test_table_whose_name_is_given_is_not_made_and_the_others_are(stack_of: StackOf, name: str) -> None:
    made = stack_of(**{name: _NAMES[name]}, **_APART).of_type("AWS::DynamoDB::GlobalTable")

    tables = ["RoutingTable", "CustomersTable", "OrdersTable", "EvidenceTable"]
    assert list(made) == [table for table in tables if f"{table}Name" != name]


@pytest.mark.parametrize(
    ("name", "function"),
    [
        *((name, "ProxyFunction") for name in _NAMES),
        ("CustomersTableName", "CustomersFunction"),
        ("CustomersTableName", "OrdersFunction"),
        ("OrdersTableName", "OrdersFunction"),
    ],
)
def test_given_name_makes_another_version(stack_of: StackOf, name: str, function: str) -> None:
    """SAM publishes no version for a changed parameter, so something of the version has to tell of it."""

    def described(stack: Stack) -> str:
        if function == "ProxyFunction":
            return str(stack.properties("Settings")["Content"])
        # SAM makes a version of it, and moves the description there.
        versions = stack.of_type("AWS::Lambda::Version")
        (made,) = [name for name in versions if name.startswith(function)] or [function]
        properties = stack.properties(made)
        return str(properties.get("Description", properties.get("VersionDescription")))

    assert described(stack_of(**_APART)) != described(stack_of(**_APART, **{name: _NAMES[name]}))


def test_longest_names_have_room_in_the_description_of_a_version(written: Tree) -> None:
    """Lambda takes 256 characters. Source: docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html

    Names that CloudFormation makes are shorter: a stack that names its functions cannot have a name of more than 54.
    """
    longest = {"ColdStart": "snap-start", "MemoryMb": "10240", "TimeoutSeconds": "900", "LogLevel": "CRITICAL"}
    names = dict.fromkeys(_NAMES, "x" * 100)

    stack = Stack(written, {"LegacyUrl": "https://old.example", **_APART, **longest, **names})

    assert len(stack.properties("OrdersFunction")["VersionDescription"]) <= 256
    patterns = [written["Parameters"][name]["AllowedPattern"] for name in _NAMES]
    assert all(re.fullmatch(pattern, "x" * 100) and not re.fullmatch(pattern, "x" * 101) for pattern in patterns)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("", True), ("fig-RoutingTable-1A2B3C4D5E6F", True), ("dynamodb:routes", False), ("arn:aws:dynamodb:x", False)],
)
def test_name_is_given_alone(written: Tree, name: str, is_one: bool) -> None:
    patterns = [written["Parameters"][parameter]["AllowedPattern"] for parameter in _NAMES]

    assert [bool(re.fullmatch(pattern, name)) for pattern in patterns] == [is_one] * 3


def test_stacks_of_one_name_in_two_regions_make_nothing_of_one_name_that_an_account_has_once(
    home: Stack, further: Stack
) -> None:
    """IAM and dashboards know no region. Source: docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/
    API_PutDashboard.html, "All dashboards in your account are global, not region-specific"
    """
    once = ("AWS::CloudWatch::Dashboard", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role")

    named = [
        {
            properties[key]
            for kind in once
            for properties in stack.of_type(kind).values()
            for key in ("DashboardName", "ManagedPolicyName", "RoleName")
            if key in properties
        }
        for stack in (home, further)
    ]

    assert named == [{"shop-eu-west-1"}, {"shop-eu-central-1"}]


def _parameters(command: str) -> dict[str, str]:
    """Return the parameters that a command deploys with."""
    words = shlex.split(command)
    return dict(word.split("=", 1) for word in words[words.index("--parameter-overrides") + 1 :])


def _there(grant: Grant) -> Grant:
    """Return a grant on one of the home stack's tables as the one on its replica in the further region."""
    replica = r"arn:aws:dynamodb:eu-central-1:123456789012:table/<\1>"
    return Grant(grant.action, re.sub(r"<((?:Routing|Customers|Orders)Table)\.Arn>", replica, grant.resource))
