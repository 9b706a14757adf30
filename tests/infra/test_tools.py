"""What AWS's own tools and checkov say of the template, without an account."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.infra.stack import Stack
from tests.infra.template import FILE, INFRA, Tree
from tests.infra.tools import run, tool, translate

pytestmark = pytest.mark.external

# So that each resource is in one of them.
_STACKS: list[dict[str, str]] = [
    {},
    {"FrontDoor": "function-url"},
    {
        "AlarmEmail": "on-call@example.com",
        "Authorizer": "iam",
        "CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/1",
        "CustomersRun": "apart",
        "DomainName": "api.example.com",
        "HostedZoneId": "Z1",
        "LegacySecret": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:legacy-Ab1Cd2",
        "LegacySecretKey": "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "OrdersRun": "both",
        "ReplicaRegion1": "eu-central-1",
        "VpcSecurityGroupIds": "sg-1",
        "VpcSubnetIds": "subnet-1",
    },
    {"Authorizer": "jwt", "JwtAudience": "a", "JwtIssuer": "https://issuer.example"},
    {
        "CustomersRun": "both",
        "CustomersTableName": "fig-CustomersTable-1A2B3C4D5E6F",
        "OrdersRun": "both",
        "OrdersTableName": "fig-OrdersTable-1A2B3C4D5E6F",
        "RoutingTableName": "fig-RoutingTable-1A2B3C4D5E6F",
    },
]


def test_cfn_lint_finds_nothing() -> None:
    done = run([tool(".venv-sam", "cfn-lint"), str(FILE)])

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_sam_finds_the_template_valid() -> None:
    done = run([tool(".venv-sam", "sam"), "validate", "--lint", "--template-file", str(FILE)])

    assert done.returncode == 0, done.stdout + done.stderr


def test_defaults_of_the_commands_are_understood(tmp_path: Path) -> None:
    folder = shutil.copytree(INFRA, tmp_path / "infra")

    done = run([tool(".venv-sam", "sam"), "validate"], cwd=folder)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "basic SAM Validation" not in done.stdout, "samconfig.toml asks for the linter"


def test_checkov_finds_only_what_is_argued_for(written: Tree, tmp_path: Path) -> None:
    for number, parameters in enumerate(_STACKS):
        given = {"LegacyUrl": "https://old.example", **parameters}
        resources = Stack(translate(written, given), given).resources
        (tmp_path / f"{number}.json").write_text(
            json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})
        )
    checkov = [tool(".venv-infra", "checkov"), "--framework", "cloudformation", "--skip-download"]
    argued = re.findall(r"^  - (\w+)  # .{20,}$", (INFRA / "checkov.yaml").read_text("utf-8"), re.MULTILINE)

    done = run([*checkov, "--directory", str(tmp_path), "--output", "json"])

    report = json.loads(done.stdout)
    assert report["summary"]["parsing_errors"] == 0
    assert sorted({check["check_id"] for check in report["results"]["failed_checks"]}) == sorted(argued)
    # And checkov reads the list as it is meant.
    done = run([*checkov, "--directory", str(tmp_path), "--config-file", str(INFRA / "checkov.yaml"), "--compact"])
    assert done.returncode == 0, done.stdout


def test_every_resource_was_looked_at_by_checkov(written: Tree) -> None:
    looked_at = {
        name for parameters in _STACKS for name in Stack(written, {"LegacyUrl": "https://x", **parameters}).resources
    }

    assert looked_at == set(written["Resources"])
