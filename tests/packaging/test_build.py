"""What is refused, and that nothing is left of it. pip is not asked here: what it would install is written down."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from proxy.errors import BadDocument, FigError
from proxy.packaging.build import Install, Wanted, build
from proxy.packaging.refusal import Misuse, Refused
from proxy.packaging.size import MAX_UNZIPPED
from proxy.packaging.target import Target, this_machine

ROUTES = """\
version: 1
routes:
  - {id: orders.read, match: 'GET /orders/{id}', handler: 'migrated.orders:handler', stage: migrated}
"""


class Pip:
    """Stands in for pip: one package, and what was asked for."""

    def __init__(self, ending: BaseException | None = None, size: int = 10) -> None:
        self.asked: list[str] = []
        self._ending = ending
        self._size = size

    def __call__(
        self, target: Target, interpreter: Path, needed: Sequence[str], constraints: Path, folder: Path
    ) -> None:
        self.asked += needed
        (folder / "quick").mkdir()
        with (folder / "quick/data").open("wb") as file:
            file.truncate(self._size)  # takes no room, however large
        if self._ending:
            raise self._ending


@pytest.fixture
def wanted(tmp_path: Path) -> Wanted:
    """A project that can be packaged."""
    project = tmp_path / "project"
    (project / "migrated").mkdir(parents=True)
    (project / "migrated/__init__.py").write_text("")
    (project / "migrated/orders.py").write_text("def handler(event, context): ...\n")
    (project / "pyproject.toml").write_text("[project]\ndependencies = ['quick', 'boto3']\n")
    (project / "routes.yaml").write_text(ROUTES)
    (project / "constraints.txt").write_text("quick==1.0\n")
    return Wanted(project, project / "routes.yaml", project / "constraints.txt", this_machine())


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """Where the artifact is to go, in a folder of its own that is not there yet."""
    return tmp_path / "build/task"


def refused(kind: type[FigError], wanted: Wanted, output: Path, install: Install | None = None) -> str:
    """Return why nothing was made, having made sure that nothing was."""
    with pytest.raises(kind) as caught:
        build(wanted, output, install or Pip(AssertionError("pip was asked")))
    assert not output.parent.exists() or list(output.parent.iterdir()) == []
    return str(caught.value)


def test_document_with_problems_is_refused_with_all_of_them_before_anything_is_installed(
    wanted: Wanted, output: Path
) -> None:
    """A bad document says everything that is wrong with it at once."""
    wanted.routes.write_text(
        ROUTES.replace("stage: migrated", "stage: migratd").replace("orders:handler", "orders:nope")
    )

    said = refused(BadDocument, wanted, output)

    assert [line.split(": ")[0] for line in said.splitlines()] == [
        f"{wanted.routes}:3:59 orders.read handler",
        f"{wanted.routes}:3:90 orders.read stage",
    ]
    assert not output.parent.exists()


@pytest.mark.parametrize(
    ("name", "option"),
    [("routes.yaml", "--routes: "), ("constraints.txt", "--constraints: "), ("pyproject.toml", "got no ")],
)
def test_file_that_is_not_there_is_misuse(wanted: Wanted, output: Path, name: str, option: str) -> None:
    (wanted.project / name).unlink()

    said = refused(Misuse, wanted, output)

    assert said.startswith(option)
    assert name in said
    assert not output.parent.exists()


def test_python_that_is_not_installed_is_refused_before_anything_is_written(wanted: Wanted, output: Path) -> None:
    said = refused(Refused, replace(wanted, target=Target("3.99", "aarch64", 34)), output)

    assert said.startswith("--python: got 3.99")
    assert not output.parent.exists()


def test_handler_that_only_this_machine_has_is_refused(
    wanted: Wanted, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (wanted.project / "scripts.py").write_text("def handler(event, context): ...\n")
    wanted.routes.write_text(ROUTES.replace("migrated.orders:handler", "scripts:handler"))

    said = refused(Refused, wanted, output, Pip())

    assert said.splitlines() == [
        "orders.read handler: got 'scripts:handler', expected a module that is there; scripts is not, in the artifact",
        "handlers are taken from migrated/ and from what pyproject.toml depends on",
    ]


def test_handler_that_cannot_be_compiled_is_refused(wanted: Wanted, output: Path) -> None:
    (wanted.project / "migrated/other.py").write_text("def handler(event:\n")

    assert "SyntaxError" in refused(Refused, wanted, output, Pip())


def test_artifact_that_lambda_would_refuse_is_refused(wanted: Wanted, output: Path) -> None:
    said = refused(Refused, wanted, output, Pip(size=MAX_UNZIPPED))

    heading, unzipped = said.splitlines()[:2]
    assert heading == "got an artifact that Lambda would refuse:"
    assert float(unzipped.split()[1]) > 250  # MB; what is packaged beside it grows with the project
    assert "250.0 MB  quick" in said


@pytest.mark.parametrize("ending", [KeyboardInterrupt(), Refused("pip")])
def test_nothing_is_left_when_packaging_ends_early(wanted: Wanted, output: Path, ending: BaseException) -> None:
    with pytest.raises(type(ending)):
        build(wanted, output, Pip(ending))

    assert list(output.parent.iterdir()) == []


@pytest.mark.parametrize(("with_boto3", "asked"), [(True, ["quick", "boto3"]), (False, ["quick"])])
def test_boto3_is_installed_unless_the_runtimes_own_is_wanted(
    wanted: Wanted, output: Path, with_boto3: bool, asked: list[str]
) -> None:
    pip = Pip()

    build(replace(wanted, with_boto3=with_boto3), output, pip)

    assert pip.asked == asked


def test_handlers_come_along_without_what_is_hidden(wanted: Wanted, output: Path) -> None:
    for name in (".env", "orders.json", "__pycache__/orders.cpython-30.pyc", ".cache/x"):
        path = wanted.project / "migrated" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")

    build(wanted, output, Pip())

    shipped = {
        path.relative_to(output).as_posix() for path in (output / "migrated").rglob("*") if path.suffix != ".pyc"
    }
    assert shipped == {f"migrated/{name}" for name in ("__init__.py", "orders.py", "orders.json", "__pycache__")}
    assert not list(output.glob("migrated/__pycache__/*cpython-30*"))


def test_project_without_handlers_is_packaged(wanted: Wanted, output: Path) -> None:
    for path in (wanted.project / "migrated").iterdir():
        path.unlink()
    (wanted.project / "migrated").rmdir()
    wanted.routes.write_text("version: 1\n")

    made = build(wanted, output, Pip())

    assert (made.routes, made.boto3, made.services) == (0, "", ())
    assert json.loads((output / "routes.json").read_text())["version"] == 0
