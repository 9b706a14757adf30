"""Alarms watch what exists: metrics of AWS, or what real records of the proxy turn into."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy.settings import Settings
from tests.infra import metrics
from tests.infra.conftest import StackOf
from tests.infra.metrics import Metric
from tests.infra.records import records
from tests.infra.stack import Stack
from tests.infra.template import Tree
from tests.raw_legacy import RawLegacy, say
from tests.samples import compiled, put_in_store

_APART = {"CustomersRun": "apart", "OrdersRun": "both"}
_DOORS = [{"FrontDoor": "http-api", **_APART}, {"FrontDoor": "function-url", **_APART}]
_OF_DEPLOYMENTS = [
    "CustomersVersionCrashesAlarm",
    "FallbacksAlarm",
    "FrontDoorErrorsAlarm",
    "MigratedErrorsAlarm",
    "OrdersVersionCrashesAlarm",
    "ProxyVersionCrashesAlarm",
    "ProxyVersionErrorsAlarm",
]
_TABLE = compiled(
    """
    good: GET /good migrated tests.backends.handlers:echo
    bad: GET /bad migrated tests.backends.handlers:raises
    """
)


_CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
_FALLING_BACK = compiled("bad: GET /bad live tests.backends.handlers:raises")


class _Lines:
    """What the proxy writes about GET /good and GET /bad, with a table that it can read and with one it cannot; and
    where legacy stands in.
    """

    def __init__(self, folder: Path, namespace: str) -> None:
        put_in_store(folder / "store", _TABLE)
        (folder / "baked.json").write_bytes(_TABLE)
        baked = str(folder / "baked.json")
        usual = Settings(baked_table=baked, metrics_namespace=namespace)
        self.fresh = records(usual._replace(table=f"file:{folder}/store"), "/good", "/bad")
        self.stale = records(usual._replace(table=f"file:{folder}/gone"), "/good", "/bad")
        put_in_store(folder / "live", _FALLING_BACK)
        self.fallen = records(Settings(table=f"file:{folder}/live", metrics_namespace=namespace), "/bad")

    @property
    def all(self) -> list[str]:
        return [*self.fresh, *self.stale, *self.fallen]


@pytest.fixture
def lines(tmp_path: Path, stack_of: StackOf, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Lines]:
    """Records of a proxy that counts where the template tells it to."""
    namespace = stack_of().properties("ProxyFunction")["Environment"]["Variables"]["FIG_METRICS_NAMESPACE"]
    with RawLegacy(say(_CLOSING, keep=False)) as legacy:  # for nobody closes what the function keeps
        monkeypatch.setenv("LEGACY_URL", legacy.origin)
        yield _Lines(tmp_path, namespace)


@pytest.mark.parametrize("door", _DOORS)
def test_every_alarm_watches_a_metric_that_exists(stack_of: StackOf, lines: _Lines, door: dict[str, str]) -> None:
    stack = stack_of(**door)

    watched = {alarm: set(_metrics(properties)) for alarm, properties in _alarms(stack).items()}

    existing = metrics.BY_AWS | metrics.of_record(lines.fresh[0]) | metrics.of_filters(stack, lines.all)
    assert {alarm: found - existing for alarm, found in watched.items() if found - existing} == {}
    assert all(watched.values())


@pytest.mark.parametrize("door", _DOORS)
def test_alarms_are_these_and_tell_the_topic_both_ways(stack_of: StackOf, door: dict[str, str]) -> None:
    alarms = _alarms(stack_of(**door))

    assert sorted(alarms) == sorted(
        [*_OF_DEPLOYMENTS, "FunctionErrorsAlarm", "LatencyAlarm", "StaleTableAlarm", "ThrottlesAlarm"]
    )
    for properties in alarms.values():
        assert properties["AlarmActions"] == properties["OKActions"] == ["<AlarmTopic>"]
        assert properties["TreatMissingData"] == "notBreaching"  # no request is no error
        assert properties["AlarmDescription"]


@pytest.mark.parametrize("door", _DOORS)
def test_no_alarm_searches(stack_of: StackOf, door: dict[str, str]) -> None:
    """CloudWatch refuses it: SEARCH is not supported on Metric Alarms."""
    expressions = [
        query["Expression"]
        for properties in _alarms(stack_of(**door)).values()
        for query in properties.get("Metrics", [])
        if "Expression" in query
    ]

    share_of_fallbacks = "100 * FILL(fallbacks, 0) / (FILL(fallbacks, 0) + FILL(answered, 0))"
    assert expressions == ["100 * errors / requests", "100 * failures", "100 * errors", share_of_fallbacks]


@pytest.mark.parametrize("door", _DOORS)
def test_alarms_of_a_deployment_can_ring_within_a_canary(stack_of: StackOf, door: dict[str, str]) -> None:
    for name in _OF_DEPLOYMENTS:
        properties = stack_of(**door).properties(name)
        (period,) = {stat["Period"] for stat in (*_stats(properties), properties) if "Period" in stat}

        assert period * properties["EvaluationPeriods"] < 5 * 60, name


def test_thresholds_are_parameters(stack_of: StackOf) -> None:
    stack = stack_of(AlarmErrorPercent="2", AlarmLatencyMs="900", AlarmEmail="on-call@example.com")

    assert {name: stack.properties(name)["Threshold"] for name in _alarms(stack)} == {
        "FallbacksAlarm": "2",
        "FrontDoorErrorsAlarm": "2",
        "FunctionErrorsAlarm": 0,
        "LatencyAlarm": "900",
        "MigratedErrorsAlarm": "2",
        "ProxyVersionCrashesAlarm": 0,
        "ProxyVersionErrorsAlarm": "2",
        "StaleTableAlarm": 0,
        "ThrottlesAlarm": 0,
    }
    subscription = {"TopicArn": "<AlarmTopic>", "Protocol": "email", "Endpoint": "on-call@example.com"}
    assert stack.properties("AlarmSubscription") == subscription
    assert "AlarmSubscription" not in stack_of().resources


def test_an_error_counts_one_and_anything_else_zero_by_side(stack_of: StackOf, lines: _Lines) -> None:
    """So the average of the metric is the share of errors, which the alarm on the migrated side compares."""
    by_side = stack_of().properties("ErrorsBySide")

    assert [metrics.value_of(by_side, line) for line in lines.fresh] == [0.0, 1.0]
    assert all('"side":"migrated"' in line for line in lines.fresh)
    (stat,) = _stats(stack_of().properties("MigratedErrorsAlarm"))
    assert (stat["Stat"], stat["Metric"]["Dimensions"]) == ("Average", [{"Name": "side", "Value": "migrated"}])


def test_latency_by_side_is_that_of_the_record(stack_of: StackOf, lines: _Lines) -> None:
    values = [metrics.value_of(stack_of().properties("LatencyBySide"), line) for line in lines.fresh]

    assert all(value is not None and value > 0 for value in values)


def test_table_counts_as_stale_while_it_cannot_be_read(stack_of: StackOf, lines: _Lines) -> None:
    stale = stack_of().properties("StaleTables")

    assert [metrics.value_of(stale, line) for line in lines.fresh] == [None, None]
    assert [metrics.value_of(stale, line) for line in lines.stale] == [1.0, 1.0]


def test_failure_that_legacy_stood_in_for_counts_as_a_fallback_and_not_as_an_error(
    stack_of: StackOf, lines: _Lines
) -> None:
    fallbacks, errors = (stack_of().properties(name) for name in ("Fallbacks", "ErrorsBySide"))

    assert [metrics.value_of(fallbacks, line) for line in (*lines.fresh, *lines.fallen)] == [None, None, 1.0]
    assert [metrics.value_of(errors, line) for line in lines.fallen] == [0.0]
    assert '"side":"legacy"' in lines.fallen[0]


def _alarms(stack: Stack) -> dict[str, Tree]:
    return stack.of_type("AWS::CloudWatch::Alarm")


def _stats(properties: Tree) -> list[Tree]:
    return [query["MetricStat"] for query in properties.get("Metrics", []) if "MetricStat" in query]


def _metrics(properties: Tree) -> Iterator[Metric]:
    """Yield what an alarm looks at."""
    for metric in [stat["Metric"] for stat in _stats(properties)] or [properties]:
        names = sorted(dimension["Name"] for dimension in metric.get("Dimensions", []))
        yield Metric(metric["Namespace"], metric["MetricName"], tuple(names))
