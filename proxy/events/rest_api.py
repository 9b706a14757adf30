"""Codec of an API Gateway REST API: payload format 1.0, with a path that is raw and a body that may be text.

Source: docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import re
from json.encoder import encode_basestring_ascii
from typing import Any

from proxy.errors import BadRequest
from proxy.events import body, fields, outgoing, payload_v1
from proxy.events.multi_value import Event
from proxy.message import Headers, Request, Response

# Of Lambda's 6,291,556 bytes of JSON; the rest is for status and headers.
_MAX_TEXT_JSON_BYTES = 6_250_000
_MAX_ESCAPE_BYTES = 6  # \u001f: what JSON makes of one byte, at worst
_IS_TEXT = re.compile(rb"(?i)\s*(text/|application/([\w.-]+\+)?(json|xml|javascript))").match
_OTHER_CHARSET = re.compile(rb"(?i);\s*charset=(?!\"?utf-?8)").search


def decode(event: Event, deadline: float, context: object) -> Request:
    """Return the request in a REST API event. Raises BadRequest for what cannot be carried.

    The base path of a custom domain stays in the path: the client wrote it. The path is never built from
    pathParameters, which lose a slash at the end.
    """
    request = payload_v1.decode(event, fields.path_from_raw(_path(event)), deadline, context)
    if not event.get("isBase64Encoded"):
        _refuse_damaged(event.get("body"), request.headers)
    return request


def encode(response: Response) -> dict[str, Any]:
    """Return a response as a REST API takes it."""
    return payload_v1.encode(outgoing.without_remapped(response), _encoded_body(response.body))


def _path(event: Event) -> str:
    """Return `path`, with the slashes at its front that the gateway has collapsed.

    requestContext.path still has them: on the execute-api host it is "/" + stage + the path that the client wrote, so
    when it differs from `path` by nothing but slashes in front, it is the client's. On a custom domain it has not been
    recorded with such a path; there `path` is used as it is.
    """
    path = fields.text(event.get("path"), "bad_path")
    request_context = event["requestContext"]
    whole, stage = request_context.get("path"), request_context.get("stage")
    if isinstance(whole, str) and isinstance(stage, str) and whole.startswith(f"/{stage}//"):
        uncollapsed = whole[len(stage) + 1 :]
        if uncollapsed.lstrip("/") == path.lstrip("/"):
            return uncollapsed
    return path


def _refuse_damaged(text: object, headers: Headers) -> None:
    """Refuse a body whose bytes the gateway has lost: it replaces what is no UTF-8, unless binaryMediaTypes match.

    U+FFFD may be a client's own in text; in an image, or in text of another charset, it is what is left of other bytes.
    """
    if not isinstance(text, str) or "\ufffd" not in text:
        return
    kind = headers.get(b"content-type") or b""
    if not _IS_TEXT(kind) or _OTHER_CHARSET(kind):
        raise BadRequest("damaged_body", "the front door has damaged the body: its type is not among binaryMediaTypes")


def _encoded_body(octets: bytes) -> tuple[str, bool]:
    """Return (text, isBase64Encoded): text where it is UTF-8, which the client gets byte for byte in every set-up.

    Base64 is decoded only if the first type of the request's Accept is among the API's binaryMediaTypes; the client
    gets the base64 itself otherwise. So it is used for what text cannot carry: other bytes, and text that JSON's
    escapes would make too large for Lambda.
    """
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return body.encode(octets)
    if len(octets) * _MAX_ESCAPE_BYTES > _MAX_TEXT_JSON_BYTES and len(_escaped(text)) > _MAX_TEXT_JSON_BYTES:
        return body.encode(octets)
    return text, False


_escaped = encode_basestring_ascii  # what the runtime writes before Python 3.12; later ones write less
