"""The piece of template that the README gives for the end: clients reach a domain's function around the proxy."""

from pathlib import Path

import pytest

from tests.infra.stack import Stack
from tests.infra.template import TEXT, parse
from tests.infra.tools import run, tool
from tests.readme import blocks, section


def with_the_readmes_piece() -> str:
    """Return the template with the piece under its Resources."""
    (piece,) = (block.text for block in blocks(section("## Operate it")) if block.language == "yaml")
    head, found, tail = TEXT.partition("\nResources:\n")
    assert found
    return f"{head}{found}{piece}\n{tail}"


@pytest.mark.parametrize("authorizer", ["none", "iam"])
def test_customers_are_reached_around_the_proxy_by_those_who_may_reach_the_proxy(authorizer: str) -> None:
    parameters = {"LegacyUrl": "https://old.example", "CustomersRun": "apart", "Authorizer": authorizer}

    stack = Stack(parse(with_the_readmes_piece()), parameters)

    around, through = stack.properties("CustomersRoute"), stack.properties("HttpApiCatchAll")
    assert around["AuthorizationType"] == through["AuthorizationType"]
    assert (around["ApiId"], around["Target"]) == (through["ApiId"], "integrations/<CustomersIntegration>")
    assert stack.properties("CustomersIntegration")["IntegrationUri"] == "<CustomersFunctionAliaslive>"
    assert stack.properties("CustomersMayBeInvoked")["FunctionName"] == "<CustomersFunctionAliaslive>"


@pytest.mark.external
def test_linter_takes_the_template_with_the_piece(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(with_the_readmes_piece(), "utf-8")

    done = run([tool(".venv-sam", "cfn-lint"), str(tmp_path / "template.yaml")])

    assert (done.returncode, done.stdout + done.stderr) == (0, "")
