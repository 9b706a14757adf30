"""Nobody may do more than what is listed here; `test_calls` tells that it is what the code does."""

import json
import re

import boto3
import pytest
from moto import mock_aws

from tests.infra import grants
from tests.infra.conftest import StackOf
from tests.infra.grants import Grant
from tests.infra.template import INFRA, TEXT

_LOG = {Grant("logs:CreateLogStream", "<ProxyLogs.Arn>"), Grant("logs:PutLogEvents", "<ProxyLogs.Arn>")}
_READ_TABLE = {Grant("dynamodb:GetItem", "<RoutingTable.Arn>")}
_ADD_EVIDENCE = {Grant("dynamodb:UpdateItem", "<EvidenceTable.Arn>")}
_CUSTOMERS = {
    Grant("dynamodb:GetItem", "<CustomersTable.Arn>"),
    Grant("dynamodb:Query", "<CustomersTable.Arn>/index/by_country"),
    Grant("dynamodb:Query", "<CustomersTable.Arn>/index/in_order"),
}
_ORDERS = {
    Grant("dynamodb:BatchGetItem", "<OrdersTable.Arn>"),
    Grant("dynamodb:GetItem", "<CustomersTable.Arn>"),
    Grant("dynamodb:GetItem", "<OrdersTable.Arn>"),
    Grant("dynamodb:PutItem", "<OrdersTable.Arn>"),
    Grant("dynamodb:Query", "<OrdersTable.Arn>/index/by_customer"),
    Grant("dynamodb:UpdateItem", "<OrdersTable.Arn>"),
}
_INVOKE_CUSTOMERS = {Grant("lambda:InvokeFunction", "<CustomersFunction.Arn>:live")}
_INVOKE_ORDERS = {Grant("lambda:InvokeFunction", "<OrdersFunction.Arn>:live")}
_SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:legacy-Ab1Cd2"
_SECRET_KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_OTHER = "arn:aws:lambda:eu-west-1:123456789012:function:stock:live"
_ANY_INTERFACE = "arn:aws:ec2:eu-west-1:123456789012:*/*"
_NETWORK = {
    Grant("ec2:DescribeNetworkInterfaces", "*"),
    Grant("ec2:DescribeSubnets", "*"),
    Grant("ec2:AssignPrivateIpAddresses", _ANY_INTERFACE),
    Grant("ec2:CreateNetworkInterface", _ANY_INTERFACE),
    Grant("ec2:DeleteNetworkInterface", _ANY_INTERFACE),
    Grant("ec2:UnassignPrivateIpAddresses", _ANY_INTERFACE),
}


@pytest.mark.parametrize(
    ("parameters", "more"),
    [
        ({}, _CUSTOMERS | _ORDERS),
        ({"FrontDoor": "function-url"}, _CUSTOMERS | _ORDERS),
        ({"CustomersRun": "both"}, _CUSTOMERS | _ORDERS | _INVOKE_CUSTOMERS),
        ({"CustomersRun": "apart"}, _ORDERS | _INVOKE_CUSTOMERS),
        ({"OrdersRun": "apart"}, _CUSTOMERS | _INVOKE_ORDERS),
        ({"CustomersRun": "apart", "OrdersRun": "apart"}, _INVOKE_CUSTOMERS | _INVOKE_ORDERS),
        (
            {"OtherFunctions": f"{_OTHER},{_OTHER}2"},
            _CUSTOMERS
            | _ORDERS
            | {Grant("lambda:InvokeFunction", _OTHER), Grant("lambda:InvokeFunction", f"{_OTHER}2")},
        ),
        ({"LegacySecret": _SECRET}, _CUSTOMERS | _ORDERS | {Grant("secretsmanager:GetSecretValue", _SECRET)}),
        (
            {"LegacySecret": _SECRET, "LegacySecretKey": _SECRET_KEY},
            _CUSTOMERS | _ORDERS | {Grant("secretsmanager:GetSecretValue", _SECRET), Grant("kms:Decrypt", _SECRET_KEY)},
        ),
        ({"VpcSubnetIds": "subnet-1", "VpcSecurityGroupIds": "sg-1"}, _CUSTOMERS | _ORDERS | _NETWORK),
    ],
)
def test_proxy_may_read_the_table_add_evidence_and_do_what_its_handlers_do(
    stack_of: StackOf, parameters: dict[str, str], more: set[Grant]
) -> None:
    assert grants.of_role(stack_of(**parameters), "ProxyRole") == _LOG | _READ_TABLE | _ADD_EVIDENCE | more


