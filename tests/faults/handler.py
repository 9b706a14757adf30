"""A migrated handler that notes each time it is run, and then fails in the way that the path asks for."""

import os
import signal
import time
from typing import Any


class NothingCommitted(Exception):
    """What a handler may raise before it has changed anything."""

    nothing_committed = True


def handler(event: dict[str, Any], _context: object) -> object:  # Any: an event of the front door
    """Answer, or not, as the third segment of the path says: /stage/legacy's fault/this one's fault/number."""
    path = event["rawPath"]
    descriptor = os.open(os.environ["NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{event['requestContext']['http']['method']} {path}\n".encode())
    os.close(descriptor)
    fault = path.split("/")[3]
    if fault == "raises":
        raise ZeroDivisionError
    if fault == "nothing-committed":
        raise NothingCommitted
    if fault == "hangs":
        time.sleep(3600)
    if fault == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if fault == "garbage":
        return {"statusCode": "soon"}
    if fault == "404-undone":
        return {"statusCode": 404, "headers": {"x-fig-nothing-committed": "1"}, "body": "{}"}
    if fault == "409":
        return {"statusCode": 409, "headers": {}, "body": "{}"}
    return {"statusCode": 500 if fault == "500" else 200, "headers": {"x-side": "migrated"}, "body": "{}"}
