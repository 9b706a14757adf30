"""The origin of a legacy system: scheme, host and port, and nothing that would be glued to a client's request."""

import re


def check_origin(url: str) -> str:
    """Return an http(s) origin without a trailing slash. Raises ValueError for a path, credentials or anything else.

    A path would be glued before every client's path; credentials would be sent with every request and shown in logs.
    """
    origin = re.fullmatch(r"(https?://)([^/?#@\s\\]+)/?", url)
    if origin is None:
        shown = re.sub(r"//[^/]*@", "//…@", url)  # an error message is logged: it must not hold the password
        raise ValueError(f"got {shown!r}, expected http(s)://host[:port] without path, query or credentials")
    host = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?", origin[2])
    if host is None or (host[2] and not 0 < int(host[2]) < 65536):
        raise ValueError(f"got {url!r}, expected a host name or address and a port from 1 to 65535")
    return origin[1] + origin[2]


def hosts_of(origin: str) -> tuple[str, ...]:
    """Return what a list of hosts may call the host of a checked origin, in lower case.

    The port that goes with the scheme may be left out. Source: RFC 3986, 6.2.3.
    """
    scheme, _, host = origin.lower().partition("://")
    usual = ":443" if scheme == "https" else ":80"
    if host.endswith(usual):
        return host, host.removesuffix(usual)
    has_port = host.rfind(":") > host.rfind("]")  # an IPv6 address has colons, too, in its brackets
    return (host,) if has_port else (host, host + usual)
