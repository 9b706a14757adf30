"""What the README says of operations: run where that takes no account, and held against the template where it does."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from botocore.validate import ParamValidator
from typer.core import TyperGroup

from proxy.cli.app import app
from proxy.publishing.session import embedded_session
from proxy.routing.reader import read
from proxy.stores.dynamodb_history import create_table
from tests.infra import grants
from tests.infra.grants import Grant
from tests.infra.stack import PSEUDO, Stack
from tests.infra.template import TEXT as TEMPLATE
from tests.infra.template import parse
from tests.infra.tools import alone
from tests.readme import ROOT, blocks, section, steps
from tests.stores.embedded import embedded_dynamodb

OPERATE = section("## Operate it")
REGION = "eu-west-1"
FURTHER = "eu-central-1"
TABLE = "fig-RoutingTable-1A2B3C4D5E6F"
EVIDENCE = "fig-EvidenceTable-1A2B3C4D5E6F"

# Names that the text may use and the template has not: sections of CloudFormation.
_CLOUDFORMATION = {"Resources", "Runtime"}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What a clone has, as far as these commands look at it."""
    shutil.copytree(ROOT / "migrated", tmp_path / "migrated")
    shutil.copy(ROOT / "routes.yaml", tmp_path)
    (tmp_path / ".venv").symlink_to(sys.prefix)  # where the README's first command puts it
    return tmp_path


@pytest.fixture
def variables() -> Iterator[dict[str, str]]:
    """The environment of somebody who has deployed the stack, with an embedded database in place of AWS."""
    with embedded_dynamodb() as url:
        client = embedded_session(REGION).client("dynamodb", endpoint_url=url)
        create_table(client, TABLE)
        client.close()
        yield {**alone(), "AWS_REGION": REGION, "FIG_TABLE": f"dynamodb:{TABLE}", "AWS_ENDPOINT_URL": url}


def test_commands_that_need_no_account_do_what_the_readme_shows(clone: Path, variables: dict[str, str]) -> None:
    operate = steps(OPERATE, "operate")
    assert len(operate) >= 9

    for step in operate:
        done = subprocess.run(
            step.command, shell=True, cwd=clone, env=variables, capture_output=True, text=True, check=False
        )

        told = f"$ {step.command}\n{done.stdout}{done.stderr}"
        assert done.returncode == 0, told
        assert step.fits(done.stdout), told


def test_first_table_has_every_route_on_legacy_after_the_tour_too(clone: Path, variables: dict[str, str]) -> None:
    """The tour leaves a route in shadow."""
    routes = clone / "routes.yaml"
    left = {"orders.read": "shadow", "orders.list": "live", "orders.create": "canary\n    percent: 50"}
    for name, stage in left.items():
        routes.write_text(re.sub(rf"(id: {name}\n(?:.*\n)*?    stage: )legacy", rf"\g<1>{stage}", routes.read_text()))
    step = next(step for step in steps(OPERATE, "operate") if step.command.startswith("sed "))

    subprocess.run(step.command, shell=True, cwd=clone, env=variables, check=True)

    assert {route.stage for route in read(routes.read_text()).routes} == {"legacy"}


def test_every_block_is_run_or_says_that_it_needs_an_account() -> None:
    found = blocks(OPERATE)

    assert [block for block in found if block.marker not in ("operate", "needs AWS")] == []
    assert {block.marker for block in found} == {"operate", "needs AWS"}


def test_every_table_and_the_region_are_those_that_are_exported() -> None:
    exported = " ".join(step.command for step in steps(OPERATE, "needs AWS") if step.command.startswith("export"))

    assert re.findall(r"(\w+)=(\S+)", exported) == [
        ("AWS_REGION", REGION),
        ("FIG_TABLE", f"dynamodb:{TABLE}"),
        ("FIG_EVIDENCE", f"dynamodb:{EVIDENCE}"),
    ]
    handlers = {"fig-CustomersTable-1A2B3C4D5E6F", "fig-OrdersTable-1A2B3C4D5E6F"}
    assert set(re.findall(r"fig-\w+Table-\w+", OPERATE)) == {TABLE, EVIDENCE, *handlers}


