"""Where in a request a value stands: for a route's conditions, and for the key by which a canary tells callers apart.

Values stay raw, as the client sent them: what is compared is what is forwarded.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from proxy.message import Request

ANY_VALUE = "*"


class Condition(NamedTuple):
    """What a route asks of a request beside method and path. `value` "*" asks only that there is one."""

    source: Literal["host", "header", "query", "cookie"]
    name: str  # lower case for headers, "" for the host
    value: str

    def holds(self, request: Request) -> bool:
        """Tell whether every value under the name is the one asked for, and there is one.

        Of `?v=1&v=2` one server reads the first and another the last, so a condition on `v` holds for neither.
        """
        return all_hold((self,), request, {})


Readings = dict[tuple[str, str], list[str]]


def all_hold(conditions: Sequence[Condition], request: Request | None, readings: Readings) -> bool:
    """Tell whether a request meets every condition; without a request, only no condition is met.

    `readings` keeps what was read of this request: routes of one path ask for the same few names.
    """
    if not conditions or request is None:
        return not conditions
    for source, name, value in conditions:
        found = readings.get((source, name))
        if found is None:
            found = readings[source, name] = values(request, source, name)
        if not found or (value != ANY_VALUE and found.count(value) != len(found)):
            return False
    return True


def values(request: Request, source: str, name: str) -> list[str]:
    """Return the raw values that a request has under a name, in order; headers as ISO 8859-1."""
    if source == "cookie":
        found: list[str] = []
        for line in _headers(request, b"cookie"):
            found += _named(line.split(";"), name)
        return found
    if source == "header":
        return _headers(request, name.encode("latin-1"))
    if source == "query":
        return _named(request.query.split("&"), name)
    if source == "claim":
        claim = _claims(request).get(name)
        return [str(claim)] if claim is not None else []
    if source == "host":
        return [_without_port(request.host.lower())] if request.host else []
    return [request.client_ip] if source == "ip" and request.client_ip else []


def _headers(request: Request, name: bytes) -> list[str]:
    length = len(name)
    found = []
    for key, value in request.headers.pairs:
        # Its length rules out nearly every other header, in less time than its lower case takes.
        if len(key) == length and key.lower() == name:
            found.append(value.decode("latin-1"))
    return found


def _named(pairs: list[str], name: str) -> list[str]:
    found = []
    for pair in pairs:
        if name in pair:  # a client may send thousands of others, and taking each apart would take a millisecond
            # Blanks and tabs alone, for Latin-1 text may hold what Python takes for white space and no server does.
            key, _, value = pair.strip(" \t").partition("=")
            if key == name:
                found.append(value)
    return found


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _claims(request: Request) -> Mapping[str, Any]:  # Any: JSON that the front door's authorizer made
    """Return what the front door's authorizer vouches for; a client cannot write it.

    Source: docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html (2.0: `jwt`
    and `lambda`), and .../set-up-lambda-proxy-integrations.html (1.0: `claims`, or a Lambda authorizer's own keys)
    """
    context = request.event.get("requestContext") if request.event else None
    authorizer = context.get("authorizer") if isinstance(context, dict) else None
    if not isinstance(authorizer, dict):
        return {}
    jwt = authorizer.get("jwt")
    for claims in (
        jwt.get("claims") if isinstance(jwt, dict) else None,
        authorizer.get("lambda"),
        authorizer.get("claims"),
    ):
        if isinstance(claims, dict):
            return claims
    return authorizer
