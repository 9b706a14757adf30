"""The event as a migrated handler gets it: as it came, less what only the proxy may say."""

from collections.abc import Mapping
from typing import Any

from proxy.message import Request

Event = Mapping[str, Any]  # Any: JSON of the front door's dialect

SHADOW = "x-fig-shadow"


def handed_event(request: Request) -> Event:
    """Return the event for a handler, without the client's x-fig- headers; a shadow is told that it is one."""
    assert request.event is not None, "a request for a migrated handler carries its event"
    event = without_own_headers(request.event)
    return _marked(event) if request.is_shadow else event


def without_own_headers(event: Event) -> Event:
    """Return the event without the client's x-fig- headers, in whichever of its maps they stand."""
    for key in ("headers", "multiValueHeaders"):
        headers = event.get(key) or {}
        if any(name.lower().startswith("x-fig-") for name in headers):
            kept = {name: value for name, value in headers.items() if not name.lower().startswith("x-fig-")}
            event = {**event, key: kept}
    return event


def _marked(event: Event) -> Event:
    # In each map that the front door has: a REST API fills both.
    marked = dict(event)
    if event.get("headers") is not None or event.get("multiValueHeaders") is None:
        marked["headers"] = {**(event.get("headers") or {}), SHADOW: "1"}
    if event.get("multiValueHeaders") is not None:
        marked["multiValueHeaders"] = {**event["multiValueHeaders"], SHADOW: ["1"]}
    return marked
