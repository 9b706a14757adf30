"""The stack as it stands after a deployment, asked of the services themselves.

moto stands in for AWS. Of CloudFormation it carries tables, roles, policies, functions, log groups, topics and
dashboards; API Gateway, aliases, alarms, metric filters and AppConfig it drops, and says CREATE_COMPLETE. What those
hold is proven in test_front_doors, test_functions and test_alarms. Nor does it refuse anybody anything for want of a
right; test_calls tells whether the rights are enough.
"""

import ast
import json
import re

import pytest

from proxy.packaging.build import Artifact
from tests.infra import carried, grants
from tests.infra.account import ACCOUNT_ID, REGION, STACK, Deployed
from tests.infra.grants import Grant

pytestmark = pytest.mark.external

_TABLES = ["RoutingTable", "CustomersTable", "OrdersTable", "EvidenceTable"]


def test_all_that_can_be_carried_is_made(deployed: Deployed) -> None:
    wanted = carried.TYPES | {"AWS::DynamoDB::GlobalTable"}

    expected = [name for name, resource in deployed.wanted.resources.items() if resource["Type"] in wanted]
    assert sorted(deployed.names) == sorted(expected)


@pytest.mark.parametrize("name", ["ProxyFunction", "CustomersFunction"])
def test_function_has_the_packaged_code_and_a_role_of_its_own(
    deployed: Deployed, artifact: Artifact, name: str
) -> None:
    function = deployed.function(name)

    with deployed.account.service("iam") as iam:
        role = iam.get_role(RoleName=deployed.names[name.replace("Function", "Role")])["Role"]
    assert (function["CodeSha256"], function["Role"]) == (artifact.sha256, role["Arn"])


@pytest.mark.parametrize("role", ["ProxyRole", "CustomersRole", "DeploymentRole"])
def test_role_may_do_what_the_template_says_to_what_was_really_made(deployed: Deployed, role: str) -> None:
    expected = {
        Grant(action, _with_arns(deployed, resource)) for action, resource in grants.of_role(deployed.wanted, role)
    }

    assert _granted(deployed, role) == expected


def test_output_names_the_policy_of_publishers(deployed: Deployed) -> None:
    with deployed.account.service("iam") as iam:
        version = iam.get_policy_version(PolicyArn=deployed.outputs["Publisher"], VersionId="v1")["PolicyVersion"]

    assert grants.of_document(version["Document"]) == {
        Grant(action, _with_arns(deployed, resource))
        for action, resource in grants.of_policy(deployed.wanted, "FigPublisher")
    }


@pytest.mark.parametrize("table", _TABLES)
def test_table_can_be_restored_and_not_be_deleted(deployed: Deployed, table: str) -> None:
    name = deployed.names[table]

    with deployed.account.service("dynamodb") as dynamodb:
        with pytest.raises(dynamodb.exceptions.ClientError, match=r"(?i)delet.*protect"):
            dynamodb.delete_table(TableName=name)
        backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]

    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert expiry.get("AttributeName") == (None if table == "RoutingTable" else "expires_at")


def test_dashboard_is_the_templates_with_the_names_of_what_was_made(deployed: Deployed) -> None:
    wanted = deployed.wanted.properties("Dashboard")["DashboardBody"]

    with deployed.account.service("cloudwatch") as cloudwatch:
        body = cloudwatch.get_dashboard(DashboardName=f"{STACK}-{REGION}")["DashboardBody"]

    assert json.loads(body) == json.loads(_with_arns(deployed, wanted))


def test_logs_are_kept_for_the_days_that_were_asked_for(deployed: Deployed) -> None:
    with deployed.account.service("logs") as logs:
        groups = logs.describe_log_groups()["logGroups"]

    assert {group["logGroupName"]: group["retentionInDays"] for group in groups} == {
        "/aws/lambda/shop-proxy": 30,
        "/aws/lambda/shop-customers": 30,
        "/aws/vendedlogs/shop-access": 30,
    }


def test_output_names_the_topic_to_subscribe_to(deployed: Deployed) -> None:
    with deployed.account.service("sns") as sns:
        topics = sns.list_topics()["Topics"]

    assert topics == [{"TopicArn": deployed.outputs["AlarmTopicArn"]}]


def _granted(deployed: Deployed, role: str) -> set[Grant]:
    name = deployed.names[role]
    with deployed.account.service("iam") as iam:
        documents = [
            iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        ]
        for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            version = iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId="v1")
            documents.append(version["PolicyVersion"]["Document"])
    # moto gives a role's own policy back as Python would write it.
    read = [ast.literal_eval(document) if isinstance(document, str) else document for document in documents]
    return {grant for document in read for grant in grants.of_document(document)}


def _with_arns(deployed: Deployed, text: str) -> str:
    """Return a text in which what is only named has its real name, if moto has made it."""

    def real(found: re.Match[str]) -> str:
        name, attribute = found[1], found[2]
        if name not in deployed.names:
            return found[0]
        return _arn(deployed, name) if attribute else deployed.names[name]

    return re.sub(r"<(\w+)(\.Arn)?>", real, text)


def _arn(deployed: Deployed, name: str) -> str:
    physical = deployed.names[name]
    parts = {
        "AWS::DynamoDB::GlobalTable": f"dynamodb:{REGION}:{ACCOUNT_ID}:table/{physical}",
        "AWS::Lambda::Function": f"lambda:{REGION}:{ACCOUNT_ID}:function:{physical}",
        "AWS::Logs::LogGroup": f"logs:{REGION}:{ACCOUNT_ID}:log-group:{physical}",  # AWS's own ends with ":*"
    }
    return f"arn:aws:{parts[deployed.wanted.resources[name]['Type']]}"
