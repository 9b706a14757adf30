"""Payload format 2.0, which an HTTP API and a function URL share: all but the path.

Source: docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from collections.abc import Mapping
from typing import Any

from proxy.errors import BadRequest
from proxy.events import body, fields
from proxy.message import Headers, Request, Response

Event = Mapping[str, Any]  # Any: an event is JSON from outside; every field is checked where it is read


def http_context(event: Event) -> Mapping[str, Any]:
    """Return requestContext.http. Raises BadRequest if the event has none."""
    http = event["requestContext"].get("http")
    if not isinstance(http, Mapping):
        raise BadRequest("bad_event", "the event has no requestContext.http")
    return http


def decode(event: Event, path: str, cookies: str, deadline: float, context: object) -> Request:
    """Return the request in an event; `path` and `cookies` are what the two front doors give differently."""
    http = http_context(event)
    headers = event.get("headers") or {}
    if not isinstance(headers, Mapping):
        raise BadRequest("bad_header", "the headers are not a map")
    pairs = [fields.header_pair(name, value) for name, value in headers.items()]
    if cookies:
        pairs.append(fields.header_pair("cookie", cookies))
    request_context = event["requestContext"]
    host = headers.get("host") or request_context.get("domainName") or ""
    return Request(
        method=fields.method_checked(http.get("method")),
        path=path,
        query=fields.query_from_raw(fields.text(event.get("rawQueryString"), "bad_query")),
        headers=Headers(tuple(pairs)),
        body=body.decode(event.get("body"), event.get("isBase64Encoded")),
        client_ip=fields.text(http.get("sourceIp"), "bad_event"),
        scheme="http" if headers.get("x-forwarded-proto") == "http" else "https",
        host=fields.text(host, "bad_header"),
        id=fields.text(request_context.get("requestId"), "bad_event"),
        deadline=deadline,
        event=event,
        context=context,
    )


def raw_path(event: Event) -> str:
    """Return rawPath, "" when it is absent. Raises BadRequest when it is not text."""
    return fields.text(event.get("rawPath"), "bad_path")


def encode(response: Response) -> dict[str, Any]:
    """Return a response in format 2.0: cookies apart, repeated headers joined under the name that came first."""
    headers: dict[str, str] = {}
    names: dict[bytes, str] = {}
    cookies: list[str] = []
    for name, value in response.headers.pairs:
        lower = name.lower()
        text = value.decode("latin-1")
        if lower == b"set-cookie":
            cookies.append(text)
        elif lower in names:
            headers[names[lower]] += ", " + text
        else:
            names[lower] = key = name.decode("latin-1")
            headers[key] = text
    text_body, is_base64 = body.encode(response.body)
    result = {"statusCode": response.status, "headers": headers, "body": text_body, "isBase64Encoded": is_base64}
    if cookies:
        result["cookies"] = cookies
    return result


def cookie_header(pairs: object) -> str:
    """Return the `cookies` list of an event as one Cookie header (RFC 6265, 5.4: "; " between pairs, never a comma)."""
    if not isinstance(pairs, list) or not all(isinstance(pair, str) for pair in pairs):
        raise BadRequest("bad_header", "the cookies are not a list of text")
    return "; ".join(pairs)
