"""`fig check` and `fig doctor`: is the document right, and does the front door carry what its routes need."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from proxy.cli.command import command
from proxy.cli.doors import Door, misuse
from proxy.cli.given import one_of
from proxy.cli.options import DOCUMENT, Json, Routes
from proxy.errors import BadDocument


def check(
    routes: Routes = DOCUMENT,
    front_door: Annotated[
        Door | None, typer.Option(help="Also check what the routes need of it.", **one_of(Door))
    ] = None,
    as_json: Json = False,
) -> None:
    """Check routes.yaml: every problem at once, with line and column. Exit 0: right, 1: refused, 2: misuse."""
    from proxy.cli.diagnosis import unmet_needs

    problems: list[str] = []
    with command(routes, as_json=as_json) as this:
        try:
            document = this.check(this.text(), with_files=True)
            problems += unmet_needs(document, front_door.value) if front_door else []
        except BadDocument as exc:
            problems = exc.problems
    if as_json:
        typer.echo(json.dumps({"file": str(routes), "problems": problems}))
    elif problems:
        typer.echo("\n".join(problems), err=True)
    else:
        typer.echo(f"{routes}: {_counted(len(document.routes))}, nothing wrong")
    raise typer.Exit(1 if problems else 0)


def doctor(
    front_door: Annotated[Door, typer.Option(help="The front door to examine.", **one_of(Door))] = Door.HTTP_API,
    routes: Routes = DOCUMENT,
    template: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A CloudFormation or SAM template to examine with it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell what a front door loses, which routes are hit by it, and what to do. Exit 1 if a route's need is not met."""
    import yaml

    from proxy.cli.diagnosis import LARGER_BODIES, diagnose

    with command(routes) as this:
        document = this.check(this.text())
    try:
        diagnosis = diagnose(document, front_door.value, _text(template, "--template") if template else "")
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ":"
        misuse(f"--template: {template}{where} {', '.join(filter(None, (exc.context, exc.problem)))}")
    except (ValueError, yaml.YAMLError) as exc:
        misuse(f"--template: {template}: {' '.join(str(exc).split())}")
    if as_json:
        typer.echo(json.dumps(asdict(diagnosis)))
    else:
        typer.echo(f"{front_door} does not carry everything between clients and legacy:\n")
        for row in diagnosis.lost:
            typer.echo(f"  {row.capability:<26} {row.carried:<7} {row.says}")
        typer.echo(f"\n{LARGER_BODIES}")
        for heading, lines in (
            ("settings of the gateway that come between:", diagnosis.settings),
            ("refused:", diagnosis.refused),
        ):
            if lines:
                typer.echo("\n".join([f"\n{heading}", *(f"  {line}" for line in lines)]))
        if not diagnosis.refused:
            typer.echo("\nno route needs what is lost")
    raise typer.Exit(1 if diagnosis.refused else 0)


def _counted(routes: int) -> str:
    return "1 route" if routes == 1 else f"{routes} routes"


def _text(path: Path, option: str) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as exc:
        misuse(f"{option}: got {path}, where byte {exc.start} is not UTF-8; save the file as UTF-8")
    except OSError as exc:
        misuse(f"{option}: got {path}, which cannot be read ({exc.strerror}); name a file that is there")
