"""What the commands share: the names of front doors, and the one line for misuse."""

from enum import StrEnum
from typing import NoReturn

import typer


class Door(StrEnum):
    """The front doors of AWS; `alb` has multi-value headers on, `alb-single` off."""

    HTTP_API = "http-api"
    REST_API = "rest-api"
    FUNCTION_URL = "function-url"
    ALB = "alb"
    ALB_SINGLE = "alb-single"


def misuse(what: str) -> NoReturn:
    """Say in one line what was asked for wrongly, and how to ask for it; exit with 2."""
    typer.echo(what, err=True)
    raise typer.Exit(2)
