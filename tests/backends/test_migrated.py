"""Dispatch to a migrated handler in this process."""

import sys
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from proxy.backends.migrated import Migrated
from proxy.backends.result import MAX_JSON_BYTES
from proxy.errors import FigError, MigratedBadResult, MigratedFailed, ResponseTooLarge
from proxy.message import Headers, Response
from tests.backends.handlers import Notes
from tests.samples import function_url, request

NAMED = "tests.backends.handlers"


def given_back(result: object) -> Response:
    return Migrated(f"{NAMED}:returns")(request(event={"returns": result}))


def test_handler_gets_the_event_and_the_context_as_they_came() -> None:
    event, context = function_url("POST", "/orders", "x=1", {"x-trace": "t-1"}, b"body"), Notes()

    answer = Migrated(f"{NAMED}:echo")(request(event=event, context=context))

    [seen] = context.events
    assert seen is event
    assert answer == Response(
        201,
        Headers(),
        b"",
        result={"statusCode": 201, "headers": {"X": "1"}, "cookies": ["a=1"], "body": "{}", "isBase64Encoded": False},
    )


def test_handler_does_not_see_the_proxys_own_headers() -> None:
    """Nothing a client sends can pick a side: x-fig- headers are removed before dispatch."""
    event, context = function_url(headers={"x-fig-side": "legacy", "X-Fig-": "1", "x-figure": "2"}), Notes()

    Migrated(f"{NAMED}:echo")(request(event=event, context=context))

    [seen] = context.events
    assert seen == {**event, "headers": {"host": event["headers"]["host"], "x-figure": "2"}}
    assert "x-fig-side" in event["headers"]  # the event that came is left as it is


@pytest.mark.parametrize("headers", [None, {}])
def test_event_without_headers_is_handed_on_as_it_is(headers: dict[str, str] | None) -> None:
    event, context = {"headers": headers}, Notes()

    Migrated(f"{NAMED}:echo")(request(event=event, context=context))

    [seen] = context.events
    assert seen is event


@pytest.mark.parametrize(
    ("result", "status"),
    [
        ({"statusCode": 200}, 200),
        ({"statusCode": "204"}, 204),
        ({"statusCode": 599, "body": None, "headers": None, "cookies": None}, 599),
        ({"statusCode": 200, "body": "é λ 😀", "headers": {"a": "b", "c": 1, "d": True, "e": 1.5}}, 200),
        ({"statusCode": 200, "isBase64Encoded": None, "multiValueHeaders": {"a": ["b"]}}, 200),
        # Without statusCode, the whole result is the body of a 200.
        ({"orders": [1, None, {"a": 1.5}]}, 200),
        ({"total": Decimal("12.50")}, 200),
        ("text", 200),
        (["list"], 200),
        (7, 200),
        (None, 200),
    ],
)
def test_result_that_the_front_door_takes_goes_back_untouched(result: object, status: int) -> None:
    answer = given_back(result)

    assert (answer.status, answer.body) == (status, b"")
    assert answer.result is result


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": None},
        {"statusCode": True},
        {"statusCode": 200.0},
        {"statusCode": "OK"},
        {"statusCode": ""},
        {"statusCode": "9" * 5000},
        {"statusCode": 99},
        {"statusCode": 100},
        {"statusCode": 600},
        {"statusCode": 200, "body": b"bytes"},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "body": "\ud800"},
        {"statusCode": 200, "headers": []},
        {"statusCode": 200, "headers": {"a": None}},
        {"statusCode": 200, "headers": {"a": ["b"]}},
        {"statusCode": 200, "headers": {1: "b"}},
        {"statusCode": 200, "headers": {"a": "\udfff"}},
        {"statusCode": 200, "headers": MappingProxyType({"a": "b"})},
        {"statusCode": 200, "cookies": "a=b"},
        {"statusCode": 200, "cookies": [1]},
        {"statusCode": 200, "isBase64Encoded": object()},
        {"statusCode": 200, "extra": object()},
        {"statusCode": 200, "extra": {1, 2}},
        {"statusCode": 200, "extra": float("nan")},
        MappingProxyType({"statusCode": 200}),
        {"when": object()},
        {"total": Decimal("NaN")},
        {"total": float("inf")},
        object(),
        b"bytes",
        {1, 2},
    ],
)
def test_result_that_the_runtime_or_the_front_door_would_refuse_is_our_502(result: object) -> None:
    """The client gets our 502 with a reason code, never the gateway's."""
    with pytest.raises(MigratedBadResult) as refused:
        given_back(result)

    assert (refused.value.status, refused.value.code) == (502, "migrated_bad_result")


