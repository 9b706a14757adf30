"""The `fig` command. Exit 0: done, 1: refused, 2: misuse, 130: ended by Ctrl-C."""

import io
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from proxy.cli import (
    check,
    contract,
    cost,
    dashboard,
    dev,
    explain,
    flip,
    freeze,
    history,
    noise,
    override,
    package,
    parity,
    publish,
    rollback,
    routes,
    status,
)

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=True, help=__doc__)
_LOOK, _CHANGE = "Look", "Change what is in force"
app.command("dev")(dev.dev)
app.command("dashboard")(dashboard.dashboard)
app.command("package")(package.package)
app.command("check", rich_help_panel=_LOOK)(check.check)
app.command("doctor", rich_help_panel=_LOOK)(check.doctor)
app.command("schema", rich_help_panel=_LOOK)(routes.schema)
app.command("status", rich_help_panel=_LOOK)(status.status)
app.command("routes", rich_help_panel=_LOOK)(routes.routes)
app.command("explain", rich_help_panel=_LOOK)(explain.explain)
app.command("diff", rich_help_panel=_LOOK)(publish.diff)
app.command("history", rich_help_panel=_LOOK)(history.history)
app.command("parity", rich_help_panel=_LOOK)(parity.parity)
app.command("noise", rich_help_panel=_LOOK)(noise.noise)
app.command("override", rich_help_panel=_LOOK)(override.override)
app.command("contract", rich_help_panel=_LOOK)(contract.contract)
app.command("cost", rich_help_panel=_LOOK)(cost.cost)
app.command("publish", rich_help_panel=_CHANGE)(publish.publish)
app.command("flip", rich_help_panel=_CHANGE)(flip.flip)
app.command("rollback", rich_help_panel=_CHANGE)(rollback.rollback)
app.command("freeze", rich_help_panel=_CHANGE)(freeze.freeze)
app.command("thaw", rich_help_panel=_CHANGE)(freeze.thaw)
app.command("pull", rich_help_panel=_CHANGE)(publish.pull)


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"fig {version('fig-proxy')}")
        raise typer.Exit


@app.callback()
def fig(
    _version: Annotated[
        bool, typer.Option("--version", help="Tell the version of fig.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    """A strangler-fig proxy for HTTP APIs on AWS Lambda."""


def run() -> None:
    """Run the command line. Raises SystemExit with the exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show an arrow is no reason to fail, least of all once something is published.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()
