"""Payload format 1.0 as a REST API with AWS_PROXY on /{proxy+} fills it.

Source of the shape: docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html and the
live recordings of localstack (tests/aws/services/apigateway/test_apigateway_lambda.snapshot.json, 2025).
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import blake2b
from typing import TYPE_CHECKING

from proxy.dev.front_doors import media_type, multi_value, query
from proxy.dev.front_doors.dates import epoch_ms, log_time
from proxy.dev.front_doors.headers import forwarded_for, request_trace_id, text
from proxy.dev.front_doors.request_body import base64_text

if TYPE_CHECKING:
    from proxy.dev.front_doors.exchange import ClientRequest

# Recorded live with AWS_PROXY (test_apigateway_integrations.snapshot.json), and named in api-gateway-known-issues.html.
# Fields that Connection names are kept, as there is no word about them.
_DROPPED = frozenset(
    b"connection content-length content-md5 expect max-forwards proxy-authenticate server te trailer transfer-encoding "
    b"upgrade www-authenticate".split()
)
# The gateway writes these itself, whatever the client wrote.
_OWN = frozenset({b"x-amzn-trace-id", b"x-forwarded-for", b"x-forwarded-port", b"x-forwarded-proto"})
_METHOD_OVERRIDE = b"x-http-method-override"

# api-gateway-known-issues.html: "|", "{" and "}" "must be URL-encoded". Field reports: braces are a 400 that never
# reaches the API (yezyilomo/django-restql, 2021). The same for "|", and for a "%" that escapes nothing, is
# unverified; so is that a path with such a "%" passes.
_BAD_QUERY = re.compile(rb"[|{}]|%(?![0-9A-Fa-f]{2})")


def event(
    request: ClientRequest, *, account_id: str, api_id: str, domain_name: str, stage: str, binary_types: tuple[str, ...]
) -> dict[str, object]:
    """The whole event; maps for which the request has nothing are null, and so is an absent body.

    `path` keeps every escape and loses all slashes in front but one; requestContext.path keeps those too, behind the
    stage. pathParameters.proxy is as encoded as the path and loses the slash at its end; that only one goes if there
    are several is unverified.
    """
    path = "/" + text(request.raw_path).lstrip("/")
    resource = "/" if path == "/" else "/{proxy+}"
    headers = _headers(request)
    parameters = _query_parameters(request.raw_query)
    body, is_base64 = _body(request, binary_types)
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method(request),
        "headers": multi_value.last_values(headers),
        "multiValueHeaders": headers,
        "queryStringParameters": multi_value.last_values(parameters) or None,
        "multiValueQueryStringParameters": parameters or None,
        "pathParameters": None if path == "/" else {"proxy": path[1:].removesuffix("/")},
        "stageVariables": None,
        "requestContext": {
            "resourceId": "figroo" if path == "/" else "figprx",
            "resourcePath": resource,
            "httpMethod": method(request),
            "extendedRequestId": extended_request_id(request.request_id),
            "requestTime": log_time(request.time),
            "path": f"/{stage}{text(request.raw_path)}",
            "accountId": account_id,
            "protocol": request.protocol,
            "stage": stage,
            "domainPrefix": domain_name.partition(".")[0],
            "requestTimeEpoch": epoch_ms(request.time),
            "requestId": request.request_id,
            "identity": _identity(request),
            "domainName": domain_name,
            "deploymentId": "figdep",
            "apiId": api_id,
        },
        "body": body,
        "isBase64Encoded": is_base64,
    }


def method(request: ClientRequest) -> str:
    """The method that the function sees: a POST may name another in X-HTTP-Method-Override.

    Documented in api-gateway-known-issues.html; that it works for POST only is unverified.
    """
    override = request.values(_METHOD_OVERRIDE)
    return text(override[-1]) if request.method == "POST" and override and override[-1] else request.method


def has_bad_query(request: ClientRequest) -> bool:
    """Whether the query holds what the gateway does not take."""
    return _BAD_QUERY.search(request.raw_query) is not None


def extended_request_id(request_id: str) -> str:
    """The gateway's second id, made from its first: 16 characters of base64, the last of them "="."""
    return b64encode(blake2b(request_id.encode(), digest_size=11).digest()).decode("ascii")


def _headers(request: ClientRequest) -> dict[str, list[str]]:
    # "Header names [...] are processed in a case-sensitive way" (api-gateway-known-issues.html): X-A and x-a are two.
    kept = multi_value.lists(
        (_name(name), text(value)) for name, value in request.headers if _is_kept(request, name, value)
    )
    return kept | {
        "X-Amzn-Trace-Id": [request_trace_id(request)],
        "X-Forwarded-For": forwarded_for(request),
        "X-Forwarded-Port": [str(request.port)],
        "X-Forwarded-Proto": [request.scheme],
    }


def _name(name: bytes) -> str:
    # Recorded live: names keep the client's case, this one does not.
    return "Authorization" if name.lower() == b"authorization" else text(name)


def _is_kept(request: ClientRequest, name: bytes, value: bytes) -> bool:
    lower = name.lower()
    if lower == b"authorization":
        # "dropped if it contains a Signature Version 4 signature" (api-gateway-known-issues.html)
        return not value.startswith(b"AWS4-")
    if lower == _METHOD_OVERRIDE:
        return request.method != "POST"
    return lower not in _DROPPED and lower not in _OWN


def _query_parameters(raw_query: bytes) -> dict[str, list[str]]:
    # A semicolon "results in the data being split" (api-gateway-known-issues.html); that it splits like "&" does is
    # unverified.
    pairs = query.pairs(raw_query.replace(b";", b"&"))
    return multi_value.lists((query.form_decoded(name), query.form_decoded(value)) for name, value in pairs)


def _body(request: ClientRequest, binary_types: tuple[str, ...]) -> tuple[str | None, bool]:
    if not request.body:
        return None, False
    if media_type.is_among(media_type.first(b",".join(request.values(b"content-type"))), binary_types):
        return base64_text(request.body), True
    # Bytes that are not UTF-8 are lost: api-gateway-payload-encodings.html calls a text payload UTF-8. What exactly is
    # put in their place is unverified.
    return request.body.decode("utf-8", "replace"), False


def _identity(request: ClientRequest) -> dict[str, str | None]:
    agents = request.values(b"user-agent")
    return {
        "accessKey": None,
        "accountId": None,
        "caller": None,
        "cognitoAuthenticationProvider": None,
        "cognitoAuthenticationType": None,
        "cognitoIdentityId": None,
        "cognitoIdentityPoolId": None,
        "principalOrgId": None,
        "sourceIp": request.source_ip,
        "user": None,
        "userAgent": text(agents[-1]) if agents else None,
        "userArn": None,
    }
