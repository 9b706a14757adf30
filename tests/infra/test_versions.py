"""A changed parameter makes a version of a function if and only if it changes the function.

SAM publishes a version for a changed template, not for a changed parameter, so a text beside the function has to tell:
with one that stays, clients stay with the old function; with one that changes alone, the deployment fails, for Lambda
refuses a version of an unchanged function. Source: docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
"""

from collections.abc import Mapping
from itertools import combinations
from typing import Any, Final

import pytest

from tests.infra.stack import Stack
from tests.infra.template import Tree
from tests.infra.tools import translate

_FUNCTIONS = ["ProxyFunction", "CustomersFunction", "OrdersFunction"]
_APART = {"LegacyUrl": "https://old.example", "CustomersRun": "both", "OrdersRun": "both"}
# Of the alias, of the function as a whole, or of the way to them: they make no version another one.
_NO_PART_OF_A_VERSION = (
    "DeploymentPreference",
    "ProvisionedConcurrencyConfig",
    "ReservedConcurrentExecutions",
    "VersionDescription",
)
_SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:legacy-Ab1Cd2"
_KEYS = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:keys-Ab1Cd2"
_KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
_CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/1"
_OTHER = "arn:aws:lambda:eu-west-1:123456789012:function:stock:live"

State = Mapping[str, str]  # parameters that go together

# Of each parameter that has no list of values, or needs others beside one: some states that the template allows.
_STATES: Final[Mapping[str, list[State]]] = {
    "LegacyUrl": [{"LegacyUrl": url} for url in ("https://old.example", "http://old.example", "https://older.example")],
    "LegacyHosts": [{}, {"LegacyHosts": "older.example"}, {"LegacyHosts": "older.example,oldest.example:8443"}],
    "LegacySecret": [{}, {"LegacySecret": _SECRET}, {"LegacySecret": _KEYS}],
    "LegacySecretKey": [{"LegacySecret": _SECRET, "LegacySecretKey": key} for key in ("", _KEY, f"{_KEY}2")],
    "VpcSubnetIds": [{}, *({"VpcSubnetIds": ids, "VpcSecurityGroupIds": "sg-1"} for ids in ("subnet-1", "subnet-2"))],
    "VpcSecurityGroupIds": [{"VpcSubnetIds": "subnet-1", "VpcSecurityGroupIds": ids} for ids in ("sg-1", "sg-1,sg-2")],
    "Authorizer": [{}, {"Authorizer": "iam"}, {"Authorizer": "jwt", "JwtIssuer": "https://a", "JwtAudience": "a"}],
    "JwtIssuer": [
        {"Authorizer": "jwt", "JwtIssuer": issuer, "JwtAudience": "a"} for issuer in ("https://a", "https://b")
    ],
    "JwtAudience": [{"Authorizer": "jwt", "JwtIssuer": "https://a", "JwtAudience": name} for name in ("a", "a,b")],
    "DomainName": [{}, *({"DomainName": name, "CertificateArn": _CERTIFICATE} for name in ("a.example", "b.example"))],
    "CertificateArn": [{"DomainName": "a.example", "CertificateArn": f"{_CERTIFICATE}{end}"} for end in ("", "2")],
    "HostedZoneId": [
        {"DomainName": "a.example", "CertificateArn": _CERTIFICATE, "HostedZoneId": zone} for zone in ("", "Z1", "Z2")
    ],
    "ThrottleRate": [{}, {"ThrottleRate": "1"}],
    "ThrottleBurst": [{}, {"ThrottleBurst": "1"}],
    "ReservedConcurrency": [{}, {"ReservedConcurrency": "0"}, {"ReservedConcurrency": "10"}],
    "ProvisionedConcurrency": [{"ColdStart": "provisioned", "ProvisionedConcurrency": number} for number in ("2", "3")],
    "MemoryMb": [{}, {"MemoryMb": "128"}, {"MemoryMb": "10240"}],
    "TimeoutSeconds": [{}, {"TimeoutSeconds": "2"}, {"TimeoutSeconds": "900"}],
    "TableTtlSeconds": [{}, {"TableTtlSeconds": "1"}, {"TableTtlSeconds": "60"}],
    "OtherFunctions": [{}, {"OtherFunctions": _OTHER}, {"OtherFunctions": f"{_OTHER},{_OTHER}2"}],
    "ReplicaRegion1": [{}, {"ReplicaRegion1": "eu-central-1"}, {"ReplicaRegion1": "us-east-1"}],
    "ReplicaRegion2": [{}, {"ReplicaRegion2": "eu-central-1"}, {"ReplicaRegion2": "us-east-1"}],
    # What stands for the name of the stack's own table is here, too: a home that hands over keeps its table.
    **{
        f"{table}Name": [{}, *({f"{table}Name": name} for name in (f"<{table}>", "replica", "replica2"))]
        for table in ("RoutingTable", "CustomersTable", "OrdersTable")
    },
    "KeysSecret": [{}, {"KeysSecret": _KEYS}, {"KeysSecret": _SECRET}],
    "ClientIdentity": [{}, {"ClientIdentity": "-"}, {"ClientIdentity": "api-key,agent", "KeysSecret": _KEYS}],
    "AlarmEmail": [{}, {"AlarmEmail": "a@example.com"}, {"AlarmEmail": "b@example.com"}],
    "AlarmErrorPercent": [{}, {"AlarmErrorPercent": "0"}],
    "AlarmLatencyMs": [{}, {"AlarmLatencyMs": "1"}],
}


