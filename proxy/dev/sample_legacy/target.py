"""The request as it stood on the wire, which Flask's own view of it no longer shows."""

from flask import request

# Set by the server: the environ of WSGI joins repeated headers and loses the case of their names.
HEADER_PAIRS = "shop.header_pairs"


def raw_target() -> str:
    """Return the request target as it came: nothing decoded, nothing collapsed."""
    return str(request.environ["REQUEST_URI"])


def raw_path() -> str:
    """Return the target up to its "?"."""
    return raw_target().partition("?")[0]


def raw_query() -> str:
    """Return what follows the target's first "?", "" if there is none."""
    return raw_target().partition("?")[2]


def header_pairs() -> list[tuple[str, str]]:
    """Return the headers in order with their repeats; under a test client, which has no wire, as WSGI has them."""
    pairs = request.environ.get(HEADER_PAIRS)
    return list(request.headers.items() if pairs is None else pairs)


def absolute(path: str) -> str:
    """Return a URL on the host the client named. Always http: like many old systems, this one knows nothing of TLS."""
    return f"http://{request.headers.get('Host') or request.host}{path}"
