"""What looking up costs in a table of 10 000 routes, and what the worst input costs. `python -m tests.bench.match`.

A path's time is the least of several short rounds: everything that a busy machine adds, it adds on top. A figure for
many paths is the median of their times. The yardstick in the same run is the rule loop of Powertools' resolver.
"""

import gc
import json
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.api_gateway import Response, Route
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from proxy.message import Headers, Request
from proxy.routing.ambiguity import problems
from proxy.routing.compile import compile_table
from proxy.routing.compiled import load
from proxy.routing.decide import decide
from proxy.routing.document import Document
from proxy.routing.table import Table
from tests.bench import events
from tests.bench.figures import show

ROUTES = 10_000
SAMPLE = 300
_ENDPOINTS = (
    ("GET", ""),
    ("POST", ""),
    ("GET", "/new"),
    ("GET", "/{id}"),
    ("PUT", "/{id}"),
    ("DELETE", "/{id}"),
    ("GET", "/{id}/lines"),
    ("GET", "/{id}/lines/{line}"),
    ("PATCH", "/{id}/lines/{line}"),
    ("GET", "/{id}/files/{path+}"),
)
_USUAL = events.http_api("GET", "/")
_HEADERS = Headers(
    tuple(
        (name.encode(), value.encode())
        for name, value in (*_USUAL["headers"].items(), ("cookie", "; ".join(_USUAL["cookies"])))
    )
)

Row = dict[str, Any]  # Any: a document's values
Input = tuple[str, Request]  # what it is, and the request


def main() -> None:
    """Measure look-ups, decisions, loading and checking."""
    rows = _shop(ROUTES)
    document = _document(rows)
    data = compile_table(document, 1)
    table = load(data)
    few = _shop(10)
    hit, hit_among_few = _hits(table, rows), _hits(load(compile_table(_document(few), 1)), few * 20)
    worst, worst_input = _worst(table)
    loaded_ms, retained_mb, peak_mb = _load(data)
    show(
        f"match: {ROUTES} routes, {SAMPLE} random paths",
        [
            ("a path that a route lists, median", hit, "µs", 1.5),
            ("the same, of that among 10 routes", hit / hit_among_few, "x", 2.0),
            ("a path that no route lists, median", _misses(table), "µs", None),
            ("a listed path, of Powertools' rule loop", 1000 * hit / _powertools(rows), "‰", 1000 / 300),
            (f"the worst input found: {worst_input}", worst, "µs", 50.0),
            ("one cookie asked for, 8 KB of semicolons sent", _hostile_cookie(), "µs", None),
            ("match and decide of a canary, median", _canary(), "µs", 4.0),
            ("load of the compiled table", loaded_ms, "ms", 15.0),
            ("memory that it keeps", retained_mb, "MB", 12.0),
            ("memory while it is loaded", peak_mb, "MB", 12.0),
            ("check and compile, from the models", _check_and_compile(document), "s", None),
        ],
    )


def _shop(count: int) -> list[Row]:
    """Return routes as a company of many teams has them: resources of ten endpoints each, in a hundred places."""
    made = []
    for at in range(count):
        resource, endpoint = divmod(at, len(_ENDPOINTS))
        method, path = _ENDPOINTS[endpoint]
        match = f"{method} /v{resource % 3 + 1}/domain{resource // 3 % 20}/resource{resource // 60}{path}"
        made.append(
            {"id": f"r{at}", "match": match, "stage": "live", "handler": f"migrated.team{resource}.api:handler"}
        )
    return made


def _document(rows: Sequence[Row]) -> Document:
    return Document.model_validate_json(json.dumps({"version": 1, "routes": rows}))


def _time(work: Callable[..., object], *arguments: object, times: int = 200, rounds: int = 7) -> float:
    """Return the least time of one run of the work among several rounds, in µs."""
    least = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(times):
            work(*arguments)
        least = min(least, time.perf_counter() - began)
    return least / times * 1e6


def _request(method: str, path: str, query: str = "", headers: Headers = _HEADERS) -> Request:
    return Request(method, path, query, headers, b"", "203.0.113.24", "https", "api.shop.example", "request-1", 0.0)


def _sample(rows: Sequence[Row], count: int = SAMPLE) -> Iterator[tuple[str, str, str]]:
    """Yield random routes' ids and methods, and a path for each."""
    for row in random.Random(7).sample(rows, count) if len(rows) > count else rows:
        method, _, template = row["match"].partition(" ")
        path = template.replace("{id}", "O-5001").replace("{line}", "7").replace("{path+}", "2026/invoice.pdf")
        yield row["id"], method, path


def _hits(table: Table, rows: Sequence[Row]) -> float:
    times = []
    for route_id, method, path in _sample(rows):
        request = _request(method, path)
        found = table.match(method, path, request)
        assert found is not None
        assert found.id == route_id
        times.append(_time(table.match, method, path, request))
    return statistics.median(times)


def _misses(table: Table) -> float:
    times = []
    for at, (_, method, path) in enumerate(_sample(_shop(ROUTES))):
        missed = (f"{path}/no/such/path", path.replace("domain", "realm"), f"/other{path}")[at % 3]
        request = _request(method, missed)
        if table.match(method, missed, request) is None:
            times.append(_time(table.match, method, missed, request))
    return statistics.median(times)


class _RuleLoop(APIGatewayHttpResolver):
    """Powertools' resolver up to the point at which it has found the route."""

    def _call_route(self, route: Route, route_arguments: dict[str, str]) -> Any:  # Any: never looked at
        return route