def test_every_name_is_one_of_the_template() -> None:
    template = parse(TEMPLATE)
    known = {*template["Parameters"], *template["Resources"], *template["Outputs"], *_CLOUDFORMATION}

    named = re.findall(r"`([A-Z]\w+)(?:=\S+)?`", OPERATE)
    given = re.findall(r"(?:`|overrides )([A-Z]\w+)=(\w+)", OPERATE)

    assert set(named) - known == set()
    allowed = {name: spec["AllowedValues"] for name, spec in template["Parameters"].items() if "AllowedValues" in spec}
    assert [(name, value) for name, value in given if value not in allowed.get(name, [value])] == []
    assert len(given) >= 3


def test_every_alarm_is_read() -> None:
    alarms = {name for name, resource in parse(TEMPLATE)["Resources"].items() if resource["Type"].endswith("::Alarm")}

    assert set(re.findall(r"^\| `(\w+Alarm)` \|", OPERATE, re.MULTILINE)) == alarms


def test_every_fig_command_and_option_exists() -> None:
    commands = typer.main.get_command(app)
    assert isinstance(commands, TyperGroup)
    said = re.findall(r"(?:^\$ \.venv/bin/|`)fig ([^`\n]+)", OPERATE, re.MULTILINE)
    assert len(said) >= 10

    for arguments in said:
        name, *rest = shlex.split(arguments)
        options = {option for parameter in commands.commands[name].params for option in parameter.opts}
        assert {word for word in rest if word.startswith("--")} <= options, arguments


def test_command_for_a_further_region_is_the_one_that_home_puts_out() -> None:
    (shown,) = (step.command for step in steps(OPERATE, "needs AWS") if "--region" in step.command)
    home = Stack(parse(TEMPLATE), {"LegacyUrl": "https://old.example", "ReplicaRegion1": FURTHER})

    put_out = home.outputs["Replica1"].replace(f"--stack-name {PSEUDO['AWS::StackName']}", "--stack-name fig")

    assert shown == "cd infra && " + re.sub(r"<(\w+)>", r"fig-\1-1A2B3C4D5E6F", put_out)


def test_rights_of_who_publishes_in_place_of_home_are_those_that_home_gives() -> None:
    (shown,) = (step.command for step in steps(OPERATE, "needs AWS") if "put-role-policy" in step.command)
    home = Stack(parse(TEMPLATE), {"LegacyUrl": "https://old.example"})
    replica = f"arn:aws:dynamodb:{FURTHER}:{PSEUDO['AWS::AccountId']}:table/{TABLE}"

    written_out = json.loads(_option(shown, "--policy-document"))

    assert grants.of_document(written_out) == {
        Grant(action, replica)
        for action, resource in grants.of_policy(home, "FigPublisher")
        if resource == "<RoutingTable.Arn>"
    }


def test_route_53_would_understand_the_record() -> None:
    (shown,) = (step.command for step in steps(OPERATE, "needs AWS") if "change-resource-record-sets" in step.command)
    request = {
        "HostedZoneId": _option(shown, "--hosted-zone-id"),
        "ChangeBatch": json.loads(_option(shown, "--change-batch")),
    }
    client = embedded_session(REGION).client("route53")
    shape = client.meta.service_model.operation_model("ChangeResourceRecordSets").input_shape
    client.close()

    assert not ParamValidator().validate(request, shape).has_errors()


def test_names_with_the_stacks_name_in_front_are_those_of_the_template() -> None:
    stack = Stack(parse(TEMPLATE), {"LegacyUrl": "https://old.example", "CustomersRun": "both"})
    named = {
        str(resource["Properties"][key]).replace(PSEUDO["AWS::StackName"], "fig")
        for resource in stack.resources.values()
        for key in ("FunctionName", "LogGroupName")
        if key in resource.get("Properties", {})
    }

    assert re.search(r'^stack_name = "fig"$', (ROOT / "infra/samconfig.toml").read_text("utf-8"), re.MULTILINE)
    assert set(re.findall(r"/aws/lambda/[\w-]+", OPERATE)) <= named
    assert set(re.findall(r"`function: ([\w-]+):live`", OPERATE)) <= named


def _option(command: str, name: str) -> str:
    words = shlex.split(command)
    return words[words.index(name) + 1]
