"""The event as a migrated handler gets it: as it came, less what only the proxy may say."""

from collections.abc import Mapping
from typing import Any


def without_own_headers(event: Mapping[str, Any]) -> Mapping[str, Any]:  # Any: JSON of the front door's dialect
    """Return the event without the client's x-fig- headers, in whichever of its maps they stand."""
    for key in ("headers", "multiValueHeaders"):
        headers = event.get(key) or {}
        if any(name.lower().startswith("x-fig-") for name in headers):
            kept = {name: value for name, value in headers.items() if not name.lower().startswith("x-fig-")}
            event = {**event, key: kept}
    return event
