"""Events of an API Gateway WebSocket API: answered here, never forwarded.

A Lambda function cannot hold a socket to legacy, so there is no side to ask yet. `$connect` is refused with 501: the
client learns at once, and no connection comes to exist. Messages and disconnects of connections that exist all the
same (a route that was pointed here later) get 200: any other status would be sent to the client as an error frame for
each message, and after a disconnect nobody is there. No field but the two below is read: messages have no headers, and
a disconnect's are blank. Source: docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api.html
"""

from collections.abc import Mapping
from typing import Any, NoReturn

from proxy.errors import NotAnHttpEvent
from proxy.events.multi_value import Event
from proxy.message import Response

_EVENT_TYPES = ("CONNECT", "MESSAGE", "DISCONNECT")  # a tuple: what stands in an event may be unhashable


def is_websocket(request_context: Mapping[str, Any]) -> bool:
    """Whether an event with that requestContext is a WebSocket API's; $connect has the headers of a REST event, too."""
    return bool(request_context.get("connectionId")) and request_context.get("eventType") in _EVENT_TYPES


def decode(event: Event, _deadline: float, _context: object) -> NoReturn:
    """Raise NotAnHttpEvent with the status that the gateway is to get."""
    event_type = event["requestContext"]["eventType"]
    refused = NotAnHttpEvent(f"got a WebSocket {event_type}, expected an HTTP request")
    refused.status = 501 if event_type == "CONNECT" else 200
    raise refused


def encode(response: Response) -> dict[str, Any]:
    """Return the status alone: a body would be sent to the client as a message if a route response is configured."""
    return {"statusCode": response.status}
