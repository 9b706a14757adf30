"""Shadows through AWS's runtime client, with the evidence in a real table."""

import asyncio
from pathlib import Path

from proxy.evidence.found import Counts
from tests.faults import house
from tests.raw_legacy import RawLegacy, say

JSON = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"a": 1}'
HANDLER = "tests.faults.shadow_handler:handler"
ROUTES = f"""
version: 1
routes:
  - {{id: wait, match: "GET /wait/{{n}}", stage: shadow, handler: "{HANDLER}", shadow: {{timeout: 60s}}}}
  - {{id: die, match: "GET /die/{{n}}", stage: shadow, handler: "{HANDLER}"}}
  - {{id: hang, match: "GET /sleep/{{n}}", stage: shadow, handler: "{HANDLER}", shadow: {{timeout: 300ms}}}}
"""


def test_client_has_its_answer_before_the_shadow_has_one_and_every_comparison_arrives(tmp_path: Path) -> None:
    """The shadow never changes the answer, never delays it."""
    go = tmp_path / "go"
    with RawLegacy(say(JSON)) as legacy, house.evidence() as evidence:
        document, variables = house.publish(tmp_path / "store", ROUTES)

        async def scenario() -> list[int]:
            function = house.function({**variables, **of(legacy, evidence), "GO": str(go)}, workers=4)
            try:
                await function.start()
                # Nobody lets a shadow go before all four clients have their answers.
                statuses = await asyncio.gather(*(house.ask(function, f"/wait/{number}") for number in range(4)))
                go.touch()
                await house.until_idle(function)
                return list(statuses)
            finally:
                await function.stop()

        statuses = asyncio.run(scenario())

        assert statuses == [200] * 4
        assert evidence.of(document, "wait").counts == Counts(started=4, finished=4, equal=4)
        assert evidence.code() == "$LATEST", "each environment says which version it is, after its first answer"


def test_shadow_that_kills_its_process_is_counted_as_lost_and_touches_no_request(tmp_path: Path) -> None:
    with RawLegacy(say(JSON)) as legacy, house.evidence() as evidence:
        document, variables = house.publish(tmp_path / "store", ROUTES)

        async def scenario() -> list[int]:
            function = house.function({**variables, **of(legacy, evidence)})
            try:
                await function.start()
                statuses = [await house.ask(function, f"/die/{number}") for number in range(2)]
                statuses.append(await house.ask(function, "/unlisted"))
                await house.until_idle(function)
                return statuses
            finally:
                await function.stop()

        statuses = asyncio.run(scenario())

        now, later = (evidence.of(document, "die", after_s).counts for after_s in (0, 3600))
        assert statuses == [200, 200, 200]
        assert (now.started, now.finished, now.lost, later.lost) == (2, 0, 0, 2)


def test_shadow_that_hangs_holds_up_neither_the_client_nor_the_next_request(tmp_path: Path) -> None:
    with RawLegacy(say(JSON)) as legacy, house.evidence() as evidence:
        document, variables = house.publish(tmp_path / "store", ROUTES)

        async def scenario() -> list[int]:
            function = house.function({**variables, **of(legacy, evidence), "SLEEP_S": "3600"})
            try:
                await function.start()
                statuses = [await house.ask(function, f"/sleep/{number}") for number in range(3)]
                await house.until_idle(function)
                return statuses
            finally:
                await function.stop()

        statuses = asyncio.run(scenario())

        found = evidence.of(document, "hang").counts
        assert statuses == [200] * 3
        assert dict(found.reasons) == {"candidate_failed": {"migrated_timeout": 1}, "skipped": {"still_busy": 2}}


def of(legacy: RawLegacy, evidence: house.Evidence) -> dict[str, str]:
    return {
        "LEGACY_URL": legacy.origin,
        "AWS_ENDPOINT_URL_DYNAMODB": evidence.url,
        "FIG_EVIDENCE": f"dynamodb:{house.TABLE}",
    }
