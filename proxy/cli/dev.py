"""`fig dev`: check what was asked for, then run the house."""

import asyncio
import socket
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from proxy.cli.command import program
from proxy.cli.doors import Door, misuse
from proxy.cli.given import one_of
from proxy.errors import BadDocument, Refused
from proxy.publishing.workspace import Workspace
from proxy.routing.origin import check_origin

DASHBOARD_PORT = 8081


class LogFormat(StrEnum):
    """How exchanges are shown."""

    TEXT = "text"
    JSON = "json"


def dev(
    port: Annotated[
        int, typer.Option(help="Port for clients on 127.0.0.1; 0 picks a free one.", min=0, max=65535)
    ] = 8080,
    legacy: Annotated[str | None, typer.Option(metavar="URL", help="Your legacy system instead of the sample.")] = None,
    routes: Annotated[Path, typer.Option(metavar="FILE", help="The routing document; watched.")] = Path("routes.yaml"),
    front_door: Annotated[Door, typer.Option(help="Which front door to be.", **one_of(Door))] = Door.HTTP_API,
    workers: Annotated[int, typer.Option(help="Execution environments that live at once.", min=1, max=64)] = 2,
    in_process: Annotated[bool, typer.Option("--in-process", help="Run the function here, for a debugger.")] = False,
    dynamodb: Annotated[str | None, typer.Option(metavar="URL", help="A DynamoDB instead of the embedded one.")] = None,
    dashboard_port: Annotated[
        int | None,
        typer.Option(
            help="Port for the dashboard on 127.0.0.1; 0 picks a free one, and so does the default if it is taken.",
            min=0,
            max=65535,
            show_default=str(DASHBOARD_PORT),
        ),
    ] = None,
    no_dashboard: Annotated[bool, typer.Option("--no-dashboard", help="Start without the dashboard.")] = False,
    log_format: Annotated[
        LogFormat, typer.Option(help="Exchanges as lines for people or as records.")
    ] = LogFormat.TEXT,
) -> None:
    """Run the whole house on this machine: front door, Lambda, DynamoDB and a legacy system. Ctrl-C ends it."""
    # Imported here: `fig --help` needs none of it.
    from proxy.dev.database import DatabaseUnusable
    from proxy.dev.front_doors import FRONT_DOORS
    from proxy.dev.lambda_runtime import FunctionStartError
    from proxy.dev.local import LocalHouse, Options
    from proxy.dev.terminal import Terminal

    if not routes.is_file():
        cure = Workspace(routes).above() or "; name a routes.yaml or run fig dev where there is one"
        misuse(f"--routes: got {routes}, which is not a file{cure}")
    options = Options(
        front_door=FRONT_DOORS[front_door],
        routes=routes,
        legacy=_origin("--legacy", legacy),
        dynamodb=_origin("--dynamodb", dynamodb),
        workers=workers,
        in_process=in_process,
        program=program(),
        # Last, so that no misuse leaves one open.
        listener=(listener := _listener("--port", port)),
        dashboard=None if no_dashboard else _dashboard_listener(dashboard_port, listener),
    )
    try:
        asyncio.run(LocalHouse(options, Terminal("json" if log_format is LogFormat.JSON else "text")).run())
    except (BadDocument, Refused) as exc:
        typer.echo(str(exc), err=True)
        raise typer.Exit(1) from exc
    except FunctionStartError as exc:
        typer.echo(f"the function does not start: {exc}", err=True)
        raise typer.Exit(1) from exc
    except DatabaseUnusable as exc:
        typer.echo(str(exc), err=True)
        raise typer.Exit(1) from exc
    finally:
        options.listener.close()
        if options.dashboard is not None:
            options.dashboard.close()


def _origin(option: str, url: str | None) -> str | None:
    if url is None:
        return None
    try:
        return check_origin(url)
    except ValueError as exc:
        misuse(f"{option}: {exc}")


def _dashboard_listener(port: int | None, others: socket.socket) -> socket.socket:
    """Return where the dashboard listens; a port that nobody has asked for may be taken."""
    try:
        return _bound(DASHBOARD_PORT if port is None else port)
    except OSError as exc:
        if port is None:
            return _bound(0)
        others.close()
        _refuse("--dashboard-port", port, exc)


def _listener(option: str, port: int) -> socket.socket:
    try:
        return _bound(port)
    except OSError as exc:
        _refuse(option, port, exc)


def _refuse(option: str, port: int, why: OSError) -> NoReturn:
    misuse(f"{option}: got {port}, which cannot be used ({why.strerror}); end what uses it, or take {option} 0")


def _bound(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        # Another process that has bound the same port, but does not listen yet, shows only here.
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
