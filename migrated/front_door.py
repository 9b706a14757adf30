"""Events of every HTTP front door, brought to the one router of a domain. Nothing else here knows their formats."""

import base64
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from aws_lambda_powertools.event_handler import ALBResolver, APIGatewayHttpResolver, APIGatewayRestResolver
from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver, Router
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from migrated.answers import no_such_page

Event = Mapping[str, Any]  # Any: an event is JSON from outside

# Powertools keeps the current event on a class that every resolver shares. Lambda sends one event at a time, threads
# of a local run do not.
_one_at_a_time = threading.Lock()


class FrontDoor:
    """Answers the events of any HTTP front door through the routes of one router."""

    def __init__(self, router: Router) -> None:
        kinds: tuple[type[ApiGatewayResolver], ...] = (APIGatewayHttpResolver, APIGatewayRestResolver, ALBResolver)
        self._resolvers = {kind: kind() for kind in kinds}
        for resolver in self._resolvers.values():
            resolver.include_router(router)
            resolver.exception_handler(NotFoundError)(lambda _: no_such_page())

    def answer(self, event: Event, context: Any) -> dict[str, Any]:
        """Return the result that the event's front door takes. Any: Lambda's context has no type of its own."""
        resolver = self._resolvers[resolver_class(event)]
        with _one_at_a_time:
            result = resolver.resolve(with_encoded_path(event), context)
            is_head = resolver.current_event.http_method == "HEAD"
        # RFC 9110, 9.3.2: the answer to HEAD has no content; not every front door removes it.
        return {**result, "body": ""} if is_head else result


def resolver_class(event: Event) -> type[ApiGatewayResolver]:
    """Return the resolver for an event's format; an HTTP API and a function URL share payload format 2.0."""
    if event.get("version") == "2.0":
        return APIGatewayHttpResolver
    if "elb" in event["requestContext"]:
        return ALBResolver
    return APIGatewayRestResolver


def with_encoded_path(event: Event) -> dict[str, Any]:
    """Return the event with its path encoded in one way, whatever its front door did; "%2F" has become a slash.

    Powertools takes only some characters in a parameter: a "#" or a "€" that stood there decoded would match no route.
    An HTTP API has decoded the path, the other front doors have not.
    """
    context = event["requestContext"]
    key = "rawPath" if event.get("version") == "2.0" else "path"
    is_raw = ".lambda-url." in str(context.get("domainName")) or "elb" in context or "version" not in event
    path = unquote(event[key]) if is_raw else event[key]
    return {**event, key: quote(path)}


def segment(encoded: str) -> str:
    """Return a parameter of the path as the client meant it."""
    return unquote(encoded)


def parameters(event: Event) -> dict[str, str]:
    """Return the parameters of the query, decoded; of one that is repeated, the first."""
    first: dict[str, str] = {}
    for name, value in _parameter_pairs(event):
        first.setdefault(name, value)
    return first


def body(event: Event) -> bytes:
    """Return the body's bytes, whether the front door sent them as text or as base64."""
    content = event.get("body") or ""
    return base64.b64decode(content) if event.get("isBase64Encoded") else content.encode()


def absolute(event: Event, path: str) -> str:
    """Return a URL on the host the client named. Always http, since the legacy system knew nothing of TLS."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    many = {name.lower(): values[-1] for name, values in (event.get("multiValueHeaders") or {}).items()}
    host = headers.get("host") or many.get("host") or event["requestContext"].get("domainName", "")
    return f"http://{host}{path}"


def _parameter_pairs(event: Event) -> list[tuple[str, str]]:
    if "rawQueryString" in event:
        return parse_qsl(event["rawQueryString"], keep_blank_values=True)
    many = event.get("multiValueQueryStringParameters")
    one = event.get("queryStringParameters") or {}
    pairs = [(n, v) for n, values in many.items() for v in values] if many else list(one.items())
    if "elb" not in event["requestContext"]:
        return pairs
    # A load balancer hands the parameters over as they stood in the target.
    return parse_qsl("&".join(f"{name}={value}" for name, value in pairs), keep_blank_values=True)
