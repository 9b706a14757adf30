"""`fig status`: what each side serves and how well, where each route stands, and what is left."""

import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from proxy.cli import answer
from proxy.cli.command import Command, command
from proxy.cli.metrics_choice import open_metrics
from proxy.cli.options import DOCUMENT, Evidence, Json, Routes, Store
from proxy.errors import Misuse
from proxy.metrics.source import LONGEST_S

if TYPE_CHECKING:
    from proxy.dashboard.standing import StandingReader
    from proxy.dashboard.view import View
    from proxy.metrics.source import Metrics

_PAUSE_S = 2.0
_MOST_ROUNDS = 40  # of reading evidence, each a fraction of a second
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_of_window = re.compile(r"([1-9][0-9]{0,6})([smhd])").fullmatch

Window = Annotated[str, typer.Option("--window", metavar="TIME", help="Numbers of the last 90s, 5m, 2h, 7d.")]
Namespace = Annotated[
    str,
    typer.Option(
        "--namespace",
        metavar="NAMESPACE",
        help="Numbers from CloudWatch: Fig/STACK. Without it FIG_METRICS_NAMESPACE, else a running fig dev's.",
    ),
]


class Sources(NamedTuple):
    """What is asked for each time."""

    metrics: "Metrics"
    standing: "StandingReader"
    window_s: float


def status(
    watch: Annotated[bool, typer.Option("--watch", help="Every two seconds, until Ctrl-C.")] = False,
    window: Window = "5m",
    namespace: Namespace = "",
    routes: Routes = DOCUMENT,
    store: Store = "",
    evidence: Evidence = "",
    as_json: Json = False,
) -> None:
    """Tell what each side serves and how well, where each route stands, and what is left."""
    from proxy.cli.status_fields import fields
    from proxy.cli.status_lines import lines

    with command(routes, store, as_json=as_json) as this, _sources(this, window, namespace, evidence) as sources:
        name = sources.metrics.name

        def answered(*, is_patient: bool) -> tuple[dict[str, Any], list[str]]:  # Any: JSON
            view = _view(sources, is_patient=is_patient)
            return fields(view, name), lines(view, name)

        if not watch:
            this.tell(*answered(is_patient=True))
        elif as_json or not sys.stdout.isatty():
            again_and_again(lambda: this.tell(*answered(is_patient=False)))
        else:
            with _screen() as show:
                again_and_again(lambda: show(answered(is_patient=False)[1]))


def again_and_again(step: Callable[[], object], pause: Callable[[], object] = lambda: time.sleep(_PAUSE_S)) -> None:
    """Do something again and again, with pauses, until Ctrl-C, which is raised."""
    while True:
        step()
        pause()


def seconds_of(window: str) -> float:
    """Return how long a window is that a person has written. Raises Misuse."""
    match = _of_window(window)
    if match is None:
        raise Misuse(f"--window: got {window!r}, expected a whole number with s, m, h or d, such as 5m")
    seconds = float(int(match[1]) * _UNITS_S[match[2]])
    if seconds > LONGEST_S:
        raise Misuse(f"--window: got {window!r}, expected {LONGEST_S / _UNITS_S['d']:g}d at most")
    return seconds


@contextmanager
def _sources(this: Command, window: str, namespace: str, evidence: str) -> Iterator[Sources]:
    from proxy.dashboard.standing import StandingReader
    from proxy.publishing.evidence_choice import choose_evidence

    window_s = seconds_of(window)
    with this.opened() as opened, ExitStack() as stack:
        place = choose_evidence(this.workspace, evidence, opened.place)
        reader = stack.enter_context(this.evidence(opened.place, evidence)) if place is not None else None
        metrics = stack.enter_context(open_metrics(this.workspace, namespace, place))
        yield Sources(metrics, StandingReader(opened.history, reader, time.time), window_s)


def _view(sources: Sources, *, is_patient: bool) -> "View":
    """Return everything as it is now; whoever is patient waits until the evidence of every route was read."""
    from proxy.dashboard.view import view_of

    snapshot = sources.metrics.snapshot(sources.window_s)
    compared = {route: numbers.comparisons for route, numbers in snapshot.routes.items()}
    standing = sources.standing.read(compared)
    for _ in range(_MOST_ROUNDS if is_patient else 0):
        if standing.problem or standing.compared <= standing.parities.keys():
            break
        before = len(standing.parities)
        standing = sources.standing.read(compared)
        if len(standing.parities) == before:  # there is no evidence to read
            break
    return view_of(snapshot, standing)


@contextmanager
def _screen() -> Iterator[Callable[[Sequence[str]], None]]:
    """Give what shows lines in place of those that it has shown before."""
    from rich.console import Console  # 40 ms; only who watches pays
    from rich.live import Live
    from rich.text import Text

    with Live(console=Console(markup=False, emoji=False, highlight=False), auto_refresh=False) as live:
        yield lambda lines: live.update(Text("\n".join(map(answer.harmless, lines))), refresh=True)
