"""The artifact, step by step: code, packages, table, bytecode; then it takes its place, or nothing has happened."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from proxy.packaging import archive, bytecode, code, output, sdk, table, wheels
from proxy.packaging.refusal import Misuse, Refused
from proxy.packaging.size import MAX_UNZIPPED, Size, measure
from proxy.packaging.target import Target
from proxy.routing.compiled import digest_of

Install = Callable[[Target, Path, Sequence[str], Path, Path], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is packaged, and for which runtime."""

    project: Path
    """The folder with pyproject.toml and migrated/."""
    routes: Path
    constraints: Path
    """pip's constraints file: a version for everything that is installed."""
    target: Target
    with_boto3: bool = sdk.IS_PINNED
    all_services: bool = False
    """Keep botocore's descriptions of services that nothing in the artifact names, too."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """What was made."""

    path: Path
    python: str
    boto3: str  # "": the runtime's own
    services: tuple[str, ...]  # that botocore's descriptions are there of
    routes: int
    digest: str  # of the table
    sha256: str  # in base64, as Lambda tells it (CodeSha256); "" for a folder
    size: Size


def build(wanted: Wanted, where: Path, install: Install = wheels.install) -> Artifact:
    """Make the artifact: a zip if `where` ends so, else a folder, for `sam build` to zip.

    Raises BadDocument, Refused, Misuse; `where` is then as it was. So it is when the process is interrupted.
    """
    if not wanted.constraints.is_file():
        raise Misuse(
            f"--constraints: got {wanted.constraints}, which is not a file, expected the versions that were tested, as "
            "pip freeze writes them; without them, tomorrow's artifact is another one"
        )
    needed = wheels.requirements(wanted.project, with_boto3=wanted.with_boto3)
    document = table.document_in(wanted.routes, wanted.project)
    interpreter = bytecode.interpreter_for(wanted.target.python)
    with output.placed(where) as made:
        folder = made.with_name("task") if _is_zip(where) else made
        folder.mkdir()
        install(wanted.target, interpreter, needed, wanted.constraints, folder)
        own = code.copy(wanted.project, folder)
        services = sdk.services_in(folder) if wanted.all_services else sdk.keep_named_services(folder)
        baked = table.bake(document, folder)
        bytecode.compile_all(folder, interpreter, own)
        archive.settle(folder)
        if _is_zip(where):
            archive.write_zip(folder, made)
        return Artifact(
            path=where,
            python=wanted.target.python,
            boto3=wheels.installed(folder).get("boto3", ""),
            services=tuple(services),
            routes=len(document.routes),
            digest=digest_of(baked),
            sha256=_sha256(made) if _is_zip(where) else "",
            size=_checked(measure(folder, made if _is_zip(where) else None)),
        )


def _is_zip(where: Path) -> bool:
    return where.suffix == output.SUFFIX


def _sha256(path: Path) -> str:
    return base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()


def _checked(size: Size) -> Size:
    if size.unzipped > MAX_UNZIPPED:
        raise Refused("\n".join(["got an artifact that Lambda would refuse:", *size.lines()]))
    return size
