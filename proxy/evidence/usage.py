"""Who still asks legacy for what, counted by the function in the table of evidence, without an SDK.

There is an item for each day in UTC, thing that was asked for and caller: pk usage#2026-12-02, sk
orders.read#agent:okhttp, with the number `requests`. `what` was asked for is a route's id, or the name of a path that
no route lists; neither holds a "#".
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from proxy.aws.call import AwsError
from proxy.evidence import keys

# (operation, payload, timeout_s) -> what the service answers; raises AwsError. Any: JSON of the service's own shape.
JsonCall = Callable[[str, Mapping[str, object], float], dict[str, Any]]

PARTITION: Final = "usage#"
REQUESTS: Final = "requests"
LIFETIME_S: Final = 35 * 24 * 3600  # a month, and some days to look at it
MOST_PAIRS: Final = 500  # of what and caller that wait to be written
OTHERS: Final = "*"
FLUSH_S: Final = 10.0


class UsageCounts:
    """Counts in memory, and adds to the table at most every ten seconds. For one thread at a time.

    An environment that ends loses what came after the last writing. An update is sent at most once: what is lost on the
    way is missing, and nothing is counted twice. `now` is for durations, `wall` the time.
    """

    def __init__(
        self,
        call: JsonCall,
        table_name: str,
        *,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._call = call
        self._table_name = table_name
        self._now = now
        self._wall = wall
        self._waiting: dict[tuple[str, str, str], int] = {}  # by day, what and caller
        self._flushed_at = float("-inf")
        self.failures = 0  # updates that the table did not take
        self.problem = ""  # why the newest one was not taken; "" once one was

    def count(self, what: str, client: str, timeout_s: float = 1.0) -> None:
        """Count a request that legacy has answered; write what waits if it is time to. Never raises.

        What could not be written within the time limit waits for the next time.
        """
        began, wall_s = self._now(), self._wall()
        key = (day_of(wall_s), what, client)
        if key not in self._waiting and len(self._waiting) >= MOST_PAIRS:
            key = (*key[:2], OTHERS)
        self._waiting[key] = self._waiting.get(key, 0) + 1
        if began - self._flushed_at >= FLUSH_S:
            self._flushed_at = began
            self._flush(began + timeout_s, wall_s)

    def _flush(self, ends: float, wall_s: float) -> None:
        for key in list(self._waiting):
            left_s = ends - self._now()
            if left_s <= 0:
                return
            try:
                self._call("DynamoDB_20120810.UpdateItem", self._payload(key, self._waiting.pop(key), wall_s), left_s)
                self.problem = ""
            except AwsError as exc:
                # A table that refuses one refuses the others, too: they wait.
                self.failures += 1
                self.problem = f"dynamodb table {self._table_name}: {exc}"
                return

    def _payload(self, key: tuple[str, str, str], requests: int, wall_s: float) -> Mapping[str, object]:
        day, what, client = key
        return {
            "TableName": self._table_name,
            "Key": {"pk": {"S": f"{PARTITION}{day}"}, "sk": {"S": f"{what}#{client}"}},
            "UpdateExpression": "SET #1 = :1 ADD #0 :0",
            "ExpressionAttributeNames": {"#0": REQUESTS, "#1": keys.EXPIRY},
            "ExpressionAttributeValues": {
                ":0": {"N": str(requests)},
                ":1": {"N": str(int(wall_s) + LIFETIME_S)},
            },
        }

    def __repr__(self) -> str:
        return f"<UsageCounts {self._table_name} {len(self._waiting)} waiting>"


def day_of(wall_s: float) -> str:
    """Return the day in UTC of a time in seconds since 1970, such as 2026-12-02."""
    return time.strftime("%Y-%m-%d", time.gmtime(wall_s))
