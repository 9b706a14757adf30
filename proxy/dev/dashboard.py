"""`python -m proxy.dev.dashboard`: the dashboard of a `fig dev`, in a process of its own, so that it slows no request.

The lines that workers write come in on stdin; the token is in the environment, where no list of processes shows it.
"""

import argparse
import os
import socket
import sys
import threading
from pathlib import Path

from proxy.dashboard.access import Access
from proxy.dashboard.serve import serve
from proxy.dashboard.sources import Sources, only_user
from proxy.dev.child import DROPPED
from proxy.dev.dashboard_part import TOKEN
from proxy.dev.parent import end_with_parent
from proxy.metrics.records import RecordMetrics
from proxy.publishing.store_choice import Place
from proxy.publishing.workspace import Workspace


class Feed:
    """Counts what comes in on stdin, in a thread of its own."""

    def __init__(self, metrics: RecordMetrics) -> None:
        self._metrics = metrics
        self.dropped = 0

    def start(self) -> None:
        """Read from now on, until the parent ends."""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin.buffer:
            text = line.decode("utf-8", "replace")
            if text.startswith(DROPPED):
                self.dropped = int(text.removeprefix(DROPPED))
            else:
                self._metrics.add(text)


def main() -> None:
    """Serve until the parent's end of the pipe is closed."""
    parser = argparse.ArgumentParser(prog="dashboard", description="The dashboard of a fig dev.")
    parser.add_argument("--fd", type=int, required=True, help="file descriptor of a listening socket")
    parser.add_argument("--parent-pipe", type=int, required=True, metavar="FD", help="exit when this pipe ends")
    parser.add_argument("--routes", type=Path, required=True)
    for name in ("--store", "--evidence", "--endpoint", "--region", "--url", "--program"):
        parser.add_argument(name, required=True)
    arguments = parser.parse_args()
    end_with_parent(arguments.parent_pipe)
    listener = socket.socket(fileno=arguments.fd)
    metrics = RecordMetrics()
    feed = Feed(metrics)
    feed.start()
    serve(_sources(arguments, metrics, feed), Access(os.environ[TOKEN], port=listener.getsockname()[1]), listener)


def _sources(arguments: argparse.Namespace, metrics: RecordMetrics, feed: Feed) -> Sources:
    place = Place(arguments.store, arguments.endpoint, arguments.region, is_dev=True)
    routes: Path = arguments.routes
    return Sources(
        metrics=metrics,
        store=place,
        evidence=place._replace(store=arguments.evidence),
        workspace=Workspace(routes),
        url=arguments.url,
        program=arguments.program,
        options=["--routes", str(routes)] if routes != Path("routes.yaml") else [],
        user=only_user(is_shared=False),
        dropped=lambda: feed.dropped,
    )


if __name__ == "__main__":
    main()
