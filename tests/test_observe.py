"""The line of one exchange: its form, what others would write, and what never stands in it."""

import json
import re
from collections.abc import Mapping
from functools import cache
from io import StringIO
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import BadRequest, FigError, LegacyTimeout
from proxy.observe import Compared, Failure, Observer, Record, failure_of
from proxy.settings import Settings
from tests.samples import Context

SETTINGS = Settings(
    service="shop", function_name="fig-proxy", function_version="7", memory_mb="512", metrics_namespace="Shop"
)
CLOCK_S = 1795411187.0425
RECORD = Record(
    request_id="request-1",
    status=200,
    code="",
    method="GET",
    route="orders.read",
    stage="migrated",
    side="migrated",
    reason="stage",
    table_version=7,
    total_ms=12.34567,
    table_ms=0.01,
    side_ms=12.3,
    bytes_in=28,
    bytes_out=1024,
)


def line_of(*records: Record, counters: str = "", tells_error_text: bool = False) -> dict[str, Any]:
    """The last line of these records, as data. Any: JSON."""
    lines: list[str] = []
    observer = Observer(SETTINGS, lines.append, lambda: CLOCK_S, tells_error_text)
    for record in records:
        observer.record(record, counters)
    assert lines[-1].count("\n") == 1
    assert lines[-1].endswith("\n")
    data: dict[str, Any] = json.loads(lines[-1])
    return data


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as exc:
        return exc


def test_whole_record_is_one_line_of_json() -> None:
    assert line_of(RECORD) == {
        "level": "INFO",
        "location": "proxy.observe",
        "service": "shop",
        "function_name": "fig-proxy",
        "function_memory_size": "512",
        "function_version": "7",
        "message": "exchange",
        "timestamp": "2026-11-23 05:19:47,042+0000",
        "cold_start": True,
        "correlation_id": "request-1",
        "method": "GET",
        "route": "orders.read",
        "stage": "migrated",
        "side": "migrated",
        "reason": "stage",
        "status": 200,
        "code": "",
        "table_version": 7,
        "table_ms": 0.01,
        "side_ms": 12.3,
        "latency": 12.346,
        "bytes_in": 28,
        "bytes_out": 1024,
        "requests": 1,
        "errors": 0,
        "_aws": {
            "Timestamp": 1795411187042,
            "CloudWatchMetrics": [
                {
                    "Namespace": "Shop",
                    "Dimensions": [["route", "side", "stage"]],
                    "Metrics": [
                        {"Name": "requests", "Unit": "Count"},
                        {"Name": "errors", "Unit": "Count"},
                        {"Name": "latency", "Unit": "Milliseconds"},
                    ],
                }
            ],
        },
    }


def test_only_the_first_record_of_an_environment_is_a_cold_start() -> None:
    assert (line_of(RECORD)["cold_start"], line_of(RECORD, RECORD)["cold_start"]) == (True, False)


def test_counters_stand_beside_the_other_fields() -> None:
    data = line_of(RECORD, counters=',"table_failures":2')

    assert data == {**line_of(RECORD), "table_failures": 2}


@pytest.mark.parametrize(
    ("clock_s", "timestamp"),
    [
        (0.0, "1970-01-01 00:00:00,000+0000"),
        (CLOCK_S, "2026-11-23 05:19:47,042+0000"),
        (CLOCK_S + 0.9, "2026-11-23 05:19:47,942+0000"),
        (CLOCK_S + 1.0, "2026-11-23 05:19:48,042+0000"),
    ],
)
def test_time_is_told_in_utc_to_the_millisecond(clock_s: float, timestamp: str) -> None:
    lines: list[str] = []
    times = iter([CLOCK_S, clock_s])
    observer = Observer(SETTINGS, lines.append, lambda: next(times))

    observer.record(RECORD)
    observer.record(RECORD)

    data = json.loads(lines[1])
    assert (data["timestamp"], data["_aws"]["Timestamp"]) == (timestamp, int(clock_s * 1000))


@pytest.mark.parametrize(
    ("status", "level", "errors"),
    [(200, "INFO", 0), (404, "INFO", 0), (499, "INFO", 0), (500, "ERROR", 1), (504, "ERROR", 1)],
)
def test_server_errors_are_errors(status: int, level: str, errors: int) -> None:
    data = line_of(RECORD._replace(status=status))

    assert (data["level"], data["errors"], data["requests"]) == (level, errors, 1)


