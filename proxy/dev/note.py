"""`.fig/dev.json`: the note by which other commands find the `fig dev` that runs in a folder."""

import os
from collections.abc import Mapping
from typing import Any  # Any: JSON

from proxy.errors import Refused
from proxy.publishing.store_choice import DEV_FILE, answers
from proxy.publishing.workspace import Workspace


class Note:
    """The note of this process."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def refuse_a_second(self) -> None:
        """Raise Refused if another `fig dev` runs here: commands could not tell which one is meant."""
        noted = self._workspace.get(DEV_FILE)
        url, pid = noted.get("url"), noted.get("pid")
        if isinstance(url, str) and isinstance(pid, int) and _runs(pid) and answers(url):
            raise Refused(
                f"a fig dev runs for {self._workspace.routes} already, at {url} (process {pid}); end that one, or "
                "start this one with a routes.yaml in another folder"
            )

    def write(self, content: Mapping[str, Any]) -> str:
        """Write the note; return what a person should know if that cannot be done, else nothing."""
        if self._workspace.put(DEV_FILE, {**content, "pid": os.getpid()}):
            return ""
        return (
            f"{self._workspace.folder} cannot be written, so no other command will find this fig dev; "
            "let it be written and start again"
        )

    def remove(self) -> None:
        """Remove the note, if it is still this process's own."""
        if self._workspace.get(DEV_FILE).get("pid") == os.getpid():
            self._workspace.remove(DEV_FILE)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
