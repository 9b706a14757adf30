"""Headers and queries as maps of a name to its values: how payload 1.0 and ALB events hold them, and take them back.

An event has two maps of each: one of lists, and one that holds only the last value of a name. Sources:
docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html and
docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html (multi-value headers)
"""

from collections.abc import Iterable, Mapping
from typing import Any

from proxy.errors import BadRequest
from proxy.events import fields
from proxy.message import Headers, Pair

Event = Mapping[str, Any]  # Any: an event is JSON from outside; every field is checked where it is read


def headers(event: Event) -> Headers:
    """Return the request's headers, repeats as separate pairs. Raises BadRequest, also for more than one Host."""
    pairs = _pairs(event, "multiValueHeaders", "headers", "bad_header")
    found = Headers(tuple(fields.header_pair(name, value) for name, value in pairs))
    # RFC 9112, 3.2: which of two a server believes is its own choice, and a way around whoever believes the other.
    if len(found.all(b"host")) > 1:
        raise BadRequest("bad_header", "the request has more than one Host")
    return found


def query_pairs(event: Event) -> list[tuple[str, str]]:
    """Return the names and values of the query as the event has them, decoded or not."""
    return _pairs(event, "multiValueQueryStringParameters", "queryStringParameters", "bad_query")


def host(found: Headers) -> str:
    """Return the Host that the client used, "" if there is none."""
    return (found.get(b"host") or b"").decode("latin-1")


def scheme(found: Headers) -> str:
    """Return the scheme that the front door saw; its own word is the last one. HTTPS in doubt."""
    return "http" if found.all(b"x-forwarded-proto")[-1:] == [b"http"] else "https"


def lists(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    """Return response headers as a map of lists, repeats in order, under the spelling that came first."""
    found: dict[str, list[str]] = {}
    spelling: dict[bytes, str] = {}
    for name, value in pairs:
        # Two spellings of one name would be two keys, and front doors differ in what they make of those.
        key = spelling.setdefault(name.lower(), name.decode("latin-1"))
        found.setdefault(key, []).append(value.decode("latin-1"))
    return found


def _pairs(event: Event, many: str, single: str, code: str) -> list[tuple[str, str]]:
    # Both maps stand in most events, and the one of lists holds all that the other does: reading both would repeat it.
    pairs = [(name, value) for name, values in _map(event, many, code) for value in _list(values, code)]
    pairs = pairs or list(_map(event, single, code))
    if not all(isinstance(value, str) for _, value in pairs):
        raise BadRequest(code, "a value in the event is not text")
    return pairs


def _map(event: Event, key: str, code: str) -> Iterable[tuple[str, Any]]:
    found = event.get(key)
    if not isinstance(found, Mapping):
        if found is None:
            return ()
        raise BadRequest(code, "a field of the event is not a map")
    return found.items()


def _list(values: object, code: str) -> list[Any]:  # Any: checked above, with the values of the other map
    if not isinstance(values, list):
        raise BadRequest(code, "a field of the event is not a list")
    return values
