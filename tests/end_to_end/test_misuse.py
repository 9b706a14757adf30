"""Misuse and bad documents: one clear line for each problem, on standard error, and nothing is left running."""

import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from proxy.cli.app import app

from .house import COMMAND, DEADLINE_S, ROUTES, House, until


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command left: its exit code and what it wrote."""

    code: int
    stdout: str
    stderr: str


def fig_dev(folder: Path, *options: str) -> Ended:
    """Run `fig dev`, which must end by itself, and return what it left."""
    command = [*COMMAND, "--port", "0", *options]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    return Ended(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good routes.yaml."""
    (tmp_path / "routes.yaml").write_text(ROUTES, encoding="utf-8")
    return tmp_path


ORIGIN = "expected http(s)://host[:port] without path, query or credentials"
MISUSES = {
    ("--legacy", "http://h/path"): f"--legacy: got 'http://h/path', {ORIGIN}",
    ("--legacy", "http://h?query"): f"--legacy: got 'http://h?query', {ORIGIN}",
    ("--legacy", "ftp://h"): f"--legacy: got 'ftp://h', {ORIGIN}",
    ("--legacy", "h:8080"): f"--legacy: got 'h:8080', {ORIGIN}",
    ("--legacy", ""): f"--legacy: got '', {ORIGIN}",
    (
        "--legacy",
        "http://h:99999",
    ): "--legacy: got 'http://h:99999', expected a host name or address and a port from 1 to 65535",
    ("--dynamodb", "http://h/path"): f"--dynamodb: got 'http://h/path', {ORIGIN}",
    (
        "--routes",
        "no-such.yaml",
    ): "--routes: got no-such.yaml, which is not a file; name a routes.yaml or run fig dev where there is one",
    ("--routes", "."): "--routes: got ., which is not a file; name a routes.yaml or run fig dev where there is one",
}


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    """The command in this process, for what ends before anything starts: a process of its own takes half a second."""

    def run(*options: str) -> Ended:
        result = CliRunner().invoke(app, ["dev", *options])
        return Ended(result.exit_code, result.stdout, result.stderr)

    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "200")  # nothing wraps
    return run


@pytest.mark.parametrize(("options", "told"), MISUSES.items(), ids=map(" ".join, MISUSES))
def test_misuse_is_one_line_and_exit_2(run: Callable[..., Ended], options: tuple[str, str], told: str) -> None:
    assert run(*options) == Ended(2, "", f"{told}\n")


def test_password_in_a_url_is_not_repeated(run: Callable[..., Ended]) -> None:
    """Law 9: no credentials reach a log."""
    ended = run("--legacy", "http://user:secret@h")

    assert ended == Ended(2, "", f"--legacy: got 'http://…@h', {ORIGIN}\n")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--workers", "0"),
        ("--workers", "65"),
        ("--workers", "two"),
        ("--port", "-1"),
        ("--port", "65536"),
        ("--front-door", "back-door"),
        ("--log-format", "xml"),
        ("--no-such-option", "1"),
    ],
)
def test_value_of_the_wrong_kind_is_exit_2_and_names_the_option(
    run: Callable[..., Ended], option: str, value: str
) -> None:
    ended = run(option, value)

    (line,) = [line for line in ended.stderr.splitlines() if option in line]
    assert (ended.code, ended.stdout) == (2, "")
    assert line.strip("│ ").startswith(("Invalid value for", "No such option"))


def test_folder_without_a_document_is_misuse(tmp_path: Path) -> None:
    ended = fig_dev(tmp_path)

    told = "--routes: got routes.yaml, which is not a file; name a routes.yaml or run fig dev where there is one\n"
    assert ended == Ended(2, "", told)


