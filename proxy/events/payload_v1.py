"""Payload format 1.0, which a REST API and an HTTP API share: all but the path and the form of the answer's body.

Source: docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from proxy.errors import BadRequest
from proxy.events import body, fields, multi_value
from proxy.events.multi_value import Event
from proxy.message import Request, Response


def decode(event: Event, path: str, deadline: float, context: object) -> Request:
    """Return the request in an event; `path` is what the two front doors give differently."""
    request_context = event["requestContext"]
    identity = request_context.get("identity")
    source_ip = identity.get("sourceIp") if isinstance(identity, Mapping) else None
    headers = multi_value.headers(event)
    return Request(
        method=fields.method_checked(event.get("httpMethod")),
        path=path,
        query=_query_from_decoded(multi_value.query_pairs(event)),
        headers=headers,
        body=body.decode(event.get("body"), event.get("isBase64Encoded")),
        client_ip=fields.text(source_ip, "bad_event"),
        scheme=multi_value.scheme(headers),
        host=multi_value.host(headers) or fields.text(request_context.get("domainName"), "bad_event"),
        id=fields.text(request_context.get("requestId"), "bad_event"),
        deadline=deadline,
        event=event,
        context=context,
        dialect="1.0",
    )


def encode(response: Response, encoded_body: tuple[str, bool]) -> dict[str, Any]:
    """Return a response with the four keys that format 1.0 knows; `encoded_body` is (text, isBase64Encoded).

    A REST API answers 502 to any key that it does not know, and adds `headers` to `multiValueHeaders`.
    """
    text, is_base64 = encoded_body
    return {
        "statusCode": response.status,
        "multiValueHeaders": multi_value.lists(response.headers),
        "body": text,
        "isBase64Encoded": is_base64,
    }


def _query_from_decoded(pairs: list[tuple[str, str]]) -> str:
    """Return a query that its front door has decoded, encoded again: UTF-8, a space as %20, a plus as %2B.

    One form for all: which one the client used is lost, and so are "a" against "a=" and the order between names.
    Raises BadRequest for what was no UTF-8, which would reach legacy as other bytes than the client sent.
    """
    for pair in pairs:
        if not all(map(fields.is_decodable, pair)):
            raise BadRequest("bad_query", "the query is not valid UTF-8")
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
