"""Rules for header fields that the front doors share."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from proxy.dev.front_doors.exchange import ClientRequest, HeaderPairs

# RFC 9110, 7.6.1 and 10.1.1. For REST APIs it is recorded that these never reach the function; that the other doors
# do the same is unverified. Fields that Connection names are kept: nothing says that AWS drops them.
_HOP_BY_HOP = frozenset({b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"expect"})

# RFC 9110, 5.6.2 (token) and 5.5 (field value). Vertical tab and form feed are refused as well, for the HTTP parser
# under the server refuses them; other control characters may pass, as 5.5 allows.
_NAME = re.compile(rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
_BREAKS_THE_WIRE = re.compile(rb"[\x00\n\v\f\r]")

_TRACE_ID = re.compile(rb"[0-9A-Za-z=;:-]*Root=[0-9A-Za-z=;:-]+")


def is_hop_by_hop(name: bytes) -> bool:
    """Whether the field belongs to one connection and goes no further; `name` in any case."""
    lower = name.lower()
    return lower in _HOP_BY_HOP or lower.startswith(b"proxy-")


def is_safe_field(name: bytes, value: bytes) -> bool:
    """Whether the field can be written to the wire without ending itself or the head early."""
    return _NAME.fullmatch(name) is not None and _BREAKS_THE_WIRE.search(value) is None


def text(value: bytes) -> str:
    """The bytes as text, one character per byte, so that none is lost and every one can be a JSON string.

    What AWS makes of header bytes above 0x7f is unverified.
    """
    return value.decode("latin-1")


def joined(request: ClientRequest) -> dict[str, str]:
    """The end-to-end headers of the request: lower case names, repeats joined by a comma without a space.

    The Cookie lines are left out. Content-Length is the length of the body whenever the client announced a body, so a
    chunked upload has one too. Source: recordings of payload format 2.0.
    """
    lines: dict[str, list[str]] = {}
    for name, value in request.headers:
        if not is_hop_by_hop(name) and name.lower() not in (b"cookie", b"content-length"):
            lines.setdefault(text(name.lower()), []).append(text(value))
    headers = {name: ",".join(values) for name, values in lines.items()}
    announces_body = request.values(b"content-length") or request.values(b"transfer-encoding")
    if request.body or announces_body:
        headers["content-length"] = str(len(request.body))
    return headers


def trace_id(request_id: str, time: datetime) -> str:
    """A trace id in X-Ray's form, made from what identifies the request: Root=1-{epoch}-{96 bits}, all hexadecimal.

    Source: docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html
    """
    unique = blake2b(request_id.encode(), digest_size=12).hexdigest()
    return f"Root=1-{int(time.timestamp()):08x}-{unique}"


def request_trace_id(request: ClientRequest) -> str:
    """The client's own trace id if it sent one with a root, else a new one.

    X-Ray's documentation says that a trace header from upstream is used; that every door does so is unverified.
    """
    sent = request.values(b"x-amzn-trace-id")
    if sent and _TRACE_ID.fullmatch(sent[-1]):
        return text(sent[-1])
    return trace_id(request.request_id, request.time)


def forwarded_for(request: ClientRequest) -> list[str]:
    """The client's X-Forwarded-For lines with the source appended to the last, or the source alone.

    That the source goes into a line that is there is documented; which one it is if there are several is unverified.
    """
    *others, last = [text(value) for value in request.values(b"x-forwarded-for")] or [""]
    return [*others, f"{last}, {request.source_ip}" if last else request.source_ip]


def request_line_bytes(request: ClientRequest) -> int:
    """The length of the request line without its line end."""
    return len(request.method) + 1 + len(request.target) + 1 + len(request.protocol)


def values_bytes(request: ClientRequest) -> int:
    """The length of all header values together, without names, colons and line ends."""
    return sum(len(value) for _, value in request.headers)


def overridden(headers: Iterable[tuple[bytes, bytes]], own: HeaderPairs) -> HeaderPairs:
    """The headers with the door's own at the end, in place of any field of the same name."""
    names = {name.lower() for name, _ in own}
    return (*((name, value) for name, value in headers if name.lower() not in names), *own)
