"""Application Load Balancer before a Lambda target group, with multi-value headers or without.

Source: docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html and, for its own answers,
docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy.dev.front_doors import alb_result, multi_value, query
from proxy.dev.front_doors.dates import http_date
from proxy.dev.front_doors.door import LAMBDA_EVENT_BYTES, Limits, Refusal
from proxy.dev.front_doors.exchange import ClientAnswer
from proxy.dev.front_doors.headers import forwarded_for, is_hop_by_hop, request_line_bytes, text, trace_id
from proxy.dev.front_doors.request_body import base64_text, encoded_by_type
from proxy.dev.front_doors.result import MalformedResult

if TYPE_CHECKING:
    from datetime import datetime

    from proxy.dev.front_doors.exchange import ClientRequest

# load-balancer-limits.html: request line 16 K, single header 16 K, entire request header 64 K. `line_bytes` counts the
# request line, and each header line with name, colon, space and value: one of 16384 bytes was refused when it was
# measured (VWS-Python/vws-python-mock, documentation, 2026). `head_bytes` counts all lines with their ends. Body and
# result: lambda-functions.html, 1 MB each; that a MB is 1,048,576 bytes is unverified. A Lambda target is given up when
# the function's own timeout is reached, so the longest possible one stands here. The idle timeout of 60 s is about
# bytes on a connection; that it does not end a longer wait for Lambda is unverified.
ALB_LIMITS = Limits(
    head_bytes=64 * 1024,
    line_bytes=16 * 1024 - 1,
    body_bytes=1024 * 1024,
    event_bytes=LAMBDA_EVENT_BYTES,
    timeout_s=900.0,
    result_bytes=1024 * 1024,
)
_MAX_FORWARDED = 30

# Recorded in the field: 400 and 502, which are nginx's words. Those of 405, 413 and 414 are nginx's as well, and that
# of 463 is empty: all four unverified.
_TITLES = {
    400: "Bad Request",
    405: "Not Allowed",
    413: "Request Entity Too Large",
    414: "Request-URI Too Large",
    463: "",
    502: "Bad Gateway",
}
_STATUSES: dict[Refusal, int] = {
    Refusal.MALFORMED_REQUEST: 400,
    # The page names this case under 400 and under 413; field reports have 400 (oddsdk/ts-odd, 2021).
    Refusal.HEADERS_TOO_LARGE: 400,
    Refusal.BODY_TOO_LARGE: 413,
    Refusal.EVENT_TOO_LARGE: 413,
    # "did not respond before its configured timeout", "returned an error or the function was throttled": all 502. The
    # same for any other rejected invocation is unverified.
    Refusal.TIMEOUT: 502,
    Refusal.THROTTLED: 502,
    Refusal.INVOKE_REJECTED: 502,
    Refusal.FUNCTION_FAILED: 502,
}

# x-forwarded-headers.html and load-balancer-request-tracing.html: the load balancer's own, whatever the client wrote.
_OWN = frozenset({"x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "content-length"})


@dataclass(frozen=True, slots=True)
class Alb:
    """The front door of a load balancer; `is_multi_value` is the attribute lambda.multi_value_headers.enabled."""

    is_multi_value: bool = True
    target_group_arn: str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/fig-dev/0f1e2d3c4b5a6978"
    limits: Limits = ALB_LIMITS

    @property
    def name(self) -> str:
        """One name for each mode, as each has its own event and its own result."""
        return "alb" if self.is_multi_value else "alb-single"

    def request_id(self, entropy: bytes) -> str:
        """Hexadecimal text; nobody sees it, for a load balancer gives out trace ids only."""
        return entropy[:16].hex()

    def reject(self, request: ClientRequest) -> ClientAnswer | None:
        """The load balancer's answer to a head above its quotas, to TRACE, and to an upgrade."""
        status = self._objection(request)
        return None if status is None else _page(status, request.time)

    def event(self, request: ClientRequest) -> dict[str, object]:
        """The event; path, query names and query values are the client's own bytes."""
        headers = _headers(request)
        parameters = multi_value.lists((text(name), text(value)) for name, value in query.pairs(request.raw_query))
        fields: dict[str, object] = {
            "requestContext": {"elb": {"targetGroupArn": self.target_group_arn}},
            "httpMethod": request.method,
            "path": text(request.raw_path),
        }
        if self.is_multi_value:
            fields |= {"multiValueQueryStringParameters": parameters, "multiValueHeaders": headers}
        else:
            fields |= {
                "queryStringParameters": multi_value.last_values(parameters),
                "headers": multi_value.last_values(headers),
            }
        fields["body"], fields["isBase64Encoded"] = _body(request)
        return fields

    def answer(self, request: ClientRequest, payload: bytes, function_error: str | None) -> ClientAnswer:
        """The function's answer, its Server and Date included, or the load balancer's 502."""
        if function_error is None and len(payload) <= self.limits.result_bytes:
            try:
                answer = alb_result.parse(payload, is_multi_value=self.is_multi_value)
            except MalformedResult:
                pass
            else:
                return _with_missing(answer, request.time)
        return self.refuse(Refusal.FUNCTION_FAILED, request.request_id, request.time)

    def refuse(self, reason: Refusal, request_id: str, time: datetime) -> ClientAnswer:  # noqa: ARG002  no id goes out
        """The load balancer's own page."""
        return _page(_STATUSES[reason], time)

    def _objection(self, request: ClientRequest) -> int | None:
        lines = [request_line_bytes(request), *(len(name) + len(value) + 2 for name, value in request.headers)]
        if lines[0] > self.limits.line_bytes:
            return 414  # "The request URL or query string parameters are too large"
        if max(lines) > self.limits.line_bytes or sum(lines) + 2 * len(lines) + 2 > self.limits.head_bytes:
            return _STATUSES[Refusal.HEADERS_TOO_LARGE]
        if request.method == "TRACE":
            return 405
        if request.values(b"upgrade"):
            return 400  # "Upgrade requests are rejected with an HTTP 400 code"
        hops = b",".join(request.values(b"x-forwarded-for"))
        return 463 if hops.count(b",") >= _MAX_FORWARDED else None


