"""A client that counts by itself what it has got: from which side, and whether that was an error."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle

import httpx

from tests.end_to_end.house import DEADLINE_S, House

ORDER, CUSTOMER, UNLISTED = "/orders/O-5001", "/customers/C-1001", "/reports/sales.csv"


class Load:
    """What was asked and answered so far."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.by_side: Counter[str] = Counter()
        self.by_path: Counter[str] = Counter()
        self.errors = 0

    def ask(self, path: str, times: int = 1, agent: str = "") -> None:
        """Ask for a path, one request after the other, and count the answers."""
        with self._house.client() as client:
            for _ in range(times):
                self.count(path, client.get(path, headers={"User-Agent": agent} if agent else {}))

    def count(self, path: str, answer: httpx.Response) -> None:
        """Count an answer. Only legacy names its server; what the proxy answers itself says that nobody else did."""
        self.by_side["legacy" if "server" in answer.headers else "migrated"] += 1
        self.by_path[path] += 1
        self.errors += answer.status_code >= 500


@contextmanager
def under_load(house: House, paths: Sequence[str] = (ORDER, CUSTOMER, UNLISTED, "/orders?limit=1")) -> Iterator[Load]:
    """A client that asks all the time while the block runs."""
    load, ended = Load(house), threading.Event()

    def ask() -> None:
        with house.client() as client:
            for path in cycle(paths):
                if ended.wait(0.02):
                    return
                load.count(path, client.get(path))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield load
    finally:
        ended.set()
        thread.join(DEADLINE_S)