# What others write.


@cache  # loggers of one name share their first stream
def powertools_lines() -> list[dict[str, Any]]:
    """An INFO line and one with an exception, as Powertools' Logger writes them in a handler."""
    stream = StringIO()
    logger = Logger(service="shop", stream=stream)

    @logger.inject_lambda_context(correlation_id_path="requestContext.requestId")
    def handler(event: Mapping[str, Any], context: Context) -> None:
        logger.info("exchange", extra={"status": 200})
        try:
            raise ValueError("the text")
        except ValueError:
            logger.exception("exchange")

    handler({"requestContext": {"requestId": "request-1"}}, Context())
    return [json.loads(line) for line in stream.getvalue().splitlines()]


TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}[+-]\d{4}").fullmatch


def test_fields_have_the_names_and_forms_of_powertools_logger() -> None:
    theirs, with_exception = powertools_lines()
    ours = line_of(RECORD)

    # Lambda's own id and ARN stand in the platform's lines.
    assert set(theirs) - set(ours) == {"function_arn", "function_request_id"}
    assert {name: type(ours[name]) for name in theirs if name in ours} == {
        name: type(theirs[name]) for name in theirs if name in ours
    }
    assert TIMESTAMP(ours["timestamp"])
    assert TIMESTAMP(theirs["timestamp"])
    same = (
        "level",
        "service",
        "message",
        "cold_start",
        "correlation_id",
        "function_name",
        "function_memory_size",
        "status",
    )
    assert {name: ours[name] for name in same} == {name: theirs[name] for name in same}
    assert with_exception["level"] == line_of(RECORD._replace(status=500))["level"]


def test_exception_has_the_names_of_powertools_logger() -> None:
    _, theirs = powertools_lines()
    ours = line_of(
        RECORD._replace(status=500, failure=failure_of(raised(ValueError("the text")))), tells_error_text=True
    )

    names = {"exception", "exception_name", "stack_trace"}
    assert names <= set(ours)
    assert names <= set(theirs)
    assert (ours["exception_name"], type(ours["exception"])) == (theirs["exception_name"], type(theirs["exception"]))


def test_metrics_have_the_form_of_powertools_metrics() -> None:
    metrics = EphemeralMetrics(namespace="Shop")
    metrics.add_dimension("route", "orders.read")
    metrics.add_dimension("side", "migrated")
    metrics.add_dimension("stage", "migrated")
    metrics.add_metric("requests", MetricUnit.Count, 1)
    metrics.add_metric("errors", MetricUnit.Count, 0)
    metrics.add_metric("latency", MetricUnit.Milliseconds, 12.346)

    theirs = json.loads(json.dumps(metrics.serialize_metric_set()))
    ours = line_of(RECORD)

    assert ours["_aws"]["CloudWatchMetrics"] == theirs["_aws"]["CloudWatchMetrics"]
    assert type(ours["_aws"]["Timestamp"]) is type(theirs["_aws"]["Timestamp"])
    # A value may be a number or a list of numbers; theirs is always a list.
    assert {name: [ours[name]] for name in ("requests", "errors", "latency")} == {
        name: theirs[name] for name in ("requests", "errors", "latency")
    }
    assert [ours[name] for name in ("route", "side", "stage")] == [theirs[name] for name in ("route", "side", "stage")]


# Source: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
# (root node, metadata object, MetricDirective, DimensionSet, MetricDefinition, target members), read 2026-11.
UNITS = {
    "Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits",
    "Kilobits", "Megabits", "Gigabits", "Terabits", "Percent", "Count", "Bytes/Second", "Kilobytes/Second",
    "Megabytes/Second", "Gigabytes/Second", "Terabytes/Second", "Bits/Second", "Kilobits/Second", "Megabits/Second",
    "Gigabits/Second", "Terabits/Second", "Count/Second", "None",
}  # fmt: skip


