"""Which codec an event belongs to. The order of the checks matters: the formats share fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from proxy.errors import NotAnHttpEvent
from proxy.events import function_url, http_api
from proxy.message import Request, Response


@dataclass(frozen=True, slots=True)
class Codec:
    """One front door's dialect: events in, results out."""

    name: str
    decode: Callable[[Mapping[str, Any], float, object], Request]  # Any: JSON from outside, checked by the codec
    encode: Callable[[Response], dict[str, Any]]
    max_body_bytes: int  # what the front door can carry back


# Lambda carries 6,291,556 bytes of JSON: base64 makes 4 of 3, and status and headers (10,240 bytes and more) need room.
_LAMBDA_BODY_BYTES = 4_690_000

HTTP_API = Codec("http-api", http_api.decode, http_api.encode, _LAMBDA_BODY_BYTES)
FUNCTION_URL = Codec("function-url", function_url.decode, function_url.encode, _LAMBDA_BODY_BYTES)


def codec_of(event: object) -> Codec:
    """Return the codec of an event. Raises NotAnHttpEvent for an event of no front door known here."""
    context = event.get("requestContext") if isinstance(event, Mapping) else None
    if not isinstance(event, Mapping) or not isinstance(context, Mapping):
        raise NotAnHttpEvent("got an event without requestContext, expected one of an HTTP front door")
    if event.get("version") == "2.0" and isinstance(context.get("http"), Mapping):
        domain = context.get("domainName")
        return FUNCTION_URL if isinstance(domain, str) and ".lambda-url." in domain else HTTP_API
    raise NotAnHttpEvent("got an event of an unknown format, expected an HTTP API 2.0 or a function URL event")
