"""What is done to a response's headers before a codec writes them."""

from dataclasses import replace

from proxy.message import Headers, Pair, Response

# A REST API and a function URL give these to the client as x-amzn-Remapped-*, and write their own: Date and Server
# would come twice, with two meanings. The others end at this hop or are computed by the front door. WWW-Authenticate is
# remapped as well, but stays: its content is nobody else's to give. Source:
# docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html (header restrictions)
REMAPPED = frozenset({b"connection", b"content-length", b"date", b"keep-alive", b"server", b"transfer-encoding"})

# RFC 9110, 8.3: what a recipient may assume of a body without a type. Front doors would call it application/json.
_UNKNOWN_TYPE: Pair = (b"Content-Type", b"application/octet-stream")


def without_remapped(response: Response) -> Response:
    """Return a response without the headers that a REST API or a function URL would remap."""
    kept = tuple(pair for pair in response.headers.pairs if pair[0].lower() not in REMAPPED)
    return response if len(kept) == len(response.headers) else replace(response, headers=Headers(kept))


def with_content_type(response: Response) -> Response:
    """Return a response whose body, if it has one, has a type; the type is never guessed from the bytes."""
    if not response.body or response.headers.get(b"content-type") is not None:
        return response
    return replace(response, headers=Headers((*response.headers.pairs, _UNKNOWN_TYPE)))
