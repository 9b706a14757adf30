"""Payload format 2.0, from request to event: what HTTP APIs and function URLs share.

The two have one schema and fill it differently, so each door hands in the fields in which it differs.
Source of the shape: docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from proxy.dev.front_doors.headers import text

if TYPE_CHECKING:
    from proxy.dev.front_doors.exchange import ClientRequest

# Recorded live: a body is text under these types only; forms, multipart, +json types and bodies without a type are
# base64.
_TEXT_TYPES = frozenset({b"application/json", b"application/xml", b"application/javascript"})

# strftime's %b follows the locale of the process; the event does not.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def event(
    request: ClientRequest, *, raw_path: str, headers: dict[str, str], account_id: str, api_id: str, domain_name: str
) -> dict[str, object]:
    """The whole event; keys for which the request has nothing are absent, as recorded."""
    cookies = split_cookies(request)
    query = query_parameters(request.raw_query)
    fields: dict[str, object] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": raw_path,
        "rawQueryString": text(request.raw_query),
        "headers": headers,
        "requestContext": {
            "accountId": account_id,
            "apiId": api_id,
            "domainName": domain_name,
            "domainPrefix": domain_name.partition(".")[0],
            "http": {
                "method": request.method,
                "path": decoded_path(request),
                "protocol": request.protocol,
                "sourceIp": request.source_ip,
                # That an absent User-Agent gives an empty string is unverified.
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request.request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": log_time(request.time),
            "timeEpoch": int(request.time.timestamp() * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies:
        fields["cookies"] = cookies
    if query:
        fields["queryStringParameters"] = query
    if request.body:
        fields["body"], fields["isBase64Encoded"] = encoded_body(request)
    return fields


def decoded_path(request: ClientRequest) -> str:
    """The path with every percent-escape decoded, %2F included.

    Bytes that are not UTF-8 become U+FFFD; what AWS makes of them is unverified.
    """
    return unquote_to_bytes(request.raw_path).decode("utf-8", "replace")


def query_parameters(raw_query: bytes) -> dict[str, str]:
    """The decoded query: "+" and %20 are spaces, repeats are joined by a comma, a bare name has an empty value."""
    values: dict[str, list[str]] = {}
    for pair in raw_query.split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            values.setdefault(_form_decoded(name), []).append(_form_decoded(value))
    return {name: ",".join(each) for name, each in values.items()}


def split_cookies(request: ClientRequest) -> list[str]:
    """Every cookie pair of every Cookie line, in order, undecoded."""
    pieces = (piece.strip() for line in request.values(b"cookie") for piece in line.split(b";"))
    return [text(piece) for piece in pieces if piece]


def encoded_body(request: ClientRequest) -> tuple[str, bool]:
    """The body as the event has it, and whether that is base64.

    Bytes under a text type that are not UTF-8 are base64 too; what AWS makes of them is unverified.
    """
    content_type = b",".join(request.values(b"content-type"))
    media_type = content_type.partition(b";")[0].strip().lower()
    if media_type.startswith(b"text/") or media_type in _TEXT_TYPES:
        try:
            return request.body.decode("utf-8"), False
        except UnicodeDecodeError:
            pass
    return b64encode(request.body).decode("ascii"), True


def log_time(time: datetime) -> str:
    """An aware time as the event's `time` has it: 16/Oct/2026:09:30:10 +0000, always UTC, English in every locale."""
    utc = time.astimezone(UTC)
    return f"{utc.day:02}/{_MONTHS[utc.month - 1]}/{utc.year}:{utc:%H:%M:%S} +0000"


def _form_decoded(value: bytes) -> str:
    return unquote_to_bytes(value.replace(b"+", b" ")).decode("utf-8", "replace")
