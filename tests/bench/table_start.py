"""Start with a table of 10 000 routes that is read from DynamoDB, against a handler that does nothing.

Through the real awslambdaric, in an environment with what the artifact holds; the database is moto's server, which runs
before and serves from memory.
"""

import os
import random
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from proxy.publishing.session import embedded_session
from proxy.routing.compile import compile_table
from proxy.routing.compiled import digest_of
from proxy.routing.document import Document
from proxy.stores.dynamodb_history import DynamoDBHistory, create_table
from proxy.stores.history import Entry
from tests.bench.figures import show
from tests.bench.runtime import Environment, median_of
from tests.bench.start import RUNS, artifact

ROUTES = 10_000
REGION = "eu-west-1"


def main() -> None:
    """Measure the function against a handler that does nothing, in turn."""
    with tempfile.TemporaryDirectory() as folder, database() as endpoint:
        publish(endpoint)
        python, code = artifact(Path(folder))
        variables = {
            "LEGACY_URL": "http://127.0.0.1:9",
            "FIG_TABLE": "dynamodb:routes",
            "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
        }
        init: dict[str, list[float]] = {"proxy.lambda_http.handler": [], "null.handler": []}
        memory: dict[str, list[float]] = {name: [] for name in init}
        for _ in range(RUNS):
            for handler in init:
                process = Environment(b"{}").start(python, handler, code, variables)
                init[handler].append(process.init_ms)
                memory[handler].append(process.memory_mb())
                process.end()
    proxy, null = init
    ratios = [mine / theirs for mine, theirs in zip(init[proxy], init[null], strict=True)]
    show(
        f"Start with a table of {ROUTES} routes read from DynamoDB, process to first event asked for",
        [
            ("proxy / null handler", median_of(ratios), "×", 5.0),
            ("proxy", median_of(init[proxy]), "ms", None),
            ("null handler", median_of(init[null]), "ms", None),
            ("memory, proxy / null handler", median_of(memory[proxy]) / median_of(memory[null]), "×", 3.0),
            ("memory, proxy", median_of(memory[proxy]), "MB", None),
        ],
    )


@contextmanager
def database() -> Iterator[str]:
    """Give the URL of an embedded DynamoDB that runs while the block does."""
    reads, holds = os.pipe()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        fds = (listener.fileno(), reads)
        command = [sys.executable, "-m", "proxy.dev.dynamodb", "--fd", str(fds[0]), "--parent-pipe", str(fds[1])]
        process = subprocess.Popen(command, pass_fds=fds)
    os.close(reads)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        os.close(holds)
        process.wait(10)


def publish(endpoint: str) -> None:
    """Publish a table of 10 000 routes."""
    document = Document.model_validate({"version": 1, "routes": tuple(routes(ROUTES))})
    compiled = compile_table(document, 1)
    session = embedded_session(REGION)
    client = session.client("dynamodb", endpoint_url=endpoint)
    create_table(client, "routes")
    client.close()
    entry = Entry("publish", 1, 0, digest_of(compiled), "bench", "2026-01-01T00:00:00.000Z", "to be measured")
    DynamoDBHistory(session, "routes", endpoint).publish(entry, compiled, "version: 1\n")


def routes(count: int) -> list[dict[str, str]]:
    """Return routes as an API of that size has them: resources, their members, and what belongs to those."""
    chance = random.Random(1)
    shapes = ("/{a}/{b}", "/{a}/{b}/{{id}}", "/{a}/{b}/{{id}}/lines", "/{a}/{b}/{{id}}/lines/{{line}}")
    seen: dict[str, dict[str, str]] = {}
    while len(seen) < count:
        shape = chance.choice(shapes).format(a=f"area{chance.randrange(200)}", b=f"thing{chance.randrange(200)}")
        match = f"{chance.choice(('GET', 'POST', 'PUT', 'DELETE'))} {shape}"
        module = f"migrated.area{chance.randrange(50)}.api:handler"
        seen[match] = {"id": f"route-{len(seen)}", "match": match, "stage": "migrated", "handler": module}
    return list(seen.values())


if __name__ == "__main__":
    main()
