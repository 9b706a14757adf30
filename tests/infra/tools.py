"""Tools that have environments of their own, because what they need collides with what the product needs."""

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.infra.template import Tree

ROOT = Path(__file__).parents[2]

# What the SAM service does with a template before CloudFormation sees it; its input and output are JSON.
_TRANSLATE = """
import json, sys
import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
template, parameters = json.load(sys.stdin)
session = boto3.session.Session(region_name="eu-west-1")
json.dump(Translator({}, Parser(), boto_session=session).translate(template, parameters), sys.stdout)
"""


_ALONE = {
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_CONFIG_FILE": os.devnull,
    "SAM_CLI_TELEMETRY": "0",
    "LOG_LEVEL": "CRITICAL",  # checkov's
}


def tool(environment: str, name: str) -> str:
    """Return the path of a tool in one of the environments that .ci/run makes; fails the test if it is not there."""
    path = ROOT / environment / "bin" / name
    if not path.exists():
        pytest.fail(f"got no {path.relative_to(ROOT)}, expected what .ci/run installs there; run .ci/run once")
    return str(path)


def run(
    command: Sequence[str], cwd: Path = ROOT, stdin: str = "", environ: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run a tool in nobody's account, without telemetry, and without a trace in anybody's home."""
    with tempfile.TemporaryDirectory() as folder:
        variables = {**alone(), "__SAM_CLI_APP_DIR": folder, **(environ or {})}
        return subprocess.run(command, cwd=cwd, input=stdin, env=variables, capture_output=True, text=True, check=False)


def alone() -> dict[str, str]:
    """Return this environment without whoever's account it names."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith("AWS_")}, **_ALONE}


def translate(template: Tree, parameters: Mapping[str, str]) -> Tree:
    """Return what SAM makes of a template."""
    # As `sam package` leaves it; the translator takes no local folder.
    packaged = json.loads(json.dumps(template).replace('"CodeUri": "."', '"CodeUri": "s3://bucket/artifact"'))
    done = run([tool(".venv-sam", "python"), "-c", _TRANSLATE], stdin=json.dumps([packaged, dict(parameters)]))
    assert done.returncode == 0, done.stderr
    translated: Tree = json.loads(done.stdout)
    return translated
