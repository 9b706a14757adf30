"""What a shadow costs the client: nothing, though it sleeps for three seconds; and what it costs the environment."""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from proxy.dev.lambda_runtime import LocalFunction
from tests.bench.figures import show
from tests.faults import house
from tests.raw_legacy import RawLegacy, say

_PAIRS = 60
_WORKERS = 12
_SLEEP_S = 3.0
_JSON = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"a": 1}'
_ROUTES = """
version: 1
routes:
  - {id: plain, match: "GET /plain", handler: "tests.faults.shadow_handler:handler"}
  - {id: shadowed, match: "GET /sleep", stage: shadow, handler: "tests.faults.shadow_handler:handler"}
"""


def main() -> None:
    """Measure through AWS's runtime client, with the evidence in the embedded DynamoDB."""
    with tempfile.TemporaryDirectory() as folder, RawLegacy(say(_JSON)) as legacy, house.evidence() as evidence:
        document, variables = house.publish(Path(folder) / "store", _ROUTES)
        variables = {
            **variables,
            "LEGACY_URL": legacy.origin,
            "AWS_ENDPOINT_URL_DYNAMODB": evidence.url,
            "FIG_EVIDENCE": f"dynamodb:{house.TABLE}",
            "SLEEP_S": str(_SLEEP_S),
        }
        plain, shadowed = asyncio.run(_latencies(variables))
        equal = evidence.of(document, "shadowed").counts.equal
    show(
        "A shadow that sleeps for 3 s",
        [
            (
                "client's latency with / without, medians",
                statistics.median(shadowed) / statistics.median(plain),
                "",
                1.1,
            ),
            ("median without", statistics.median(plain) * 1000, "ms", None),
            (f"comparisons that did not arrive, of {_PAIRS}", float(_PAIRS - equal), "", 0.0),
        ],
    )


async def _latencies(variables: dict[str, str]) -> tuple[list[float], list[float]]:
    function = house.function(variables, workers=_WORKERS, say=lambda _: None)
    plain: list[float] = []
    shadowed: list[float] = []
    try:
        await function.start()
        for path in ("/plain", "/sleep"):  # what is loaded on first use is not what is measured
            await asyncio.gather(*(house.ask(function, path) for _ in range(_WORKERS)))
        await house.until_idle(function)
        for _ in range(_PAIRS - _WORKERS):
            for path, found in (("/plain", plain), ("/sleep", shadowed)):
                await _until_one_is_idle(function)
                began = time.perf_counter()
                await house.ask(function, path)
                found.append(time.perf_counter() - began)
        await house.until_idle(function)
    finally:
        await function.stop()
    return plain, shadowed


async def _until_one_is_idle(function: LocalFunction) -> None:
    while not any(worker.environment and worker.environment.is_idle for worker in function._workers):
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)  # so that what the last one left behind is not measured with the next


if __name__ == "__main__":
    main()
