"""Where a command's numbers come from: CloudWatch, by a namespace, or the dashboard of a `fig dev` that runs here."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from proxy.errors import Misuse, Refused
from proxy.publishing.session import own_session
from proxy.publishing.store_choice import DEV_FILE, Place, answers, session_of
from proxy.publishing.workspace import Workspace
from proxy.stores.history import StoreFailed

if TYPE_CHECKING:
    from proxy.metrics.cloudwatch import CloudWatchMetrics
    from proxy.metrics.source import Metrics

EXPECTED = (
    "--namespace Fig/STACK, or FIG_METRICS_NAMESPACE in the environment, or a fig dev with a dashboard that runs here"
)


@contextmanager
def open_metrics(
    workspace: Workspace, named: str, evidence: Place | None, environ: Mapping[str, str] = os.environ
) -> "Iterator[Metrics]":
    """Give the numbers: of the namespace that was named, else of FIG_METRICS_NAMESPACE, else of a running `fig dev`.

    `evidence` is where it is told who asks legacy for what. Raises Misuse without any, Refused for a `fig dev` that
    does not run any more, StoreFailed if AWS cannot be used at all.
    """
    if namespace := named or environ.get("FIG_METRICS_NAMESPACE", ""):
        is_folded = environ.get("FIG_METRICS_ROUTES", "") == "group"
        region = environ.get("AWS_REGION", "") or environ.get("AWS_DEFAULT_REGION", "")
        with open_cloudwatch(namespace, evidence, region=region, is_folded=is_folded) as metrics:
            yield metrics
        return
    noted = workspace.get(DEV_FILE).get("dashboard")
    url, token = (noted.get("url"), noted.get("token")) if isinstance(noted, dict) else (None, None)
    if not (isinstance(url, str) and isinstance(token, str)):
        raise Misuse(f"got no numbers, expected {EXPECTED}")
    if not answers(url):
        # One that was killed has left its note behind.
        raise Refused(f"the fig dev that ran for {workspace.routes} does not answer any more at {url}; start it again")
    from proxy.metrics.of_dashboard import DashboardMetrics

    yield DashboardMetrics(url, token)


@contextmanager
def open_cloudwatch(
    namespace: str, evidence: Place | None, *, region: str = "", is_folded: bool = False
) -> "Iterator[CloudWatchMetrics]":
    """Give the numbers of a namespace; connections are closed afterwards. Raises Misuse and StoreFailed.

    `region` is where it is; boto3 by itself knows AWS_DEFAULT_REGION alone.
    """
    # boto3 takes 0.3 s to load; only commands that need it pay.
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    from proxy.metrics.cloudwatch import CloudWatchMetrics

    retries: Any = {"total_max_attempts": 3, "mode": "standard"}  # Any: the stubs want a type of their own
    try:
        config = Config(connect_timeout=3, read_timeout=20, retries=retries)
        client: Any = own_session(region).client("cloudwatch", config=config)  # Any: its stubs are not installed
    except BotoCoreError as exc:
        raise StoreFailed(f"cloudwatch: {exc}; AWS_REGION and AWS_PROFILE say where and who you are") from exc
    with closing(client):
        yield CloudWatchMetrics(client, namespace, is_folded=is_folded, usage=_Usage(evidence))


class _Usage:
    """Who asks legacy for what, of a table that is opened when it is first asked."""

    def __init__(self, place: Place | None) -> None:
        self._place = place

    def __call__(self, days: Iterable[str]) -> Mapping[tuple[str, str], int]:
        """Return what was counted on some days; nothing without a table. Raises StoreFailed and EvidenceFailed."""
        if self._place is None:
            return {}
        import time

        from proxy.evidence.usage_reader import read_usage
        from proxy.stores.dynamodb_client import TableClient

        table = TableClient(session_of(self._place), self._place.store.partition(":")[2], self._place.endpoint)
        with closing(table.client):
            return read_usage(table, days, time.time())
