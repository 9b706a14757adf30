"""What travels through the proxy: ordered header pairs, a request, a response, and the one verb between them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Pair = tuple[bytes, bytes]
Dialect = Literal["2.0", "1.0", "alb", "alb-single"]  # the forms of a result; a load balancer's depends on its mode
# RFC 9110, 9.2.1. PUT and DELETE are idempotent, but they are writes, and a write is never executed twice.
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
NO_RESULT: object = object()  # not None: a Lambda handler may return that, and it goes back as it is


@dataclass(frozen=True, slots=True)
class Headers:
    """Header pairs as they stand on the wire: order, repeats and case are kept; look-ups are case-blind."""

    pairs: tuple[Pair, ...] = ()

    def get(self, name: bytes) -> bytes | None:
        """Return the first value under a name given in lower case, or None."""
        for key, value in self.pairs:
            if key.lower() == name:
                return value
        return None

    def all(self, name: bytes) -> list[bytes]:
        """Return every value under a name given in lower case, in order."""
        return [value for key, value in self.pairs if key.lower() == name]

    def __iter__(self) -> Iterator[Pair]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked, as far as its front door could carry it."""

    method: str  # as the client wrote it: methods are case-sensitive (RFC 9110, 9.1)
    path: str  # raw, percent-encoded, visible ASCII, starts with "/"
    query: str  # raw, without the "?"
    headers: Headers
    body: bytes
    client_ip: str  # vouched for by the front door, never read from a header of the client
    scheme: str
    host: str  # the Host that the client used
    id: str  # the front door's request id: the correlation id of the log
    deadline: float  # time.monotonic() in seconds by which the client must have an answer
    event: Mapping[str, Any] | None = None  # Any: the event as it came, for a handler in this process
    context: object | None = None  # Lambda's context object, for the same handler
    dialect: Dialect = "2.0"  # what the front door expects of that handler
    is_shadow: bool = False  # asked after the client has its answer, for comparing; both sides can see it

    @property
    def target(self) -> str:
        """The request target as it goes on the wire: raw path, and "?" with the raw query if there is one."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.path} id={self.id}>"


@dataclass(frozen=True, slots=True)
class Response:
    """What the client is to get."""

    status: int
    headers: Headers
    body: bytes
    code: str = ""  # the reason code, when the answer is the proxy's own
    result: object = NO_RESULT  # what a Lambda handler returned; if set, it goes back to the front door untouched
    nothing_committed: bool = False  # a handler's own word with an error: another side may execute the write

    def __repr__(self) -> str:
        return f"<Response {self.status} {len(self.body)} bytes{' ' + self.code if self.code else ''}>"


Handler = Callable[[Request], Response]
