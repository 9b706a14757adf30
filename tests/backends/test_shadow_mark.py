"""A side that is asked only for comparing is told so, in every dialect; and no client can pretend it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from proxy.aws.call import Answer
from proxy.aws.sigv4 import Unsigned
from proxy.backends.function import Function
from proxy.backends.handed_event import handed_event
from proxy.backends.headers import Crossing
from proxy.backends.migrated import Migrated
from proxy.backends.sides import Sides
from proxy.events.codec import codec_of
from proxy.message import Headers, Pair, Request
from proxy.routing.decide import Decision
from proxy.settings import Settings, resolve
from tests.backends.handlers import Notes
from tests.raw_legacy import RawLegacy
from tests.samples import captured, function_url, http_api, request, table

MARK = "x-fig-shadow"
Event = dict[str, Any]  # Any: JSON of the front door's dialect
Marks = tuple[object, object]  # under the mark's name in `headers` and in `multiValueHeaders`
ABSENT: Marks = (None, None)


def marks(event: Mapping[str, Any]) -> Marks:
    """What stands under the mark's name, whatever the case, in each map of an event."""
    found: list[object] = []
    for key in ("headers", "multiValueHeaders"):
        values = [value for name, value in (event.get(key) or {}).items() if name.lower() == MARK]
        assert len(values) < 2
        found.append(values[0] if values else None)
    return found[0], found[1]


DIALECTS: list[tuple[str, Event, Marks]] = [
    ("function URL", function_url(), ("1", None)),
    ("HTTP API", http_api(), ("1", None)),
    ("HTTP API, as recorded", captured("http_api_v2"), ("1", None)),
    ("HTTP API, payload 1.0", captured("http_api_v1"), ("1", ["1"])),
    ("REST API", captured("rest_api"), ("1", ["1"])),
    ("REST API, other nulls", captured("rest_v1_get_root_nulls"), ("1", ["1"])),
    ("REST API, no headers", {**captured("rest_api"), "headers": None, "multiValueHeaders": None}, ("1", None)),
    ("load balancer", captured("alb_single_value"), ("1", None)),
    ("load balancer, multi-value", captured("alb_multi_value"), (None, ["1"])),
    ("load balancer, health check", captured("load_balancer_health"), ("1", None)),
    ("nothing at all", {}, ("1", None)),
]
EVENTS = pytest.mark.parametrize(
    ("event", "expected"), [row[1:] for row in DIALECTS], ids=[name for name, *_ in DIALECTS]
)


def shadow_of(asked: Request) -> Request:
    return replace(asked, is_shadow=True)


@EVENTS
def test_handler_that_is_a_shadow_is_told_so_in_each_map_that_its_front_door_has(event: Event, expected: Marks) -> None:
    before = json.loads(json.dumps(event))

    handed = handed_event(shadow_of(request(event=event)))

    assert marks(handed) == expected
    assert {key: value for key, value in handed.items() if "eaders" not in key} == {
        key: value for key, value in event.items() if "eaders" not in key
    }
    assert event == before  # the primary has been handed this very event


@EVENTS
def test_handler_that_answers_the_client_is_not_told_so(event: Event, expected: Marks) -> None:
    del expected

    assert marks(handed_event(request(event=event))) == ABSENT


def pretending(event: Event, name: str = "X-Fig-Shadow") -> Event:
    """The event of a client that has sent the mark itself, in the maps that it has."""
    headers: Event = {}
    if event.get("headers") is not None:
        headers["headers"] = {**event["headers"], name: "1"}
    if event.get("multiValueHeaders") is not None:
        headers["multiValueHeaders"] = {**event["multiValueHeaders"], name: ["1", "1"]}
    return {**event, **headers}


@EVENTS
@pytest.mark.parametrize("name", ["x-fig-shadow", "X-Fig-Shadow", "X-FIG-SHADOW"])
def test_mark_of_a_client_reaches_no_handler(event: Event, expected: Marks, name: str) -> None:
    """Nothing a client sends can inject a header: a handler that holds back writes for shadows must believe it."""
    pretended = pretending(event, name)

    assert marks(handed_event(request(event=pretended))) == ABSENT
    assert marks(handed_event(shadow_of(request(event=pretended)))) == expected


def test_handler_in_this_process_and_one_of_its_own_get_the_same_event() -> None:
    asked = shadow_of(request(event=function_url(headers={"x-fig-shadow": "0", "x": "1"}), context=Notes()))
    sent: list[bytes] = []

    def send(unsigned: Unsigned, _timeout_s: float) -> Answer:
        sent.append(unsigned.body)
        return Answer(200, Headers(), b"{}")

    Migrated("tests.backends.handlers:echo")(asked)
    Function("orders-prod", send, lambda: 0.0)(asked)

    assert isinstance(asked.context, Notes)
    [here] = asked.context.events
    assert json.loads(sent[0]) == here
    assert here["headers"] == {"host": asked.event["headers"]["host"], "x": "1", MARK: "1"}  # type: ignore[index]  # it has one


# Legacy.


@pytest.mark.parametrize(("is_shadow", "found"), [(True, [b"1"]), (False, [])])
@pytest.mark.parametrize(
    "headers",
    [
        (),
        ((b"x-fig-shadow", b"1"),),
        ((b"X-FIG-Shadow", b"1"), (b"x-fig-shadow", b"0")),
        # Nominated as one of this hop only, as a client could to have it dropped.
        ((b"Connection", b"x-fig-shadow"),),
        ((b"Connection", b"close, X-Fig-Shadow"), (b"X-Fig-Shadow", b"1")),
    ],
)
def test_legacy_is_told_when_it_is_a_shadow_and_never_by_a_client(
    is_shadow: bool, found: list[bytes], headers: tuple[Pair, ...]
) -> None:
    asked = replace(request(headers=headers), is_shadow=is_shadow)

    pairs = Crossing(kept=frozenset({b"x-fig-shadow"})).to_legacy(asked, b"legacy.example.com")

    assert [value for name, value in pairs if name.lower() == b"x-fig-shadow"] == found


@pytest.mark.parametrize(
    "event",
    [pretending(event) for _, event, _ in DIALECTS if "requestContext" in event],
    ids=[name for name, event, _ in DIALECTS if "requestContext" in event],
)
@pytest.mark.parametrize(("is_shadow", "count"), [(False, 0), (True, 1)])
def test_legacy_behind_any_front_door_is_told_on_the_wire(
    make_transport: Callable[..., Any],  # Any: a fixture's own arguments
    event: Event,
    is_shadow: bool,
    count: int,
) -> None:
    with RawLegacy() as server:
        sides = Sides(Settings(), partial(resolve, environ={"LEGACY_URL": server.origin}), make_transport)
        asked = codec_of(event).decode(event, request().deadline, None)

        sides.ask_instead(Decision("legacy", None, None, "unlisted"), table(), replace(asked, is_shadow=is_shadow))

        [sent] = server.requests
        assert sent.lower().count(b"x-fig-shadow") == sent.count(b"\r\nx-fig-shadow: 1\r\n") == count
