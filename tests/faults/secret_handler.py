"""A migrated handler that answers with secrets of its own, in a header, a cookie and the body."""

from typing import Any

SECRET = "SEEDED-SECRET"


def handler(event: dict[str, Any], _context: object) -> object:  # Any: an event of the front door
    """Answer something else than legacy does, or fail with what the client sent."""
    if event["rawPath"].startswith("/fail"):
        raise ValueError(f"{SECRET} {event}")
    body = f'{{"name": "{SECRET}-new", "{SECRET}@example.com": 1, "a": 2}}'
    headers = {"content-type": "application/json", "x-token": f"{SECRET}-new", "etag": f"{SECRET}-new"}
    return {"statusCode": 200, "headers": headers, "cookies": [f"sid={SECRET}-new"], "body": body}
