"""What looking up costs in a table of 10 000 routes, and what the worst input costs. `python -m tests.bench.match`.

A path's time is the least of many short rounds in several passes: what a busy machine adds, adds up. A figure for
many paths is the median of their times, and what is compared is measured in the same passes. The yardstick is the rule
loop of Powertools' resolver.
"""

import gc
import json
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

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
from tests.bench import events, hostile
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
Call = tuple[Any, ...]  # Any: what to call, and its arguments


class Calls(NamedTuple):
    """Calls to measure, and how often each runs in a round."""

    calls: list[Call]
    times: int = 200


def main() -> None:
    """Measure look-ups, decisions, loading and checking."""
    rows = _shop(ROUTES)
    document = _document(rows)
    data = compile_table(document, 1)
    table = load(data)
    few = _shop(10)
    hit, hit_among_few, miss, rule_loop = _medians(
        _hits(table, rows), _hits(load(compile_table(_document(few), 1)), few * 20), _misses(table), _powertools(rows)
    )
    worst, worst_input = _worst(table)
    loaded_ms, retained_mb, peak_mb = _load(data)
    show(
        f"match: {ROUTES} routes, {SAMPLE} random paths",
        [
            ("a path that a route lists, median", hit, "µs", 1.5),
            ("the same, of that among 10 routes", hit / hit_among_few, "x", 2.0),
            ("a path that no route lists, median", miss, "µs", None),
            ("a listed path, of Powertools' rule loop", 1000 * hit / rule_loop, "‰", 1000 / 300),
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


def _time(work: Callable[..., object], *arguments: object, times: int = 200, rounds: int = 5) -> float:
    """Return the least time of one run of the work among several rounds, in µs."""
    least = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(times):
            work(*arguments)
        least = min(least, time.perf_counter() - began)
    return least / times * 1e6


def _least(*groups: Calls) -> list[list[float]]:
    """Return the least time of each call in each group, in µs. The groups take turns."""
    passes = [[[_time(*call, times=group.times) for call in group.calls] for group in groups] for _ in range(5)]
    return [[min(each) for each in zip(*of_group, strict=True)] for of_group in zip(*passes, strict=True)]


def _medians(*groups: Calls) -> list[float]:
    return [statistics.median(least) for least in _least(*groups)]


def _request(method: str, path: str, query: str = "", headers: Headers = _HEADERS) -> Request:
    return Request(method, path, query, headers, b"", "203.0.113.24", "https", "api.shop.example", "request-1", 0.0)


def _sample(rows: Sequence[Row], count: int = SAMPLE) -> Iterator[tuple[str, str, str]]:
    """Yield random routes' ids and methods, and a path for each."""
    for row in random.Random(7).sample(rows, count) if len(rows) > count else rows:
        method, _, template = row["match"].partition(" ")
        path = template.replace("{id}", "O-5001").replace("{line}", "7").replace("{path+}", "2026/invoice.pdf")
        yield row["id"], method, path


def _hits(table: Table, rows: Sequence[Row]) -> Calls:
    calls: list[Call] = []
    for route_id, method, path in _sample(rows):
        found = table.match(method, path)
        assert found is not None
        assert found.id == route_id
        calls.append((table.match, method, path, _request(method, path)))
    return Calls(calls)


def _misses(table: Table) -> Calls:
    calls: list[Call] = []
    for at, (_, method, path) in enumerate(_sample(_shop(ROUTES))):
        missed = (f"{path}/no/such/path", path.replace("domain", "realm"), f"/other{path}")[at % 3]
        if table.match(method, missed) is None:
            calls.append((table.match, method, missed, _request(method, missed)))
    return Calls(calls)


class _RuleLoop(APIGatewayHttpResolver):
    """Powertools' resolver up to the point at which it has found the route."""

    def _call_route(self, route: Route, route_arguments: dict[str, str]) -> Any:  # Any: never looked at
        return route


def _powertools(rows: Sequence[Row]) -> Calls:
    """Return the rule loop for a sample of the same paths."""
    resolver = _RuleLoop()
    for row in rows:
        method, _, template = row["match"].partition(" ")
        rule = template.replace("{path+}", "<path>").replace("{", "<").replace("}", ">")
        resolver.route(rule, method=method)(Response)
    events_of = []
    for _, method, path in list(_sample(rows))[:40]:
        http = {"method": method, "path": path.replace("2026/", "")}  # its rules have no rest
        event = {"version": "2.0", "rawPath": http["path"], "requestContext": {"http": http, "stage": "$default"}}
        events_of.append(APIGatewayProxyEventV2(event))

    def resolve(event: APIGatewayProxyEventV2) -> None:
        resolver.current_event = event
        assert isinstance(resolver._resolve(), Route)

    return Calls([(resolve, event) for event in events_of], times=1)


def _worst(usual: Table) -> tuple[float, str]:
    """Return the greatest time among hostile inputs for tables that the check lets through, and which it was."""
    calls: list[Call] = []
    names = []
    for name, rows in (("the usual table", []), *hostile.tables()):
        table = usual
        if rows:
            document = _document([{"id": f"r{at}", **row} for at, row in enumerate(rows)])
            assert not list(problems(document.routes)), name
            table = load(compile_table(document, 1))
        for path_name, request in hostile.requests():
            table.match("GET", request.path, request)  # makes the routes that it asks, once
            calls.append((table.match, "GET", request.path, request))
            names.append(f"{name}, {path_name}")
    [times] = _least(Calls(calls, times=20))
    return max(zip(times, names, strict=True))


def _hostile_cookie() -> float:
    table = load(compile_table(_document([{"id": "a", "match": "GET /a", "when": {"cookie": {"sid": "1"}}}]), 1))
    request = _request("GET", "/a", headers=Headers(((b"cookie", b"sid=2" + b";" * 8_000),)))
    return _time(table.match, "GET", "/a", request, times=20)


def _canary() -> float:
    rows = [{**row, "stage": "canary", "percent": 5, "sticky": "cookie:sid"} for row in _shop(ROUTES)]
    table = load(compile_table(_document(rows), 1))
    requests = [_request(method, path) for _, method, path in _sample(rows)]
    assert all(decide(table, request).bucket is not None for request in requests)
    return _medians(Calls([(decide, table, request) for request in requests]))[0]


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
