"""A migrated handler that answers with secrets of its own, in a header, a cookie, a link and the body."""

import json
from typing import Any

SECRET = "SEEDED-SECRET"


def handler(event: dict[str, Any], _context: object) -> object:  # Any: an event of the front door
    """Answer something else than legacy does, or fail with what the client sent."""
    if event["rawPath"].startswith("/fail"):
        raise ValueError(f"{SECRET} {event}")
    body = json.dumps({"name": f"{SECRET}-new", f"{SECRET}@example.com": 1, "a": 2, **hidden_by_name("new")})
    headers = {
        "content-type": "application/json",
        "x-token": f"{SECRET}-new",
        "x-auth": f"{SECRET}-new",
        "etag": f"{SECRET}-new",
        "location": f"https://app.example/cb?code={SECRET}-new&page=2",
    }
    return {"statusCode": 200, "headers": headers, "cookies": [f"sid={SECRET}-new"], "body": body}


def hidden_by_name(which: str) -> dict[str, Any]:  # Any: JSON
    """Return members that no example shows, not even where the route shows values."""
    secret = f"{SECRET}-{which}"
    deep: Any = secret  # Any: JSON
    for _ in range(14):
        deep = {"deep": deep}
    names = ("pwd", "authToken", "user.password", "access token", "password2024x", "пароль", "x" * 41)
    return {**dict.fromkeys(names, secret), **deep, "tokens": {"web": [secret]}, "next": f"/cb?a=1&token={secret}"}