def _headers(request: ClientRequest) -> dict[str, list[str]]:
    """The headers in lower case, in the client's order.

    Recorded live: Connection reaches the function (kevinhakanson.com, 2019-10-25). That other fields of one connection
    do not is unverified, but for Expect. Content-Length is the length of the body whenever one was announced.
    """
    named = ((text(name.lower()), text(value)) for name, value in request.headers)
    kept = [
        (name, value)
        for name, value in named
        if name not in _OWN and (name == "connection" or not is_hop_by_hop(name.encode("latin-1")))
    ]
    headers = multi_value.lists(kept)
    if request.body or request.values(b"content-length") or request.values(b"transfer-encoding"):
        headers["content-length"] = [str(len(request.body))]
    return headers | {
        "x-amzn-trace-id": [_trace_id(request)],
        "x-forwarded-for": forwarded_for(request),
        "x-forwarded-port": [str(request.port)],
        "x-forwarded-proto": [request.scheme],
    }


def _trace_id(request: ClientRequest) -> str:
    """The client's trace header with a Self of the load balancer's in front, or a new Root.

    Source: load-balancer-request-tracing.html. What becomes of a header without a Root is unverified.
    """
    new = trace_id(request.request_id, request.time)
    sent = [text(value) for value in request.values(b"x-amzn-trace-id")]
    fields = [field.strip() for field in sent[-1].split(";")] if sent else []
    if not any(field.startswith("Root=") for field in fields):
        return new
    return ";".join([f"Self={new.removeprefix('Root=')}", *(each for each in fields if not each.startswith("Self="))])


def _body(request: ClientRequest) -> tuple[str, bool]:
    if not request.body:
        return "", False
    if request.values(b"content-encoding"):
        return base64_text(request.body), True
    return encoded_by_type(request)


def _with_missing(answer: ClientAnswer, time: datetime) -> ClientAnswer:
    # Recorded: Server and Date are there when the function names none. That its own are kept is from field reports.
    named = {name.lower() for name, _ in answer.headers}
    own = ((b"server", b"awselb/2.0"), (b"date", http_date(time)))
    missing = (pair for pair in own if pair[0] not in named)
    return ClientAnswer(answer.status, (*answer.headers, *missing), answer.body, answer.reason)


def _page(status: int, time: datetime) -> ClientAnswer:
    # CRLF makes the 122 bytes that a 502 has in field reports.
    title = f"{status} {_TITLES[status]}".strip()
    lines = (
        "<html>",
        f"<head><title>{title}</title></head>",
        "<body>",
        f"<center><h1>{title}</h1></center>",
        "</body>",
        "</html>",
        "",
    )
    headers = ((b"server", b"awselb/2.0"), (b"date", http_date(time)), (b"content-type", b"text/html"))
    return ClientAnswer(status, headers, "\r\n".join(lines).encode("ascii"), _TITLES[status].encode("ascii"))
