"""New code has a tenth of the traffic, and an alarm of its own tells whether it fails there."""

import json
from pathlib import Path

import pytest

from proxy.settings import Settings
from tests.infra.conftest import StackOf
from tests.infra.records import records
from tests.infra.ringing import Minute, counted, ringing, series
from tests.infra.stack import Stack
from tests.raw_legacy import RawLegacy, say
from tests.samples import compiled, put_in_store

_NEW = "<ProxyFunction.Version>"  # what stands for the number of the newest version
_OLD = "1"
_CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"  # nobody closes what is kept
_TABLE = compiled(
    """
    good: GET /good migrated tests.backends.handlers:echo
    fails: GET /fails migrated tests.backends.handlers:raises
    falls-back: GET /falls-back live tests.backends.handlers:raises
    """
)


@pytest.mark.parametrize("failing", ["/fails", "/falls-back"])
def test_new_version_that_fails_four_of_ten_requests_does_not_hide_in_a_tenth_of_the_traffic(
    stack_of: StackOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    stack = stack_of(AlarmErrorPercent="5")

    minute = _minute(stack, tmp_path, monkeypatch, {(_OLD, "/good"): 90, (_NEW, "/good"): 6, (_NEW, failing): 4})

    # The share of all is 4 %, under what the other alarms bear.
    assert ringing(stack, minute) == {"ProxyVersionErrorsAlarm"}


@pytest.mark.parametrize(
    ("requests", "rings"),
    [
        ({(_OLD, "/good"): 90, (_NEW, "/good"): 10}, set()),
        ({(_OLD, "/good"): 90}, set()),
        # The old version fails, and the new one does not have to pay for it.
        (
            {(_OLD, "/good"): 45, (_OLD, "/fails"): 45, (_NEW, "/good"): 10},
            {"FrontDoorErrorsAlarm", "MigratedErrorsAlarm"},
        ),
        ({(_OLD, "/good"): 45, (_OLD, "/falls-back"): 45, (_NEW, "/good"): 10}, {"FallbacksAlarm"}),
        # Between deployments, the newest version has all of the traffic.
        (
            {(_NEW, "/good"): 60, (_NEW, "/fails"): 20, (_NEW, "/falls-back"): 20},
            {"FallbacksAlarm", "FrontDoorErrorsAlarm", "MigratedErrorsAlarm", "ProxyVersionErrorsAlarm"},
        ),
        # 5 % are borne: 3 errors and 2 fallbacks of 100; and 6 % are not.
        ({(_NEW, "/good"): 95, (_NEW, "/fails"): 3, (_NEW, "/falls-back"): 2}, set()),
        ({(_NEW, "/good"): 94, (_NEW, "/fails"): 3, (_NEW, "/falls-back"): 3}, {"ProxyVersionErrorsAlarm"}),
    ],
)
def test_alarm_on_a_version_goes_by_the_share_of_its_own_errors_and_fallbacks(
    stack_of: StackOf,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    requests: dict[tuple[str, str], int],
    rings: set[str],
) -> None:
    stack = stack_of(AlarmErrorPercent="5")

    assert ringing(stack, _minute(stack, tmp_path, monkeypatch, requests)) == rings


@pytest.mark.parametrize("function", ["ProxyFunction", "CustomersFunction", "OrdersFunction"])
def test_crash_of_a_new_version_rings_for_its_own_deployment(stack_of: StackOf, function: str) -> None:
    stack = stack_of(CustomersRun="apart", OrdersRun="both")
    of_version = {
        "FunctionName": f"<{function}>",
        "Resource": f"<{function}>:live",
        "ExecutedVersion": f"<{function}.Version>",
    }

    rings = ringing(stack, {series("AWS/Lambda", "Errors", **of_version): [1.0]})

    assert rings == {function.replace("Function", "VersionCrashesAlarm")}


def test_crash_between_deployments_is_told_although_lambda_names_no_version_then(stack_of: StackOf) -> None:
    stack = stack_of()
    of_alias = {"FunctionName": "<ProxyFunction>", "Resource": "<ProxyFunction>:live"}

    assert ringing(stack, {series("AWS/Lambda", "Errors", **of_alias): [1.0]}) == {"FunctionErrorsAlarm"}


def _minute(
    stack: Stack, folder: Path, monkeypatch: pytest.MonkeyPatch, requests: dict[tuple[str, str], int]
) -> Minute:
    """Return what a minute reports in which so many requests went to a version and a path."""
    put_in_store(folder, _TABLE)
    lines: list[str] = []
    with RawLegacy(say(_CLOSING, keep=False)) as legacy:
        monkeypatch.setenv("LEGACY_URL", legacy.origin)
        for (version, path), number in requests.items():
            settings = Settings(table=f"file:{folder}", metrics_namespace="Fig/shop", function_version=version)
            lines += records(settings, path) * number
    statuses = [json.loads(line)["status"] for line in lines]
    at_the_door = {"ApiId": "<HttpApi>", "Stage": "<HttpApiStage>"}
    return {
        **counted(stack, lines),
        series("AWS/ApiGateway", "Count", **at_the_door): [1.0] * len(statuses),
        series("AWS/ApiGateway", "5xx", **at_the_door): [float(status >= 500) for status in statuses],
    }
