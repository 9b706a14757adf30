"""A function in AWS's runtime client with an evidence table in the embedded DynamoDB, for tests and benches."""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import boto3

from proxy.dev.lambda_runtime import FunctionConfig, LocalFunction
from proxy.evidence.definition import create_table
from proxy.evidence.found import OfCode
from proxy.evidence.reader import EvidenceReader
from proxy.routing.compile import compile_table, compiled_revision
from proxy.routing.document import Document
from proxy.routing.reader import read
from proxy.stores.dynamodb_client import TableClient
from tests.samples import http_api, put_in_store
from tests.stores.embedded import embedded_dynamodb

ROOT = Path(__file__).parents[2]
REGION = "eu-west-1"
TABLE = "evidence-for-tests"
DEADLINE_S = 100.0


class Evidence:
    """The evidence in the embedded DynamoDB."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = boto3.session.Session("local", "local", region_name=REGION)
        client = self._session.client("dynamodb", endpoint_url=url)
        create_table(client, TABLE)
        client.close()

    def of(self, document: Document, route_id: str, after_s: float = 0) -> OfCode:
        """Return what is known of a route of a document, so many seconds from now."""
        (route,) = (route for route in document.routes if route.id == route_id)
        with self._reader(after_s) as reader:
            found = reader.read(route_id).compared(compiled_revision(route))
        assert found is not None, f"no evidence of {route_id}"
        return found

    def code(self) -> str:
        """Return the version of the function that runs."""
        with self._reader() as reader:
            return reader.code()

    @contextmanager
    def _reader(self, after_s: float = 0) -> Iterator[EvidenceReader]:
        table = TableClient(self._session, TABLE, self.url)
        try:
            yield EvidenceReader(table, lambda: time.time() + after_s)
        finally:
            table.client.close()


@contextmanager
def evidence() -> Iterator[Evidence]:
    """Give an evidence table in a DynamoDB of its own."""
    with embedded_dynamodb() as url:
        yield Evidence(url)


def publish(folder: Path, text: str) -> tuple[Document, dict[str, str]]:
    """Publish a document into a folder; return it, and the variables by which a function finds it."""
    document = read(text)
    put_in_store(folder, compile_table(document, 1))
    return document, {"FIG_TABLE": f"file:{folder}"}


def show(line: str) -> None:
    """Write what a function says: pytest shows it where a test fails."""
    sys.stdout.write(f"{line}\n")


def function(
    variables: Mapping[str, str], workers: int = 1, timeout_s: float = 20.0, say: Callable[[str], None] = show
) -> LocalFunction:
    """Return a function with the repository's code, which is started by whoever uses it."""
    config = FunctionConfig(
        "proxy.lambda_http.handler", code_root=ROOT, environment=dict(variables), workers=workers, timeout_s=timeout_s
    )
    return LocalFunction(config, lambda worker, line: say(f"{worker} {line}"), lambda event: say(f"function {event}"))


async def ask(
    function: LocalFunction, path: str, method: str = "GET", headers: dict[str, str] | None = None, query: str = ""
) -> int:
    """Return the status of an answer."""
    invoked = await function.invoke(json.dumps(http_api(method, path, query, headers)).encode())
    assert invoked.function_error is None, invoked.payload
    return int(json.loads(invoked.payload)["statusCode"])


async def until_idle(function: LocalFunction) -> None:
    """Wait until all that comes after the answers is done."""
    deadline = time.monotonic() + DEADLINE_S
    while not all(worker.environment is not None and worker.environment.is_idle for worker in function._workers):
        assert time.monotonic() < deadline, "the workers do not become idle"
        await asyncio.sleep(0.005)
