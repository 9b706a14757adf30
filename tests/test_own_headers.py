"""The proxy's own headers through the whole function: none of a client's reaches a side, valid ones included."""

import json
import time
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from proxy.after_response import AfterResponse
from proxy.build import build
from proxy.routing.override import ANYONE, Override, Side
from proxy.settings import Settings
from tests.conftest import Function
from tests.raw_legacy import RawLegacy, say
from tests.samples import captured, compiled, function_url, http_api, put_in_store

KEY = "0123456789abcdef0123456789abcdef"
CLOSING = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 6\r\n\r\nlegacy"
SEEN = "tests.test_own_headers:seen"
ROUTES = f"""
    moved: ANY /moved migrated {SEEN}
    kept: ANY /kept legacy {SEEN}
    gone: ANY /gone retired {SEEN}
"""


def seen(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """A handler that answers with the event that it got. Any: events are JSON."""
    return {"statusCode": 200, "body": json.dumps(event)}


def override(side: Side, route: str, *, at_s: float = 600.0, key: str = KEY) -> str:
    return Override(side, route, ANYONE, int(time.time() + at_s)).sign(key)


def function_for(store: Path, key: str = KEY, routes: str = ROUTES) -> Function:
    put_in_store(store, compiled(routes))
    after, lines = AfterResponse(), list[str]()
    return Function(build(Settings(table=f"file:{store}", override_key=key), after, lines.append), after, lines)


@pytest.fixture
def legacy(monkeypatch: pytest.MonkeyPatch) -> Any:  # Any: a generator of one server
    with RawLegacy(say(CLOSING)) as server:
        monkeypatch.setenv("LEGACY_URL", server.origin)
        yield server


@pytest.mark.parametrize("name", ["x-fig-side", "X-Fig-Side", "X-FIG-SIDE"])
@pytest.mark.parametrize(
    ("path", "side"),
    [("/moved", "legacy"), ("/moved", "migrated"), ("/kept", "legacy"), ("/kept", "migrated")],
)
def test_tester_reaches_the_side_that_was_signed_and_the_header_reaches_neither(
    tmp_path: Path, legacy: RawLegacy, path: str, side: Side, name: str
) -> None:
    """x-fig-* is removed before forwarding and dispatch, whatever it says."""
    function = function_for(tmp_path)
    value = override(side, path[1:])

    result = function(function_url(path=path, headers={name: value, "x-fig-other": "1", "x-kept": "1"}))

    got = json.dumps(result) + "".join(sent.decode("latin-1") for sent in legacy.requests)
    [record] = function.records
    assert (record["side"], record["reason"], len(legacy.requests)) == (side, "override", side == "legacy")
    assert "x-kept" in got
    assert "x-fig-other" not in got.lower()
    assert value not in got + json.dumps(record)


def events(value: str) -> list[dict[str, Any]]:
    """One request with the header through every front door. Any: JSON."""
    rest = captured("rest_api")
    rest |= {"path": "/moved", "headers": {**rest["headers"], "x-fig-side": value}}
    rest["requestContext"] |= {"path": "/moved", "stage": "$default"}
    rest["multiValueHeaders"] = {**rest["multiValueHeaders"], "x-fig-side": [value]}
    alb = captured("alb_single_value")
    alb |= {"path": "/moved", "headers": {**alb["headers"], "x-fig-side": value}}
    multi = captured("alb_multi_value")
    multi |= {"path": "/moved", "multiValueHeaders": {**multi["multiValueHeaders"], "x-fig-side": [value]}}
    first = captured("http_api_v1")
    first |= {"path": "/moved", "headers": {**first["headers"], "X-Fig-Side": value}}
    first["multiValueHeaders"] = {**first["multiValueHeaders"], "X-Fig-Side": [value]}
    first["requestContext"] |= {"path": "/moved", "stage": "$default"}
    return [
        function_url(path="/moved", headers={"x-fig-side": value}),
        http_api(path="/moved", headers={"x-fig-side": value}),
        rest,
        alb,
        multi,
        first,
    ]


@pytest.mark.parametrize("door", range(6))
@pytest.mark.parametrize(("at_s", "reason"), [(600.0, "override"), (-1.0, "stage")])
def test_header_reaches_no_handler_through_any_front_door(
    tmp_path: Path, legacy: RawLegacy, door: int, at_s: float, reason: str
) -> None:
    """Nothing a client sends can pick a side: x-fig-* is removed before dispatch."""
    function = function_for(tmp_path)
    value = override("migrated", "moved", at_s=at_s)

    result = function(events(value)[door])

    [record] = function.records
    assert (record["side"], record["reason"], legacy.requests) == ("migrated", reason, [])
    assert value not in json.dumps(result)
    assert "x-fig-" not in json.loads(result["body"]).get("headers", {})


@pytest.mark.parametrize(
    "value",
    [
        override("migrated", "kept", key="f" * 32),
        override("migrated", "kept", at_s=-2.0),
        override("migrated", "kept", at_s=2 * 3600.0),
        override("migrated", "moved"),
        "migrated",
        "",
        "\xff\xfe",
    ],
)
def test_header_that_is_not_good_changes_nothing_and_goes_nowhere(
    tmp_path: Path, legacy: RawLegacy, value: str
) -> None:
    """Nothing a client sends can pick a side, and the proxy is never the reason that a client is refused."""
    function = function_for(tmp_path)

    result = function(function_url(path="/kept", headers={"x-fig-side": value}))

    [record] = function.records
    assert (result["statusCode"], b64decode(result["body"])) == (200, b"legacy")
    assert (record["side"], record["reason"]) == ("legacy", "stage")
    assert b"x-fig-" not in legacy.requests[0].lower()


def test_function_without_a_key_lets_nobody_choose(tmp_path: Path, legacy: RawLegacy) -> None:
    function = function_for(tmp_path, key="")

    function(function_url(path="/kept", headers={"x-fig-side": override("migrated", "kept", key="")}))

    assert (function.records[0]["side"], len(legacy.requests)) == ("legacy", 1)


@pytest.mark.usefixtures("legacy")
def test_retired_route_is_gone_for_whoever_may_choose(tmp_path: Path) -> None:
    result = function_for(tmp_path)(function_url(path="/gone", headers={"x-fig-side": override("migrated", "gone")}))

    assert result["statusCode"] == 410
