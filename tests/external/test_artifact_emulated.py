"""The artifact alone, in AWS's own runtime interface emulator, behind every front door."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.external.emulator import emulated
from tests.packaging.front_doors import ANSWER, EVENTS, OUTCOMES, Event, Outcome, outcomes
from tests.packaging.served import command
from tests.raw_legacy import RawLegacy, say

pytestmark = pytest.mark.external


@pytest.fixture(scope="module")
def became(task: Path, runtime: Path, dynamodb: str, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Outcome]:
    """What became of the events, one after the other in one environment."""
    folder = tmp_path_factory.mktemp("emulated")
    results: list[tuple[Event, list[bytes]]] = []
    with RawLegacy(say(ANSWER)) as legacy:
        variables = {
            "LEGACY_URL": legacy.origin,
            "LAMBDA_TASK_ROOT": str(task),
            "AWS_ENDPOINT_URL_DYNAMODB": dynamodb,
            # What Lambda sets and the emulator does not.
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
        }
        with emulated(command(task, runtime), variables, folder / "log", folder) as emulator:
            for event in EVENTS.values():
                before = len(legacy.requests)
                results.append((emulator.invoke(event), legacy.requests[before:]))
            records = emulator.records()
    return outcomes(results, records)


@pytest.mark.parametrize("name", EVENTS)
def test_front_door_gets_the_answer_of_the_side_that_the_table_in_the_artifact_names(
    became: Mapping[str, Outcome], name: str
) -> None:
    assert became[name] == OUTCOMES[name]
