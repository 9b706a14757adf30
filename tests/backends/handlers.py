"""Migrated handlers that tests dispatch to by name, as a table would."""

import sys
from collections.abc import Mapping
from typing import Any


class Notes:
    """A context that notes the events it came with. Any: events are JSON."""

    def __init__(self) -> None:
        self.events: list[Mapping[str, Any]] = []


def echo(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Note the event in a context that takes notes, and answer with what the front door takes."""
    if isinstance(context, Notes):
        context.events.append(event)
    return {"statusCode": 201, "headers": {"X": "1"}, "cookies": ["a=1"], "body": "{}", "isBase64Encoded": False}


def returns(event: Mapping[str, Any], context: object) -> object:
    """Return what the event holds under "returns"."""
    made = event["returns"]
    return made() if callable(made) else made


def raises(event: Mapping[str, Any], context: object) -> None:
    """Raise with the client's own body in the text."""
    raise ValueError(f"bad input: {event.get('body')}")


def leaves(event: Mapping[str, Any], context: object) -> None:
    """End the process, as a script would."""
    sys.exit(f"bad input: {event.get('body')}")
