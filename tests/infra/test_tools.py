"""What AWS's own tools and checkov say of the template, without an account."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.infra.stack import Stack
from tests.infra.template import FILE, INFRA, TEXT, Tree
from tests.infra.tools import ROOT, run, tool, translate

pytestmark = pytest.mark.external

_FUNCTIONS = ["CustomersFunction", "OrdersFunction", "ProxyFunction"]
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
        "LegacySecret": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:legacy",
        "OrdersRun": "both",
        "ReplicaRegion1": "eu-central-1",
        "VpcSecurityGroupIds": "sg-1",
        "VpcSubnetIds": "subnet-1",
    },
    {"Authorizer": "jwt", "JwtAudience": "a", "JwtIssuer": "https://issuer.example"},
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


def test_build_packages_each_function_for_the_runtime_of_the_template(tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "$PWD $*" >> "{noted}"\nfor last; do :; done\necho code > "$last/code.py"\n')
    python.chmod(0o755)
    folder = shutil.copytree(INFRA, tmp_path / "project/infra")

    done = run([tool(".venv-sam", "sam"), "build"], cwd=folder, environ={"PYTHON": str(python)})

    assert done.returncode == 0, done.stdout + done.stderr
    built = folder / ".aws-sam/build"
    package = f"{tmp_path}/project -m proxy.packaging --python 3.14 --architecture arm64 --output"
    assert sorted(noted.read_text().splitlines()) == [f"{package} {built}/{function}" for function in _FUNCTIONS]
    assert sorted(path.parent.name for path in built.glob("*/code.py")) == _FUNCTIONS


def test_build_makes_the_artifact_of_the_proxy(tmp_path: Path) -> None:
    """With the Python that runs this, for there may be no other; the template's own is what Lambda has."""
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for name in ("migrated", "proxy", "pyproject.toml", "routes.yaml", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    folder = shutil.copytree(INFRA, tmp_path / "infra")
    assert "Runtime: python3.14" in TEXT
    (folder / "template.yaml").write_text(TEXT.replace("Runtime: python3.14", f"Runtime: python{here}"))

    done = run([tool(".venv-sam", "sam"), "build", "ProxyFunction"], cwd=folder, environ={"PYTHON": sys.executable})

    assert done.returncode == 0, done.stdout + done.stderr
    artifact = folder / ".aws-sam/build/ProxyFunction"
    for name in ("proxy/lambda_http.py", "migrated/orders/api.py", "httpx/__init__.py", "routes.json"):
        assert (artifact / name).is_file(), name
    assert not (artifact / "template.yaml").exists()
