"""A signed override: testers choose a side for themselves, for an hour at most. Clients cannot.

The header `x-fig-side: SIDE.EXPIRES.SUBJECT.SIGNATURE`, where SUBJECT is the caller's sticky key (or *, for whoever has
the header) in URL-safe base64, EXPIRES is in seconds since 1970, and SIGNATURE is HMAC-SHA-256 over side, route,
subject and expiry. It is checked in constant time, and never goes on to any side.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Final, Literal, NamedTuple

from proxy.message import Request
from proxy.routing.canary import sticky_key
from proxy.routing.table import Route

HEADER: Final = b"x-fig-side"
LONGEST_S: Final = 3600
ANYONE: Final = "*"

Side = Literal["legacy", "migrated"]
_SIDES: dict[str, Side] = {"legacy": "legacy", "migrated": "migrated"}
_CLOCKS_S = 60  # that two clocks may differ by
_MAX_LENGTH = 4096


class Override(NamedTuple):
    """What a tester may do: ask one side of one route, as one caller, until a time in seconds since 1970."""

    side: Side
    route_id: str
    subject: str
    expires_at: int

    def sign(self, key: str) -> str:
        """Return the header's value. Raises ValueError without a subject: it would be every caller without a key."""
        if not self.subject:
            raise ValueError("got an override without a subject, expected a caller's sticky key, or * for anyone")
        subject = urlsafe_b64encode(self.subject.encode("utf-8", "surrogatepass")).rstrip(b"=").decode()
        return f"{self.side}.{self.expires_at}.{subject}.{self._signature(key)}"

    def _signature(self, key: str) -> str:
        # Lengths stand before what may hold anything, so that no two overrides are signed as the same text.
        subject = self.subject.encode("utf-8", "surrogatepass")
        route = self.route_id.encode()
        signed = b"fig-side %b %d:%b %d:%b %d" % (
            *(self.side.encode(), len(route), route, len(subject), subject),
            self.expires_at,
        )
        return hmac.new(key.encode(), signed, sha256).hexdigest()


def chooser(key: str, now: Callable[[], float]) -> Callable[[Route, Request], Side | None]:
    """Return what gives the side that a request may choose and has chosen; None for any other request.

    `now` is time.time.
    """

    def chosen(route: Route, request: Request) -> Side | None:
        value = request.headers.get(HEADER)
        return None if value is None else _chosen(value, key, route, request, now())

    return chosen


def _chosen(value: bytes, key: str, route: Route, request: Request, now: float) -> Side | None:
    if len(value) > _MAX_LENGTH:
        return None
    try:
        side, expires, subject, _ = value.decode("ascii").split(".")
        override = Override(_SIDES[side], route.id, _text(subject), int(expires))
        signed = override.sign(key).encode()
    except (ValueError, KeyError):
        return None
    # The whole of it, not the signature alone: base64 and numbers have more than one spelling, and one was signed.
    if not hmac.compare_digest(signed, value):
        return None
    if not now <= override.expires_at <= now + LONGEST_S + _CLOCKS_S:
        return None
    if override.subject not in (ANYONE, sticky_key(route, request)):
        return None
    if override.side == "migrated" and not (route.handler or route.function):
        return None
    return override.side


def _text(encoded: str) -> str:
    return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode("utf-8", "surrogatepass")
