"""The artifact alone, in the runtime client that AWS runs, behind every front door."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.packaging.front_doors import ANSWER, EVENTS, OUTCOMES, Event, Outcome, outcomes
from tests.packaging.served import Function, serve
from tests.raw_legacy import RawLegacy, say


@pytest.fixture(scope="module")
def became(task: Path, runtime: Path, dynamodb: str, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Outcome]:
    """What became of the events, one after the other in one environment."""
    results: list[tuple[Event, list[bytes]]] = []

    async def scenario(function: Function) -> None:
        for event in EVENTS.values():
            before = len(legacy.requests)
            result = await function.invoke(event)
            await function.until_idle()
            results.append((result, legacy.requests[before:]))

    with RawLegacy(say(ANSWER)) as legacy:
        variables = {"LEGACY_URL": legacy.origin, "AWS_ENDPOINT_URL_DYNAMODB": dynamodb}
        records = serve(task, runtime, tmp_path_factory.mktemp("log") / "log", scenario, variables)
    return outcomes(results, records)


@pytest.mark.parametrize("name", EVENTS)
def test_front_door_gets_the_answer_of_the_side_that_the_table_in_the_artifact_names(
    became: Mapping[str, Outcome], name: str
) -> None:
    assert became[name] == OUTCOMES[name]
