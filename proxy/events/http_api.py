"""Codec of an API Gateway HTTP API, payload format 2.0."""

from typing import Any

from proxy.events import fields, payload_v2
from proxy.message import Request, Response


def decode(event: payload_v2.Event, deadline: float, context: object) -> Request:
    """Return the request in an HTTP API event. Raises BadRequest for what cannot be carried.

    rawPath comes decoded, in spite of its name, and with the stage in front unless the stage is $default; cookies come
    apart from the headers. Which escapes the client used in the path is lost before the event is made.
    """
    path = fields.without_stage(payload_v2.raw_path(event) or "/", event["requestContext"].get("stage"))
    cookies = event.get("cookies")
    return payload_v2.decode(
        event,
        fields.path_from_decoded(path),
        payload_v2.cookie_header(cookies) if cookies else "",
        deadline,
        context,
    )


def encode(response: Response) -> dict[str, Any]:
    """Return a response as an HTTP API takes it."""
    return payload_v2.encode(response)
