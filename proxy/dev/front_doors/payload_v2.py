"""Payload format 2.0, from request to event: what HTTP APIs and function URLs share.

The two have one schema and fill it differently, so each door hands in the fields in which it differs.
Source of the shape: docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from proxy.dev.front_doors import query
from proxy.dev.front_doors.dates import epoch_ms, log_time
from proxy.dev.front_doors.headers import text
from proxy.dev.front_doors.request_body import encoded_by_type

if TYPE_CHECKING:
    from proxy.dev.front_doors.exchange import ClientRequest


def event(
    request: ClientRequest, *, raw_path: str, headers: dict[str, str], account_id: str, api_id: str, domain_name: str
) -> dict[str, object]:
    """The whole event; keys for which the request has nothing are absent, as recorded."""
    cookies = split_cookies(request)
    parameters = query_parameters(request.raw_query)
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
            "timeEpoch": epoch_ms(request.time),
        },
        "isBase64Encoded": False,
    }
    if cookies:
        fields["cookies"] = cookies
    if parameters:
        fields["queryStringParameters"] = parameters
    if request.body:
        fields["body"], fields["isBase64Encoded"] = encoded_by_type(request)
    return fields


def decoded_path(request: ClientRequest) -> str:
    """The path with every percent-escape decoded, %2F included.

    Bytes that are not UTF-8 become U+FFFD; what AWS makes of them is unverified.
    """
    return unquote_to_bytes(request.raw_path).decode("utf-8", "replace")


def query_parameters(raw_query: bytes) -> dict[str, str]:
    """The decoded query: "+" and %20 are spaces, repeats are joined by a comma, a bare name has an empty value."""
    values: dict[str, list[str]] = {}
    for name, value in query.pairs(raw_query):
        values.setdefault(query.form_decoded(name), []).append(query.form_decoded(value))
    return {name: ",".join(each) for name, each in values.items()}


def split_cookies(request: ClientRequest) -> list[str]:
    """Every cookie pair of every Cookie line, in order, undecoded."""
    pieces = (piece.strip() for line in request.values(b"cookie") for piece in line.split(b";"))
    return [text(piece) for piece in pieces if piece]
