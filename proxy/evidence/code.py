"""Which version of the function runs: each environment says so now and then, in the table of evidence."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from proxy.aws.call import AwsError
from proxy.evidence import keys

# (operation, payload, timeout_s) -> what the service answers; raises AwsError. Any: JSON of the service's own shape.
JsonCall = Callable[[str, Mapping[str, object], float], dict[str, Any]]

AGAIN_S: Final = 300.0
RUNS_S: Final = 900.0  # a version that nobody has seen for so long does not run: three environments' marks in a row
_AFTER_FAILURE_S = 10.0


class Seen(NamedTuple):
    """A version of the function, and when it was seen first and last, in seconds since 1970."""

    code: str
    first_s: float
    last_s: float


def in_force(seen: Iterable[Seen], wall_s: float) -> str:
    """Return the version that runs at a time: of those seen lately, the one that was deployed last; "" for none at all.

    After a roll-back two versions run until the newer one's environments are gone; then the older one counts again.
    """
    every = list(seen)
    if not every:
        return ""
    lately = [one for one in every if wall_s - one.last_s <= RUNS_S]
    if not lately:
        return max(every, key=lambda one: (one.last_s, one.first_s, _number(one.code))).code
    return max(lately, key=lambda one: (one.first_s, _number(one.code))).code


def _number(code: str) -> int:
    return int(code) if code.isdecimal() else -1


class CodeMarker:
    """Says that a version runs, at most every five minutes; made new in each environment. For one thread at a time.

    `now` is for durations, `wall` the time.
    """

    def __init__(
        self,
        call: JsonCall,
        table_name: str,
        code: str,
        *,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._call = call
        self._table_name = table_name
        self._code = code
        self._now = now
        self._wall = wall
        self._again_at = float("-inf")
        self.failures = 0  # marks that the table did not take
        self.problem = ""  # why the newest one was not taken; "" once one was

    def mark(self, timeout_s: float = 1.0) -> None:
        """Say it, if it is time to. Never raises: what the table did not take is said again soon."""
        now = self._now()
        if now < self._again_at:
            return
        self._again_at = now + AGAIN_S
        try:
            self._call("DynamoDB_20120810.UpdateItem", self._payload(), timeout_s)
            self.problem = ""
        except AwsError as exc:
            self._again_at = now + _AFTER_FAILURE_S
            self.failures += 1
            self.problem = f"dynamodb table {self._table_name}: {exc}"

    def _payload(self) -> Mapping[str, object]:
        wall_s = self._wall()
        return {
            "TableName": self._table_name,
            "Key": keys.code_key(self._code),
            "UpdateExpression": "SET #0 = if_not_exists(#0, :0), #1 = :0, #2 = :2",
            "ExpressionAttributeNames": {"#0": keys.FIRST, "#1": keys.LAST, "#2": keys.EXPIRY},
            "ExpressionAttributeValues": {":0": {"N": str(int(wall_s))}, ":2": keys.expiry_at(wall_s)},
        }

    def __repr__(self) -> str:
        return f"<CodeMarker {self._code} in {self._table_name}>"
