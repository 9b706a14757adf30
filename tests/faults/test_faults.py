"""Every stage under every fault of either side, through AWS's runtime client in real processes.

One function for all cases: each has a route of its own, for a breaker counts by route.
"""

import asyncio
import json
import socket
from collections import Counter
from pathlib import Path

import pytest

from proxy.dev.lambda_runtime import LocalFunction
from proxy.routing.compile import compile_table
from proxy.routing.reader import read
from tests.faults import house
from tests.faults.expected import DIED, Case, Expected, cases, expected, is_run_once
from tests.raw_legacy import Line, RawLegacy, reset, say, stall
from tests.samples import http_api, put_in_store

JSON = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
FAULTS = {
    "ok": say(JSON % b"200 OK"),
    "500": say(JSON % b"500 Internal Server Error"),
    "reset": reset(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
    "stall": stall(),
    "garbage": say(b"what?\r\n\r\n", keep=False),
}
FALLBACK = "fallback: {after: 2s, statuses: [404, 409]}"
STAGES = {
    "legacy": "stage: legacy",
    "shadow": "stage: shadow, shadow: {timeout: 1s}",
    "canary-out": "stage: canary, percent: 0",
    "canary": f"stage: canary, percent: 100, {FALLBACK}",
    "live": f"stage: live, {FALLBACK}, shadow: {{timeout: 2s}}",
    "migrated": "stage: migrated",
    "shadow-writes": "stage: shadow, shadow: {timeout: 1s}, writes: true",
    "canary-writes": f"stage: canary, percent: 100, compare: true, {FALLBACK}, shadow: {{timeout: 2s}}, writes: true",
    "live-writes": f"stage: live, {FALLBACK}, shadow: {{timeout: 2s}}, writes: true",
}


@pytest.mark.timeout(240)
def test_write_runs_once_and_the_client_always_gets_an_answer(tmp_path: Path) -> None:
    """A write is never executed twice by fallback, retry or shadow unless the route allows it explicitly; and the
    client gets our 502 or 504 with a reason code, never the gateway's.
    """
    all_cases = cases()
    with RawLegacy(answer_by_path) as legacy, socket.create_server(("127.0.0.1", 0)) as taken:
        # A port that is taken and not listened to would hang; one that was closed refuses.
        down = taken.getsockname()[1]
        taken.close()
        put_in_store(tmp_path / "store", compile_table(read(document(all_cases)), 1))
        variables = {
            "LEGACY_URL": legacy.origin,
            "DOWN_URL": f"http://127.0.0.1:{down}",
            "FIG_LEGACY_HOSTS": f"127.0.0.1:{legacy.port},127.0.0.1:{down}",
            "FIG_TABLE": f"file:{tmp_path}/store",
            "NOTES": str(tmp_path / "notes"),
        }

        statuses = asyncio.run(run(all_cases, variables))
        ran_by_legacy = Counter(request.split(b" HTTP/", 1)[0].decode() for request in legacy.requests)

    ran_by_migrated = Counter((tmp_path / "notes").read_text().splitlines())
    found = {
        case: Expected(
            statuses[case],
            ran_by_legacy[f"{case.method} {case.path}"],
            ran_by_migrated[f"{case.method} {case.path}"],
        )
        for case in all_cases
    }
    wrong = {case: (found[case], expected(case)) for case in all_cases if found[case] != expected(case)}
    assert wrong == {}
    # The law itself, whatever the table above says: no side runs a write twice; and what may have been committed was so
    # on one side only, unless the route says writes: true.
    for case in all_cases:
        if case.method == "POST":
            assert max(found[case].legacy, found[case].migrated) <= 1, case
        if is_run_once(case):
            assert found[case].legacy + found[case].migrated <= 1, case


def answer_by_path(line: Line) -> bool:
    _, _, fault, *_ = line.request.split(b" ")[1].decode().split("/")
    return FAULTS[fault](line)


def document(all_cases: list[Case]) -> str:
    lines = ["version: 1", "legacy: {url: '${LEGACY_URL}', timeout: 2s}", "backends: {down: {url: '${DOWN_URL}'}}"]
    lines.append("routes:")
    for case in all_cases:
        down = ", legacy: down" if case.legacy == "refused" else ""
        lines.append(
            f"  - {{id: case-{case.number}, match: '{case.method} {case.path}', "
            f"handler: 'tests.faults.handler:handler', {STAGES[case.stage]}{down}}}"
        )
    return "\n".join(lines)


async def run(all_cases: list[Case], variables: dict[str, str]) -> dict[Case, int]:
    """Send every case, several at a time, and wait until all that comes after the answers is done."""
    function = house.function(variables, workers=8, timeout_s=7.0)
    try:
        await function.start()
        # Those that take long go first, so that nobody waits for one alone.
        waiting = sorted(all_cases, key=lambda case: (case.stage == "migrated") * 2 + (case.migrated == "hangs"))
        statuses: dict[Case, int] = {}

        async def ask() -> None:
            while waiting:
                case = waiting.pop()
                statuses[case] = await status_of(function, case)

        await asyncio.gather(*(ask() for _ in range(8)))
        await house.until_idle(function)
        return statuses
    finally:
        await function.stop()


async def status_of(function: LocalFunction, case: Case) -> int:
    body = b"{}" if case.method == "POST" else None
    invoked = await function.invoke(json.dumps(http_api(case.method, case.path, body=body)).encode())
    if invoked.function_error is not None:
        return DIED
    result = json.loads(invoked.payload)
    if int(result["statusCode"]) in (502, 504):
        assert "x-side" not in result["headers"]
    return int(result["statusCode"])
