"""Codec of an API Gateway HTTP API, payload format 1.0: the path comes decoded, repeats come as lists."""

from typing import Any

from proxy.events import body, fields, payload_v1
from proxy.events.multi_value import Event
from proxy.message import Request, Response


def decode(event: Event, deadline: float, context: object) -> Request:
    """Return the request in an HTTP API 1.0 event. Raises BadRequest for what cannot be carried.

    On the execute-api host a stage other than $default stands in front of the path, as in format 2.0. On a custom
    domain the path begins with the API mapping, which is the client's own and may be called like the stage: it stays.
    Format 1.0 with a named stage has not been recorded; verify on your own API before relying on it.
    """
    path = fields.text(event.get("path"), "bad_path") or "/"
    request_context = event["requestContext"]
    domain = request_context.get("domainName")
    if isinstance(domain, str) and ".execute-api." in domain:
        path = fields.without_stage(path, request_context.get("stage"))
    return payload_v1.decode(event, fields.path_from_decoded(path), deadline, context)


def encode(response: Response) -> dict[str, Any]:
    """Return a response as an HTTP API takes it in format 1.0."""
    return payload_v1.encode(response, body.encode(response.body))
