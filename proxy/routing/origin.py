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
    host = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?", origin[2])
    if host is None or (host[2] and not 0 < int(host[2]) < 65536):
        raise ValueError(f"got {url!r}, expected a host name or address and a port from 1 to 65535")
    return origin[1] + origin[2]
