"""API Gateway HTTP API, payload format 2.0, one $default route on the $default stage."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy.dev.front_doors import payload_v2, result_v2
from proxy.dev.front_doors.dates import http_date
from proxy.dev.front_doors.door import LAMBDA_EVENT_BYTES, Limits, Refusal
from proxy.dev.front_doors.exchange import ClientAnswer
from proxy.dev.front_doors.headers import joined, overridden, request_line_bytes, request_trace_id, values_bytes
from proxy.dev.front_doors.result import MalformedResult

if TYPE_CHECKING:
    from datetime import datetime

    from proxy.dev.front_doors.exchange import ClientRequest, HeaderPairs

# docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html: "Total combined size of request line and
# header values" 10,240 bytes, "Payload size" 10 MB, "Maximum integration timeout" 30 seconds; none can be raised.
HTTP_API_LIMITS = Limits(head_bytes=10_240, body_bytes=10 * 1024 * 1024, event_bytes=LAMBDA_EVENT_BYTES, timeout_s=30.0)

_REFUSALS: dict[Refusal, tuple[int, str]] = {
    Refusal.MALFORMED_REQUEST: (400, "Bad Request"),  # unverified
    Refusal.HEADERS_TOO_LARGE: (431, "Request Header Fields Too Large"),  # unverified
    Refusal.BODY_TOO_LARGE: (413, "Request Entity Too Large"),  # status recorded for REST APIs; words unverified
    Refusal.EVENT_TOO_LARGE: (413, "Request Entity Too Large"),  # as above
    Refusal.TIMEOUT: (503, "Service Unavailable"),  # field reports of answers after 30 s
    # docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html: a rejected invocation is a 500, a function
    # error or a result in the wrong format a 502. The page spells the words for REST APIs in lower case; those
    # of an HTTP API are as here. Source of the words:
    # docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html
    Refusal.THROTTLED: (500, "Internal Server Error"),
    Refusal.INVOKE_REJECTED: (500, "Internal Server Error"),
    Refusal.FUNCTION_FAILED: (502, "Internal Server Error"),
}


@dataclass(frozen=True, slots=True)
class HttpApi:
    """The front door of an HTTP API behind a custom domain: domainName is the host that the client used."""

    api_id: str = "fig0dev0ap"
    account_id: str = "123456789012"
    limits: Limits = HTTP_API_LIMITS
    name: str = "http-api"

    def request_id(self, entropy: bytes) -> str:
        """An extended request id: 16 characters of base64, the last of them "="."""
        return b64encode(entropy[:11]).decode("ascii")

    def reject(self, request: ClientRequest) -> ClientAnswer | None:
        """The gateway's answer to a head above its quota."""
        if request_line_bytes(request) + values_bytes(request) > self.limits.head_bytes:
            return self.refuse(Refusal.HEADERS_TOO_LARGE, request.request_id, request.time)
        return None

    def event(self, request: ClientRequest) -> dict[str, object]:
        """The event, with AWS's losses: the path is decoded, the cookies are no header.

        $default takes every method; those beyond the seven standard verbs pass as they are, which is unverified.
        """
        headers = joined(request)
        clients = [headers["x-forwarded-for"]] if "x-forwarded-for" in headers else []
        headers["x-forwarded-for"] = ", ".join([*clients, request.source_ip])
        headers["x-forwarded-port"] = str(request.port)
        headers["x-forwarded-proto"] = request.scheme
        headers["x-amzn-trace-id"] = request_trace_id(request)
        return payload_v2.event(
            request,
            raw_path=payload_v2.decoded_path(request),
            headers=headers,
            account_id=self.account_id,
            api_id=self.api_id,
            domain_name=request.domain_name,
        )

    def answer(self, request: ClientRequest, payload: bytes, function_error: str | None) -> ClientAnswer:
        """The function's answer with the gateway's headers, or the gateway's 502.

        WWW-Authenticate and Server pass; reports contradict each other on both.
        """
        if function_error is not None:
            return self.refuse(Refusal.FUNCTION_FAILED, request.request_id, request.time)
        try:
            answer = result_v2.parse(payload)
        except MalformedResult:
            return self.refuse(Refusal.FUNCTION_FAILED, request.request_id, request.time)
        own = _gateway_headers(request.request_id, request.time)
        return ClientAnswer(answer.status, overridden(answer.headers, own), answer.body)

    def refuse(self, reason: Refusal, request_id: str, time: datetime) -> ClientAnswer:
        """The gateway's own answer: JSON with one key, message."""
        status, message = _REFUSALS[reason]
        body = json.dumps({"message": message}, separators=(",", ":")).encode("ascii")
        own = _gateway_headers(request_id, time)
        return ClientAnswer(status, ((b"content-type", b"application/json"), *own), body)


def _gateway_headers(request_id: str, time: datetime) -> HeaderPairs:
    return ((b"date", http_date(time)), (b"apigw-requestid", request_id.encode("ascii")))
