"""Which callers a canary takes: a sticky key -> one of 10 000 buckets, the same in every process."""

from functools import lru_cache
from hashlib import blake2b

from proxy.message import Request
from proxy.routing import source
from proxy.routing.table import Route

BUCKETS = 10_000


def bucket_of(salt: str, key: str) -> int:
    """Place a sticky key in one of 10 000 buckets, the same in every process.

    Salted with the route's id, so that two routes at 5 % do not move the same callers; or with the name of their group,
    so that they do. Source: RFC 7693 (BLAKE2).
    """
    # surrogatepass: JSON may hold half a character ("\ud800"), and a caller with such a claim is a caller, too.
    digest = _salted(salt).copy()
    digest.update(key.encode("utf-8", "surrogatepass"))
    return int.from_bytes(digest.digest()) % BUCKETS


@lru_cache(maxsize=1024)  # taking in the salt is a quarter of the work, and the same for every request of a route
def _salted(salt: str) -> blake2b:
    return blake2b(digest_size=8, key=salt.encode())


def bucket(route: Route, request: Request) -> int:
    """Return the bucket of a request's caller, by the first value under the route's sticky name.

    Without that value, the request's own id stands in: such a caller is placed anew with each request.
    """
    return bucket_of(route.group or route.id, sticky_key(route, request) or request.id)


def sticky_key(route: Route, request: Request) -> str:
    """Return what tells this caller from others, as the route says; "" if the request does not have it."""
    kind, _, name = route.sticky.partition(":")
    if kind == "path":
        return route.params(request.path).get(name, "")
    found = source.values(request, kind, name)
    return found[0] if found else ""
