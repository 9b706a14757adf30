"""Somebody at a terminal: a folder with a routes.yaml, a store, and the `fig` command."""

import shlex
from pathlib import Path
from typing import NamedTuple

from typer.testing import CliRunner, Result

from proxy.cli.app import app
from proxy.publishing.publish import published_document
from proxy.publishing.workspace import Workspace
from proxy.routing.document import Document
from proxy.routing.table import Frozen
from proxy.stores.file_history import FileHistory

DOCUMENT = """\
version: 1
routes:
  - id: orders.read  # the big one
    match: GET /orders/{id}
    handler: migrated.orders.api:handler
    stage: legacy
    sticky: cookie:sid
  - id: orders.list
    match: GET /orders
    handler: migrated.orders.api:handler
    stage: shadow
  - id: customers.read
    match: GET /customers/{id}
    handler: migrated.customers.api:handler
    stage: canary
    percent: 5
"""
# What is told of a change that more evidence would have to allow, where there is none.
UNKEPT = (
    "no evidence is kept: expected --evidence dynamodb:TABLE, or FIG_EVIDENCE in the environment, or a fig dev that "
    "runs here"
)
# An environment in which nothing is said of AWS but a region and who asks.
OF_AWS: dict[str, str | None] = {
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": None,
    "AWS_PROFILE": None,
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_ENDPOINT_URL": None,
    "AWS_ENDPOINT_URL_DYNAMODB": None,
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": None,
}


class State(NamedTuple):
    """What is in force, and what the file holds."""

    document: Document
    frozen: Frozen
    file: str


class Person:
    """Somebody who works in a folder, on a store that others may work on, too."""

    def __init__(self, folder: Path, store: Path, text: str = DOCUMENT) -> None:
        for directory in (folder, store):
            directory.mkdir(exist_ok=True)
        self.routes = folder / "routes.yaml"
        self.routes.write_text(text)
        self.directory = store
        self.store = f"file:{store}"
        self.history = FileHistory(store)
        self.workspace = Workspace(self.routes)

    def fig(self, command: str, *arguments: str) -> Result:
        """Run a command of `fig` for this routes.yaml."""
        return run([command, *arguments, "--routes", str(self.routes)])

    def on_store(self, command: str, *arguments: str) -> Result:
        """Run a command of `fig` for this routes.yaml and this store."""
        return self.fig(command, *arguments, "--store", self.store)

    def done(self, command: str, *arguments: str) -> str:
        """Run a command that must succeed, and return what it answers."""
        result = self.on_store(command, *arguments)
        assert (result.exit_code, result.stderr) == (0, f"store: {self.store}\n"), result.output
        return result.stdout

    def refused(self, command: str, *arguments: str, code: int = 1) -> str:
        """Run a command that must be refused, and return why."""
        result = self.on_store(command, *arguments)
        assert (result.exit_code, result.stdout) == (code, ""), result.output
        return result.stderr.removeprefix(f"store: {self.store}\n")

    def state(self) -> State:
        """Return what is in force now, and what the file holds."""
        head = self.history.head()
        return State(published_document(self.history, head.version), head.frozen, self.routes.read_text())

    def rewrite(self, before: str, after: str) -> None:
        """Change one place of the file, as with an editor."""
        text = self.routes.read_text()
        assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times in the file"
        self.routes.write_text(text.replace(before, after))


def run(arguments: list[str], **environ: str | None) -> Result:
    """Run the `fig` command in this process; no exception gets through."""
    result = CliRunner(env={"FIG_TABLE": None, "FIG_EVIDENCE": None, **environ}).invoke(app, arguments, prog_name="fig")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def pasted(line: str) -> list[str]:
    """Return the arguments of a `fig` command as a shell would hand them over."""
    program, *arguments = shlex.split(line)
    assert program == "fig"
    return arguments
