"""What pip is asked for from the index itself: an artifact for a machine that this one is not, whole, and twice."""

import json
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.this_repository import ROOT

pytestmark = [pytest.mark.external, pytest.mark.timeout(600)]

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
_ELF_MACHINES = {"arm64": 183, "x86_64": 62}  # elf(5): EM_AARCH64, EM_X86_64


def package(output: Path, *options: str) -> dict[str, Any]:
    """Run the command as a makefile does, and return what it tells. Any: JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "proxy.packaging", "--output", str(output), "--json", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_artifact_holds_the_wheels_of_its_architecture(tmp_path: Path, architecture: str) -> None:
    told = package(tmp_path / "task", "--architecture", architecture, "--python", HERE)

    libraries = list((tmp_path / "task").rglob("*.so"))
    machines = {struct.unpack_from("<H", library.read_bytes(), 18)[0] for library in libraries}
    assert machines == {_ELF_MACHINES[architecture]}
    assert any("pydantic_core" in library.name for library in libraries)
    assert (told["architecture"], told["size"]["zipped"]) == (architecture, None)


def test_two_builds_from_the_index_are_the_same_bytes(tmp_path: Path) -> None:
    told = [package(tmp_path / name / "fig.zip", "--python", HERE) for name in ("one", "the other")]

    assert (tmp_path / "one/fig.zip").read_bytes() == (tmp_path / "the other/fig.zip").read_bytes()
    assert told[0]["sha256"] == told[1]["sha256"]


def test_artifact_without_boto3_leaves_it_to_the_runtime(tmp_path: Path) -> None:
    told = package(tmp_path / "fig.zip", "--without-boto3", "--python", HERE)

    with zipfile.ZipFile(tmp_path / "fig.zip") as packed:
        rooms = {name.partition("/")[0] for name in packed.namelist()}
    assert not rooms & {"boto3", "botocore", "s3transfer"}
    assert (told["boto3"], told["services"]) == ("", [])


def test_artifact_with_all_services_has_those_that_nothing_names(tmp_path: Path) -> None:
    told = package(tmp_path / "task", "--all-services", "--python", HERE)

    assert {"ec2", "s3control", "dynamodb"} <= set(told["services"])
    assert (tmp_path / "task/botocore/data/ec2").exists()
