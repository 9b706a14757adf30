"""A dashboard on a socket that listens already, until it is told to end."""

import logging
import socket
from pathlib import Path
from typing import NamedTuple

import uvicorn

from proxy.dashboard.access import Access
from proxy.dashboard.app import build
from proxy.dashboard.sources import Sources


class Tls(NamedTuple):
    """What a server proves its name with, as PEM files."""

    certificate: Path
    key: Path


def serve(sources: Sources, access: Access, listener: socket.socket, tls: Tls | None = None) -> None:
    """Serve until SIGINT or SIGTERM."""
    # It tells of every browser that is gone in the middle of something; what is ours is told elsewhere.
    logging.getLogger("nicegui").setLevel(logging.ERROR)
    config = uvicorn.Config(
        build(sources, access),
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws_max_size=1_000_000,
        timeout_graceful_shutdown=1,
        ssl_certfile=tls.certificate if tls is not None else None,
        ssl_keyfile=tls.key if tls is not None else None,
    )
    uvicorn.Server(config).run(sockets=[listener])
