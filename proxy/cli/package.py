"""`fig package`: make the artifact that Lambda runs."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from proxy.cli import answer
from proxy.cli.options import DOCUMENT, Json, Routes
from proxy.errors import FigError
from proxy.packaging.refusal import Misuse
from proxy.packaging.sdk import IS_PINNED
from proxy.packaging.target import Architecture, Python, lambda_target

if TYPE_CHECKING:
    from proxy.packaging.build import Artifact

Output = Annotated[Path, typer.Option(metavar="PATH", help="FILE.zip, or a folder that is empty or not there yet.")]
Constraints = Annotated[
    Path, typer.Option(metavar="FILE", help="The version of everything that is installed, as pip freeze writes it.")
]
WithBoto3 = Annotated[
    bool, typer.Option("--with-boto3/--without-boto3", help="A boto3 of its own, or the runtime's, which changes.")
]
AllServices = Annotated[
    bool, typer.Option("--all-services", help="boto3 for services that no code in the artifact names, too.")
]


def package(
    output: Output = Path("build/fig.zip"),
    architecture: Annotated[Architecture, typer.Option(help="The function's Architectures.")] = "arm64",
    python: Annotated[Python, typer.Option(help="The function's Runtime, without `python`.")] = "3.14",
    routes: Routes = DOCUMENT,
    constraints: Constraints = Path("tests/constraints.txt"),
    with_boto3: WithBoto3 = IS_PINNED,
    all_services: AllServices = False,
    as_json: Json = False,
) -> None:
    """Make the artifact that Lambda runs, and tell its size. The same sources and versions make the same bytes.

    It holds what the request path and the handlers need, with bytecode, and routes.yaml as the table for when no
    published one can be read. Exit 0: done, 1: refused, 2: misuse.
    """
    # pydantic and yaml; `fig --help` needs neither.
    from proxy.packaging.build import Wanted, build

    target = lambda_target(architecture, python)
    wanted = Wanted(Path.cwd(), routes, constraints, target, with_boto3=with_boto3, all_services=all_services)
    try:
        artifact = build(wanted, output)
    except FigError as exc:
        answer.note(str(exc))
        if as_json:
            answer.tell({"error": {"code": exc.code, "message": str(exc)}}, [], as_json=True)
        raise typer.Exit(2 if isinstance(exc, Misuse) else 1) from exc
    fields = {**asdict(artifact), "path": str(output), "architecture": architecture}
    answer.tell(fields, _lines(artifact, architecture), as_json=as_json)


def _lines(artifact: "Artifact", architecture: str) -> list[str]:
    sdk = (
        f"boto3 {artifact.boto3} for {len(artifact.services)} services" if artifact.boto3 else "the runtime's own boto3"
    )
    return [
        f"{artifact.path}: python{artifact.python} on {architecture}, {sdk}",
        f"  table     {artifact.routes} routes, {artifact.digest[:12]}, for when no published one can be read",
        *(f"  {line}" for line in artifact.size.lines()),
        *([f"  sha256    {artifact.sha256}"] if artifact.sha256 else []),
    ]
