"""Bytecode, and the interpreter that makes it."""

import importlib.util
import marshal
import sys
from pathlib import Path

import pytest

from proxy.packaging.bytecode import compile_all, interpreter_for
from proxy.packaging.refusal import Refused

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"


def script(path: Path, text: str) -> str:
    """Make something that PATH has under the name of an interpreter."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_running_python_compiles_for_its_own_version() -> None:
    assert interpreter_for(HERE, lambda name: None) == Path(sys.executable)


def test_other_version_is_compiled_by_the_interpreter_on_path(tmp_path: Path) -> None:
    found = script(tmp_path / "python3.99", "echo 3.99; echo '/opt/odd folder/python3.99'")

    interpreter = interpreter_for("3.99", {"python3.99": found}.get)

    assert interpreter == Path("/opt/odd folder/python3.99")


@pytest.mark.parametrize(
    "does",
    ["exit 127", "echo 'no such version is installed'", "echo 3.98; echo /usr/bin/python3.98", "echo 3.99; exec false"],
)
def test_name_on_path_that_is_no_such_interpreter_is_refused(tmp_path: Path, does: str) -> None:
    found = script(tmp_path / "python3.99", does)

    with pytest.raises(Refused) as caught:
        interpreter_for("3.99", {"python3.99": found}.get)

    assert f"{found} does not run as one, and this is {HERE}; install python3.99" in str(caught.value)


def test_version_without_an_interpreter_is_refused_with_what_to_do() -> None:
    with pytest.raises(Refused) as caught:
        interpreter_for("3.99", lambda name: None)

    assert str(caught.value) == (
        "--python: got 3.99, expected a version of which there is an interpreter to compile bytecode with: there is "
        f"none on PATH, and this is {HERE}; install python3.99, or change the function's Runtime, and --python with it "
        "(sam build takes it from the template)"
    )


def test_bytecode_is_never_checked_against_its_source_and_names_it_as_lambda_will(tmp_path: Path) -> None:
    source = tmp_path / "room/door.py"
    source.parent.mkdir()
    source.write_text("def knock(): ...\n")

    compile_all(tmp_path, Path(sys.executable), [source])

    compiled = Path(importlib.util.cache_from_source(str(source))).read_bytes()
    assert compiled[:4] == importlib.util.MAGIC_NUMBER
    # PEP 552: bit 0 is for a hash in place of a time, bit 1 for checking it.
    assert int.from_bytes(compiled[4:8], "little") == 0b01
    assert marshal.loads(compiled[16:]).co_filename == "/var/task/room/door.py"


def test_same_sources_make_the_same_bytecode_wherever_they_lie(tmp_path: Path) -> None:
    text = "WORDS = frozenset({'a', 'b', 'c', 'd', 'e'})\ndef f(x):\n    return x in {'k', 'l', 'm', 'n', 'o'}\n"
    made = []
    for folder in (tmp_path / "one", tmp_path / "another/below"):
        folder.mkdir(parents=True)
        (folder / "module.py").write_text(text)
        compile_all(folder, Path(sys.executable), [folder / "module.py"])
        made.append(next(folder.glob("__pycache__/*.pyc")).read_bytes())

    assert made[0] == made[1]


def test_own_module_that_cannot_be_compiled_is_refused_with_the_reason(tmp_path: Path) -> None:
    source = tmp_path / "api.py"
    source.write_text("def handler(event, context:\n")

    with pytest.raises(Refused, match="SyntaxError") as caught:
        compile_all(tmp_path, Path(sys.executable), [source])

    assert "api.py" in str(caught.value)


def test_packages_module_for_another_python_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text("print 'hello'\n")
    (tmp_path / "api.py").write_text("")

    compile_all(tmp_path, Path(sys.executable), [tmp_path / "api.py"])

    assert [path.name.partition(".")[0] for path in (tmp_path / "__pycache__").iterdir()] == ["api"]
