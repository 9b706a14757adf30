"""What each front door carries between the client and the proxy, as data: for documentation and for checks of a set-up.

Never loaded on the request path. Nothing here was run against a live AWS account: rows rest on AWS's documentation, on
recorded events, and on field reports, as their source says.
"""

from dataclasses import dataclass
from typing import Literal

FrontDoor = Literal["rest-api", "http-api-v1", "http-api", "function-url", "alb", "alb-single"]  # the codecs' names
Carried = Literal["yes", "partly", "no"]
Capability = Literal[
    "raw-path",
    "raw-query",
    "bare-question-mark",
    "query-order",
    "repeated-query",
    "repeated-request-headers",
    "request-header-case",
    "request-cookies",
    "client-ip",
    "binary-request-body",
    "binary-response-body",
    "large-body",
    "streaming",
    "multiple-cookies",
    "repeated-response-headers",
    "www-authenticate",
    "date-and-server",
    "absent-content-type",
    "reason-phrase",
]


@dataclass(frozen=True, slots=True)
class Row:
    """Whether one front door carries one thing; `says` tells what is lost, or how it is kept, and what helps."""

    front_door: FrontDoor
    capability: Capability
    carried: Carried
    says: str
    source: str


_GATEWAY = "docs.aws.amazon.com/apigateway/latest/developerguide"
_REST = f"{_GATEWAY}/set-up-lambda-proxy-integrations.html"
_REST_ISSUES = f"{_GATEWAY}/api-gateway-known-issues.html"
_REST_BINARY = f"{_GATEWAY}/lambda-proxy-binary-media.html"
_HTTP = f"{_GATEWAY}/http-api-develop-integrations-lambda.html"
_URL = "docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html"
_LAMBDA = "docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
_STREAM = "docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html"
_ALB = "docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html"
_ALB_XFF = "docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html"
_RECORDED = "recorded events: github.com/hotsock/voker"
_RFC_9112 = "www.rfc-editor.org/rfc/rfc9112.html#section-4"

_REST_API: tuple[FrontDoor, ...] = ("rest-api",)
_URLS: tuple[FrontDoor, ...] = ("function-url",)
_MULTI: tuple[FrontDoor, ...] = ("alb",)
_SINGLE: tuple[FrontDoor, ...] = ("alb-single",)
_V1: tuple[FrontDoor, ...] = ("rest-api", "http-api-v1")
_V2: tuple[FrontDoor, ...] = ("http-api", "function-url")
_HTTP_APIS: tuple[FrontDoor, ...] = ("http-api-v1", "http-api")
_ALBS: tuple[FrontDoor, ...] = ("alb", "alb-single")
_GATEWAYS: tuple[FrontDoor, ...] = ("rest-api", "http-api-v1", "http-api", "function-url")
_ALL: tuple[FrontDoor, ...] = (*_GATEWAYS, *_ALBS)


def _rows(capability: Capability, *groups: tuple[tuple[FrontDoor, ...], Carried, str, str]) -> tuple[Row, ...]:
    return tuple(
        Row(door, capability, carried, says, source) for doors, carried, says, source in groups for door in doors
    )


