"""Lambda function URL, auth type NONE, buffered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from proxy.dev.front_doors import payload_v2, result_v2
from proxy.dev.front_doors.dates import http_date
from proxy.dev.front_doors.door import LAMBDA_EVENT_BYTES, Limits, Refusal
from proxy.dev.front_doors.exchange import ClientAnswer
from proxy.dev.front_doors.headers import (
    joined,
    overridden,
    request_line_bytes,
    request_trace_id,
    text,
    trace_id,
    values_bytes,
)
from proxy.dev.front_doors.result import MalformedResult

if TYPE_CHECKING:
    from datetime import datetime

    from proxy.dev.front_doors.exchange import ClientRequest, HeaderPairs

# 6 MB and 15 minutes are Lambda's own: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html. No page gives
# a size for the head; field reports of 2023 and 2025 saw cookies of some 10 kB refused, so the HTTP API's figure
# stands in for it, unverified.
FUNCTION_URL_LIMITS = Limits(
    head_bytes=10_240, body_bytes=6 * 1024 * 1024, event_bytes=LAMBDA_EVENT_BYTES, timeout_s=900.0
)

# The words of Lambda's Invoke API. Those same field reports got them for a head that was too large.
_TOO_LARGE = '{"Message":"Request must be smaller than 6291456 bytes for the InvokeFunction operation"}'

_REFUSALS: dict[Refusal, tuple[int, str]] = {
    Refusal.MALFORMED_REQUEST: (400, '{"Message":"Bad Request"}'),  # unverified
    Refusal.HEADERS_TOO_LARGE: (413, _TOO_LARGE),  # words from field reports; status unverified
    Refusal.BODY_TOO_LARGE: (413, _TOO_LARGE),
    Refusal.EVENT_TOO_LARGE: (413, _TOO_LARGE),
    # Field reports: 502 with these words, which are not JSON, under the type application/json. The same for a timeout
    # and for a rejected invocation is unverified; AWS counts timeouts as 5XX (urls-monitoring.html).
    Refusal.TIMEOUT: (502, "Internal Server Error"),
    Refusal.INVOKE_REJECTED: (502, "Internal Server Error"),
    Refusal.FUNCTION_FAILED: (502, "Internal Server Error"),
    Refusal.THROTTLED: (429, '{"Message":"Rate Exceeded."}'),  # status of Lambda's Invoke API; words unverified
}

# WWW-Authenticate is renamed in many field reports. The others are those that REST APIs rename by documentation
# (api-gateway-known-issues.html); that function URLs do it too is unverified, and that they keep them is not promised.
_REMAPPED = frozenset({b"www-authenticate", b"authorization", b"content-md5", b"date", b"server", b"user-agent"})


@dataclass(frozen=True, slots=True)
class FunctionUrl:
    """The front door of a function URL; CloudFront in front of it may have any domain, the function sees its own."""

    url_id: str = "figdevfigdevfigdevfigdevfigdev00"
    region: str = "eu-west-1"
    limits: Limits = FUNCTION_URL_LIMITS
    name: str = "function-url"

    @property
    def domain_name(self) -> str:
        """The only host under which the function can be reached.

        Source of the form: docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
        """
        return f"{self.url_id}.lambda-url.{self.region}.on.aws"

    def request_id(self, entropy: bytes) -> str:
        """A random UUID."""
        return str(UUID(bytes=entropy[:16], version=4))

    def reject(self, request: ClientRequest) -> ClientAnswer | None:
        """Lambda's answer to a head that is too large, counted as an HTTP API counts it."""
        if request_line_bytes(request) + values_bytes(request) > self.limits.head_bytes:
            return self.refuse(Refusal.HEADERS_TOO_LARGE, request.request_id, request.time)
        return None

    def event(self, request: ClientRequest) -> dict[str, object]:
        """The event; path and query are the client's own bytes.

        In the cloud the Host is always the function's own name, since no other leads here. On this machine a client
        knows the door by another name, and its Host is passed on, so that absolute redirects lead back to the door.
        X-Forwarded-For holds the source alone; the client's is overwritten, which is unverified.
        """
        headers = joined(request)
        if cookie_lines := request.values(b"cookie"):
            headers["cookie"] = text(b"; ".join(cookie_lines))
        headers.setdefault("host", self.domain_name)
        headers["x-forwarded-for"] = request.source_ip
        headers["x-forwarded-port"] = str(request.port)
        headers["x-forwarded-proto"] = request.scheme
        headers["x-amzn-trace-id"] = request_trace_id(request)
        # There is no plain HTTP on AWS, so the function always sees these.
        headers["x-amzn-tls-version"] = "TLSv1.3"
        headers["x-amzn-tls-cipher-suite"] = "TLS_AES_128_GCM_SHA256"
        return payload_v2.event(
            request,
            raw_path=text(request.raw_path),
            headers=headers,
            account_id="anonymous",
            api_id=self.url_id,
            domain_name=self.domain_name,
        )

    def answer(self, request: ClientRequest, payload: bytes, function_error: str | None) -> ClientAnswer:
        """The function's answer with Lambda's headers, or Lambda's 502."""
        if function_error is not None:
            return self.refuse(Refusal.FUNCTION_FAILED, request.request_id, request.time)
        try:
            answer = result_v2.parse(payload)
        except MalformedResult:
            return self.refuse(Refusal.FUNCTION_FAILED, request.request_id, request.time)
        own = _lambda_headers(request.request_id, request.time, request_trace_id(request))
        return ClientAnswer(answer.status, overridden(map(_remapped, answer.headers), own), answer.body)

    def refuse(self, reason: Refusal, request_id: str, time: datetime) -> ClientAnswer:
        """Lambda's own answer."""
        status, body = _REFUSALS[reason]
        own = _lambda_headers(request_id, time, trace_id(request_id, time))
        return ClientAnswer(status, ((b"content-type", b"application/json"), *own), body.encode("ascii"))


def _remapped(field: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    name, value = field
    lower = name.lower()
    return (b"x-amzn-Remapped-" + lower, value) if lower in _REMAPPED else field


def _lambda_headers(request_id: str, time: datetime, trace: str) -> HeaderPairs:
    return (
        (b"date", http_date(time)),
        (b"x-amzn-RequestId", request_id.encode("ascii")),
        (b"x-amzn-trace-id", trace.encode("latin-1")),
    )