@pytest.fixture(scope="module")
def states(written: Tree) -> Mapping[str, list[State]]:
    """Of every parameter: states that differ in it."""
    allowed: dict[str, list[State]] = {
        name: [{name: str(value)} for value in spec["AllowedValues"]]
        for name, spec in written["Parameters"].items()
        if "AllowedValues" in spec
    }
    return {**allowed, **_STATES}


def test_no_parameter_is_left_out_here(written: Tree, states: Mapping[str, list[State]]) -> None:
    assert set(states) == set(written["Parameters"])
    assert [name for name, found in states.items() if len(found) < 2] == []


@pytest.mark.parametrize("function", _FUNCTIONS)
def test_text_differs_if_and_only_if_the_function_does(
    written: Tree, states: Mapping[str, list[State]], function: str
) -> None:
    wrong = {
        (name, str(before), str(after)): changes
        for name, found in states.items()
        for before, after in combinations(found, 2)
        for changes in [_changes(_stack(written, before), _stack(written, after), function)]
        if len(set(changes.values())) > 1
    }

    assert wrong == {}


@pytest.mark.parametrize(("before", "after"), [("plain", "provisioned"), ("provisioned", "plain")])
@pytest.mark.parametrize("function", _FUNCTIONS)
def test_no_version_is_asked_for_when_environments_are_made_ahead_of_demand_or_no_more(
    written: Tree, before: str, after: str, function: str
) -> None:
    """It is the alias that has them."""
    stacks = (_stack(written, {"ColdStart": before}), _stack(written, {"ColdStart": after}))

    assert _changes(*stacks, function) == {"function": False, "text": False}


def test_settings_tell_by_name_what_the_proxy_gets(written: Tree) -> None:
    content = _stack(written, {"ColdStart": "plain", "RoutingTableName": "replica"}).properties("Settings")["Content"]

    assert content.splitlines() == [
        "LegacyUrl=https://old.example",
        "LegacyHosts=",
        "LegacySecret=",
        "VpcSubnetIds=",
        "VpcSecurityGroupIds=",
        "SnapStart=None",
        "MemoryMb=1024",
        "TimeoutSeconds=30",
        "TableTtlSeconds=5",
        "KeysSecret=",
        "ClientIdentity=agent",
        "MetricsRoutes=each",
        "LogLevel=INFO",
        "RoutingTable=replica",
        "CustomersTable=<CustomersTable>",
        "OrdersTable=<OrdersTable>",
    ]


@pytest.mark.external
def test_changed_parameter_makes_another_version(written: Tree) -> None:
    """A changed description replaces a version; its name alone would stay, as SAM makes it of the template's text."""
    before, after = (
        Stack(translate(written, {"LegacyUrl": url}), {"LegacyUrl": url}) for url in ("https://a", "https://b")
    )

    (version,) = before.of_type("AWS::Lambda::Version").values()
    assert version["Description"] == "settings <Settings.VersionNumber>"
    assert before.of_type("AWS::Lambda::Version") == after.of_type("AWS::Lambda::Version")
    assert before.properties("Settings")["Content"] != after.properties("Settings")["Content"]


def _stack(written: Tree, state: State) -> Stack:
    stack = Stack(written, {**_APART, **state})
    assert stack.refusals() == [], f"{state}"
    return stack


def _changes(before: Stack, after: Stack, function: str) -> dict[str, bool]:
    """Tell whether the function changes from stack to stack, and whether the text that is to tell so does."""
    if not all(function in stack.resources for stack in (before, after)):
        return {}  # it is made or deleted as a whole
    return {
        "function": _of_a_version(before, function) != _of_a_version(after, function),
        "text": _text(before, function) != _text(after, function),
    }


def _of_a_version(stack: Stack, function: str) -> dict[str, Any]:  # Any: properties of all shapes
    properties = stack.properties(function)
    return {name: value for name, value in properties.items() if name not in _NO_PART_OF_A_VERSION}


def _text(stack: Stack, function: str) -> str:
    text: str = (
        stack.properties("Settings")["Content"]
        if function == "ProxyFunction"
        else stack.properties(function)["VersionDescription"]
    )
    return text
