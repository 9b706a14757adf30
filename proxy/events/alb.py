"""Codec of an Application Load Balancer: a raw path, an undecoded query, and no field of its own for the client.

A target group has multi-value headers on or off; the answer must be in the same mode as the event. Source:
docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

import re
from http import HTTPStatus
from typing import Any

from proxy.events import body, fields, multi_value
from proxy.events.multi_value import Event
from proxy.message import Headers, Request, Response

# docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
_ROOT = re.compile(rb"(?:^|;)\s*Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|$)").search
_REASONS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def decode(event: Event, deadline: float, context: object) -> Request:
    """Return the request in an ALB event of either mode. Raises BadRequest for what cannot be carried.

    Without multi-value headers the load balancer has kept only the last of repeated headers and query names. A health
    check has no Host and no client.
    """
    headers = multi_value.headers(event)
    return Request(
        method=fields.method_checked(event.get("httpMethod")),
        path=fields.path_from_raw(fields.text(event.get("path"), "bad_path")),
        # Names and values are as the client wrote them: encoding them again would encode them twice.
        query=fields.query_from_raw("&".join(f"{name}={value}" for name, value in multi_value.query_pairs(event))),
        headers=headers,
        body=body.decode(event.get("body"), event.get("isBase64Encoded")),
        client_ip=_client_ip(headers),
        scheme=multi_value.scheme(headers),
        host=multi_value.host(headers),
        id=_request_id(headers, context),
        deadline=deadline,
        event=event,
        context=context,
        dialect="alb" if "multiValueHeaders" in event else "alb-single",
    )


def encode(response: Response) -> dict[str, Any]:
    """Return a response as a target group with multi-value headers takes it."""
    return _result(response, "multiValueHeaders", multi_value.lists(response.headers))


def encode_single(response: Response) -> dict[str, Any]:
    """Return a response as a target group without multi-value headers takes it: one value for a name.

    Repeats are joined. Cookies cannot be (RFC 6265, 3), so the last one is kept, as the load balancer does with
    requests. Names that differ in case only would carry more, but what clients make of them is nobody's promise.
    """
    lists = multi_value.lists(response.headers)
    headers = {
        name: values[-1] if name.lower() == "set-cookie" else ", ".join(values) for name, values in lists.items()
    }
    return _result(response, "headers", headers)


def _result(response: Response, key: str, headers: object) -> dict[str, Any]:
    text, is_base64 = body.encode(response.body)
    return {
        "statusCode": response.status,
        "statusDescription": _REASONS.get(response.status, f"{response.status} Unknown"),
        key: headers,
        "body": text,
        "isBase64Encoded": is_base64,
    }


def _client_ip(headers: Headers) -> str:
    """Return the right-most hop, which the load balancer has added; all others are the client's to invent.

    True of the modes "append", the default, and "remove" (no hop at all). In the mode "preserve" nobody vouches for it.
    A port comes with it if routing.http.xff_client_port.enabled is on.
    """
    hop = b"".join(headers.all(b"x-forwarded-for")[-1:]).rpartition(b",")[2].strip().decode("latin-1")
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _request_id(headers: Headers, context: object) -> str:
    # A client may send a Root of its own, and the load balancer keeps it: only what looks like one goes to the log.
    for value in headers.all(b"x-amzn-trace-id"):
        root = _ROOT(value)
        if root:
            return root[1].decode("ascii")
    return str(getattr(context, "aws_request_id", ""))
