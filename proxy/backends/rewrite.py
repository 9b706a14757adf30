"""Names of the legacy system in its answers -> the names under which the client came. Only exact matches.

A legacy system that is asked under its own name, or that has it in its settings, sends clients around the proxy:
`Location: http://legacy.internal:8080/next`. Relative references and other hosts are the client's business.
"""

import re
from typing import NamedTuple

from proxy.message import Pair

# RFC 3986, appendix B, for http(s): scheme (may be absent: "//host/path"), authority, and the rest as it is.
_ABSOLUTE = re.compile(rb"((?i:https?:)?)//([^/?#]*)(.*)", re.DOTALL).fullmatch
# "5; url=http://…", as browsers read it. Source: html.spec.whatwg.org, "shared declarative refresh steps".
_REFRESH = re.compile(rb"([\s\d.]*[;,\s]\s*(?:(?i:url)\s*=\s*)?[\"']?)([^\"']*)(.*)", re.DOTALL).fullmatch
_DEFAULT_PORTS = {b"http:": b":80", b"https:": b":443"}


class PublicName(NamedTuple):
    """Under which name a client came, against the legacy system's own."""

    legacy_scheme: bytes  # b"http" or b"https"
    legacy_authority: bytes  # host and port as configured, lower case
    scheme: bytes
    authority: bytes  # the Host of the client

    def rewrite(self, pair: Pair) -> Pair:
        """Return a header pair of legacy's answer as the client may use it; the very pair if nothing in it matches."""
        name, value = pair
        lower = name.lower()
        if lower == b"set-cookie":
            changed = self._cookie(value)
        elif lower == b"refresh":
            parts = _REFRESH(value)
            changed = parts[1] + self._reference(parts[2]) + parts[3] if parts else value
        else:
            changed = self._reference(value)
        return pair if changed == value else (name, changed)

    def _reference(self, value: bytes) -> bytes:
        parts = _ABSOLUTE(value)
        if parts is None or not self._is_legacy(parts[2], parts[1].lower()):
            return value
        scheme = self.scheme + b":" if parts[1] else b""
        return scheme + b"//" + self.authority + parts[3]

    def _is_legacy(self, authority: bytes, scheme: bytes) -> bool:
        default = _DEFAULT_PORTS.get(scheme or self.legacy_scheme + b":", b"")
        own_default = _DEFAULT_PORTS[self.legacy_scheme + b":"]
        return authority.lower().removesuffix(default) == self.legacy_authority.removesuffix(own_default)

    def _cookie(self, value: bytes) -> bytes:
        """Return a Set-Cookie value with legacy's Domain replaced; it is dropped where the cookie may have none."""
        attributes = value.split(b";")
        kept = attributes[:1]
        for attribute in attributes[1:]:
            name, equals, domain = attribute.partition(b"=")
            if name.strip().lower() != b"domain" or not self._is_legacy_host(domain):
                kept.append(attribute)
            elif not attributes[0].lstrip().startswith(b"__Host-"):  # RFC 6265bis, 4.1.3.2: no Domain at all
                kept.append(name + equals + _host(self.authority))
        return b";".join(kept)

    def _is_legacy_host(self, domain: bytes) -> bool:
        # RFC 6265, 5.2.3: a leading dot means nothing.
        return domain.strip().lower().removeprefix(b".") == _host(self.legacy_authority)


def _host(authority: bytes) -> bytes:
    return re.sub(rb":\d*$", b"", authority)