def test_result_that_holds_itself_is_our_502() -> None:
    result: dict[str, Any] = {}
    result["self"] = result

    with pytest.raises(MigratedBadResult):
        given_back(result)


@pytest.mark.parametrize(
    ("result", "is_too_large"),
    [
        ({"statusCode": 200, "body": "x" * (MAX_JSON_BYTES - 2)}, False),
        ({"statusCode": 200, "body": "x" * (MAX_JSON_BYTES - 1)}, True),
        # JSON makes two bytes of a quote, and six of a control character.
        ({"statusCode": 200, "body": '"' * 3_000_000}, False),
        ({"statusCode": 200, "body": '"' * 3_200_000}, True),
        ({"statusCode": 200, "body": "\x00" * 1_000_000}, False),
        ({"statusCode": 200, "body": "\x00" * 1_100_000}, True),
        # The runtime writes λ as six bytes before Python 3.12, and as two since.
        ({"statusCode": 200, "body": "λ" * 2_000_000}, sys.version_info < (3, 12)),
        ({"statusCode": 200, "body": "λ" * 3_200_000}, True),
        ({"statusCode": 200, "extra": "x" * MAX_JSON_BYTES}, True),
        ({"rows": ["x" * 1000] * 6000}, False),
        ({"rows": ["x" * 1000] * 6500}, True),
    ],
    ids=range(11),
)
def test_result_is_too_large_when_its_json_is(result: object, is_too_large: bool) -> None:
    """The client gets our 502 with a reason code, never the gateway's."""
    if is_too_large:
        with pytest.raises(ResponseTooLarge):
            given_back(result)
    else:
        assert given_back(result).status == 200


@pytest.mark.parametrize(("name", "kind"), [("raises", "ValueError"), ("leaves", "SystemExit")])
def test_handler_that_raises_is_our_502_whose_message_holds_nothing_of_the_request(name: str, kind: str) -> None:
    with pytest.raises(MigratedFailed) as failed:
        Migrated(f"{NAMED}:{name}")(request(event=function_url(body=b"SECRET")))

    assert str(failed.value) == f"{NAMED}:{name}: raised {kind}"
    assert type(failed.value.__cause__).__name__ == kind


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("", "AttributeError"),
        ("1 / 0", "ZeroDivisionError"),
        ("import nothing_of_that_name", "ModuleNotFoundError"),
        ("def handler(:", "SyntaxError"),
        ("raise SystemExit(1)", "SystemExit"),
    ],
)
def test_module_that_cannot_be_loaded_is_the_same_502_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, kind: str
) -> None:
    (tmp_path / "fig_broken.py").write_text(source, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    migrated = Migrated("fig_broken:handler")

    found = []
    for _ in range(2):
        with pytest.raises(MigratedFailed) as failed:
            migrated(request(event={}))
        found.append(str(failed.value).partition(f": {kind}")[0])

    sys.modules.pop("fig_broken", None)
    assert found == ["fig_broken:handler: cannot be loaded"] * 2


def test_module_is_loaded_when_a_request_first_needs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fig_lazy.py").write_text("def handler(event, context): return {'statusCode': 200}\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    migrated = Migrated("fig_lazy:handler")
    before = "fig_lazy" in sys.modules

    migrated(request(event={}))

    assert (before, sys.modules.pop("fig_lazy", None) is not None) == (False, True)


def test_route_whose_handler_is_missing_does_not_load_the_module_of_its_neighbours_anew() -> None:
    before = import_module(NAMED)

    with pytest.raises(MigratedFailed):
        Migrated(f"{NAMED}:absent")(request(event={}))

    assert import_module(NAMED) is before


def test_request_without_its_event_is_a_mistake_of_ours() -> None:
    with pytest.raises(AssertionError, match="carries its event"):
        Migrated(f"{NAMED}:echo")(request())


def test_migrated_shows_what_it_calls() -> None:
    assert repr(Migrated("migrated.orders.api:handler")) == "<Migrated migrated.orders.api:handler>"
    assert issubclass(MigratedBadResult, FigError)