def test_port_in_use_is_misuse(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        ended = fig_dev(folder, "--port", str(port))

    # The words in brackets are the operating system's.
    told = rf"--port: got {port}, which cannot be used \([A-Za-z ]+\); end what uses it, or take --port 0\n"
    assert (ended.code, ended.stdout) == (2, "")
    assert re.fullmatch(told, ended.stderr)


def test_of_two_houses_that_want_one_port_at_once_one_stands(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()

    # A free port may be taken before either house has it: any connection that goes out takes one.
    attempts = (ended_of_two_at_one_port(folders) for _ in range(3))
    codes, said = next((codes, said) for codes, said in attempts if codes != [2, 2])

    assert codes == [0, 2]
    assert said == ["--port: got PORT, which cannot be used"]


def ended_of_two_at_one_port(folders: list[Path]) -> tuple[list[int], list[str]]:
    """Start two houses at one port, stop what stands; return the codes of both, and what one that failed has said."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
    houses = [House(folder, "--port", port).start() for folder in folders]
    try:
        until(lambda: any(not house.is_running for house in houses))
        until(lambda: all(not house.is_running or is_ready(house) for house in houses))
        refused = next(house for house in houses if not house.is_running)
        codes = sorted(house.stop() if house.is_running else house.wait() for house in houses)
    finally:
        for house in houses:
            house.kill()
    return codes, [line.partition(" (")[0].replace(port, "PORT") for line in refused.lines]


def is_ready(house: House) -> bool:
    return any(line.startswith("ready ") for line in house.lines)


BROKEN = """\
version: 1
legacy: {url: "ftp://h", timeout: soon}
routes:
  - id: customers.read
    match: GET /customers/{id}
    handler: migrated.customers.api:handle
    stage: migratd
  - {id: Orders, match: GTE /orders, satge: legacy}
"""


def test_every_problem_of_a_broken_document_is_told_with_its_place(folder: Path) -> None:
    """Law 3: a bad document says everything that is wrong with it at once."""
    (folder / "routes.yaml").write_text(BROKEN, encoding="utf-8")

    ended = fig_dev(folder)

    assert (ended.code, ended.stdout) == (1, "")
    assert [line.partition(": ")[0] for line in ended.stderr.splitlines()] == [
        "routes.yaml:2:15 legacy.url",
        "routes.yaml:2:35 legacy.timeout",
        "routes.yaml:6:14 customers.read handler",
        "routes.yaml:7:12 customers.read stage",
        "routes.yaml:8:10 Orders id",
        "routes.yaml:8:25 Orders match",
        "routes.yaml:8:38 Orders satge",
    ]


def test_handler_that_is_not_there_is_a_problem_of_the_document(folder: Path) -> None:
    broken = ROUTES.replace("migrated.customers.api:handler", "migrated.customers.ap:handler", 1)
    (folder / "routes.yaml").write_text(broken, encoding="utf-8")

    ended = fig_dev(folder)

    (line,) = ended.stderr.splitlines()
    assert (ended.code, ended.stdout) == (1, "")
    assert line.startswith("routes.yaml:13:14 customers.read handler: got 'migrated.customers.ap:handler', expected ")


@pytest.fixture
def nobody() -> Iterator[str]:
    """A URL under which nobody listens, and nobody will."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


def test_database_that_cannot_be_reached_is_told_in_one_line(folder: Path, nobody: str) -> None:
    house = House(folder, "--dynamodb", nobody).start()
    try:
        code = house.wait()
        house.check()
    finally:
        house.kill()

    lines = [line for line in house.lines if not line.endswith(" ms")]  # how long the workers took may come first
    assert code == 1
    assert [line.partition(": Could not connect")[0] for line in lines] == [
        f"dynamodb at {nobody}: the tables cannot be made"
    ]


def test_function_that_does_not_start_is_told_with_its_reason(folder: Path) -> None:
    (folder / "h11.py").write_text("raise RuntimeError('this is not the h11 that you want')\n")

    house = House(folder, under=("env", "PYTHONSAFEPATH=1")).start()
    try:
        code = house.wait()
    finally:
        house.kill()

    assert code == 1
    assert any(line.startswith("the function does not start: ") for line in house.lines)
    assert any("this is not the h11 that you want" in line for line in house.lines)
    assert house.left_behind() == frozenset()
