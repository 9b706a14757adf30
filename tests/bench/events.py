"""Events for the benches: what an HTTP API sends for a small GET and for a POST of 12 KB."""

import base64
import json
from typing import Any

_HEADERS = {
    "accept": "application/json",
    "accept-encoding": "gzip, br",
    "authorization": "Bearer eyJhbGciOi.legacy.token",
    "content-type": "application/octet-stream",
    "host": "api.shop.example",
    "user-agent": "legacy-client/4.2",
    "x-amzn-trace-id": "Root=1-68f0a1b2-0123456789abcdef01234567",
    "x-forwarded-for": "203.0.113.24",
    "x-forwarded-port": "443",
    "x-forwarded-proto": "https",
    "x-trace": "t-1,t-2",
}


def http_api(method: str, path: str, body: bytes = b"") -> dict[str, Any]:
    """Return a payload 2.0 event with eleven headers and two cookies. Any: JSON."""
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "expand=lines&tag=a&tag=b",
        "cookies": ["sid=s%3Aab12", "theme=dark"],
        "headers": dict(_HEADERS),
        "queryStringParameters": {"expand": "lines", "tag": "a,b"},
        "requestContext": {
            "accountId": "111122223333",
            "apiId": "h1h2h3h4h5",
            "domainName": "api.shop.example",
            "domainPrefix": "api",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.24",
                "userAgent": "legacy-client/4.2",
            },
            "requestId": "EXTIDexample=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "16/Oct/2026:09:30:10 +0000",
            "timeEpoch": 1792143010000,
        },
        "isBase64Encoded": bool(body),
    }
    if body:
        event["body"] = base64.b64encode(body).decode()
    return json.loads(json.dumps(event))  # type: ignore[no-any-return]  # json's own type is Any
