"""`python -m tests.browser.cloud_pages STORE`: the dashboard of a stack, with a CloudWatch that is this process.

It publishes a table to a store in a folder, for CloudWatch has forty answers of it, and prints the link.
"""

import socket
import sys
import time
from pathlib import Path

from proxy.dashboard.access import Access
from proxy.dashboard.serve import serve
from proxy.dashboard.sources import CLOUD_STALE_S, CLOUD_WINDOWS_S, Sources
from proxy.metrics.cloudwatch import CloudWatchMetrics
from proxy.publishing.store_choice import Place
from proxy.publishing.workspace import Workspace
from proxy.settings import Settings
from proxy.stores.file_history import FileHistory
from tests.metrics.fake_cloudwatch import FakeCloudWatch
from tests.metrics.lines import exchange_line
from tests.publishing.people import put

NAMESPACE = Settings().metrics_namespace


def main(store: str) -> None:
    """Serve until the test ends it."""
    put(FileHistory(Path(store)))
    cloudwatch = FakeCloudWatch(NAMESPACE)
    for number in range(40):
        side = "migrated" if number < 10 else "legacy"
        at = time.time() - 600 - number
        cloudwatch.add(exchange_line(at, side=side, route="customers.read", status=500 if number == 39 else 200))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        access = Access(port=listener.getsockname()[1])
        sources = Sources(
            metrics=CloudWatchMetrics(cloudwatch, NAMESPACE),
            store=Place(f"file:{store}"),
            evidence=None,
            workspace=Workspace(Path("routes.yaml")),
            windows_s=CLOUD_WINDOWS_S,
            stale_s=CLOUD_STALE_S,
            options=["--store", f"file:{store}"],
        )
        sys.stdout.write(f"{access.link}\n")
        sys.stdout.flush()
        serve(sources, access, listener)


if __name__ == "__main__":
    main(sys.argv[1])
