"""Payload format 1.0, from the function's result to the answer of a REST API.

Source: docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html and, where it says
"recorded", localstack's live recordings (tests/aws/services/apigateway/test_apigateway_lambda.snapshot.json, 2025).
"""

from __future__ import annotations

from proxy.dev.front_doors import result
from proxy.dev.front_doors.exchange import ClientAnswer
from proxy.dev.front_doors.headers import is_hop_by_hop
from proxy.dev.front_doors.result import MalformedResult

# Recorded: with any other key ("cookies", "statusDescription") the result is malformed.
_KEYS = frozenset({"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"})

# api-gateway-known-issues.html, column "Response", for a Lambda function; "remapped" and "remapped overwritten". Its
# Content-Length "passes", but the answers of Lambda functions in field reports have it remapped, and so it is here.
_REMAPPED = frozenset(
    b"authorization connection content-length content-md5 date max-forwards server user-agent www-authenticate".split()
)
# The same table, "dropped"; the other fields of one connection, on which it is silent, are the server's to write.
_DROPPED = frozenset({b"host", b"via"})


def parse(payload: bytes, *, is_binary: bool) -> ClientAnswer:
    """The answer that the function asked for, with the gateway's changes.

    Both maps count: recorded is that their values are added up, under the spelling of `multiValueHeaders` and with its
    values first. An absent Content-Type becomes application/json. Base64 is decoded only if `is_binary`; else the
    client gets the base64. Every field can be written to the wire as it is. Raises MalformedResult; UndecodableBody if
    that is all that is wrong.

    That null counts as absent is recorded for `headers` alone. {} is refused, though the recording that shows it is of
    a function that failed.
    """
    found = result.load(payload)
    if not isinstance(found, dict) or not found:
        raise MalformedResult("result: expected an object with one key at least")
    if unknown := found.keys() - _KEYS:
        raise MalformedResult(f"result: got the keys {sorted(unknown)}, expected {sorted(_KEYS)}")
    code = found.get("statusCode")
    status = 200 if code is None else result.status(code)
    headers = [_remapped(pair) for pair in _headers(found) if not _is_dropped(pair[0])]
    if not any(name.lower() == b"content-type" for name, _ in headers):
        headers.append(result.JSON_TYPE)
    return ClientAnswer(status, tuple(headers), _body(found, is_binary))


def _headers(found: dict[str, object]) -> list[tuple[bytes, bytes]]:
    many, single = found.get("multiValueHeaders"), found.get("headers")
    pairs: list[tuple[str, object]] = []
    for name, values in result.field_map({} if many is None else many, "multiValueHeaders").items():
        if not isinstance(values, list):
            raise MalformedResult(f"multiValueHeaders: got {type(values).__name__} for {name!r}, expected a list")
        pairs += [(name, value) for value in values]
    spelling = {name.lower(): name for name, _ in reversed(pairs)}
    for name, value in result.field_map({} if single is None else single, "headers").items():
        pairs.append((spelling.get(name.lower(), name), value))
    return [result.field(name, result.field_text(name, value)) for name, value in pairs]


def _is_dropped(name: bytes) -> bool:
    lower = name.lower()
    return lower in _DROPPED or (is_hop_by_hop(lower) and lower not in _REMAPPED)


def _remapped(field: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    name, value = field
    return (b"x-amzn-Remapped-" + name, value) if name.lower() in _REMAPPED else field


def _body(found: dict[str, object], is_binary: bool) -> bytes:
    body, is_base64 = found.get("body"), found.get("isBase64Encoded")
    if is_base64 is True and not is_binary:
        is_base64 = False
    return result.body(body, is_base64)
