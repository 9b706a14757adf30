"""SnapStart: what starts once is restored many times, later, and must then be of its own time.

The function runs in AWS's own runtime client; the local Runtime API holds it where Lambda would take the snapshot.
"""

import asyncio
import json
import re
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from proxy.after_response import AfterResponse
from proxy.backends.migrated import Migrated
from proxy.build import build
from proxy.dev.lambda_runtime import FunctionConfig, LocalFunction
from proxy.settings import Settings
from tests.raw_legacy import RawLegacy, echo, say
from tests.samples import Context, compiled, function_url, put_in_store

T = TypeVar("T")
ROOT = Path(__file__).parents[1]
BEFORE = compiled(
    """
    moved: GET /moved legacy
    early: GET /early migrated fig_early:handler
    broken: GET /broken migrated no.such.module:handler
    """,
    version=1,
)
AFTER = compiled("moved: GET /moved migrated tests.backends.handlers:echo", version=2)


class Watched(RawLegacy):
    """A server that notes which of its connections have ended."""

    ended: int = 0

    def _serve(self, sock: socket.socket, requests: list[bytes]) -> None:
        super()._serve(sock, requests)
        self.ended += 1


def numbered_credentials() -> Callable[[bytes], bytes]:
    """A container credentials endpoint that gives others each time, good for a long time."""
    count = 0

    def make(_asked: bytes) -> bytes:
        nonlocal count
        count += 1
        fields = {"AccessKeyId": f"AKID{count}", "SecretAccessKey": "s", "Token": "t"}
        return ok(fields | {"Expiration": "2099-01-01T00:00:00Z"})

    return make


def ok(fields: object) -> bytes:
    body = json.dumps(fields).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def keys_in(requests: list[bytes]) -> list[str]:
    """Whose signatures requests to a service have."""
    return [found.group(1).decode() for asked in requests if (found := re.search(rb"Credential=(\w+)/", asked))]


class Surroundings:
    """All that the function meets: a store, a legacy system, Secrets Manager, and who gives credentials."""

    def __init__(self, folder: Path) -> None:
        self.store = folder / "store"
        self.code = folder / "code"
        self.code.mkdir()
        (self.code / "fig_early.py").write_text(
            "print('early is loaded')\ndef handler(event, context): return {'statusCode': 204}\n", "utf-8"
        )
        self.credentials = Watched(echo(numbered_credentials()))
        self.secrets = Watched(say(ok({"SecretString": '{"X-Api-Key": "s3cret"}'})))
        self.legacy = Watched()
        self.lines: list[str] = []

    def config(self) -> FunctionConfig:
        return FunctionConfig(
            "proxy.lambda_http.handler",
            code_root=ROOT,
            environment={
                "FIG_TABLE": f"file:{self.store}",
                "FIG_TABLE_TTL": "3600",  # nothing but a hook reads it again in time
                "FIG_LEGACY_SECRET": "legacy/headers",
                "LEGACY_URL": self.legacy.origin,
                "AWS_ENDPOINT_URL_SECRETS_MANAGER": self.secrets.origin,
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{self.credentials.origin}/credentials",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": "token",
                "PYTHONPATH": str(self.code),
            },
            workers=1,
            snap_start=True,
        )

    def run(self, scenario: Callable[[LocalFunction], Awaitable[T]]) -> T:
        """Run a scenario against the function when its snapshot is taken."""

        async def main() -> T:
            function = LocalFunction(self.config(), lambda _, line: self.lines.append(line), self.lines.append)
            try:
                await function.start()
                return await scenario(function)
            finally:
                await function.stop()

        put_in_store(self.store, BEFORE)
        with self.credentials, self.secrets, self.legacy:
            return asyncio.run(main())

    def records(self) -> list[dict[str, Any]]:
        """The lines that are the function's own. Any: JSON."""
        return [json.loads(line) for line in self.lines if line.startswith("{")]


async def asked(function: LocalFunction, path: str) -> int:
    answer = json.loads((await function.invoke(json.dumps(function_url(path=path)).encode())).payload)
    status: int = answer["statusCode"]
    return status


async def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "the condition never held"
        await asyncio.sleep(0.005)


@pytest.fixture
def around(tmp_path: Path) -> Surroundings:
    return Surroundings(tmp_path)