def emf_problems(root: Any) -> list[str]:
    """Everything in which a root node is not an EMF document."""
    problems = []
    metadata = root.get("_aws") if isinstance(root, dict) else None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("Timestamp"), int):
        return ["_aws: expected an object with a Timestamp in milliseconds since 1970"]
    for directive in metadata.get("CloudWatchMetrics", [None]):
        if not isinstance(directive, dict) or set(directive) != {"Namespace", "Dimensions", "Metrics"}:
            problems.append("CloudWatchMetrics: expected Namespace, Dimensions and Metrics")
            continue
        if not 1 <= len(directive["Namespace"]) <= 1024 or directive["Namespace"].startswith("AWS/"):
            problems.append("Namespace: expected 1 to 1024 characters of one's own")
        for dimension in [name for names in directive["Dimensions"] for name in names]:
            value = root.get(dimension)
            if (
                not isinstance(value, str)
                or not 1 <= len(value) <= 1024
                or not value.isascii()
                or value.startswith(":")
            ):
                problems.append(f"{dimension}: expected a target member of 1 to 1024 ASCII characters")
        if any(len(names) > 30 for names in directive["Dimensions"]) or len(directive["Metrics"]) > 100:
            problems.append("expected at most 30 dimensions in a set and 100 metrics")
        for metric in directive["Metrics"]:
            value = root.get(metric.get("Name"))
            if set(metric) - {"Name", "Unit", "StorageResolution"} or metric.get("Unit", "None") not in UNITS:
                problems.append(f"{metric}: expected Name, Unit and StorageResolution")
            if isinstance(value, bool) or not isinstance(value, int | float):
                problems.append(f"{metric}: expected a number as target member")
    return problems


def test_check_of_the_format_finds_what_is_wrong() -> None:
    directive = {"Namespace": "", "Dimensions": [["absent"]], "Metrics": [{"Name": "absent", "Unit": "Furlongs"}]}

    found = emf_problems({"_aws": {"Timestamp": 1, "CloudWatchMetrics": [directive]}})

    assert (len(found), emf_problems({}), len(emf_problems({"_aws": {"Timestamp": 1}}))) == (
        4,
        ["_aws: expected an object with a Timestamp in milliseconds since 1970"],
        1,
    )


TEXT = st.text(max_size=30)


@given(
    st.builds(
        Record,
        request_id=TEXT,
        status=st.integers(200, 599),
        code=st.sampled_from(["", "legacy_broken", "bad_path"]),
        method=TEXT,
        route=st.from_regex(r"[a-z0-9][a-z0-9._-]{0,63}", fullmatch=True),
        stage=st.sampled_from(["legacy", "migrated", "unlisted"]),
        side=st.sampled_from(["legacy", "migrated", "proxy"]),
        reason=st.sampled_from(["unlisted", "stage", "ambiguous_path", "refused"]),
        table_version=st.integers(0, 10**9),
        total_ms=st.floats(0, 900_000),
        table_ms=st.floats(0, 900_000),
        side_ms=st.floats(0, 900_000),
        bytes_in=st.integers(0, 10**7),
        bytes_out=st.integers(0, 10**7),
        failure=st.none(),
    )
)
def test_any_record_is_an_emf_document_that_says_what_it_was_given(record: Record) -> None:
    data = line_of(record)

    assert emf_problems(data) == []
    assert (data["correlation_id"], data["method"], data["route"]) == (record.request_id, record.method, record.route)
    assert (data["status"], data["bytes_in"], data["bytes_out"]) == (record.status, record.bytes_in, record.bytes_out)


# Fallbacks, breakers and comparisons.

SIDED = ["route", "side", "stage"]
USUAL = [("requests", "Count"), ("errors", "Count"), ("latency", "Milliseconds")]


def metrics_of(data: dict[str, Any]) -> tuple[list[str], list[tuple[str, str]]]:
    """The dimensions and the metrics of a line's one directive. Any: JSON."""
    [directive] = data["_aws"]["CloudWatchMetrics"]
    [dimensions] = directive["Dimensions"]
    return dimensions, [(metric["Name"], metric["Unit"]) for metric in directive["Metrics"]]