def _powertools(rows: Sequence[Row]) -> float:
    """Return the median time of the rule loop over a sample of the same paths, in µs."""
    resolver = _RuleLoop()
    for row in rows:
        method, _, template = row["match"].partition(" ")
        rule = template.replace("{path+}", "<path>").replace("{", "<").replace("}", ">")
        resolver.route(rule, method=method)(Response)
    times = []
    for _, method, path in list(_sample(rows))[:40]:
        http = {"method": method, "path": path.replace("2026/", "")}  # its rules have no rest
        resolver.current_event = APIGatewayProxyEventV2(
            {"version": "2.0", "rawPath": http["path"], "requestContext": {"http": http, "stage": "$default"}}
        )
        assert isinstance(resolver._resolve(), Route)
        times.append(_time(resolver._resolve, times=2, rounds=3))
    return statistics.median(times)


def _worst(usual: Table) -> tuple[float, str]:
    """Return the greatest time among hostile inputs for tables that the check lets through, and which it was."""
    found = []
    for name, rows in (("the usual table", []), *_hostile_tables()):
        table = usual
        if rows:
            document = _document([{"id": f"r{at}", **row} for at, row in enumerate(rows)])
            assert not list(problems(document.routes)), name
            table = load(compile_table(document, 1))
        for path_name, request in _hostile_inputs():
            table.match("GET", request.path, request)  # makes the routes that it asks, once
            found.append((_time(table.match, "GET", request.path, request, times=20), f"{name}, {path_name}"))
    return max(found)


def _hostile_tables() -> Iterator[tuple[str, list[Row]]]:
    """Yield tables whose worst look-ups come near to what is allowed."""
    yield "4096 masks", [{"match": f"GET {template}"} for template in _masks(12)]
    yield "64 masks that end differently", [{"match": f"GET {template}/z{at}"} for at, template in enumerate(_masks(6))]
    yield (
        "32 masks, 16 before a rest",
        [
            *({"match": f"GET {template}/z{at}"} for at, template in enumerate(_masks(5))),
            *({"match": f"GET {template}/z{at}/{{rest+}}"} for at, template in enumerate(_masks(4))),
            *({"match": f"GET {template}/z{at}/{{rest+}}"} for at, template in enumerate(_masks(3))),
            *({"match": f"GET {template}/z{at}/{{rest+}}"} for at, template in enumerate(_masks(2))),
        ],
    )
    yield "16 rests that begin differently", [{"match": f"GET /{'a/' * at}z{at}/{{rest+}}"} for at in range(16)]
    yield "one template of 150 segments", [{"match": "GET " + "/a" * 150}]
    yield "139 hosts", [{"match": "GET /a", "when": {"host": f"t{at}.example"}} for at in range(139)]
    for source in ("header", "query", "cookie"):
        # Each asks for one more than the last, for with as many they would tie; and only the last is not met.
        asked = [{**{f"v{name}": "1" for name in range(count)}, f"v{count}": "2"} for count in range(9)]
        yield (
            f"9 routes that ask up to 9 times for a {source}",
            [{"match": "GET /a", "when": {source: names}} for names in asked],
        )


def _masks(depth: int) -> Iterator[str]:
    for mask in product((True, False), repeat=depth):
        yield "".join("/a" if literal else f"/{{p{at}}}" for at, literal in enumerate(mask))


def _hostile_inputs() -> Iterator[Input]:
    paths = {f"{count} segments": "/a" * count for count in (*range(1, 20), 150)}
    paths |= {f"{count} segments and another": "/a" * count + "/other" for count in range(20)}
    paths |= {f"{name} and a slash": f"{path}/" for name, path in list(paths.items())}
    paths |= {f"{count} segments and //": "/a" * count + "//x" for count in range(14)}
    paths |= {
        "8 KB in one segment": "/" + "a" * 8_000,
        "8 KB of segments": "/a" * 4_000,
        "8 KB of segments and a slash": "/a" * 4_000 + "/",
        "8 KB of slashes": "/" * 8_000,
        "8 KB of //": "/a/" * 2_700,
        "8 KB in the twelfth segment": "/a" * 11 + "/" + "a" * 8_000,
        "8 KB of escapes": "/a" * 6 + "/" + "%2F" * 2_700,
    }
    query = "&".join(f"v{at}=1" for at in range(9))
    headers = Headers((*((f"v{at}".encode(), b"1") for at in range(9)), (b"cookie", query.replace("&", "; ").encode())))
    for name, path in paths.items():
        yield name, _request("GET", path, query, headers)


def _hostile_cookie() -> float:
    table = load(compile_table(_document([{"id": "a", "match": "GET /a", "when": {"cookie": {"sid": "1"}}}]), 1))
    request = _request("GET", "/a", headers=Headers(((b"cookie", b"sid=2" + b";" * 8_000),)))
    return _time(table.match, "GET", "/a", request, times=20)


def _canary() -> float:
    rows = [{**row, "stage": "canary", "percent": 5, "sticky": "cookie:sid"} for row in _shop(ROUTES)]
    table = load(compile_table(_document(rows), 1))
    requests = [_request(method, path) for _, method, path in _sample(rows)]
    assert all(decide(table, request).bucket is not None for request in requests)
    return statistics.median(_time(decide, table, request) for request in requests)


def _load(data: bytes) -> tuple[float, float, float]:
    """Return the least time of loading a table in ms, and the memory that it keeps, and takes meanwhile, in MB."""
    times = []
    for _ in range(15):
        gc.collect()
        times.append(_time(load, data, times=1, rounds=1) / 1000)
    gc.collect()
    tracemalloc.start()
    table = load(data)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert table.version == 1
    return min(times), kept / 1e6, peak / 1e6


def _check_and_compile(document: Document) -> float:
    def work() -> None:
        assert not list(problems(document.routes))
        compile_table(document, 1)

    return _time(work, times=1, rounds=5) / 1e6


if __name__ == "__main__":
    main()
