"""From the function's result to the answer of an Application Load Balancer.

Source: docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html, which is silent on what a
malformed result is. The rules that it lacks are from field reports, named where they are followed.
"""

from __future__ import annotations

import re

from proxy.dev.front_doors import result
from proxy.dev.front_doors.exchange import ClientAnswer
from proxy.dev.front_doors.headers import is_hop_by_hop
from proxy.dev.front_doors.result import MalformedResult

# Field reports: what the client gets when the load balancer sees no Content-Type (aws/serverless-java-container,
# 2020; stackery/php-lambda-layer, 2019).
_UNKNOWN_TYPE = (b"content-type", b"application/octet-stream")

# "The target response header exceeded 32 K for the entire response header" is a 502: load-balancer-troubleshooting.html
_MAX_HEAD_BYTES = 32 * 1024

_DESCRIPTION = re.compile(r"([0-9]{3}) ([\t\x20-\x7e]*)")


def parse(payload: bytes, *, is_multi_value: bool) -> ClientAnswer:
    """The answer that the function asked for, as it asked for it. Raises MalformedResult.

    `headers` counts without multi-value headers and `multiValueHeaders` with them; the other one "must" not be used,
    and field reports show that it is ignored (the two above; CodeGenieApp/serverless-express, 2021). Only statusCode is
    needed. Fields of one connection and Content-Length are left out. Every field can be written to the
    wire as it is.
    """
    found = result.load(payload)
    if not isinstance(found, dict):
        raise MalformedResult(f"result: got {type(found).__name__}, expected an object")
    own_map = "multiValueHeaders" if is_multi_value else "headers"
    # null is a 502 where absent is not: aws/aws-lambda-go, 2021 (body, reproduced by AWS);
    # awslabs/aws-lambda-go-api-proxy, 2020 (headers); aws/aws-lambda-dotnet, 2019 (statusDescription).
    for key in ("body", "statusDescription", "isBase64Encoded", own_map):
        if key in found and found[key] is None:
            raise MalformedResult(f"{key}: got null, expected it to be absent")
    # That the status may not be text is unverified; the page only shows numbers.
    status = result.status(found.get("statusCode"), may_be_text=False)
    headers = [pair for pair in _headers(found.get(own_map, {}), own_map, is_multi_value) if not _is_framing(pair[0])]
    if not any(name.lower() == b"content-type" for name, _ in headers):
        headers.append(_UNKNOWN_TYPE)
    if sum(len(name) + len(value) + len(": \r\n") for name, value in headers) > _MAX_HEAD_BYTES:
        raise MalformedResult(f"{own_map}: expected {_MAX_HEAD_BYTES} bytes at most")
    body = result.body(found.get("body"), found.get("isBase64Encoded"))
    return ClientAnswer(status, tuple(headers), body, _reason(status, found.get("statusDescription")))


def _headers(value: object, where: str, is_multi_value: bool) -> list[tuple[bytes, bytes]]:
    pairs: list[tuple[bytes, bytes]] = []
    for name, each in result.field_map(value, where).items():
        if is_multi_value is not isinstance(each, list):
            raise MalformedResult(f"{where}: expected {'a list' if is_multi_value else 'text'} for {name!r}")
        for one in each if isinstance(each, list) else [each]:
            # Numbers and booleans are a 502: pwrdrvr/lambda-dispatch, 2024; jeremydaly/lambda-api, 2019.
            if not isinstance(one, str):
                raise MalformedResult(f"{where}: got {type(one).__name__} for {name!r}, expected text")
            pairs.append(result.field(name, one))
    return pairs


def _is_framing(name: bytes) -> bool:
    # "The load balancer does not honor hop-by-hop headers", and computes Content-Length.
    return is_hop_by_hop(name) or name.lower() == b"content-length"


def _reason(status: int, description: object) -> bytes | None:
    # "must contain the status code and reason phrase, separated by a single space" (quoted in aws/aws-lambda-dotnet,
    # 2019); that any other form is a 502 is unverified.
    if description is None:
        return None
    match = _DESCRIPTION.fullmatch(description) if isinstance(description, str) else None
    if match is None or int(match[1]) != status:
        raise MalformedResult(f'statusDescription: expected text such as "{status} Reason"')
    return match[2].strip().encode("ascii")
