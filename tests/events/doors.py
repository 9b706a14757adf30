"""Front doors as small models: a client's request -> the event, and a result -> what the client gets.

They say what a front door loses and nothing more; proxy.dev has the strict ones. Sources are those of proxy.events.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal
from urllib.parse import unquote, unquote_plus

from proxy.events.codec import ALB, ALB_SINGLE, FUNCTION_URL, HTTP_API, HTTP_API_V1, REST_API, Codec
from tests.samples import API_HOST, URL_HOST

PEER = "203.0.113.24"
TRACE = "Root=1-6ad1eea2-5b1c0d9e8f7a6b5c4d3e2f10"
EXECUTE_API_HOST = "r1r2r3r4r5.execute-api.eu-west-1.amazonaws.com"
OWN_DATE = "Fri, 16 Oct 2026 09:30:10 GMT"

Event = dict[str, Any]  # Any: JSON of the front door's dialect
Lists = dict[str, list[str]]
Forwarding = Literal["append", "preserve", "remove"]


@dataclass(frozen=True)
class Sent:
    """What a client writes."""

    target: str = "/"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    method: str = "GET"

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]


@dataclass(frozen=True)
class Got:
    """What the client reads."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    reason: str | None = None

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]


@dataclass(frozen=True)
class Door:
    """A front door in one set-up."""

    codec: Codec
    event: Callable[[Sent], Event]
    answer: Callable[[Event], Got]


def rest_event(sent: Sent, *, custom_domain: bool = False, binary: bool = True) -> Event:
    collapsed = "/" + sent.path.lstrip("/")
    headers = _lists(
        ("Authorization" if name == "authorization" else name, value)
        for name, value in _with_forwarded(sent)
        if name.lower() != "content-length"
    )
    domain = API_HOST if custom_domain else EXECUTE_API_HOST
    return {
        "resource": "/{proxy+}",
        "path": collapsed,
        "httpMethod": sent.method,
        **_maps(headers, _query(sent, unquote_plus)),
        "pathParameters": {"proxy": sent.path.strip("/")},
        "requestContext": {
            "path": collapsed if custom_domain else "/prod" + sent.path,
            "stage": "prod",
            "identity": {"sourceIp": PEER},
            "requestId": "request-1",
            "domainName": domain,
        },
        "body": (b64encode(sent.body).decode() if binary else sent.body.decode("utf-8", "replace")) or None,
        "isBase64Encoded": binary and bool(sent.body),
    }


def http_v1_event(sent: Sent) -> Event:
    headers = _lists((name.lower(), value) for name, value in _with_forwarded(sent))
    return {
        "version": "1.0",
        "resource": "$default",
        "path": unquote(sent.path),
        "httpMethod": sent.method,
        **_maps(headers, _query(sent, unquote_plus)),
        "requestContext": {
            "path": unquote(sent.path),
            "stage": "$default",
            "identity": {"sourceIp": PEER},
            "requestId": "request-1",
            "domainName": EXECUTE_API_HOST,
        },
        **_base64(sent),
    }


def http_v2_event(sent: Sent) -> Event:
    return _v2_event(sent, unquote(sent.path), EXECUTE_API_HOST)


def function_url_event(sent: Sent) -> Event:
    event = _v2_event(sent, sent.path, URL_HOST)
    if "cookies" in event:
        event["headers"]["cookie"] = "; ".join(event["cookies"])
    return event


def alb_event(sent: Sent, *, forwarding: Forwarding = "append", multi: bool = True) -> Event:
    headers = _lists((name.lower(), value) for name, value in _with_forwarded(sent, forwarding))
    query = _query(sent, str)
    maps = (
        {"multiValueHeaders": headers, "multiValueQueryStringParameters": query}
        if multi
        else {"headers": _last(headers), "queryStringParameters": _last(query)}
    )
    return {
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:tg/fig/1"}},
        "httpMethod": sent.method,
        "path": sent.path,
        **maps,
        "body": "",
        **_base64(sent),
    }


def lists_answer(result: Event, *, remaps: bool, binary: bool = True) -> Got:
    headers = [(name, value) for name, values in result["multiValueHeaders"].items() for value in values]
    return _gateway_answer(result, headers, remaps=remaps, binary=binary)


def v2_answer(result: Event, *, remaps: bool) -> Got:
    cookies = [("set-cookie", cookie) for cookie in result.get("cookies", ())]
    return _gateway_answer(result, [*result["headers"].items(), *cookies], remaps=remaps, binary=True)


