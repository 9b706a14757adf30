"""How the functions start, and how a change of code takes over."""

import ast
import inspect
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

import pytest

from proxy.cli.package import package
from tests.infra.conftest import StackOf
from tests.infra.stack import Stack
from tests.infra.template import INFRA, Tree
from tests.infra.tools import translate

_FUNCTIONS = ["ProxyFunction", "CustomersFunction", "OrdersFunction"]


@pytest.mark.parametrize("function", _FUNCTIONS)
def test_function_runs_on_the_newest_python_on_arm(stack_of: StackOf, function: str) -> None:
    properties = stack_of(CustomersRun="apart", OrdersRun="apart", MemoryMb="512").properties(function)

    assert (properties["Runtime"], properties["Architectures"]) == ("python3.14", ["arm64"])
    assert (properties["MemorySize"], properties["Timeout"]) == ("512", "30")


def test_fig_package_makes_by_default_what_the_template_wants(stack_of: StackOf) -> None:
    defaults = {name: parameter.default for name, parameter in inspect.signature(package).parameters.items()}

    properties = stack_of().properties("ProxyFunction")

    assert (properties["Runtime"], properties["Architectures"]) == (
        f"python{defaults['python']}",
        [defaults["architecture"]],
    )


@pytest.mark.parametrize("function", _FUNCTIONS)
def test_handler_of_a_function_is_in_the_code(stack_of: StackOf, function: str) -> None:
    handler = stack_of(CustomersRun="apart", OrdersRun="apart").properties(function)["Handler"]
    module, _, name = handler.rpartition(".")

    # Read, not imported: the proxy's entry starts the proxy.
    tree = ast.parse((INFRA.parent / f"{module.replace('.', '/')}.py").read_text("utf-8"))

    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assigned = {ast.unparse(target) for node in tree.body if isinstance(node, ast.Assign) for target in node.targets}
    assert name in functions | assigned


@pytest.mark.parametrize("function", _FUNCTIONS)
def test_lines_reach_the_log_as_they_are_written_whatever_their_level(stack_of: StackOf, function: str) -> None:
    """Lambda's own JSON format would drop records, and the metrics in them, below a level."""
    logging = stack_of(CustomersRun="both", OrdersRun="both").properties(function)["LoggingConfig"]

    assert logging == {"LogFormat": "Text", "LogGroup": f"<{function.replace('Function', 'Logs')}>"}


@pytest.mark.parametrize(
    ("parameters", "snapshots", "provisioned"),
    [
        ({}, "PublishedVersions", None),
        ({"ColdStart": "plain"}, "None", None),
        ({"ColdStart": "provisioned", "ProvisionedConcurrency": "4"}, "None", "4"),
    ],
)
def test_snapshots_and_provisioned_concurrency_exclude_each_other(
    stack_of: StackOf, parameters: dict[str, str], snapshots: str, provisioned: str | None
) -> None:
    stack = stack_of(**parameters)

    # SAM moves it from the function to its alias.
    holder = stack.properties(
        "ProxyFunctionAliaslive" if "ProxyFunctionAliaslive" in stack.resources else "ProxyFunction"
    )
    assert holder.get("ProvisionedConcurrencyConfig", {}).get("ProvisionedConcurrentExecutions") == provisioned
    assert stack.properties("ProxyFunction")["SnapStart"] == {"ApplyOn": snapshots}


def test_private_legacy_is_reached_from_its_subnets(stack_of: StackOf) -> None:
    stack = stack_of(VpcSubnetIds="subnet-1,subnet-2", VpcSecurityGroupIds="sg-1")

    network = {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}
    assert stack.properties("ProxyFunction")["VpcConfig"] == network
    assert "VpcConfig" not in stack_of().properties("ProxyFunction")


@pytest.mark.external
@pytest.mark.parametrize(
    ("deployment", "configuration", "alarms"),
    [
        (
            "Canary10Percent5Minutes",
            "CodeDeployDefault.LambdaCanary10Percent5Minutes",
            [
                "<ProxyVersionErrorsAlarm>",
                "<ProxyVersionCrashesAlarm>",
                "<FrontDoorErrorsAlarm>",
                "<MigratedErrorsAlarm>",
                "<FallbacksAlarm>",
            ],
        ),
        ("AllAtOnce", "CodeDeployDefault.LambdaAllAtOnce", []),
    ],
)
def test_new_code_takes_over_step_by_step_and_back_on_an_alarm(
    written: Tree, deployment: str, configuration: str, alarms: list[str]
) -> None:
    parameters = {"LegacyUrl": "https://old.example", "Deployment": deployment, "OrdersRun": "apart"}

    stack = Stack(translate(written, parameters), parameters)

    group = stack.properties("ProxyFunctionDeploymentGroup")
    assert group["DeploymentConfigName"] == configuration
    assert _alarms(group) == alarms
    of_orders = ["<OrdersVersionCrashesAlarm>", "<MigratedErrorsAlarm>"] if alarms else []
    assert _alarms(stack.properties("OrdersFunctionDeploymentGroup")) == of_orders
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    assert group["ServiceRoleArn"] == "<DeploymentRole.Arn>"
    assert sorted(stack.of_type("AWS::CodeDeploy::DeploymentGroup")) == [
        "OrdersFunctionDeploymentGroup",
        "ProxyFunctionDeploymentGroup",
    ]


@pytest.mark.external
def test_nothing_has_to_be_made_before_itself(written: Tree) -> None:
    """cfn-lint does not follow update policies, by which an alias needs its deployment group and what that needs."""
    resources = translate(written, {"LegacyUrl": "https://old.example"})["Resources"]

    needs = {
        name: {match for match in _names(resource) if match in resources and match != name}
        for name, resource in resources.items()
    }

    assert "ProxyFunctionDeploymentGroup" in needs["ProxyFunctionAliaslive"]
    TopologicalSorter(needs).prepare()  # raises CycleError


def _alarms(group: Tree) -> list[str]:
    return [alarm["Name"] for alarm in group["AlarmConfiguration"].get("Alarms", [])]


def _names(value: Any) -> Iterator[str]:  # Any: as it stands in the template
    """Yield what a part of a template refers to: parameters, resources and conditions."""
    if isinstance(value, list):
        for item in value:
            yield from _names(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in ("Ref", "Condition") and isinstance(item, str):
                yield item
            elif key in ("Fn::If", "Fn::GetAtt"):
                yield item[0]
            if key == "Fn::Sub":
                yield from re.findall(r"\$\{([\w:]+)", item if isinstance(item, str) else item[0])
            yield from _names(item)
