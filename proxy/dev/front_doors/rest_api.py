"""API Gateway REST API, regional, Lambda proxy integration on the root and on /{proxy+} of one stage.

The door stands at the root of the stage, so clients leave the stage out of the path, as they do behind a custom domain.
The event is that of the execute-api host all the same: there alone it is recorded what becomes of slashes at the front
of the path, and there alone the function still sees them, in requestContext.path behind the stage.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from proxy.dev.front_doors import media_type, payload_v1, result_v1
from proxy.dev.front_doors.dates import http_date
from proxy.dev.front_doors.door import LAMBDA_EVENT_BYTES, Limits, Refusal
from proxy.dev.front_doors.exchange import ClientAnswer
from proxy.dev.front_doors.headers import overridden, request_trace_id, trace_id, values_bytes
from proxy.dev.front_doors.result import MalformedResult, UndecodableBody

if TYPE_CHECKING:
    from datetime import datetime

    from proxy.dev.front_doors.exchange import ClientRequest, HeaderPairs

# docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html: "Total combined
# size of all header values" 10,240 bytes, "Length, in characters, of the URL for a regional API" 10240, "Payload size"
# 10 MB, integration timeout 29 seconds (which can be raised for regional APIs). `head_bytes` counts the values of the
# headers, `line_bytes` the URL.
REST_API_LIMITS = Limits(
    head_bytes=10_240,
    line_bytes=10_240,
    body_bytes=10 * 1024 * 1024,
    event_bytes=LAMBDA_EVENT_BYTES,
    timeout_s=29.0,
)

# The methods of ANY: docs.aws.amazon.com/apigateway/latest/developerguide/how-to-method-settings.html
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class _Words(NamedTuple):
    status: int
    error_type: str
    message: str


_FAILED = "InternalServerErrorException"
_REFUSALS: dict[Refusal, _Words] = {
    Refusal.MALFORMED_REQUEST: _Words(400, "BadRequestException", "Bad Request"),  # words unverified
    Refusal.HEADERS_TOO_LARGE: _Words(431, "BadRequestException", "Request Header Fields Too Large"),  # unverified
    # Field reports: this is plain text, without ids (koki-develop/lgtm-generator, 2021). See `refuse`.
    Refusal.BODY_TOO_LARGE: _Words(413, "", "HTTP content length exceeded {} bytes."),
    Refusal.EVENT_TOO_LARGE: _Words(413, "BadRequestException", "Request Too Long"),  # the same report
    Refusal.TIMEOUT: _Words(504, _FAILED, "Endpoint request timed out"),  # field reports; status documented
    # docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html: a rejected invocation is a 500, a function
    # error or a result in the wrong format a 502.
    Refusal.THROTTLED: _Words(500, _FAILED, "Internal server error"),
    Refusal.INVOKE_REJECTED: _Words(500, _FAILED, "Internal server error"),
    Refusal.FUNCTION_FAILED: _Words(502, _FAILED, "Internal server error"),
}

# docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html: 403 "when the client
# attempts to invoke an unsupported API method", 500 "when base64 decoding fails on binary data".
_UNKNOWN_METHOD = _Words(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
_UNDECODABLE = _Words(500, _FAILED, "Internal server error")
_URL_TOO_LONG = _Words(414, "BadRequestException", "Request-URI Too Long")  # unverified


@dataclass(frozen=True, slots=True)
class RestApi:
    """The front door of a REST API; `binary_media_types` is the API's setting of that name, which AWS leaves empty."""

    api_id: str = "fig0dev0re"
    account_id: str = "123456789012"
    region: str = "eu-west-1"
    stage: str = "dev"
    binary_media_types: tuple[str, ...] = ("*/*",)
    limits: Limits = REST_API_LIMITS
    name: str = "rest-api"

    @property
    def domain_name(self) -> str:
        """The API's own host. A client's Host is passed on, so that absolute redirects lead back to the door."""
        return f"{self.api_id}.execute-api.{self.region}.amazonaws.com"

    def request_id(self, entropy: bytes) -> str:
        """A random UUID."""
        return str(UUID(bytes=entropy[:16], version=4))

    def reject(self, request: ClientRequest) -> ClientAnswer | None:
        """The gateway's answer to a head above its quota, an unknown method, or a query that it cannot read."""
        words = self._objection(request)
        return None if words is None else _own_answer(words, request.request_id, request.time)

    def event(self, request: ClientRequest) -> dict[str, object]:
        """The event, with AWS's losses: the query is decoded, slashes at the front of the path are one."""
        return payload_v1.event(
            request,
            account_id=self.account_id,
            api_id=self.api_id,
            domain_name=self.domain_name,
            stage=self.stage,
            binary_types=self.binary_media_types,
        )

    def answer(self, request: ClientRequest, payload: bytes, function_error: str | None) -> ClientAnswer:
        """The function's answer with the gateway's headers, or the gateway's 502; 500 for base64 that is none."""
        if function_error is not None:
            return self.refuse(Refusal.FUNCTION_FAILED, request.request_id, request.time)
        accept = media_type.first(b"".join(request.values(b"accept")[:1]))
        try:
            answer = result_v1.parse(payload, is_binary=media_type.is_among(accept, self.binary_media_types))
        except UndecodableBody:
            return _own_answer(_UNDECODABLE, request.request_id, request.time)
        except MalformedResult:
            return self.refuse(Refusal.FUNCTION_FAILED, request.request_id, request.time)
        own = _gateway_headers(request.request_id, request.time, request_trace_id(request))
        return ClientAnswer(answer.status, overridden(answer.headers, own), answer.body)

    def refuse(self, reason: Refusal, request_id: str, time: datetime) -> ClientAnswer:
        """The gateway's own answer: JSON with one key, message, but for a body that is too large."""
        words = _REFUSALS[reason]
        if reason is Refusal.BODY_TOO_LARGE:
            fields = ((b"content-type", b"text; charset=utf-8"), (b"date", http_date(time)))
            return ClientAnswer(words.status, fields, words.message.format(self.limits.body_bytes).encode("ascii"))
        return _own_answer(words, request_id, time)

    def _objection(self, request: ClientRequest) -> _Words | None:
        url_bytes = len(f"{request.scheme}://") + len(b"".join(request.values(b"host")[:1])) + len(request.target)
        if url_bytes > self.limits.line_bytes:
            return _URL_TOO_LONG
        if values_bytes(request) > self.limits.head_bytes:
            return _REFUSALS[Refusal.HEADERS_TOO_LARGE]
        if payload_v1.has_bad_query(request):
            return _REFUSALS[Refusal.MALFORMED_REQUEST]
        return None if payload_v1.method(request) in _METHODS else _UNKNOWN_METHOD


def _own_answer(words: _Words, request_id: str, time: datetime) -> ClientAnswer:
    # With a space behind the colon, as recorded: 36 bytes for the message of a 502.
    body = json.dumps({"message": words.message}).encode("ascii")
    own = _gateway_headers(request_id, time, trace_id(request_id, time))
    error_type = (b"x-amzn-ErrorType", words.error_type.encode("ascii"))
    return ClientAnswer(words.status, ((b"content-type", b"application/json"), error_type, *own), body)


def _gateway_headers(request_id: str, time: datetime, trace: str) -> HeaderPairs:
    # The gateway's own answers have no trace id in recordings before 2024, and have one in later field reports.
    return (
        (b"date", http_date(time)),
        (b"x-amzn-RequestId", request_id.encode("ascii")),
        (b"x-amz-apigw-id", payload_v1.extended_request_id(request_id).encode("ascii")),
        (b"X-Amzn-Trace-Id", trace.encode("latin-1")),
    )
