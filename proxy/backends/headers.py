"""Which headers cross the proxy. Each rule stands beside its clause."""

from typing import NamedTuple

from proxy.errors import LegacyBroken, LoopDetected
from proxy.message import Headers, Pair, Request

# RFC 9110, 7.6.1 and RFC 9112, 9.6: they speak of one connection, not of the message.
_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"http2-settings",
    }
)
# Added by AWS's front doors; legacy never saw them before the proxy came. FIG_KEEP_HEADERS lets some of them pass.
ADDED_BY_FRONT_DOORS = frozenset(
    {
        b"x-amzn-trace-id",
        b"x-amzn-tls-version",
        b"x-amzn-tls-cipher-suite",
        b"x-amz-cf-id",
    }
)
_CLOUDFRONT = b"cloudfront-"  # the prefix of what CloudFront adds: CloudFront-Viewer-Country and twenty more
_NOT_TO_LEGACY = _HOP_BY_HOP | {
    b"host",  # set once, first, below
    b"content-length",  # RFC 9112, 6.3: computed from the body, since two that disagree are a smuggled request
    b"expect",  # RFC 9110, 10.1.1: the body is here already, so nothing waits for a 100
    # What a client says about its own way here is not to be believed; rebuilt from what the front door vouches for.
    b"forwarded",
    b"x-real-ip",
    b"x-forwarded-for",
    b"x-forwarded-proto",
    b"x-forwarded-host",
    b"x-forwarded-port",
}
_NOT_TO_CLIENT = _HOP_BY_HOP | {
    b"content-length",  # every front door computes the length itself
    b"alt-svc",  # RFC 7838, 3: it would lead clients around the proxy
}
SHADOW: Pair = (b"x-fig-shadow", b"1")  # tells a side that its answer is only compared
_OWN_PREFIX = b"x-fig-"  # ours alone: a client must not be able to choose a side
# RFC 9110, 8.6: a request with one of these methods says the length of its body even when it is empty.
_EXPECTS_BODY = frozenset({"POST", "PUT", "PATCH"})
_PORTS = {"http": b"80", "https": b"443"}


class Crossing(NamedTuple):
    """What a set-up says about headers that cross."""

    via: bytes = b"fig-proxy"  # this proxy's name in Via; empty: none is sent, and no loop is seen
    kept: frozenset[bytes] = frozenset()  # lower-case names of front doors' headers that legacy is to get

    def to_legacy(self, request: Request, host: bytes) -> list[Pair]:
        """Return the header pairs for legacy: Host first, the client's own in their order, then the proxy's.

        Raises LoopDetected for a request that this proxy has forwarded before.
        """
        pairs: list[Pair] = [(b"Host", host)]
        nominating: list[bytes] = []
        for pair in request.headers.pairs:
            lower = pair[0].lower()
            if lower == b"connection":
                nominating.append(pair[1])
            elif not self._ends_here(lower):
                if lower == b"via" and self.via and _names_us(pair[1], self.via):
                    raise LoopDetected(f"got Via {self.via.decode()}, expected a request that was not here yet")
                pairs.append(pair)
        if nominating:
            pairs = _without_nominated(pairs, nominating)
        if (forwards := max_forwards(request)) is not None:
            fewer = b"%d" % (forwards - 1)
            pairs = [(name, fewer if name.lower() == b"max-forwards" else value) for name, value in pairs]
        if request.body or request.method in _EXPECTS_BODY:
            pairs.append((b"Content-Length", b"%d" % len(request.body)))
        pairs += _vouched(request)
        if request.is_shadow:
            pairs.append(SHADOW)
        if self.via:
            pairs.append((b"Via", b"1.1 " + self.via))  # RFC 9110, 7.6.3: after those of the proxies before
        return pairs

    def _ends_here(self, lower: bytes) -> bool:
        if lower in _NOT_TO_LEGACY or lower.startswith(_OWN_PREFIX):
            return True
        return (lower in ADDED_BY_FRONT_DOORS or lower.startswith(_CLOUDFRONT)) and lower not in self.kept


def to_client(received: list[Pair]) -> Headers:
    """Return a backend's header pairs without those that end at this hop. Raises LegacyBroken for two framings."""
    pairs: list[Pair] = []
    nominating: list[bytes] = []
    framings = set()
    for pair in received:
        lower = pair[0].lower()
        if lower == b"connection":
            nominating.append(pair[1])
        elif lower in _NOT_TO_CLIENT:
            if lower in (b"content-length", b"transfer-encoding"):
                framings.add(lower)
        else:
            pairs.append(pair)
    if len(framings) == 2:
        # RFC 9112, 6.3: the sign of a split response; whoever reads it otherwise than we do sees another answer.
        raise LegacyBroken("legacy: got Content-Length and Transfer-Encoding in one response, expected one of them")
    return Headers(tuple(_without_nominated(pairs, nominating) if nominating else pairs))


def max_forwards(request: Request) -> int | None:
    """Return how often an OPTIONS request may still be forwarded; None if it says nothing (RFC 9110, 7.6.2)."""
    value = request.headers.get(b"max-forwards") if request.method == "OPTIONS" else None
    return int(value) if value is not None and value.isdigit() and len(value) < 10 else None


def _vouched(request: Request) -> list[Pair]:
    """Return how the client came here, as its front door vouches for it (RFC 7239, and what came before it)."""
    ip = request.client_ip.encode("latin-1", "replace")
    host = request.host.encode("latin-1", "replace")
    scheme = request.scheme.encode("ascii")
    _, colon, port = host.rpartition(b":")
    has_port = bool(colon) and port.isdigit()
    # RFC 7239, 6: an IPv6 address is bracketed and quoted; a health check has no client, and nothing is no value.
    node = b'"[%s]"' % ip if b":" in ip else ip or b"unknown"
    forwarded = b"for=%s;proto=%s" % (node, scheme)
    if host and b'"' not in host and b"\\" not in host:
        forwarded += b';host="%s"' % host
    return [
        (b"X-Forwarded-For", ip),
        (b"X-Forwarded-Proto", scheme),
        (b"X-Forwarded-Host", host),
        (b"X-Forwarded-Port", port if has_port else _PORTS[request.scheme]),
        (b"Forwarded", forwarded),
    ]


def _names_us(via: bytes, name: bytes) -> bool:
    # "1.0 fred, 1.1 example.com (Apache)": protocol, then who; RFC 9110, 7.6.3.
    return any(len(words := element.split()) > 1 and words[1] == name for element in via.split(b","))


def _without_nominated(pairs: list[Pair], connection: list[bytes]) -> list[Pair]:
    """Return the pairs without the names that Connection headers declare to be of this hop only (RFC 9110, 7.6.1)."""
    nominated = {name.strip().lower() for value in connection for name in value.split(b",")}
    # Host is the message's own; a client that nominates it must not be able to drop it.
    return [pair for pair in pairs if (lower := pair[0].lower()) not in nominated or lower == b"host"]
