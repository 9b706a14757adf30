"""Which log events a metric filter of CloudWatch Logs takes: equalities and NOT EXISTS, joined by &&, no more.

Source: docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html (matching terms in JSON log events)
"""

import json
import re
from fnmatch import fnmatchcase

_ABSENT = re.compile(r"\$\.(?P<field>\w+) NOT EXISTS")
_TERM = re.compile(r'\$\.(?P<field>\w+)\s*=\s*(?:"(?P<text>[^"]*)"|(?P<bare>[\w*.+-]+))')


def takes(pattern: str, event: str) -> bool:
    """Tell whether a pattern takes a log event."""
    inner = re.fullmatch(r"\{(.*)\}", pattern.strip())
    assert inner is not None, f"got {pattern}, expected a JSON pattern in braces"
    return all(_holds(term.strip(), json.loads(event)) for term in inner[1].split("&&"))


def _holds(term: str, fields: dict[str, object]) -> bool:
    if absent := _ABSENT.fullmatch(term):
        return absent["field"] not in fields
    parts = _TERM.fullmatch(term)
    assert parts is not None, f'got {term}, expected $.field NOT EXISTS, or = "text", a number or *'
    value = fields.get(parts["field"])
    if value is None or isinstance(value, dict | list):
        return False  # a selector that does not lead to a value takes nothing
    if parts["text"] is not None:
        return isinstance(value, str) and fnmatchcase(value, parts["text"])
    return parts["bare"] == "*" or (not isinstance(value, str) and float(parts["bare"]) == value)
