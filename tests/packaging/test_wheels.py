"""pip's part: what is asked for, what is installed, and what is left of it. The only index here is a folder."""

import os
import sys
import zipfile
from pathlib import Path

import pytest

from proxy.packaging.refusal import Misuse, Refused
from proxy.packaging.target import Target, lambda_target, this_machine
from proxy.packaging.wheels import install, installed, requirements, strip

PYPROJECT = """\
[project]
dependencies = ["httpx==0.28.*", "Boto3 >= 1.40", "boto3-extras", "pydantic"]
"""
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels, the only place where pip looks."""
    folder = tmp_path / "index"
    folder.mkdir()
    # A person's own settings, which pip reads, must neither stop it nor lead it elsewhere.
    settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder), "PIP_CONFIG_FILE": os.devnull, "PIP_USER": "1"}
    for name, value in {**settings, "NO_PROXY": "*"}.items():
        monkeypatch.setenv(name, value)
    return folder


def make_wheel(index: Path, name: str, tag: str = "py3-none-any", needs: str = "", **files: str) -> None:
    """Put version 1.0 of a package into the index, with a module that tells for what it was built."""
    information = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n" + (f"Requires-Dist: {needs}\n" if needs else "")
    content = {
        f"{name}/__init__.py": f"TAG = {tag!r}\n",
        f"{information}/METADATA": metadata,
        f"{information}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
        f"{information}/RECORD": "",
        **files,
    }
    with zipfile.ZipFile(index / f"{name}-1.0-{tag}.whl", "w") as wheel:
        for path, text in content.items():
            wheel.writestr(path, text)


def constraints(folder: Path, *lines: str) -> Path:
    path = folder / "constraints.txt"
    path.write_text("\n".join(("# what was tested", *lines)))
    return path


def install_quick(tmp_path: Path, target: Target, *pins: str) -> Path:
    """Install the package `quick`, and return where."""
    folder = tmp_path / "task"
    install(target, Path(sys.executable), ["quick"], constraints(tmp_path, *pins), folder)
    return folder


@pytest.mark.parametrize(
    ("with_boto3", "needed"),
    [
        (True, ["httpx==0.28.*", "Boto3 >= 1.40", "boto3-extras", "pydantic"]),
        (False, ["httpx==0.28.*", "boto3-extras", "pydantic"]),
    ],
)
def test_dependencies_are_those_of_the_project(tmp_path: Path, with_boto3: bool, needed: list[str]) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)

    assert requirements(tmp_path, with_boto3=with_boto3) == needed


@pytest.mark.parametrize("text", [None, "[project", "[project]\n", "[project]\ndependencies = 'httpx'\n", "a = 1\n"])
def test_folder_without_dependencies_is_misuse(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text)

    with pytest.raises(Misuse, match=r"pyproject\.toml"):
        requirements(tmp_path, with_boto3=True)


@pytest.mark.parametrize(
    ("target", "tag"),
    [
        (lambda_target("arm64", "3.13"), "cp313-cp313-manylinux_2_28_aarch64"),
        (lambda_target("x86_64", "3.11"), "cp311-cp311-manylinux2014_x86_64"),
        (this_machine(), "py3-none-any"),
    ],
)
def test_wheels_are_those_of_the_target_wherever_they_are_installed(
    tmp_path: Path, index: Path, target: Target, tag: str
) -> None:
    for other in (
        "cp313-cp313-manylinux_2_28_aarch64",
        "cp313-cp313-manylinux_2_35_aarch64",
        "cp313-cp313-manylinux_2_28_x86_64",
        "cp311-cp311-manylinux_2_28_x86_64",
        "cp311-cp311-manylinux2014_x86_64",
    ):
        if target.machine:
            make_wheel(index, "quick", other)
    make_wheel(index, "quick", "py3-none-any")

    folder = install_quick(tmp_path, target, "quick==1.0")

    assert (folder / "quick/__init__.py").read_text() == f"TAG = {tag!r}\n"


def test_conditions_are_evaluated_for_the_python_that_runs_pip(tmp_path: Path, index: Path) -> None:
    make_wheel(index, "quick", needs=f'slow; python_version == "{HERE}"')
    make_wheel(index, "slow")

    folder = install_quick(tmp_path, this_machine(), "quick==1.0", "slow==1.0")

    assert installed(folder) == {"quick": "1.0", "slow": "1.0"}


def test_package_without_a_pinned_version_is_refused(tmp_path: Path, index: Path) -> None:
    make_wheel(index, "quick", needs="slow_one")
    make_wheel(index, "slow_one")

    with pytest.raises(Refused) as caught:
        install_quick(tmp_path, this_machine(), "Quick==1.0")

    assert str(caught.value) == (
        f"{tmp_path}/constraints.txt: got no line for slow-one==1.0, expected one for all that is installed: "
        "tomorrow's artifact would be another one without; add what stands here once it is tested"
    )


def test_package_that_is_not_there_is_refused_with_the_reason_of_pip(tmp_path: Path, index: Path) -> None:
    with pytest.raises(Refused) as caught:
        install_quick(tmp_path, this_machine())

    assert str(caught.value).splitlines() == [
        "pip found no way to install what pyproject.toml depends on:",
        "ERROR: Could not find a version that satisfies the requirement quick (from versions: none)",
        "ERROR: No matching distribution found for quick",
    ]


def test_versions_in_conflict_are_told(tmp_path: Path, index: Path) -> None:
    make_wheel(index, "quick", needs="slow>=2")
    make_wheel(index, "slow")

    with pytest.raises(Refused, match=r"(?s)conflicting dependencies.*The conflict is caused by:.*constraint"):
        install_quick(tmp_path, this_machine(), "quick==1.0", "slow==1.0")


def test_index_that_cannot_be_reached_is_told(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch, unused_port: int
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{unused_port}/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")

    with pytest.raises(Refused, match="Connection refused"):
        install_quick(tmp_path, this_machine())


def test_source_distribution_is_never_built(tmp_path: Path, index: Path) -> None:
    (index / "quick-1.0.tar.gz").write_bytes(b"whatever")

    with pytest.raises(Refused, match="No matching distribution"):
        install_quick(tmp_path, this_machine())


def test_what_nobody_needs_at_run_time_is_not_installed(tmp_path: Path, index: Path) -> None:
    files = {
        "quick/tests/test_quick.py": "",
        "quick/py.typed": "",
        "quick/__init__.pyi": "",
        "quick/types/only.pyi": "",
        "quick/data/tests.json": "{}",
        "quick-1.0.dist-info/entry_points.txt": "[console_scripts]\nquick = quick:main\n",
        "quick-1.0.dist-info/licenses/LICENSE": "",
    }
    make_wheel(index, "quick", **files)

    folder = install_quick(tmp_path, this_machine(), "quick==1.0")

    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")) == [
        "quick",
        "quick-1.0.dist-info",
        "quick-1.0.dist-info/METADATA",
        "quick-1.0.dist-info/entry_points.txt",
        "quick/__init__.py",
        "quick/data",
        "quick/data/tests.json",
    ]


def test_folder_with_nothing_to_strip_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "quick").mkdir()
    (tmp_path / "quick/__init__.py").write_text("")

    strip(tmp_path)

    assert (tmp_path / "quick/__init__.py").exists()
