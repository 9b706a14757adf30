"""The variables that the template hands over are those that the code reads: no more, no less."""

from collections.abc import Iterator, Mapping

import pytest
from aws_lambda_powertools.shared import constants

from migrated.customers import table as customers
from migrated.orders import table as orders
from proxy import settings
from proxy.settings import Settings
from tests.infra.conftest import StackOf
from tests.infra.stack import Stack

# Set by Lambda itself, or by somebody who has an endpoint of their own.
_NOT_OURS = ("AWS_", "LAMBDA_")
_SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:legacy-Ab1Cd2"
_KEYS = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:keys-Ab1Cd2"
_OF_HANDLERS = {"CUSTOMERS_TABLE", "ORDERS_TABLE"}
_OF_POWERTOOLS = {constants.SERVICE_NAME_ENV, constants.POWERTOOLS_LOG_LEVEL_ENV}


class _Asked(Mapping[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        self.names.add(str(name))
        return False

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def test_proxy_gets_every_variable_that_it_reads_and_no_other(stack_of: StackOf) -> None:
    asked = _Asked()
    settings.read(asked)

    handed = set(_variables(stack_of(LegacySecret=_SECRET, KeysSecret=_KEYS), "ProxyFunction"))

    read = {name for name in asked.names if not name.startswith(_NOT_OURS)}
    assert handed == read | _OF_HANDLERS | _OF_POWERTOOLS


def test_secrets_are_handed_over_only_where_there_are_some_and_never_as_they_are(stack_of: StackOf) -> None:
    secret = {"FIG_LEGACY_SECRET", "FIG_OVERRIDE_KEY", "FIG_CLIENT_KEY"}

    without = _variables(stack_of(), "ProxyFunction")
    handed = _variables(stack_of(LegacySecret=_SECRET, KeysSecret=_KEYS), "ProxyFunction")

    assert not secret & set(without)
    assert {name: handed[name] for name in secret} == {
        "FIG_LEGACY_SECRET": _SECRET,
        "FIG_OVERRIDE_KEY": f"{{{{resolve:secretsmanager:{_KEYS}:SecretString:override}}}}",
        "FIG_CLIENT_KEY": f"{{{{resolve:secretsmanager:{_KEYS}:SecretString:client}}}}",
    }


@pytest.mark.parametrize(
    ("function", "variables"),
    [
        ("CustomersFunction", {"CUSTOMERS_TABLE", *_OF_POWERTOOLS}),
        ("OrdersFunction", {"CUSTOMERS_TABLE", "ORDERS_TABLE", *_OF_POWERTOOLS}),
    ],
)
def test_domain_apart_gets_what_its_handlers_read(stack_of: StackOf, function: str, variables: set[str]) -> None:
    stack = stack_of(CustomersRun="apart", OrdersRun="apart")

    assert set(_variables(stack, function)) == variables


@pytest.mark.parametrize("function", ["ProxyFunction", "OrdersFunction"])
def test_handlers_find_their_tables(stack_of: StackOf, function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _variables(stack_of(OrdersRun="both"), function).items():
        monkeypatch.setenv(name, value)

    assert (customers.name(), orders.name()) == ("<CustomersTable>", "<OrdersTable>")


def test_settings_of_the_first_day_are_understood(stack_of: StackOf) -> None:
    by_lambda = {"AWS_LAMBDA_FUNCTION_NAME": "shop-proxy", "LAMBDA_TASK_ROOT": "/var/task", "AWS_REGION": "eu-west-1"}

    found = settings.read({**_variables(stack_of(), "ProxyFunction"), **by_lambda})

    assert found == Settings(
        table="dynamodb:<RoutingTable>",
        table_ttl_s=5.0,
        baked_table="/var/task/routes.json",
        legacy_hosts=frozenset({"old.example"}),
        via="shop-proxy",
        kept_headers=frozenset({"x-amzn-trace-id"}),
        evidence="dynamodb:<EvidenceTable>",
        metrics_namespace="Fig/shop",
        service="shop",
        function_name="shop-proxy",
        region="eu-west-1",
        dynamodb_url="https://dynamodb.eu-west-1.amazonaws.com",
        lambda_url="https://lambda.eu-west-1.amazonaws.com",
        secrets_url="https://secretsmanager.eu-west-1.amazonaws.com",
    )


def test_table_in_the_artifact_is_where_the_proxy_looks_by_itself(stack_of: StackOf) -> None:
    by_itself = settings.read({"LAMBDA_TASK_ROOT": "/var/task"}).baked_table

    assert _variables(stack_of(), "ProxyFunction")["FIG_BAKED_TABLE"] == by_itself


def _variables(stack: Stack, function: str) -> dict[str, str]:
    variables: dict[str, str] = stack.properties(function)["Environment"]["Variables"]
    return variables
