"""`fig package` and `python -m proxy.packaging`: what they say, how they exit, and what an interrupt leaves behind."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from proxy.cli.package import package
from tests.packaging.this_repository import ROOT

APP = typer.Typer()
APP.command()(package)
DEADLINE_S = 30.0


def fig_package(*arguments: str | Path) -> Result:
    return CliRunner().invoke(APP, [str(argument) for argument in arguments])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to package from, which is the working directory; pip finds nothing."""
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies = ['quick']\n")
    (tmp_path / "constraints.txt").write_text("quick==1.0\n")
    (tmp_path / "routes.yaml").write_text("version: 1\n")
    monkeypatch.chdir(tmp_path)
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}.items():
        monkeypatch.setenv(name, value)
    return tmp_path


HERE = ("--python", f"{sys.version_info[0]}.{sys.version_info[1]}", "--constraints", "constraints.txt")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 1, "pip found no way to install what pyproject.toml depends on:\nERROR: Cannot install quick"),
        (("--routes", "nope.yaml"), 2, "--routes: got nope.yaml, which cannot be read (No such file or directory)"),
        (("--constraints", "nope.txt"), 2, "--constraints: got nope.txt, which is not a file, expected the versions"),
        (("--output", "routes.yaml"), 2, "--output: got routes.yaml, which is a file, expected FILE.zip or a folder"),
        (("--output", "."), 2, "--output: got "),
        (("--architecture", "sparc"), 2, "Invalid value for '--architecture'"),
        (("--python", "3.10"), 2, "Invalid value for '--python'"),
    ],
)
def test_exit_code_tells_refusal_from_misuse(project: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    before = sorted(project.rglob("*"))

    result = fig_package(*HERE, *arguments)

    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    assert [path for path in sorted(project.rglob("*")) if path.name != "build"] == before


def test_every_problem_of_the_document_is_told(project: Path) -> None:
    (project / "routes.yaml").write_text("version: 2\nroutes: [{id: A, match: nothing}]\n")

    result = fig_package(*HERE)

    assert result.exit_code == 1
    assert [line.split(" ")[0] for line in result.stderr.splitlines()] == [
        "routes.yaml:1:10",
        "routes.yaml:2:15",
        "routes.yaml:2:25",
    ]


def test_programs_get_the_error_as_json(project: Path) -> None:
    result = fig_package(*HERE, "--output", "routes.yaml", "--json")

    told = json.loads(result.stdout)["error"]
    assert (told["code"], told["message"]) == ("misuse", result.stderr.rstrip("\n"))


def test_interrupt_leaves_neither_an_artifact_nor_a_process_behind(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as index:  # takes connections, and never answers
        process = subprocess.Popen(
            [sys.executable, "-m", "proxy.packaging", *HERE, "--output", "build/fig.zip"],
            cwd=project,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "PIP_CONFIG_FILE": os.devnull,
                "PIP_INDEX_URL": f"http://127.0.0.1:{index.getsockname()[1]}/simple",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        index.settimeout(DEADLINE_S)
        asked, _ = index.accept()
        assert len(list((project / "build").iterdir())) == 1  # the work under way
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=DEADLINE_S)
        with asked:
            asked.settimeout(DEADLINE_S)
            while asked.recv(4096):  # until pip's end of the connection is closed
                pass

    assert process.returncode != 0
    assert b"Traceback" not in said
    assert list((project / "build").iterdir()) == []