TABLE: tuple[Row, ...] = (
    *_rows(
        "raw-path",
        (
            _REST_API,
            "partly",
            "kept as the client wrote it, but on a custom domain repeated slashes at its front become one",
            _RECORDED,
        ),
        (
            _HTTP_APIS,
            "partly",
            "comes decoded and is encoded again: %2F has become /, and needless or lower-case escapes are lost; "
            "a path that is not UTF-8 is refused",
            _RECORDED,
        ),
        ((*_URLS, *_ALBS), "yes", "kept as the client wrote it", _RECORDED),
    ),
    *_rows(
        "raw-query",
        (
            _V1,
            "partly",
            "comes decoded and is encoded again in one form: + becomes %20, flag becomes flag=; "
            "a signature over the raw query fails",
            _REST,
        ),
        (_V2, "yes", "kept as the client wrote it", _RECORDED),
        (_ALBS, "partly", "names and values are kept as the client wrote them, but flag becomes flag=", _RECORDED),
    ),
    *_rows(
        "bare-question-mark",
        (_ALL, "no", "a question mark with nothing behind it is gone: the query is empty either way", _RECORDED),
    ),
    *_rows(
        "query-order",
        ((*_V1, *_ALBS), "no", "the query comes as a map: values of other names may have stood in between", _REST),
        (_V2, "yes", "kept as the client wrote it", _RECORDED),
    ),
    *_rows(
        "repeated-query",
        ((*_GATEWAYS, *_MULTI), "yes", "every value of a name comes, in order", _RECORDED),
        (_SINGLE, "no", "only the last value of a name comes; turn on multi-value headers of the target group", _ALB),
    ),
    *_rows(
        "repeated-request-headers",
        ((*_V1, *_MULTI), "yes", "repeated headers come as a list", _RECORDED),
        (_V2, "partly", "repeated headers come joined by commas in one line, which is not split again", _RECORDED),
        (_SINGLE, "no", "only the last of repeated headers comes; turn on multi-value headers", _ALB),
    ),
    *_rows(
        "request-header-case",
        (_REST_API, "partly", "kept, but authorization becomes Authorization", _RECORDED),
        ((*_HTTP_APIS, *_URLS, *_ALBS), "no", "names come in lower case", _RECORDED),
    ),
    *_rows(
        "request-cookies",
        ((*_V1, *_MULTI), "yes", "every Cookie line comes as it was", _RECORDED),
        (_V2, "partly", "all cookies come, but in one line", _RECORDED),
        (_SINGLE, "no", "only the last Cookie line comes; turn on multi-value headers", _ALB),
    ),
    *_rows(
        "client-ip",
        (_GATEWAYS, "yes", "the event names the peer of the front door, whatever headers the client sends", _RECORDED),
        (
            _ALBS,
            "partly",
            "the right-most hop of X-Forwarded-For, which is the client's own word in the mode preserve, and absent in "
            "the mode remove; keep routing.http.xff_header_processing.mode at append",
            _ALB_XFF,
        ),
    ),
    *_rows(
        "binary-request-body",
        (
            _REST_API,
            "partly",
            "kept if the type is among binaryMediaTypes, else damaged before it comes, and then refused here; "
            "set binaryMediaTypes to */*",
            _REST_BINARY,
        ),
        ((*_HTTP_APIS, *_URLS, *_ALBS), "yes", "comes as base64", _HTTP),
    ),
    *_rows(
        "binary-response-body",
        (
            _REST_API,
            "partly",
            "kept if the first type of the request's Accept is among binaryMediaTypes, else the client gets base64; "
            "set binaryMediaTypes to */*",
            _REST_BINARY,
        ),
        ((*_HTTP_APIS, *_URLS, *_ALBS), "yes", "goes back as base64", _HTTP),
    ),
    *_rows(
        "large-body",
        (_GATEWAYS, "partly", "up to 4,690,000 bytes: Lambda carries 6 MB of JSON, and base64 takes 4 for 3", _LAMBDA),
        (_ALBS, "no", "up to 740,000 bytes: a load balancer takes 1 MB of JSON, and gives 1 MB of body", _ALB),
    ),
    *_rows(
        "streaming",
        (_REST_API, "no", "the answer goes back in one piece; a managed Python runtime cannot stream", _STREAM),
        (_URLS, "no", "the answer goes back in one piece; a managed Python runtime cannot stream", _STREAM),
        ((*_HTTP_APIS, *_ALBS), "no", "the front door takes the answer in one piece only", _STREAM),
    ),
    *_rows(
        "multiple-cookies",
        ((*_V1, *_MULTI), "yes", "every Set-Cookie goes back in a list", _REST),
        (_V2, "yes", "every Set-Cookie goes back in `cookies`", _HTTP),
        (_SINGLE, "no", "only the last Set-Cookie goes back; turn on multi-value headers of the target group", _ALB),
    ),
    *_rows(
        "repeated-response-headers",
        ((*_V1, *_MULTI), "yes", "repeated headers go back as a list", _REST),
        ((*_V2, *_SINGLE), "partly", "repeated headers go back joined by commas in one line", _HTTP),
    ),
    *_rows(
        "www-authenticate",
        (
            (*_REST_API, *_URLS),
            "no",
            "the client gets x-amzn-Remapped-WWW-Authenticate: a browser never asks for a password",
            _REST_ISSUES,
        ),
        (_HTTP_APIS, "partly", "reports disagree on whether it is remapped; try it on your own API", _REST_ISSUES),
        (_ALBS, "yes", "goes back as it is", _ALB),
    ),
    *_rows(
        "date-and-server",
        ((*_REST_API, *_URLS), "no", "the front door writes its own, so legacy's are dropped here", _REST_ISSUES),
        (_HTTP_APIS, "partly", "reports disagree on whether they are remapped; try it on your own API", _REST_ISSUES),
        (_ALBS, "yes", "go back as they are", _ALB),
    ),
    *_rows(
        "absent-content-type",
        (
            _ALL,
            "no",
            "a body without a type gets application/octet-stream here, since a front door would call it JSON",
            _HTTP,
        ),
    ),
    *_rows(
        "reason-phrase",
        (_GATEWAYS, "no", "the client gets the standard phrase of the front door, or none", _RFC_9112),
        (_ALBS, "partly", "goes back as the standard phrase of the status, never as legacy's own words", _ALB),
    ),
)


def of(front_door: FrontDoor) -> tuple[Row, ...]:
    """Return the rows of one front door, in the order of the table."""
    return tuple(row for row in TABLE if row.front_door == front_door)
