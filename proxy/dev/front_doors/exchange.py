"""What a front door gets from an HTTP client, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

HeaderPairs = tuple[tuple[bytes, bytes], ...]

# RFC 9110, 6.4.1: these answers have no content, whatever the function returned.
_STATUSES_WITHOUT_BODY = frozenset({204, 304})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRequest:
    """One request as the client sent it; nothing is decoded, joined or re-ordered.

    `target` is the path and the query, the bytes of the request line. `headers` keep the client's order, case and
    repeats. `request_id` and `time` (aware) come in, so that the same request always makes the same event.
    `port` and `scheme` are those of the door; `source_port` is None when the transport does not say.
    """

    method: str
    target: bytes
    headers: HeaderPairs
    body: bytes
    source_ip: str
    protocol: str
    request_id: str
    time: datetime
    domain_name: str
    scheme: str
    port: int
    source_port: int | None = None

    @property
    def raw_path(self) -> bytes:
        """The target up to the first question mark."""
        return self.target.partition(b"?")[0]

    @property
    def raw_query(self) -> bytes:
        """The target after the first question mark; empty as well when there is none."""
        return self.target.partition(b"?")[2]

    def values(self, name: bytes) -> tuple[bytes, ...]:
        """The values of every line of that header, in order; `name` is lower case."""
        return tuple(value for key, value in self.headers if key.lower() == name)


@dataclass(frozen=True, slots=True)
class ClientAnswer:
    """One answer for the client; `headers` never hold Content-Length, for the server frames the message.

    `reason` is the phrase behind the status; None is the usual one. Source: RFC 9112, 4.
    """

    status: int
    headers: HeaderPairs
    body: bytes = b""
    reason: bytes | None = None


def framed(answer: ClientAnswer, method: str) -> ClientAnswer:
    """The answer as it goes to the wire: with its Content-Length, and without a body where HTTP allows none.

    An answer to HEAD keeps the length that the body of a GET would have (RFC 9110, 9.3.2), and without a body it says
    none: 0 would be a wrong one. Whether AWS's front doors keep it is unverified.
    """
    if answer.status in _STATUSES_WITHOUT_BODY:
        return replace(answer, body=b"")
    if method == "HEAD" and not answer.body:
        return answer
    length = (b"content-length", b"%d" % len(answer.body))
    body = b"" if method == "HEAD" else answer.body
    return replace(answer, headers=(*answer.headers, length), body=body)