def test_table_that_was_published_after_the_snapshot_is_in_force_for_the_first_request(around: Surroundings) -> None:
    """A snapshot may be weeks old: it must not serve a stale stage."""

    async def scenario(function: LocalFunction) -> list[int]:
        put_in_store(around.store, AFTER)
        statuses = [await asked(function, path) for path in ("/moved", "/other")]
        await until(lambda: len(around.records()) == 2)
        return statuses

    statuses = around.run(scenario)

    assert statuses == [201, 200]
    assert [(record["side"], record["table_version"]) for record in around.records()] == [
        ("migrated", 2),
        ("legacy", 2),
    ]


def test_connections_and_credentials_are_not_carried_over_from_the_snapshot(around: Surroundings) -> None:
    """Of many environments that go on from one start, each has its own: sockets would be shared, credentials expire."""

    async def scenario(function: LocalFunction) -> tuple[list[str], list[str]]:
        servers = (around.credentials, around.secrets)
        await until(lambda: all(server.ended == len(server.connections) == 1 for server in servers))
        before = keys_in(around.secrets.requests)
        await asked(function, "/other")
        return before, keys_in(around.secrets.requests)

    before, after = around.run(scenario)

    assert (before, after) == (["AKID1"], ["AKID1", "AKID2"])
    assert [len(server.connections) for server in (around.credentials, around.secrets, around.legacy)] == [2, 2, 1]
    assert b"\r\nX-Api-Key: s3cret\r\n" in around.legacy.requests[0]
    assert b"\r\nauthorization: token\r\n" in around.credentials.requests[1].lower()


def test_handlers_are_loaded_into_the_snapshot_and_one_that_cannot_be_fails_no_start(around: Surroundings) -> None:
    async def scenario(function: LocalFunction) -> tuple[bool, list[int]]:
        is_loaded = "early is loaded" in around.lines
        return is_loaded, [await asked(function, path) for path in ("/early", "/broken", "/moved")]

    is_loaded, statuses = around.run(scenario)

    assert (is_loaded, statuses) == (True, [204, 502, 200])
    assert around.lines.count("early is loaded") == 1


def test_store_and_services_that_are_gone_at_the_restore_leave_what_the_snapshot_has(around: Surroundings) -> None:
    """The last good table; and the proxy must never be the reason that a client is refused."""

    async def scenario(function: LocalFunction) -> list[int]:
        for path in sorted(around.store.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        around.store.rmdir()
        around.credentials.script(say(b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"))
        statuses = [await asked(function, path) for path in ("/early", "/moved")]
        await until(lambda: len(around.records()) == 2)
        return statuses

    statuses = around.run(scenario)

    assert statuses == [204, 200]
    assert b"\r\nX-Api-Key: s3cret\r\n" in around.legacy.requests[0]
    told = around.records()[-1]
    assert (told["table_version"], told["table_failures"]) == (1, 1)
    assert told["secret_problem"].startswith("legacy secret: container credentials: got status 500")


# Loading at start, with or without a snapshot.


@pytest.mark.parametrize(("preloads", "loaded"), [(True, ["fig_one", "fig_two"]), (False, [])])
def test_handlers_in_use_are_loaded_at_start_where_the_settings_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, preloads: bool, loaded: list[str]
) -> None:
    names = ["fig_one", "fig_two", "fig_legacy", "fig_retired"]
    for name in names:
        (tmp_path / f"{name}.py").write_text("def handler(event, context): return {'statusCode': 204}\n", "utf-8")
    (tmp_path / "fig_exits.py").write_text("raise SystemExit(1)\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("LEGACY_URL", "http://127.0.0.1:9")
    put_in_store(
        tmp_path / "store",
        compiled(
            """
            absent: GET /absent migrated no.such.module:handler
            exits: GET /exits migrated fig_exits:handler
            one: GET /one migrated fig_one:handler
            nameless: GET /nameless migrated fig_one:nothing
            two: GET /two shadow fig_two:handler
            legacy: GET /legacy legacy fig_legacy:handler
            retired: GET /retired retired fig_retired:handler
            """
        ),
    )

    settings = Settings(table=f"file:{tmp_path}/store", preloads=preloads)
    entry = build(settings, AfterResponse(), lambda _: None)
    found = [name for name in names if name in sys.modules]
    statuses = [_status(entry(function_url(path=path), Context())) for path in ("/one", "/absent", "/exits")]
    for name in names:
        sys.modules.pop(name, None)

    assert (found, statuses) == (loaded, [204, 502, 502])


def _status(result: object) -> object:
    return result["statusCode"] if isinstance(result, dict) else None


def test_handler_that_is_loaded_is_the_one_that_is_called() -> None:
    migrated = Migrated("tests.backends.handlers:echo")

    assert migrated.loaded() is migrated.loaded()
