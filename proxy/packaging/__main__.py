"""`python -m proxy.packaging`: `fig package`, for a makefile build of SAM, where nothing else need be on PATH."""

import typer

from proxy.cli.package import package

if __name__ == "__main__":
    typer.run(package)
