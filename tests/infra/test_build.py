"""`sam build` on the machine of somebody who has a clone, a Python and SAM."""

import re
import shutil
import sys
import venv
from pathlib import Path

import pytest

from tests.infra.template import INFRA, TEXT
from tests.infra.tools import ROOT, run, tool

pytestmark = pytest.mark.external

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
_FUNCTIONS = ["CustomersFunction", "OrdersFunction", "ProxyFunction"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the template in a clone, without what a build leaves behind; the Runtime is the Python at hand."""
    for name in ("migrated", "proxy", "pyproject.toml", "routes.yaml", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    folder = shutil.copytree(INFRA, tmp_path / "infra", ignore=shutil.ignore_patterns(".aws-sam"))
    with_runtime(folder, HERE)
    return folder


def with_runtime(folder: Path, python: str) -> None:
    """Have the template ask for a Python."""
    text, count = re.subn(r"Runtime: python3\.\d+", f"Runtime: python{python}", TEXT)
    assert count == 1
    (folder / "template.yaml").write_text(text, "utf-8")


def test_each_function_is_packaged_for_the_runtime_of_the_template(folder: Path, tmp_path: Path) -> None:
    noted, python = tmp_path / "noted", tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "$*" >> "{noted}"\nfor last; do :; done\necho code > "$last/code.py"\n')
    python.chmod(0o755)
    with_runtime(folder, "3.14")

    done = run([tool(".venv-sam", "sam"), "build"], cwd=folder, environ={"PYTHON": str(python)})

    assert done.returncode == 0, done.stdout + done.stderr
    built = folder / ".aws-sam/build"
    package = f"{folder}/package.py --python 3.14 --architecture arm64 --output"
    assert sorted(noted.read_text().splitlines()) == [f"{package} {built}/{function}" for function in _FUNCTIONS]
    assert sorted(path.parent.name for path in built.glob("*/code.py")) == _FUNCTIONS


def test_python_with_nothing_installed_gets_what_packaging_takes_once_for_all_functions(
    folder: Path, tmp_path: Path
) -> None:
    venv.create(tmp_path / "bare", with_pip=False)

    done = run([tool(".venv-sam", "sam"), "build"], cwd=folder, environ={"PYTHON": f"{tmp_path}/bare/bin/python"})

    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(path.parts[-2] for path in folder.glob(".aws-sam/build/*/routes.json")) == _FUNCTIONS
    artifact = folder / ".aws-sam/build/ProxyFunction"
    for name in ("proxy/lambda_http.py", "migrated/orders/api.py", "httpx/__init__.py"):
        assert (artifact / name).is_file(), name
    assert not (artifact / "template.yaml").exists()
    assert (folder / ".aws-sam/packaging/made-of").is_file()


def test_python_with_all_that_packaging_takes_is_used_as_it_is(folder: Path) -> None:
    done = run([tool(".venv-sam", "sam"), "build", "ProxyFunction"], cwd=folder, environ={"PYTHON": sys.executable})

    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / ".aws-sam/build/ProxyFunction/proxy/lambda_http.py").is_file()
    assert not (folder / ".aws-sam/packaging").exists()


def test_runtime_without_an_interpreter_is_refused_with_the_cure_before_anything_is_installed(
    folder: Path, tmp_path: Path
) -> None:
    other = "3.13" if HERE == "3.14" else "3.14"
    with_runtime(folder, other)
    path = tmp_path / "path"
    path.mkdir()
    for name in ("make", "sed", "sh"):
        (path / name).symlink_to(shutil.which(name) or name)
    venv.create(tmp_path / "bare", with_pip=False)
    environ = {"PATH": str(path), "PYTHON": f"{tmp_path}/bare/bin/python"}

    done = run([tool(".venv-sam", "sam"), "build", "ProxyFunction"], cwd=folder, environ=environ)

    assert done.returncode != 0
    assert f"install python{other}, or change the function's Runtime" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not (folder / ".aws-sam/packaging").exists()