FELL_BACK = {"fallback": "migrated_timeout", "fallbacks": 1}
NOTED = {"exception_name": "TimeIsUp", "stack_trace": "here"}
FAILED = Failure("TimeIsUp", "here", "text")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, {}),
        # A side that works has a breaker, too; it is worth a word only beside a failure, and once it is not closed.
        ({"breaker": "open"}, {}),
        ({"fallback": "migrated_timeout", "failure": FAILED}, {**FELL_BACK, **NOTED}),
        ({"fallback": "migrated_timeout", "failure": FAILED, "breaker": "closed"}, {**FELL_BACK, **NOTED}),
        ({"fallback": "migrated_timeout", "failure": FAILED, "breaker": "half-open"},
         {**FELL_BACK, **NOTED, "breaker": "half-open"}),
        ({"fallback": "breaker_open", "breaker": "open"},
         {"fallback": "breaker_open", "fallbacks": 1, "breaker": "open"}),
        ({"status": 503, "code": "breaker_open", "breaker": "open"}, {"breaker": "open"}),
        ({"status": 502, "failure": FAILED, "breaker": "closed"}, NOTED),
        # The fallback was asked in vain, so the client has the primary's answer, whatever its status.
        ({"status": 404, "failure": FAILED._replace(in_vain="legacy_timeout")},
         {**NOTED, "fallback_failed": "legacy_timeout"}),
    ],
)  # fmt: skip
def test_failure_of_the_primary_is_told_beside_the_usual(fields: dict[str, Any], told: dict[str, Any]) -> None:
    record = RECORD._replace(**fields)
    plain = line_of(RECORD._replace(status=record.status, code=record.code))

    data = line_of(record)

    assert {name: value for name, value in data.items() if name not in plain} == told
    rare = [name for name in ("fallbacks",) if name in told] or [name for name in ("breaker_open",) if name in data]
    assert metrics_of(data) == (SIDED, USUAL + [(name, "Count") for name in rare])
    assert emf_problems(data) == []


@pytest.mark.parametrize(
    "fields", [{"reason": "breaker_open", "side": "legacy"}, {"status": 503, "code": "breaker_open"}]
)
def test_request_that_an_open_breaker_kept_from_the_migrated_side_is_counted(fields: dict[str, Any]) -> None:
    data = line_of(RECORD._replace(**fields))

    assert data["breaker_open"] == 1
    assert metrics_of(data) == (SIDED, [*USUAL, ("breaker_open", "Count")])
    assert emf_problems(data) == []


COMPARED = Compared("request-1", "orders.read", "shadow", "migrated", "different", "", ("changed $.total",), 7.6543)


def comparison_of(compared: Compared, settings: Settings = SETTINGS) -> dict[str, Any]:
    """The line of a comparison, as data. Any: JSON."""
    lines: list[str] = []
    Observer(settings, lines.append, lambda: CLOCK_S).compared(compared)
    [line] = lines
    assert (line.count("\n"), line[-1]) == (1, "\n")
    data: dict[str, Any] = json.loads(line)
    return data


def test_whole_comparison_is_one_line_of_json() -> None:
    assert comparison_of(COMPARED) == {
        "level": "INFO",
        "location": "proxy.observe",
        "service": "shop",
        "function_name": "fig-proxy",
        "function_memory_size": "512",
        "function_version": "7",
        "message": "comparison",
        "timestamp": "2026-11-23 05:19:47,042+0000",
        "correlation_id": "request-1",
        "route": "orders.read",
        "stage": "shadow",
        "shadow": "migrated",
        "outcome": "different",
        "why": "",
        "paths": ["changed $.total"],
        "shadow_ms": 7.654,
        "comparisons": 1,
        "differences": 1,
        "_aws": {
            "Timestamp": 1795411187042,
            "CloudWatchMetrics": [
                {
                    "Namespace": "Shop",
                    "Dimensions": [["route"]],
                    "Metrics": [
                        {"Name": "comparisons", "Unit": "Count"},
                        {"Name": "differences", "Unit": "Count"},
                    ],
                }
            ],
        },
    }


def test_comparison_whose_handler_failed_says_where_and_its_text_only_where_that_is_allowed() -> None:
    """As an exchange does: the text of somebody else's exception may hold what the client sent."""
    failed = COMPARED._replace(what="candidate_failed", failure=Failure("KeyError", "api.py:2 handler", "'secret'"))
    lines: list[str] = []

    for tells_error_text in (False, True):
        Observer(SETTINGS, lines.append, lambda: CLOCK_S, tells_error_text=tells_error_text).compared(failed)

    shown = [
        {key: value for key, value in json.loads(line).items() if "exc" in key or "stack" in key} for line in lines
    ]
    assert shown == [
        {"exception_name": "KeyError", "stack_trace": "api.py:2 handler"},
        {"exception_name": "KeyError", "stack_trace": "api.py:2 handler", "exception": "'secret'"},
    ]


COUNTED = [("comparisons", "Count"), ("differences", "Count")]
UNCOUNTED = [("comparisons_failed", "Count")]


