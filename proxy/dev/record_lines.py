"""A worker's record -> lines for people: who has answered, how long it took, and why something has failed."""

import json
from pathlib import Path
from typing import Any

# The `location` of the records that the proxy writes.
_OBSERVER = "proxy.observe"
_NOT_OURS = ("/site-packages/", "/dist-packages/", "/lib/python", "<")
_PROXY = str(Path(__file__).parents[1])
_OUTCOMES = {"candidate_failed": "handler failed"}


def record_in(line: str) -> dict[str, Any] | None:  # Any: a record is JSON of several types
    """Return the proxy's record of an exchange or a comparison in a line, None if there is none."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    # A handler may log the same message about an exchange of its own.
    is_ours = isinstance(record, dict) and record.get("location") == _OBSERVER
    return record if is_ours and record.get("message") in ("exchange", "comparison") else None


def in_words(record: dict[str, Any]) -> str:
    """Return what a record says, in a line, and two more if there was an exception."""
    text = _exchange(record) if record["message"] == "exchange" else _comparison(record)
    if "exception_name" in record:
        where = place_in(record["stack_trace"], str(Path.cwd()))
        text += f"\n    {record['exception_name']}: {record.get('exception', '')}\n    at {where}"
    return text


def place_in(stack: str, folder: str) -> str:
    """Return the frames that a person has written, innermost first, by their paths below a folder.

    Without any, the innermost of the proxy's, or else of all: whoever fails, some place is named.
    """
    frames = stack.split(" < ")
    ours = [frame for frame in frames if not any(part in frame.rpartition(":")[0] for part in _NOT_OURS)]
    written = [frame for frame in ours if not frame.startswith(_PROXY)]
    chosen = written or ours[:1] or frames[:1]
    return " < ".join(frame.removeprefix(folder).lstrip("/") if folder in frame else frame for frame in chosen)


def _exchange(record: dict[str, Any]) -> str:
    code = f" {record['code']}" if record["code"] else ""
    path = f" {record['path']}" if record.get("path") else ""  # of what no route lists
    asked = f"{record['method']:<6} {record['route']}{path}"
    fallback = f", in place of migrated ({record['fallback']})" if record.get("fallback") else ""
    return f"{record['status']} {asked} ← {record['side']} {record['latency']:.1f} ms{code}{fallback}"


def _comparison(record: dict[str, Any]) -> str:
    outcome = record["outcome"]
    sign = {"equal": "=", "different": "≠", "candidate_failed": "≠"}.get(outcome, "?")
    found = ", ".join(record["paths"]) or record["why"]
    said = _OUTCOMES.get(outcome, outcome.replace("_", " "))
    return (
        f"  {sign} {record['route']} ⇠ {record['shadow']} {record['shadow_ms']:.1f} ms, {said}{found and f': {found}'}"
    )
