"""Which headers cross the proxy. Each rule stands beside its clause."""

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
    # Added by AWS's front doors; legacy never saw them before the proxy came.
    b"x-amzn-trace-id",
    b"x-amzn-tls-version",
    b"x-amzn-tls-cipher-suite",
    b"x-amz-cf-id",
}
_NOT_TO_CLIENT = _HOP_BY_HOP | {b"content-length"}  # every front door computes the length itself
_OWN_PREFIX = b"x-fig-"  # ours alone: a client must not be able to choose a side
# RFC 9110, 8.6: a request with one of these methods says the length of its body even when it is empty.
_EXPECTS_BODY = frozenset({"POST", "PUT", "PATCH"})


def to_legacy(request: Request, host: bytes) -> list[Pair]:
    """Return the header pairs for legacy: Host first, the client's own in their order, then the proxy's."""
    pairs: list[Pair] = [(b"Host", host)]
    nominating: list[bytes] = []
    for pair in request.headers.pairs:
        lower = pair[0].lower()
        if lower == b"connection":
            nominating.append(pair[1])
        elif lower not in _NOT_TO_LEGACY and not lower.startswith(_OWN_PREFIX):
            pairs.append(pair)
    if nominating:
        pairs = _without_nominated(pairs, nominating)
    if request.body or request.method in _EXPECTS_BODY:
        pairs.append((b"Content-Length", b"%d" % len(request.body)))
    pairs.append((b"X-Forwarded-For", request.client_ip.encode("latin-1", "replace")))
    pairs.append((b"X-Forwarded-Proto", request.scheme.encode("ascii")))
    pairs.append((b"X-Forwarded-Host", request.host.encode("latin-1", "replace")))
    return pairs


def to_client(received: list[Pair]) -> Headers:
    """Return a backend's header pairs without those that end at this hop."""
    pairs: list[Pair] = []
    nominating: list[bytes] = []
    for pair in received:
        lower = pair[0].lower()
        if lower == b"connection":
            nominating.append(pair[1])
        elif lower not in _NOT_TO_CLIENT:
            pairs.append(pair)
    return Headers(tuple(_without_nominated(pairs, nominating) if nominating else pairs))


def _without_nominated(pairs: list[Pair], connection: list[bytes]) -> list[Pair]:
    """Return the pairs without the names that Connection headers declare to be of this hop only (RFC 9110, 7.6.1)."""
    nominated = {name.strip().lower() for value in connection for name in value.split(b",")}
    # Host is the message's own; a client that nominates it must not be able to drop it.
    return [pair for pair in pairs if (lower := pair[0].lower()) not in nominated or lower == b"host"]
