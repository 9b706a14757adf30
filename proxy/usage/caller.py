"""Under which name a caller is counted: enough to tell who still calls an endpoint, and nobody's key or name.

    FIG_CLIENT_IDENTITY=claim:sub,header:x-api-key,agent

The first of these that a request has counts. `agent` is the product in User-Agent ("okhttp"), in plain text, for it
names software; whatever names a person or an account is a keyed hash: whoever has the key can tell which name a known
caller has (see `hashed`), and nobody can read a name back.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from proxy.message import Request
from proxy.routing.source import values

OTHERS: Final = "*"  # those that there are too many of
NOBODY: Final = ""  # has none of the identities
MOST: Final = 500  # different callers in one environment

_LONGEST_PRODUCT = 40


def caller_of(identities: tuple[str, ...], key: str) -> Callable[[Request], str]:
    """Return what names the caller of a request: "agent:okhttp", "claim:sub:1f3a5c7b9d0e", "*" or ""."""
    seen: set[str] = set()

    def name(request: Request) -> str:
        found = next(filter(None, (_named(identity, request, key) for identity in identities)), NOBODY)
        if not found or found in seen:
            return found
        if len(seen) >= MOST:
            return OTHERS
        seen.add(found)
        return found

    return name


def hashed(identity: str, value: str, key: str) -> str:
    """Return the name of a caller whose identity is a secret or a person's. Source: RFC 7693 (keyed BLAKE2)."""
    salted = blake2b(identity.encode(), digest_size=6, key=key.encode()[:64])
    salted.update(b"\0" + value.encode("utf-8", "surrogatepass"))
    return f"{identity}:{salted.hexdigest()}"


def _named(identity: str, request: Request, key: str) -> str:
    if identity == "agent":
        return _product(request)
    value = _api_key(request) if identity == "api-key" else _value(identity, request)
    return hashed(identity, value, key) if value else ""


def _product(request: Request) -> str:
    # RFC 9110, 10.1.5: product [ "/" version ], and then comments, which may hold anything.
    agent = (request.headers.get(b"user-agent") or b"").decode("latin-1")
    product = agent.partition("/")[0].partition(" ")[0]
    is_plain = product.isascii() and product.replace("-", "").replace("_", "").replace(".", "").isalnum()
    return f"agent:{product.lower()}" if is_plain and len(product) <= _LONGEST_PRODUCT else ""


def _value(identity: str, request: Request) -> str:
    kind, _, name = identity.partition(":")
    found = values(request, kind, name)
    return found[0] if found else ""


def _api_key(request: Request) -> str:
    # What a REST API vouches for. Source: docs.aws.amazon.com/apigateway/latest/developerguide/
    # set-up-lambda-proxy-integrations.html (requestContext.identity.apiKeyId)
    context = request.event.get("requestContext") if request.event else None
    identity = context.get("identity") if isinstance(context, dict) else None
    value = identity.get("apiKeyId") if isinstance(identity, dict) else None
    return value if isinstance(value, str) else ""
