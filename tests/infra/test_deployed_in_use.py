"""The functions of a deployed stack, served from the artifact with the variables and the tables that they got."""

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from proxy.backends.exchange import Exchange
from proxy.dev import seed_tables
from proxy.routing.compile import compile_table
from proxy.routing.compiled import load
from proxy.routing.reader import read
from proxy.stores.dynamodb import DynamoDBStore
from tests.infra.account import STACK, Deployed
from tests.infra.tools import ROOT, alone
from tests.packaging.served import Function, Result, serve
from tests.raw_legacy import RawLegacy
from tests.samples import http_api
from tests.stores.shelves import json_call

pytestmark = pytest.mark.external


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to publish from, with every route on legacy as on the first day."""
    folder = tmp_path_factory.mktemp("clone")
    text = (ROOT / "routes.yaml").read_text("utf-8")
    (folder / "routes.yaml").write_text(text.replace("stage: migrated", "stage: legacy"), "utf-8")
    shutil.copytree(ROOT / "migrated", folder / "migrated")
    return folder


@pytest.fixture(scope="module")
def said(deployed: Deployed, clone: Path) -> str:
    """What is said of the first table, which is published as the stack's own output tells to."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    variables = {**alone(), "PATH": path, "AWS_ENDPOINT_URL": deployed.account.url}
    del variables["AWS_DEFAULT_REGION"]  # the output names it
    done = subprocess.run(
        deployed.outputs["Publish"], shell=True, cwd=clone, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def seeded(deployed: Deployed) -> None:
    """Customers, products and orders in the stack's tables."""
    with pytest.MonkeyPatch.context() as environment, deployed.account.service("dynamodb") as dynamodb:
        environment.setenv("CUSTOMERS_TABLE", deployed.names["CustomersTable"])
        environment.setenv("ORDERS_TABLE", deployed.names["OrdersTable"])
        seed_tables.seed(dynamodb)


def test_output_publishes_a_table_that_the_request_path_reads(deployed: Deployed, said: str, clone: Path) -> None:
    exchange = Exchange()
    store = DynamoDBStore(json_call(exchange, deployed.account.url), deployed.names["RoutingTable"])

    snapshot = store.read(None, 30)
    exchange.close()

    assert said.startswith("version 1 is in force")
    written = load(compile_table(read((clone / "routes.yaml").read_bytes()), 1))
    assert snapshot.table is not None
    assert (snapshot.table.version, snapshot.table.digest) == (1, written.digest)


@pytest.mark.usefixtures("said")
def test_function_goes_by_the_published_table_and_forwards_to_the_legacy_system_of_the_parameters(
    deployed: Deployed, legacy: RawLegacy, task: Path, runtime: Path, tmp_path: Path
) -> None:
    results: list[Result] = []
    before = len(legacy.requests)

    async def scenario(function: Function) -> None:
        results.append(await function.invoke(http_api("GET", "/customers/C-1001")))
        await function.until_idle()

    records = serve(task, runtime, tmp_path / "log", scenario, deployed.variables("ProxyFunction"))

    assert base64.b64decode(results[0]["body"]) == b"ok"
    assert [request.split(b" ")[1] for request in legacy.requests[before:]] == [b"/customers/C-1001"]
    told = [(record["service"], record["route"], record["side"], record["table_version"]) for record in records]
    assert told == [(STACK, "customers.read", "legacy", 1)]
    assert records[0]["_aws"]["CloudWatchMetrics"][0]["Namespace"] == f"Fig/{STACK}"


@pytest.mark.usefixtures("seeded")
def test_domain_apart_answers_from_its_table(deployed: Deployed, task: Path, runtime: Path, tmp_path: Path) -> None:
    results: list[Result] = []

    async def scenario(function: Function) -> None:
        results.append(await function.invoke(http_api("GET", "/customers/C-1001")))

    handler = deployed.function("CustomersFunction")["Handler"]
    serve(task, runtime, tmp_path / "log", scenario, deployed.variables("CustomersFunction"), handler)

    assert [(result["statusCode"], json.loads(result["body"])["id"]) for result in results] == [(200, "C-1001")]


@pytest.mark.usefixtures("seeded")
def test_order_that_a_migrated_handler_places_is_in_the_table_and_read_from_it(
    deployed: Deployed, task: Path, runtime: Path, tmp_path: Path
) -> None:
    form = b'{"customer":"C-1001","lines":[{"sku":"P-101","quantity":2}]}'
    results: list[Result] = []

    async def scenario(function: Function) -> None:
        placed = await function.invoke(
            http_api("POST", "/orders", headers={"content-type": "application/json"}, body=form)
        )
        await function.until_idle()
        results.append(placed)
        results.append(await function.invoke(http_api("GET", f"/orders/{json.loads(placed['body'])['id']}")))

    variables = deployed.variables("ProxyFunction")
    serve(task, runtime, tmp_path / "log", scenario, variables, "migrated.orders.api.handler")

    placed, found = (json.loads(result["body"]) for result in results)
    assert [result["statusCode"] for result in results] == [201, 200]
    assert (found["id"], found["customer"], found["lines"]) == (placed["id"], "C-1001", placed["lines"])
