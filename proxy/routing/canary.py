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


def taken(percent: float) -> int:
    """Return how many buckets a percentage takes, from 0 on."""
    return round(percent * BUCKETS / 100)


def falls_below(percent: float, salt: str, key: str) -> bool:
    """Tell whether a key is among so many percent; the same answer each time, and all or none without a look at it."""
    if percent >= 100:
        return True
    return percent > 0 and bucket_of(salt, key) < taken(percent)


@lru_cache(maxsize=1024)  # taking in the salt is a quarter of the work, and the same for every request of a route
def _salted(salt: str) -> blake2b:
    return blake2b(digest_size=8, key=salt.encode())


def bucket(route: Route, request: Request) -> int:
    """Return the bucket of a request's caller, by the first value under the route's sticky name.

    Without that value, the request's own id stands in: such a caller is placed anew with each request.
    """
    return bucket_of(salt(route), sticky_key(route, request) or request.id)


def salt(route: Route) -> str:
    """Return what a route's buckets are salted with: routes of one group take the same callers."""
    return route.group or route.id


def sticky_key(route: Route, request: Request) -> str:
    """Return what tells this caller from others, as the route says; "" if the request does not have it."""
    kind, _, name = route.sticky.partition(":")
    if kind == "path":
        return route.params(request.path).get(name, "")
    found = source.values(request, kind, name)
    return found[0] if found else ""
