"""Where the migrated side's answer differs from legacy's."""

from typing import NamedTuple

from proxy.message import Headers
from proxy.shadow.body import NOT_JSON, coding, is_json, parsed, unpacked
from proxy.shadow.difference import BODY_PATH, HEADER_PREFIX, MISSING, STATUS_PATH, Difference
from proxy.shadow.rules import Rules
from proxy.shadow.secret_names import is_secret_name
from proxy.shadow.walk import differences

MOST_DIFFERENCES = 200


class Answer(NamedTuple):
    """What one side answered."""

    status: int
    headers: Headers
    body: bytes

    def __repr__(self) -> str:
        return f"<Answer {self.status} {len(self.body)} bytes>"


def compare(rules: Rules, control: Answer, candidate: Answer) -> list[Difference]:
    """Return where the candidate, the migrated side's answer, differs from the control, which is legacy's.

    Bodies that both are JSON, by their media types and in fact, are compared member by member, others as bytes, gzip
    undone. At most 200, each kind and path once with its first example: status, headers, body. Never raises.
    """
    found = []
    if control.status != candidate.status:
        found.append(Difference("status", STATUS_PATH, control.status, candidate.status))
    for name in rules.headers:
        ours, theirs = control.headers.all(name), candidate.headers.all(name)
        if ours != theirs:
            text = name.decode("ascii")
            is_secret = is_secret_name(text)
            found.append(Difference("header", HEADER_PREFIX + text, _values(ours), _values(theirs), is_secret))
    if not rules.root.ignored:
        found += _bodies(rules, control, candidate)
    return found[:MOST_DIFFERENCES]


def _bodies(rules: Rules, control: Answer, candidate: Answer) -> list[Difference]:
    if control.body == candidate.body:
        if control.body and coding(control.headers) != coding(candidate.headers):
            # One of the two clients reads garbage.
            return [Difference("value", BODY_PATH, _coded(control), _coded(candidate))]
        if not rules.has_renames:  # else equal bytes are a difference: the migrated side is to use other names
            return []
    ours, theirs = unpacked(control.headers, control.body), unpacked(candidate.headers, candidate.body)
    is_equal = ours == theirs
    if is_equal and not rules.has_renames:
        return []
    if is_json(control.headers) and is_json(candidate.headers):
        value, other = parsed(ours), parsed(theirs)
        if value is not NOT_JSON and other is not NOT_JSON:
            return differences(value, other, rules.root, MOST_DIFFERENCES)
    return [] if is_equal else [Difference("value", BODY_PATH, ours, theirs)]


def _coded(answer: Answer) -> str:
    return f"content-encoding: {coding(answer.headers).decode('latin-1') or 'none'}"


def _values(values: list[bytes]) -> object:
    return tuple(value.decode("latin-1") for value in values) or MISSING
