"""The dashboard as a part of `fig dev`: started beside the door, and fed what the workers write."""

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from proxy.dashboard.access import Access
from proxy.dev.child import Child, OnLine, start_child

TOKEN = "FIG_DASHBOARD_TOKEN"  # noqa: S105  # a variable's name; arguments can be read by every user of the machine


class DashboardPart(NamedTuple):
    """The running part, and who may see it."""

    child: Child
    access: Access

    @property
    def note(self) -> dict[str, str]:
        """What programs find in .fig/dev.json."""
        return {"url": self.access.url, "token": self.access.token}

    def on_line(self, line: str) -> None:
        """Hand it a line of a worker, if that may be a record. Never waits."""
        if line.startswith("{"):
            self.child.feed(line)


async def start_dashboard(
    listener: socket.socket, routes: Path, place: Mapping[str, str], program: str, on_line: OnLine
) -> DashboardPart:
    """Start it on a listener, which is taken over; `place` has store, evidence, endpoint, region and url."""
    access = Access(port=listener.getsockname()[1])
    named = [argument for name, value in place.items() for argument in (f"--{name}", value)]
    child = await start_child(
        "dashboard",
        "proxy.dev.dashboard",
        on_line,
        *("--routes", str(routes), "--program", program, *named),
        listener=listener,
        environment={TOKEN: access.token},
    )
    return DashboardPart(child, access)
