"""Numbers from the dashboard of a running `fig dev`, which has counted its workers' records."""

import json
import time
from collections.abc import Callable
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from proxy.metrics.as_json import from_json
from proxy.metrics.source import Snapshot

_TIMEOUT_S: Final = 10.0
_MOST_BYTES: Final = 50_000_000


class DashboardMetrics:
    """The numbers of one dashboard, asked for with its token."""

    def __init__(self, url: str, token: str, clock: Callable[[], float] = time.time) -> None:
        self.name = f"the dashboard at {url}"
        self._url = url.rstrip("/")
        self._token = token
        self._clock = clock
        self._opener = build_opener(ProxyHandler({}))  # it is on this machine, where a proxy leads nowhere

    def snapshot(self, window_s: float) -> Snapshot:
        """Return the numbers of the last seconds, as the dashboard has them."""
        asked = Request(  # noqa: S310  # the URL is one that fig dev has noted
            f"{self._url}/api/snapshot?window={window_s:.0f}", headers={"Authorization": f"Bearer {self._token}"}
        )
        try:
            with self._opener.open(asked, timeout=_TIMEOUT_S) as answer:
                return from_json(json.loads(answer.read(_MOST_BYTES)))
        except HTTPError as exc:
            with exc:
                return self._nothing(window_s, f"got {exc.code} {exc.reason}")
        except (OSError, HTTPException) as exc:
            return self._nothing(window_s, f"got no answer: {exc}; start fig dev again")
        except (ValueError, RecursionError) as exc:
            return self._nothing(window_s, str(exc))

    def _nothing(self, window_s: float, problem: str) -> Snapshot:
        return Snapshot(self._clock(), window_s, {}, [], [], {}, problem=f"{self.name}: {problem}")

    def __repr__(self) -> str:
        return f"<DashboardMetrics {self._url}>"