def test_key_of_the_secret_is_for_this_secret_alone_and_by_way_of_secrets_manager(stack_of: StackOf) -> None:
    stack = stack_of(LegacySecret=_SECRET, LegacySecretKey=_SECRET_KEY)

    statements = stack.properties("ProxyRole")["Policies"][0]["PolicyDocument"]["Statement"]
    (of_key,) = (statement for statement in statements if statement["Action"] == "kms:Decrypt")
    assert of_key["Condition"] == {
        "StringEquals": {
            "kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com",
            "kms:EncryptionContext:SecretARN": _SECRET,
        }
    }


def test_code_in_a_network_is_denied_what_lambda_needs_to_bring_it_there(stack_of: StackOf) -> None:
    stack = stack_of(VpcSubnetIds="subnet-1", VpcSecurityGroupIds="sg-1")

    (network,) = (p for p in stack.properties("ProxyRole")["Policies"] if p["PolicyName"] == "network")
    assert network["PolicyDocument"]["Statement"][-1] == {
        "Effect": "Deny",
        "Action": "ec2:*",
        "Resource": "*",
        "Condition": {
            "ArnEquals": {
                "lambda:SourceFunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:shop-proxy",
            }
        },
    }
    assert stack.properties("ProxyFunction")["FunctionName"] == "shop-proxy"


@pytest.mark.parametrize(
    ("role", "logs", "handlers"),
    [("CustomersRole", "CustomersLogs", _CUSTOMERS), ("OrdersRole", "OrdersLogs", _ORDERS)],
)
def test_domain_apart_may_do_what_its_handlers_do(
    stack_of: StackOf, role: str, logs: str, handlers: set[Grant]
) -> None:
    stack = stack_of(CustomersRun="apart", OrdersRun="apart")

    own_log = {Grant("logs:CreateLogStream", f"<{logs}.Arn>"), Grant("logs:PutLogEvents", f"<{logs}.Arn>")}
    assert grants.of_role(stack, role) == own_log | handlers


def test_publisher_may_change_routes_read_evidence_and_note_how_contracts_went(stack_of: StackOf) -> None:
    granted = grants.of_policy(stack_of(), "FigPublisher")

    assert granted == {
        *(Grant(f"dynamodb:{name}", "<RoutingTable.Arn>") for name in ("GetItem", "PutItem", "Query", "UpdateItem")),
        *(Grant(f"dynamodb:{name}", "<EvidenceTable.Arn>") for name in ("Query", "UpdateItem")),
    }


def test_viewer_may_look_and_change_nothing(stack_of: StackOf) -> None:
    assert grants.of_policy(stack_of(), "FigViewer") == {
        Grant("dynamodb:GetItem", "<RoutingTable.Arn>"),
        Grant("dynamodb:Query", "<RoutingTable.Arn>"),
        Grant("dynamodb:Query", "<EvidenceTable.Arn>"),
        Grant("cloudwatch:GetMetricData", "*"),
    }


def test_no_function_may_change_routes(stack_of: StackOf) -> None:
    """Who decides where traffic goes is a person or a pipeline, and never what a client can reach."""
    stack = stack_of(CustomersRun="both", OrdersRun="both")

    for role in stack.of_type("AWS::IAM::Role"):
        of_table = {grant for grant in grants.of_role(stack, role) if "RoutingTable" in grant.resource}
        assert of_table <= _READ_TABLE, role


def test_proxy_alone_may_touch_the_evidence_and_only_add_to_it(stack_of: StackOf) -> None:
    """What a client can reach cannot read what was found, delete it, or change by it where traffic goes."""
    stack = stack_of(CustomersRun="both", OrdersRun="both")

    for role in stack.of_type("AWS::IAM::Role"):
        of_evidence = {grant for grant in grants.of_role(stack, role) if "Evidence" in grant.resource}
        assert of_evidence == (_ADD_EVIDENCE if role == "ProxyRole" else set()), role


