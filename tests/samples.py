"""Requests, events and tables that the tests of the request path share."""

import json
import time
from base64 import b64encode
from pathlib import Path
from typing import Any

from proxy.message import Headers, Pair, Request
from proxy.routing.compile import compile_table
from proxy.routing.compiled import digest_of, load
from proxy.routing.reader import read
from proxy.routing.table import Table

URL_HOST = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws"
API_HOST = "api.shop.example"

_CAPTURED = Path(__file__).parent / "captured"


def captured(name: str) -> dict[str, Any]:  # Any: JSON of the front door's dialect
    """Return the recorded event of that name."""
    event: dict[str, Any] = json.loads((_CAPTURED / f"{name}.json").read_text("utf-8"))
    return event


def function_url(
    method: str = "GET",
    path: str = "/",
    query: str = "",
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """Return a function URL event; a body comes as base64, as every body may."""
    return _event(URL_HOST, method, path, query, headers, body, changes)


def http_api(
    method: str = "GET",
    path: str = "/",
    query: str = "",
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """Return an HTTP API event; the path is decoded, as HTTP APIs give it."""
    return _event(API_HOST, method, path, query, headers, body, changes)


def _event(
    host: str,
    method: str,
    path: str,
    query: str,
    headers: dict[str, str] | None,
    body: bytes | None,
    changes: dict[str, Any],
) -> dict[str, Any]:
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": host, **(headers or {})},
        "requestContext": {
            "domainName": host,
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.24"},
            "requestId": "request-1",
            "stage": "$default",
        },
        "isBase64Encoded": body is not None,
        **changes,
    }
    if body is not None:
        event["body"] = b64encode(body).decode("ascii")
    return event


def request(
    method: str = "GET",
    path: str = "/",
    query: str = "",
    headers: tuple[Pair, ...] = (),
    body: bytes = b"",
    *,
    left_s: float = 5.0,
    event: dict[str, Any] | None = None,
    context: object = None,
) -> Request:
    """Return a request for api.shop.example from 203.0.113.24, with that much time left."""
    return Request(
        method=method,
        path=path,
        query=query,
        headers=Headers(headers),
        body=body,
        client_ip="203.0.113.24",
        scheme="https",
        host=API_HOST,
        id="request-1",
        deadline=time.monotonic() + left_s,
        event=event,
        context=context,
    )


def compiled(routes: str = "", *, legacy: str = "${LEGACY_URL}", timeout: str = "20s", version: int = 1) -> bytes:
    """Return the compiled table of routes written as "id: METHOD /path stage [handler]", one a line."""
    lines = [f"version: 1\nlegacy: {{url: '{legacy}', timeout: {timeout}}}\nroutes:"]
    for line in filter(None, map(str.strip, routes.splitlines())):
        route_id, _, rest = line.partition(": ")
        method, path, stage, *handler = rest.split()
        lines.append(f"  - {{id: {route_id}, match: '{method} {path}', stage: {stage}")
        lines[-1] += f", handler: '{handler[0]}'}}" if handler else "}"
    return compile_table(read("\n".join(lines if len(lines) > 1 else [*lines, "  []"])), version)


def table(routes: str = "", **how: Any) -> Table:
    """Return the table of routes, written as for `compiled`."""
    return load(compiled(routes, **how))


def put_in_store(directory: Path, data: bytes, frozen: str = "") -> None:
    """Make a compiled table the one in force in a file store, whatever was there: no publisher could go back."""
    digest = digest_of(data)
    (directory / "tables").mkdir(parents=True, exist_ok=True)
    (directory / f"tables/{digest}.json").write_bytes(data)
    head = directory / "head.new"
    head.write_text(json.dumps({"version": load(data).version, "digest": digest, "frozen": frozen}))
    head.replace(directory / "head.json")


class Context:
    """As much of Lambda's context as the proxy reads."""

    aws_request_id = "0a1b2c3d-0000-4111-8222-333344445555"
    function_name = "fig-proxy"
    memory_limit_in_mb = "512"
    invoked_function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:fig-proxy"

    def __init__(self, left_ms: int = 10_000) -> None:
        self._left_ms = left_ms

    def get_remaining_time_in_millis(self) -> int:
        """Return the same whole timeout at every call."""
        return self._left_ms
