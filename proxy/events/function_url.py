"""Codec of a Lambda function URL: payload format 2.0, with a path that really is raw."""

from typing import Any

from proxy.events import fields, outgoing, payload_v2
from proxy.message import Request, Response


def decode(event: payload_v2.Event, deadline: float, context: object) -> Request:
    """Return the request in a function URL event. Raises BadRequest for what cannot be carried.

    Cookies stand twice in the event; the header is the client's own bytes, so it is used and the list is not.
    """
    path = fields.path_from_raw(payload_v2.raw_path(event))
    headers = event.get("headers")
    has_cookie = isinstance(headers, dict) and "cookie" in headers
    cookies = None if has_cookie else event.get("cookies")
    return payload_v2.decode(event, path, payload_v2.cookie_header(cookies) if cookies else "", deadline, context)


def encode(response: Response) -> dict[str, Any]:
    """Return a response as a function URL takes it."""
    return payload_v2.encode(outgoing.without_remapped(response))
