"""The `fig` command. Exit 0: done, 1: refused, 2: misuse."""

import typer

from proxy.cli import check, dev

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=True, help=__doc__)
app.command("dev")(dev.dev)
app.command("check")(check.check)
app.command("doctor")(check.doctor)


@app.callback()
def fig() -> None:
    """A strangler-fig proxy for HTTP APIs on AWS Lambda."""


def main() -> None:
    """Run the command line."""
    app()
