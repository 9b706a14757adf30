"""What one dashboard works on. The pages are the same for a `fig dev` and for a deployed stack."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from proxy.backends import handler_source
from proxy.dashboard import figures
from proxy.metrics.source import Metrics
from proxy.publishing.author import local_user
from proxy.publishing.store_choice import Place
from proxy.publishing.workspace import Workspace
from proxy.routing.document import Document
from proxy.routing.reader import read

LOCAL_WINDOWS_S = (300.0, 3600.0, 7200.0)
# When numbers are told to be stale. CloudWatch's are kept for a minute, to save what asking costs.
LOCAL_STALE_S = 6.0
CLOUD_STALE_S = 180.0
CLOUD_WINDOWS_S = (3600.0, 86_400.0, 604_800.0)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where numbers, tables and evidence are, and how `fig` is called beside."""

    metrics: Metrics
    store: Place
    evidence: Place | None
    workspace: Workspace
    windows_s: Sequence[float] = LOCAL_WINDOWS_S
    period_s: float = 1.0  # after which numbers are asked for again
    stale_s: float = LOCAL_STALE_S
    url: str = ""  # where clients ask, if that is known
    program: str = "fig"
    options: Sequence[str] = ()  # that commands need beside, such as --store
    user: str = ""  # who presses the buttons, if only one person can; else each says who it is
    dropped: Callable[[], int] = lambda: 0  # lines that were lost on their way to `metrics`

    def undo(self, arguments: Sequence[str]) -> str:
        """Return the command that takes a change back, as it can be pasted."""
        return f"{self.program} {shlex.join([*arguments, *self.options])}"

    def window(self, asked: str) -> float:
        """Return the window that a page was asked for, or the first."""
        return next((window for window in self.windows_s if f"{window:.0f}" == asked), self.windows_s[0])

    def text(self) -> str | None:
        """Return the text of routes.yaml; None without such a file. Raises BadDocument if it cannot be read."""
        return self.workspace.text() if self.workspace.routes.is_file() else None

    def check(self, text: str) -> Document:
        """Return what a text of this folder says. Raises BadDocument, also for handlers that are not here."""
        roots = handler_source.import_roots(Path.cwd())
        return read(text, str(self.workspace.routes), lambda reference: handler_source.problem_with(reference, roots))

    def __repr__(self) -> str:
        windows = ", ".join(figures.length(window) for window in self.windows_s)
        return f"<Sources {self.metrics.name}, {self.store.name}, {windows}>"


def only_user(*, is_shared: bool) -> str:
    """Return who presses the buttons: this machine's user, if nobody else can reach them."""
    return "" if is_shared else local_user()
