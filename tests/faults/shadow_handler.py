"""A migrated handler for shadows: it waits for a file before it answers, or ends its process."""

import os
import signal
import time
from pathlib import Path
from typing import Any

DEADLINE_S = 60.0


def handler(event: dict[str, Any], _context: object) -> object:  # Any: an event of the front door
    """Answer as legacy does; /wait waits for the file that GO names, /die dies, /sleep takes SLEEP_S seconds."""
    path = event["rawPath"]
    if path.startswith("/die"):
        os.kill(os.getpid(), signal.SIGKILL)
    if path.startswith("/sleep"):
        time.sleep(float(os.environ["SLEEP_S"]))
    if path.startswith("/wait"):
        ends = time.monotonic() + DEADLINE_S
        while not Path(os.environ["GO"]).exists() and time.monotonic() < ends:
            time.sleep(0.005)  # this waits for another process, which has no other way to tell
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": '{"a": 1}'}
