"""An event of every front door for either side, and the whole result that the front door has to get for it.

The events are the captured ones. For the migrated side they ask for a customer instead, whom DynamoDB alone knows.
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from tests.samples import captured

Event = dict[str, Any]  # Any: JSON of the front door's dialect


class Outcome(NamedTuple):
    """What becomes of an event."""

    result: Event
    side: str  # as the record tells it
    targets: tuple[bytes, ...] = ()  # that legacy was asked for


_TEXT: Final = '{"name":"λ-widget"}'
_TYPE: Final = "application/json; charset=utf-8"
_COOKIES: Final = ["sid=1; Path=/", "theme=dark"]

# Legacy's, with what front doors carry in different ways: repeats, cookies, UTF-8, a header that some would remap.
ANSWER: Final = (
    f"HTTP/1.1 201 Created\r\nServer: shop/1\r\nContent-Type: {_TYPE}\r\nX-Trace: t-1\r\nSet-Cookie: {_COOKIES[0]}\r\n"
    f"X-Trace: t-2\r\nSet-Cookie: {_COOKIES[1]}\r\nContent-Length: {len(_TEXT.encode())}\r\n\r\n{_TEXT}"
).encode()

_AS_TEXT: Final = {"body": _TEXT, "isBase64Encoded": False}
_AS_BASE64: Final = {"body": b64encode(_TEXT.encode()).decode(), "isBase64Encoded": True}
_LISTS: Final = {"Content-Type": [_TYPE], "X-Trace": ["t-1", "t-2"], "Set-Cookie": _COOKIES}
_JOINED: Final = {"Content-Type": _TYPE, "X-Trace": "t-1, t-2"}
_ALL_LISTS: Final = {**_LISTS, "Server": ["shop/1"]}
_ALL_JOINED: Final = {**_JOINED, "Server": "shop/1"}

_FORWARDED: Final[dict[str, Event]] = {
    "rest_api": {"multiValueHeaders": _LISTS, **_AS_TEXT},
    "http_api_v1": {"multiValueHeaders": _ALL_LISTS, **_AS_BASE64},
    "http_api_v2": {"headers": _ALL_JOINED, "cookies": _COOKIES, **_AS_BASE64},
    "function_url": {"headers": _JOINED, "cookies": _COOKIES, **_AS_BASE64},
    "alb_multi_value": {"statusDescription": "201 Created", "multiValueHeaders": _ALL_LISTS, **_AS_BASE64},
    "alb_single_value": {
        "statusDescription": "201 Created",
        "headers": {**_ALL_JOINED, "Set-Cookie": _COOKIES[-1]},
        **_AS_BASE64,
    },
}

# What is left of the client's target, POST /v1/acme%2Fwest/items//caf%C3%A9%20menu?tag=a&tag=b&q=x%20y+z&…&flag&empty=
_RAW, _DECODED = b"/v1/acme%2Fwest/items//caf%C3%A9%20menu?", b"/v1/acme/west/items//caf%C3%A9%20menu?"
_NEXT: Final = b"&empty=&next=https%3A%2F%2Fshop.example%2Fa%3Fb%3D1"
_TARGETS: Final[dict[str, bytes]] = {
    "rest_api": _RAW + b"tag=a&tag=b&q=x%20y%20z&sig=a%2Bb%3D&flag=" + _NEXT,
    "http_api_v1": _DECODED + b"tag=a&tag=b&q=x%20y%20z&sig=a%2Bb%3D&flag=" + _NEXT,
    "http_api_v2": _DECODED + b"tag=a&tag=b&q=x%20y+z&sig=a%2Bb%3D&flag" + _NEXT,
    "function_url": _RAW + b"tag=a&tag=b&q=x%20y+z&sig=a%2Bb%3D&flag" + _NEXT,
    "alb_multi_value": _RAW + b"tag=a&tag=b&q=x%20y+z&sig=a%2Bb%3D&flag=" + _NEXT,
    "alb_single_value": _RAW + b"tag=b&q=x%20y+z&sig=a%2Bb%3D&flag=" + _NEXT,
}

_CUSTOMER: Final = {
    "body": '{"id":"C-1001","name":"Ada Lovelace","email":"customer1001@shop.example","country":"DE",'
    '"city":"K\\u00f6ln","phone":"+49 555 100200","newsletter":true,"credit_limit":500.0}\n',
    "isBase64Encoded": False,
}
_OF_LISTS: Final = {"multiValueHeaders": {"Content-Type": ["application/json"]}, **_CUSTOMER}
_OF_V2: Final = {"headers": {"Content-Type": "application/json"}, "cookies": [], **_CUSTOMER}
_MIGRATED: Final[dict[str, Event]] = {  # the handler's own result, untouched
    "rest_api": _OF_LISTS,
    "http_api_v1": _OF_LISTS,
    "http_api_v2": _OF_V2,
    "function_url": _OF_V2,
    "alb_multi_value": _OF_LISTS,
    "alb_single_value": {"headers": {"Content-Type": "application/json"}, **_CUSTOMER},
}

# A WebSocket API gets a status and nothing else: $connect is refused, and for the others nobody could be told.
_WEBSOCKET: Final = {"websocket_connect": 501, "websocket_message": 200, "websocket_disconnect": 200}


def _asking_for_a_customer(name: str) -> Event:
    """Return a captured event as it would be for GET /customers/C-1001, so far as anybody reads it."""
    event, path = captured(name), "/customers/C-1001"
    del event["body"]
    context = event["requestContext"]
    if event.get("version") == "2.0":
        context["http"] |= {"method": "GET", "path": path}
        return {**event, "rawPath": path, "rawQueryString": ""}
    query = {"queryStringParameters": None, "multiValueQueryStringParameters": None}
    return {**event, **{key: value for key, value in query.items() if key in event}, "httpMethod": "GET", "path": path}


EVENTS: Final[dict[str, Event]] = {
    **{f"{name} forwarded": captured(name) for name in _FORWARDED},
    **{f"{name} migrated": _asking_for_a_customer(name) for name in _MIGRATED},
    **{name: captured(name) for name in _WEBSOCKET},
}
OUTCOMES: Final[dict[str, Outcome]] = {
    **{
        f"{name} forwarded": Outcome({"statusCode": 201, **result}, "legacy", (_TARGETS[name],))
        for name, result in _FORWARDED.items()
    },
    **{f"{name} migrated": Outcome({"statusCode": 200, **result}, "migrated") for name, result in _MIGRATED.items()},
    **{name: Outcome({"statusCode": status}, "proxy") for name, status in _WEBSOCKET.items()},
}


def outcomes(results: Sequence[tuple[Event, Sequence[bytes]]], records: Sequence[Event]) -> dict[str, Outcome]:
    """Return what became of all events, in their order: their results, what legacy got meanwhile, and the records."""
    return {
        name: Outcome(result, record["side"], tuple(request.split(b" ")[1] for request in requests))
        for name, (result, requests), record in zip(EVENTS, results, records, strict=True)
    }
