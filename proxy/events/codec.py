"""Which codec an event belongs to. The order of the checks matters: the formats share fields."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from proxy.errors import NotAnHttpEvent
from proxy.events import alb, function_url, http_api, http_api_v1, outgoing, rest_api, websocket
from proxy.message import Request, Response

Decode = Callable[[Mapping[str, Any], float, object], Request]  # Any: JSON from outside, checked by the codec
Encode = Callable[[Response], dict[str, Any]]


class Codec(NamedTuple):
    """One front door's dialect: events in, results out."""

    name: str
    decode: Decode
    encode: Encode
    max_body_bytes: int  # what the front door can carry back
    timeout_s: float  # how long the front door waits for the function


# Lambda carries 6,291,556 bytes of JSON: base64 makes 4 of 3, and status and headers (10,240 bytes and more) need room.
_LAMBDA_BODY_BYTES = 4_690_000
# A load balancer takes 1 MB of JSON; the same room is kept. Source:
# docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html (limits)
_ALB_BODY_BYTES = 740_000
# Source: docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html: 30 s, fixed; a REST API has 29 s
# unless its account raised it; the others wait as long as a function may run.
_HTTP_API_TIMEOUT_S = 30.0
_REST_TIMEOUT_S = 29.0
_LAMBDA_TIMEOUT_S = 900.0


def _typed(encode: Encode) -> Encode:
    """Return an encode that leaves no body without a type, the same behind every front door."""
    return lambda response: encode(outgoing.with_content_type(response))


REST_API = Codec("rest-api", rest_api.decode, _typed(rest_api.encode), _LAMBDA_BODY_BYTES, _REST_TIMEOUT_S)
HTTP_API_V1 = Codec(
    "http-api-v1", http_api_v1.decode, _typed(http_api_v1.encode), _LAMBDA_BODY_BYTES, _HTTP_API_TIMEOUT_S
)
HTTP_API = Codec("http-api", http_api.decode, _typed(http_api.encode), _LAMBDA_BODY_BYTES, _HTTP_API_TIMEOUT_S)
FUNCTION_URL = Codec(
    "function-url", function_url.decode, _typed(function_url.encode), _LAMBDA_BODY_BYTES, _LAMBDA_TIMEOUT_S
)
ALB = Codec("alb", alb.decode, _typed(alb.encode), _ALB_BODY_BYTES, _LAMBDA_TIMEOUT_S)
ALB_SINGLE = Codec("alb-single", alb.decode, _typed(alb.encode_single), _ALB_BODY_BYTES, _LAMBDA_TIMEOUT_S)
WEBSOCKET = Codec("websocket", websocket.decode, websocket.encode, 0, _REST_TIMEOUT_S)


def codec_of(event: object) -> Codec:
    """Return the codec of an event. Raises NotAnHttpEvent for an event of no front door known here."""
    context = event.get("requestContext") if isinstance(event, Mapping) else None
    if not isinstance(event, Mapping) or not isinstance(context, Mapping):
        raise NotAnHttpEvent("got an event without requestContext, expected one of an HTTP front door")
    # Before REST: $connect has headers in both maps, too.
    if websocket.is_websocket(context):
        return WEBSOCKET
    if isinstance(context.get("elb"), Mapping):
        # The key itself tells the mode of the target group, whatever is in it.
        return ALB if "multiValueHeaders" in event else ALB_SINGLE
    version = event.get("version")
    if version == "2.0":
        return _codec_of_version_2(event, context)
    if version == "1.0":
        return HTTP_API_V1
    if "version" not in event and event.get("resource") and event.get("httpMethod"):
        return REST_API
    raise NotAnHttpEvent("got an event of an unknown format, expected one of an HTTP front door")


def _codec_of_version_2(event: Mapping[str, Any], context: Mapping[str, Any]) -> Codec:
    # A function URL and an HTTP API differ in nothing but the domain, yet only one of them has decoded the path.
    domain = context.get("domainName")
    if isinstance(domain, str) and ".lambda-url." in domain:
        return FUNCTION_URL
    if isinstance(context.get("http"), Mapping):
        return HTTP_API
    if "method" in event and "path" in event and "rawPath" not in event:
        raise NotAnHttpEvent("got an event of VPC Lattice, expected one of a front door that is supported")
    raise NotAnHttpEvent("got an event of an unknown version 2.0, expected one of an HTTP API or a function URL")
