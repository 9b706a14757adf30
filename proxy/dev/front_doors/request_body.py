"""The body of a request as an event holds it: text, or base64."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from proxy.dev.front_doors import media_type

if TYPE_CHECKING:
    from proxy.dev.front_doors.exchange import ClientRequest

# Recorded live for HTTP APIs: a body is text under these types only; forms, multipart, +json types and bodies without a
# type are base64. The page on load balancers and Lambda names the same types:
# docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
_TEXT_TYPES = frozenset({b"application/json", b"application/xml", b"application/javascript"})


def encoded_by_type(request: ClientRequest) -> tuple[str, bool]:
    """The body under a text type as text, any other as base64, and whether it is that.

    Bytes under a text type that are not UTF-8 are base64 too; what AWS makes of them is unverified.
    """
    found = media_type.first(b",".join(request.values(b"content-type")))
    if found.startswith(b"text/") or found in _TEXT_TYPES:
        try:
            return request.body.decode("utf-8"), False
        except UnicodeDecodeError:
            pass
    return base64_text(request.body), True


def base64_text(body: bytes) -> str:
    """The bytes in base64."""
    return b64encode(body).decode("ascii")