@pytest.mark.parametrize(
    ("parameters", "functions"),
    [
        ({}, ["ProxyFunction"]),
        ({"CustomersRun": "apart", "OrdersRun": "both"}, ["ProxyFunction", "CustomersFunction", "OrdersFunction"]),
    ],
)
def test_deployment_may_shift_traffic_of_these_functions_and_watch_these_alarms(
    stack_of: StackOf, parameters: dict[str, str], functions: list[str]
) -> None:
    granted = grants.of_role(stack_of(**parameters), "DeploymentRole")

    shift = {
        Grant(f"lambda:{operation}", f"<{function}.Arn>{alias}")
        for operation in ("GetAlias", "GetProvisionedConcurrencyConfig", "UpdateAlias")
        for function in functions
        for alias in ("", ":live")
    }
    watched = [
        *("FallbacksAlarm", "FrontDoorErrorsAlarm", "MigratedErrorsAlarm", "ProxyVersionErrorsAlarm"),
        *(function.replace("Function", "VersionCrashesAlarm") for function in functions),
    ]
    assert granted == shift | {Grant("cloudwatch:DescribeAlarms", f"<{alarm}.Arn>") for alarm in watched}


def test_roles_are_those_and_no_policy_of_aws_is_attached(stack_of: StackOf) -> None:
    stack = stack_of(CustomersRun="apart", OrdersRun="apart")

    roles = stack.of_type("AWS::IAM::Role")
    # A role that SAM makes by itself would appear here, and so would one for CodeDeploy.
    assert sorted(roles) == ["CustomersRole", "DeploymentRole", "OrdersRole", "ProxyRole"]
    assert sorted(stack.of_type("AWS::IAM::ManagedPolicy")) == [
        "CustomersAccess",
        "FigPublisher",
        "FigViewer",
        "OrdersAccess",
    ]
    attached = {arn for role in roles.values() for arn in role.get("ManagedPolicyArns", [])}
    assert attached == {"<CustomersAccess>", "<OrdersAccess>"}


def test_identity_service_takes_every_policy(stack_of: StackOf) -> None:
    stack = stack_of(VpcSubnetIds="subnet-1", VpcSecurityGroupIds="sg-1", CustomersRun="both", OrdersRun="both")
    documents = [
        *(policy["PolicyDocument"] for policy in stack.of_type("AWS::IAM::ManagedPolicy").values()),
        *(policy["PolicyDocument"] for role in stack.of_type("AWS::IAM::Role").values() for policy in role["Policies"]),
    ]

    with mock_aws():
        iam = boto3.client("iam", aws_access_key_id="none", aws_secret_access_key="none")
        for number, document in enumerate(documents):
            # It wants ARNs, and what only AWS knows is none here.
            text = re.sub(r'"<[\w.]+>', '"arn:aws:dynamodb:eu-west-1:123456789012:table/x', json.dumps(document))
            iam.create_policy(PolicyName=f"policy-{number}", PolicyDocument=text)
        made = iam.list_policies(Scope="Local")["Policies"]
        iam.close()

    assert len(made) == len(documents) == 9


def test_deploying_takes_no_right_to_name_roles(stack_of: StackOf) -> None:
    """CAPABILITY_IAM, which samconfig.toml gives, is not enough for roles and policies with names of their own."""
    stack = stack_of(CustomersRun="both", OrdersRun="both")

    named = [
        name
        for kind in ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy")
        for name, properties in stack.of_type(kind).items()
        if {"RoleName", "ManagedPolicyName"} & set(properties)
    ]
    assert named == []
    assert 'capabilities = "CAPABILITY_IAM"\n' in (INFRA / "samconfig.toml").read_text("utf-8")


def test_every_star_in_a_policy_has_its_reason_beside_it() -> None:
    section = TEXT.partition("6 Roles\n  #")[2].partition("7 Logs, alarms, dashboard\n\n")[0]

    starred = [line for line in section.splitlines() if "*" in line.partition("#")[0]]
    assert len(starred) == 5
    assert all(line.partition("#")[2].strip() for line in starred), starred
