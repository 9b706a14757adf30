"""The artifact, unzipped into an empty folder: what is in it, and what it does with nothing else to import from."""

import base64
import importlib.util
import json
import marshal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from proxy.packaging import code
from proxy.packaging.build import Artifact, Install, build
from proxy.routing.compile import compile_table
from proxy.routing.reader import read
from tests.packaging.served import ALONE, Function, Result, serve
from tests.packaging.this_repository import ROOT, WANTED
from tests.raw_legacy import OK, RawLegacy, say
from tests.samples import compiled, http_api, put_in_store


def alone(program: str, *arguments: str | Path) -> str:
    """Run a program with the standard library and what it puts on its path itself; return what it printed."""
    command = [*ALONE, program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def entries(artifact: Artifact) -> list[tuple[str, int]]:
    """Return name and checksum of what is in a zip, in its order."""
    with zipfile.ZipFile(artifact.path) as packed:
        return [(entry.filename, entry.CRC) for entry in packed.infolist()]


def names_in(task: Path) -> set[str]:
    return {path.relative_to(task).as_posix() for path in task.rglob("*")}


def test_unzipped_artifact_forwards_one_request_and_answers_another_itself(
    task: Path, runtime: Path, tmp_path: Path, dynamodb: str
) -> None:
    """Law: no published table, so the one in the artifact is in force; it says that customers.read has moved."""
    results: list[Result] = []

    async def scenario(function: Function) -> None:
        for path in ("/orders/O-5001", "/customers/C-1001"):
            results.append(await function.invoke(http_api("GET", path)))
            await function.until_idle()

    with RawLegacy(say(OK)) as legacy:
        variables = {"LEGACY_URL": legacy.origin, "AWS_ENDPOINT_URL_DYNAMODB": dynamodb}
        records = serve(task, runtime, tmp_path / "log", scenario, variables)

    assert [result["statusCode"] for result in results] == [200, 200]
    assert base64.b64decode(results[0]["body"]) == b"ok"
    assert json.loads(results[1]["body"])["name"] == "Ada Lovelace"
    assert [request.split(b"\r\n")[0] for request in legacy.requests] == [b"GET /orders/O-5001 HTTP/1.1"]
    told = [(record["route"], record["side"], record["table_version"]) for record in records]
    assert told == [("orders.read", "legacy", 0), ("customers.read", "migrated", 0)]


def test_any_published_table_takes_the_place_of_the_one_in_the_artifact(
    task: Path, runtime: Path, tmp_path: Path
) -> None:
    put_in_store(tmp_path / "store", compiled("customers.read: GET /customers/{id} legacy", version=1))
    results: list[Result] = []

    async def scenario(function: Function) -> None:
        results.append(await function.invoke(http_api("GET", "/customers/C-1001")))
        await function.until_idle()

    with RawLegacy(say(OK)) as legacy:
        variables = {"LEGACY_URL": legacy.origin, "FIG_TABLE": f"file:{tmp_path}/store"}
        records = serve(task, runtime, tmp_path / "log", scenario, variables)

    assert [base64.b64decode(result["body"]) for result in results] == [b"ok"]
    assert [(record["side"], record["table_version"]) for record in records] == [("legacy", 1)]


def test_function_compiles_nothing_at_start(task: Path, runtime: Path, tmp_path: Path, dynamodb: str) -> None:
    """Missing bytecode doubles the cold start; Python would write it here, where it can."""
    before = names_in(task)

    async def scenario(function: Function) -> None:
        assert (await function.invoke(http_api("GET", "/customers/C-1001")))["statusCode"] == 200

    variables = {"LEGACY_URL": "http://127.0.0.1:9", "AWS_ENDPOINT_URL_DYNAMODB": dynamodb}
    serve(task, runtime, tmp_path / "log", scenario, variables)

    assert names_in(task) == before


def test_nothing_of_the_development_environment_can_be_imported_in_these_tests(task: Path) -> None:
    program = """
import importlib.util, sys
sys.path.insert(0, sys.argv[1])
print(*(name for name in sys.argv[2:] if importlib.util.find_spec(name)))
"""

    found = alone(program, task, "httpx", "proxy", "pytest", "moto", "awslambdaric", "tests", "yaml")

    assert found == "httpx proxy\n"


def test_every_module_in_the_artifact_can_be_imported_from_it_alone(task: Path) -> None:
    program = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    if name != "proxy.lambda_http":  # starts the function, which the other tests do
        importlib.import_module(name)
print(len(sys.argv) - 2)
"""
    shipped = [*code.modules(), "migrated.orders.api", "migrated.customers.api", "boto3", "pydantic"]

    assert alone(program, task, *shipped) == f"{len(shipped)}\n"


def test_no_module_that_was_left_out_is_imported_by_one_that_is_in() -> None:
    """Asked of Python itself, with everything installed; what is shipped was found by reading the source."""
    program = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(*(name for name in sys.modules if name.partition(".")[0] == "proxy"))
"""
    shipped = code.modules()

    done = subprocess.run(
        [sys.executable, "-c", program, *shipped], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )

    assert set(done.stdout.split()) == set(shipped)


@pytest.mark.parametrize(
    "left_out",
    [
        *("proxy/cli", "proxy/dev", "proxy/publishing", "proxy/packaging", "proxy/cost"),
        *("proxy/routing/document.py", "proxy/routing/reader.py", "proxy/routing/compile.py", "proxy/events/losses.py"),
        *("proxy/stores/file_history.py", "proxy/stores/dynamodb_history.py", "tests", "routes.yaml", "pyproject.toml"),
        *("typer", "rich", "click", "yaml", "moto", "flask", "uvicorn", "awslambdaric", "pip", "bin", "cffi"),
        *("botocore/data/ec2", "botocore/data/s3control", "certifi/tests"),
    ],
)
def test_artifact_does_not_hold_what_the_function_has_no_use_for(task: Path, left_out: str) -> None:
    assert not (task / left_out).exists()


@pytest.mark.parametrize(
    "kept",
    [
        *("proxy/lambda_http.py", "proxy/stores/dynamodb.py", "proxy/aws/sigv4.py", "proxy/backends/function.py"),
        *("migrated/orders/api.py", "routes.json", "certifi/cacert.pem", "botocore/cacert.pem"),
        *("botocore/data/endpoints.json", "botocore/data/dynamodb", "boto3/data/dynamodb"),
    ],
)
def test_artifact_holds_what_the_function_may_ask_for_late(task: Path, kept: str) -> None:
    assert (task / kept).exists()


def test_all_source_has_bytecode_that_is_never_checked_and_that_names_it_as_lambda_does(task: Path) -> None:
    wrong: dict[str, Any] = {}
    for source in task.rglob("*.py"):
        compiled_to = Path(importlib.util.cache_from_source(str(source)))
        content = compiled_to.read_bytes() if compiled_to.exists() else b""
        # PEP 552: bit 0 is for a hash in place of a time, bit 1 for checking it.
        told = (
            content[:4],
            int.from_bytes(content[4:8], "little"),
            content and marshal.loads(content[16:]).co_filename,
        )
        name = source.relative_to(task).as_posix()
        if told != (importlib.util.MAGIC_NUMBER, 0b01, f"/var/task/{name}"):
            wrong[name] = told

    assert wrong == {}


def test_same_sources_and_versions_make_the_same_bytes(artifact: Artifact, install: Install, tmp_path: Path) -> None:
    again = build(WANTED, tmp_path / "another folder/again.zip", install)

    assert [one for one, other in zip(entries(again), entries(artifact), strict=True) if one != other] == []
    assert again.path.read_bytes() == artifact.path.read_bytes()
    assert (again.sha256, again.digest, again.size) == (artifact.sha256, artifact.digest, artifact.size)


def test_table_in_the_artifact_is_the_documents_with_a_version_below_every_published_one(
    artifact: Artifact, task: Path
) -> None:
    document = read((ROOT / "routes.yaml").read_bytes())

    assert (task / "routes.json").read_bytes() == compile_table(document, 0)
    assert artifact.routes == len(document.routes)


def test_sizes_are_those_of_the_files_and_within_lambdas_limits(artifact: Artifact, task: Path) -> None:
    unzipped = sum(path.stat().st_size for path in task.rglob("*") if path.is_file())

    size = artifact.size

    assert (size.zipped, size.unzipped, sum(size.parts.values())) == (artifact.path.stat().st_size, unzipped, unzipped)
    assert artifact.path.stat().st_size < 20 * 1024 * 1024
    assert unzipped < 50 * 1024 * 1024


def test_versions_can_be_asked_for_at_run_time(task: Path, artifact: Artifact) -> None:
    program = """
import sys
sys.path.insert(0, sys.argv[1])
from importlib.metadata import entry_points, version
print(version("boto3"), len(version("aws-lambda-powertools")) > 0, len(entry_points(group="console_scripts")) > 0)
"""

    assert alone(program, task) == f"{artifact.boto3} True True\n"


def test_services_that_the_handlers_name_are_told(artifact: Artifact) -> None:
    assert {"dynamodb", "lambda"} <= set(artifact.services)
    assert len(artifact.services) < 60