def alb_answer(result: Event) -> Got:
    lists = result.get("multiValueHeaders") or {name: [value] for name, value in result.get("headers", {}).items()}
    headers = tuple((name, value) for name, values in lists.items() for value in values)
    return Got(result["statusCode"], headers, _octets(result), result["statusDescription"].partition(" ")[2])


# Every front door in the set-ups that differ in what they carry; where reports disagree, in both ways.
DOORS: tuple[Door, ...] = (
    *(
        Door(
            REST_API,
            partial(rest_event, custom_domain=custom_domain, binary=binary),
            partial(lists_answer, remaps=True, binary=binary),
        )
        for custom_domain in (False, True)
        for binary in (True, False)
    ),
    *(Door(HTTP_API_V1, http_v1_event, partial(lists_answer, remaps=remaps)) for remaps in (False, True)),
    *(Door(HTTP_API, http_v2_event, partial(v2_answer, remaps=remaps)) for remaps in (False, True)),
    Door(FUNCTION_URL, function_url_event, partial(v2_answer, remaps=True)),
    *(
        Door(codec, partial(alb_event, forwarding=forwarding, multi=codec is ALB), alb_answer)
        for codec in (ALB, ALB_SINGLE)
        for forwarding in ("append", "preserve", "remove")
    ),
)


def _v2_event(sent: Sent, raw_path: str, domain: str) -> Event:
    lists = _lists((name.lower(), value) for name, value in _with_forwarded(sent))
    cookies = [cookie for line in lists.pop("cookie", []) for cookie in line.split("; ")]
    return {
        "version": "2.0",
        "rawPath": raw_path,
        "rawQueryString": sent.query,
        "headers": {name: ",".join(values) for name, values in lists.items()},
        **({"cookies": cookies} if cookies else {}),
        "requestContext": {
            "domainName": domain,
            "http": {"method": sent.method, "path": unquote(sent.path), "sourceIp": PEER},
            "requestId": "request-1",
            "stage": "$default",
        },
        **_base64(sent),
    }


def _with_forwarded(sent: Sent, forwarding: Forwarding = "append") -> list[tuple[str, str]]:
    hops = [value for name, value in sent.headers if name.lower() == "x-forwarded-for"]
    hops += [PEER] if forwarding == "append" else []
    own = [(name, value) for name, value in sent.headers if name.lower() != "x-forwarded-for"]
    if hops and forwarding != "remove":
        own.append(("X-Forwarded-For", ", ".join(hops)))
    return [*own, ("X-Forwarded-Proto", "https"), ("X-Amzn-Trace-Id", TRACE)]


def _lists(pairs: Any) -> Lists:  # Any: an iterable of pairs of text
    found: Lists = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _last(lists: Lists) -> dict[str, str]:
    return {name: values[-1] for name, values in lists.items()}


def _query(sent: Sent, decoded: Callable[[str], str]) -> Lists:
    parts = (part.partition("=") for part in sent.query.split("&") if part)
    return _lists((decoded(name), decoded(value)) for name, _, value in parts)


def _maps(headers: Lists, query: Lists) -> Event:
    return {
        "headers": _last(headers),
        "multiValueHeaders": headers,
        "queryStringParameters": _last(query) or None,
        "multiValueQueryStringParameters": query or None,
    }


def _base64(sent: Sent) -> Event:
    return {"body": b64encode(sent.body).decode(), "isBase64Encoded": True} if sent.body else {"isBase64Encoded": False}


def _gateway_answer(result: Event, headers: list[tuple[str, str]], *, remaps: bool, binary: bool) -> Got:
    written = [(name, value) for name, value in headers if not (remaps and name.lower() in ("date", "server"))]
    if remaps:
        written = [
            ("x-amzn-Remapped-WWW-Authenticate" if name.lower() == "www-authenticate" else name, value)
            for name, value in written
        ]
        written.append(("Date", OWN_DATE))
    if not any(name.lower() == "content-type" for name, _ in written):
        written.append(("Content-Type", "application/json"))
    return Got(result["statusCode"], tuple(written), _octets(result) if binary else result["body"].encode())


def _octets(result: Event) -> bytes:
    return b64decode(result["body"]) if result["isBase64Encoded"] else bytes(result["body"].encode())
