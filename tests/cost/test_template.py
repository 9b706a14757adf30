"""What `fig cost` takes for granted is what the template makes: neither drifts from the other."""

from fractions import Fraction

import pytest

from proxy.cli.cost_options import DEFAULT_MEMORY_MB
from proxy.cost.ready import TABLE_TTL_S, Provisioned, SnapStart
from proxy.cost.usage import ACCESS_LOG_BYTES, Setup
from proxy.settings import Settings
from tests.infra.template import TEXT, parse

TEMPLATE = parse(TEXT)
# A usual value for each variable of the access log's format.
ANSWERED = {
    "$context.requestId": "JKJaXmPLvHcESHA=",
    "$context.requestTimeEpoch": "1800000000000",
    "$context.identity.sourceIp": "203.0.113.195",
    "$context.protocol": "HTTP/1.1",
    "$context.httpMethod": "GET",
    "$context.routeKey": "$default",
    "$context.status": "200",
    "$context.responseLength": "47104",
    "$context.responseLatency": "124",
    "$context.integrationLatency": "121",
    "$context.integrationStatus": "200",
    "$context.error.responseType": "-",
}


def default(parameter: str) -> object:
    return TEMPLATE["Parameters"][parameter]["Default"]


def test_stack_on_arm64_with_1024_mb_is_not_priced_as_another() -> None:
    assert TEMPLATE["Globals"]["Function"]["Architectures"] == [Setup().architecture]
    assert default("MemoryMb") == DEFAULT_MEMORY_MB
    assert default("FrontDoor") == Setup().front_door


def test_environments_start_as_they_do_in_the_stack() -> None:
    assert default("ColdStart") == "snap-start"
    assert Setup().cold_start == SnapStart(Fraction(1), None)
    assert default("ProvisionedConcurrency") == Provisioned().environments


def test_routing_table_is_read_as_often_as_the_stack_has_it_read() -> None:
    assert default("TableTtlSeconds") == TABLE_TTL_S == Settings().table_ttl_s


def test_line_of_the_access_log_is_as_long_as_its_format_makes_it() -> None:
    line: str = TEMPLATE["Resources"]["HttpApiStage"]["Properties"]["AccessLogSettings"]["Format"]

    for name in sorted(ANSWERED, key=len, reverse=True):
        line = line.replace(name, ANSWERED[name])

    assert "$context" not in line
    assert len(line) == pytest.approx(ACCESS_LOG_BYTES, rel=0.05)