@pytest.mark.parametrize(
    ("what", "counts", "metrics"),
    [
        ("equal", {"comparisons": 1, "differences": 0}, COUNTED),
        ("different", {"comparisons": 1, "differences": 1}, COUNTED),
        ("candidate_failed", {"comparisons": 1, "differences": 1}, COUNTED),
        # Nothing was compared: it must count neither for the two sides nor against them.
        ("comparator_failed", {"comparisons_failed": 1}, UNCOUNTED),
        ("skipped", {"comparisons_failed": 1}, UNCOUNTED),
    ],
)
@pytest.mark.parametrize(("folds", "dimension"), [(False, "route"), (True, "group")])
def test_comparison_counts_what_was_compared_over_routes_or_groups(
    what: str, counts: dict[str, int], metrics: list[tuple[str, str]], folds: bool, dimension: str
) -> None:
    settings = SETTINGS._replace(folds_groups=folds)

    data = comparison_of(COMPARED._replace(what=what), settings)

    assert {name: data[name] for name in data if "comparison" in name or name == "differences"} == counts
    assert metrics_of(data) == ([dimension], metrics)
    assert emf_problems(data) == []


@given(
    st.builds(
        Compared,
        request_id=TEXT,
        route=st.from_regex(r"[a-z0-9][a-z0-9._-]{0,63}", fullmatch=True),
        stage=st.sampled_from(["shadow", "canary", "live"]),
        shadow=st.sampled_from(["legacy", "migrated"]),
        what=st.sampled_from(["equal", "different", "candidate_failed", "comparator_failed", "skipped"]),
        why=TEXT,
        paths=st.lists(TEXT, max_size=5).map(tuple),
        shadow_ms=st.floats(0, 900_000),
        group=st.sampled_from(["", "orders"]),
    ),
    st.booleans(),
)
def test_any_comparison_is_an_emf_document_that_says_what_it_was_given(compared: Compared, folds: bool) -> None:
    data = comparison_of(compared, SETTINGS._replace(folds_groups=folds))

    assert emf_problems(data) == []
    assert (data["correlation_id"], data["route"], data["why"], data["paths"]) == (
        compared.request_id,
        compared.route,
        compared.why,
        list(compared.paths),
    )


@given(TEXT.filter(bool), st.sampled_from(["", "closed", "open", "half-open"]), st.sampled_from([200, 502]), TEXT)
def test_any_fallback_is_an_emf_document_that_says_what_it_was_given(
    fallback: str, breaker: str, status: int, stack: str
) -> None:
    failure = Failure("ValueError", stack, "text")

    data = line_of(RECORD._replace(status=status, fallback=fallback, breaker=breaker, failure=failure))

    assert emf_problems(data) == []
    assert (data["fallback"], data["fallbacks"], data["stack_trace"]) == (fallback, 1, stack)


# What never stands in it.


def failed(text: str, inner: str) -> FigError:
    """An error of ours with somebody else's in it, both raised, both with text."""
    try:
        try:
            raise ValueError(inner)
        except ValueError as exc:
            raise LegacyTimeout(text) from exc
    except LegacyTimeout as exc:
        return exc


def test_exception_is_told_by_name_and_place_and_without_its_text() -> None:
    """No header value, cookie, token or body reaches a log unredacted: pydantic quotes its input."""
    data = line_of(RECORD._replace(status=504, code="legacy_timeout", failure=failure_of(failed("SECRET", "SECRET"))))

    assert "SECRET" not in json.dumps(data)
    assert data["exception_name"] == "ValueError"
    assert re.fullmatch(r"\S+test_observe\.py:\d+ failed", data["stack_trace"])
    assert "exception" not in data


def test_text_of_an_exception_is_told_where_the_settings_say_so() -> None:
    data = line_of(
        RECORD._replace(status=504, failure=failure_of(failed("ours", 'theirs "é"\n'))), tells_error_text=True
    )

    assert data["exception"] == 'theirs "é"\n'


def test_error_without_a_cause_is_told_itself() -> None:
    data = line_of(RECORD._replace(status=502, failure=failure_of(raised(LegacyTimeout("ours")))))

    assert data["exception_name"] == "LegacyTimeout"


@pytest.mark.parametrize(
    "record", [RECORD._replace(status=400, failure=failure_of(BadRequest("bad_path", "x"))), RECORD]
)
def test_what_is_no_error_of_ours_has_no_exception(record: Record) -> None:
    assert not {"exception", "exception_name", "stack_trace"} & set(line_of(record, tells_error_text=True))
