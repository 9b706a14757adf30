"""Who may see the dashboard and press its buttons. Pure: what was asked -> what is done about it.

The token is in the link that is printed at start. A page that is opened with it sets a cookie and is asked for again
without it, so that it stays in no address bar. The cookie holds another secret and is sent below PATH only: cookies
know no ports, and a browser would send it to the proxy's port of the same machine, and that one on to legacy.

Another site cannot use a browser that has the cookie: SameSite keeps it from cross-site requests; a page from another
port of this machine fails by its Origin, and one whose name was made to lead here (DNS rebinding) by the Host.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from hmac import compare_digest
from ipaddress import ip_address
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from proxy.errors import Misuse

PATH = "/fig"  # of every page; the cookie is sent below it only
Verdict = Literal["go", "log_in", "no_token", "bad_host", "bad_origin"]

_LOOPBACK_NAMES = frozenset(("localhost", "127.0.0.1", "::1"))
_EVERYWHERE = frozenset(("0.0.0.0", "::"))  # noqa: S104  # a name to compare with, not to bind
_READS = frozenset(("GET", "HEAD"))


class Asked(NamedTuple):
    """What of a request counts. An absent header is empty."""

    method: str  # "WEBSOCKET" for one
    host: str
    origin: str
    token: str  # in the query
    bearer: str
    cookie: str  # the whole header


@dataclass(frozen=True, slots=True)
class Access:
    """The rules of one running dashboard."""

    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    bound: str = "127.0.0.1"  # the address that it listens at
    port: int = 0
    names: frozenset[str] = frozenset()  # under which it is reached besides, in lower case
    is_secure: bool = False  # by TLS of its own

    @property
    def session(self) -> str:
        """What the cookie holds: who reads it does not have the token, nor the other way round."""
        return blake2b(b"session", key=self.token.encode()[:64], digest_size=24).hexdigest()

    @property
    def cookie(self) -> str:
        """The cookie's name: two dashboards of one machine share all cookies."""
        return f"fig_dashboard_{self.port}"

    def judge(self, asked: Asked) -> Verdict:
        """Tell what is to be done about a request. The order is that of who could be behind it: nobody known first."""
        if not self.is_ours(asked.host):
            return "bad_host"
        is_read = asked.method in _READS
        is_api = bool(asked.bearer) and asked.method != "WEBSOCKET"  # browsers send no such header by themselves
        if asked.origin or not (is_read or is_api):
            own = urlsplit(asked.origin)
            if own.scheme not in ("http", "https") or own.netloc.lower() != asked.host.lower():
                return "bad_origin"
        if _is(asked.bearer, self.token) or self._is_logged_in(asked.cookie):
            return "log_in" if is_read and asked.token else "go"
        return "log_in" if is_read and _is(asked.token, self.token) else "no_token"

    def is_ours(self, host: str) -> bool:
        """Tell whether a Host header names this dashboard. The port is free: a tunnel has another one."""
        name = _name(host)
        if name is None:
            return False
        if name in _LOOPBACK_NAMES or name in self.names or name == self.bound.lower():
            return True
        # No name can be made to lead here without being one: whoever wrote an address has meant this machine.
        return self.bound in _EVERYWHERE and _is_address(name)

    @property
    def link(self) -> str:
        """The link that opens the dashboard, as it is printed."""
        return f"{self.url}?token={self.token}"

    @property
    def url(self) -> str:
        """Where the dashboard is."""
        host = "127.0.0.1" if self.bound in _EVERYWHERE else self.bound
        return f"http{'s' if self.is_secure else ''}://{f'[{host}]' if ':' in host else host}:{self.port}{PATH}/"

    def _is_logged_in(self, cookies: str) -> bool:
        pairs = (pair.strip().partition("=") for pair in cookies.split(";"))
        return any(name == self.cookie and _is(value, self.session) for name, _, value in pairs)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches what is bound to an address."""
    return host in _LOOPBACK_NAMES or (_is_address(host) and ip_address(host).is_loopback)


def check_binding(host: str, *, has_tls: bool, is_insecure: bool) -> None:
    """Make sure that nobody on the way reads the token. Raises Misuse saying what is needed."""
    if not is_loopback(host) and not has_tls and not is_insecure:
        raise Misuse(
            f"--host: got {host}, which others reach, expected 127.0.0.1, or --tls-cert and --tls-key besides; "
            "--insecure sends the token and all pages in plain text"
        )


def names_of(names: Iterable[str]) -> frozenset[str]:
    """Return names as they are compared. Raises Misuse for one that is none."""
    found = {name: _name(name) for name in names}
    for name, read in found.items():
        if read is None or read != name.strip().lower():
            raise Misuse(f"--name: got {name!r}, expected a host name without a port, such as dashboard.example.com")
    return frozenset(name for name in found.values() if name)


def _name(host: str) -> str | None:
    """Return the name in a Host header, in lower case and without the port; None if it is no such header."""
    try:
        parts = urlsplit(f"//{host}")
        has_more = bool(parts.path or parts.query or parts.fragment or parts.username is not None)
        _ = parts.port  # raises for what is no number
    except ValueError:
        return None
    return None if has_more else parts.hostname


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is(got: str, wanted: str) -> bool:
    return compare_digest(got.encode("utf-8", "surrogatepass"), wanted.encode())
