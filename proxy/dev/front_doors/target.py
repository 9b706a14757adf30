"""The request target of HTTP/1.1 in its four forms, reduced to the one that the front doors know."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ABSOLUTE = re.compile(rb"https?://([^/?#@]+)([/?#].*)?", re.IGNORECASE)


class MalformedTarget(ValueError):
    """The request names no resource of this server."""


@dataclass(frozen=True, slots=True)
class Target:
    """`origin_form` starts with a slash; `authority` is the host that an absolute target named, else None."""

    origin_form: bytes
    authority: bytes | None = None


def parse(target: bytes) -> Target:
    """The target in origin form, every byte of path and query kept. Raises MalformedTarget.

    - origin form: as it is, `//` and `#` included;
    - absolute form: must be accepted, and its host replaces the Host field (RFC 9112, 3.2.2);
    - authority form (CONNECT) and asterisk form (OPTIONS *): refused, for no event has room for them. That AWS
      refuses them too is unverified.
    """
    if target.startswith(b"/"):
        return Target(target)
    if absolute := _ABSOLUTE.fullmatch(target):
        authority, rest = absolute.groups(b"")
        return Target(rest if rest.startswith(b"/") else b"/" + rest, authority)
    raise MalformedTarget("request target: expected a path or an http(s) URL without user information")


def host_name(authority: bytes) -> str:
    """The host without its port, as a front door's domainName has it; an IPv6 address keeps its brackets."""
    name, colon, port = authority.rpartition(b":")
    is_port = bool(colon) and (port.isdigit() or not port)
    return (name if is_port else authority).decode("latin-1")
